"""Which instruments of a State count for a document, and how far (docs/spec/access.md, "A stranger's record").

A permit counts only where the State itself confirmed it, or where recorder and confirmer are of a body that made the
document. Any other body's record is heard for what it denies, and for nothing else: it opens no report, replaces nothing and
limits nothing. Without this rule two officers of any mechanism could open another body's report by recording a letter.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from exchange.consents.register import Registered
from policies import status
from policies.facts import Instrument

RECORDED = "recorded"


def counted(found: Iterable[Registered], originators: Collection[str], now: datetime) -> tuple[Instrument, ...]:
    """Return what a decision on a document of these originators may hear of the register, in the order recorded."""
    heard = (
        each.instrument if stands_behind(each, originators) else _denials(each.instrument, now) for each in found
    )
    return tuple(instrument for instrument in heard if instrument is not None)


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
