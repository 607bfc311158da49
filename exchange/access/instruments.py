"""Which instruments of a State count for a document, and how far (docs/spec/access.md, "A stranger's record").

A permit counts only where the State itself confirmed it, or where recorder and confirmer are of a body that made the
document. Any other body's record is heard for what it denies, and for nothing else: it opens no report, replaces nothing and
limits nothing. Without this rule two officers of any mechanism could open another body's report by recording a letter.

What the State's own authority refused or excluded, only the State's own word ends: for that the denial is heard once more,
under the hash of its record, with what others say against it left out ("The State's own no").
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from exchange.consents.register import Registered
from keys.encoding import b64u
from policies import status
from policies.facts import Instrument

RECORDED = "recorded"


def counted(found: Iterable[Registered], originators: Collection[str], now: datetime) -> tuple[Instrument, ...]:
    """Return what a decision on a document of these originators may hear of the register, in the order recorded."""
    found = tuple(found)
    own = {each.row.id: _own_no(each, now) for each in found if said_no_itself(each)}
    names = {id: no.id for id, no in own.items() if no is not None}
    heard = (
        _named(each, names) if stands_behind(each, originators) else _denials(each.instrument, now) for each in found
    )
    return tuple(instrument for instrument in (*heard, *own.values()) if instrument is not None)


def said_no_itself(registered: Registered) -> bool:
    """Whether the State's own authority refused, or recorded or confirmed provisions that deny."""
    said = {event.type for event in registered.events if event.by_state}
    denies = any(provision.effect == "deny" for provision in registered.instrument.provisions)
    return "refused" in said or (denies and not said.isdisjoint({RECORDED, *status.GRANTING}))


def _own_no(registered: Registered, now: datetime) -> Instrument | None:
    """The State's own no apart: without what others than the State recorded to end it, under an id no record can name."""
    events = tuple(e for e in registered.instrument.events if e.by_state or e.type not in status.ENDS_A_DENY)
    # Its authority signed: whoever made the record cannot have it unheard by calling it incompetent.
    apart = replace(registered.instrument, id=b64u(registered.row.record), events=events, authority_competent=True)
    return _denials(apart, now)


def _named(registered: Registered, names: Mapping[str, str]) -> Instrument:
    """An instrument heard whole; one that the State itself confirmed names its own no's too where it names their records."""
    instrument = registered.instrument
    if not registered.by_state:
        return instrument

    def more(named: tuple[str, ...]) -> tuple[str, ...]:
        return (*named, *(names[each] for each in named if each in names))

    return replace(instrument, supersedes=more(instrument.supersedes), amends=more(instrument.amends))


def stands_behind(registered: Registered, originators: Collection[str]) -> bool:
    """Whether the State itself, or a body that made the document alone, stands behind an instrument's permits."""
    grants = [event for event in registered.events if event.type in status.GRANTING]
    if any(event.by_state for event in grants):
        return True
    if not grants and registered.events[0].by_state:
        return True
    return {registered.row.recorder_body, *(event.by_body for event in grants)} <= set(originators)


def _denials(instrument: Instrument, now: datetime) -> Instrument | None:
    """What is left of a stranger's instrument: its denials, all of it once it is a refusal, or None."""
    refused = status.replay_without_invalidation(status.acting(instrument, now)) == status.REFUSED
    if refused:
        return replace(instrument, amends=(), supersedes=())
    denials = tuple(provision for provision in instrument.provisions if provision.effect == "deny")
    if not denials:
        return None
    return replace(instrument, provisions=denials, conditions=(), undertaking=None, amends=(), supersedes=())
