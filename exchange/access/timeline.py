"""How it came that a report may be read or not: every moment at which something was recorded or began to act, and what each
body the report was sent to could do from then on.

Two clocks, as in decisions: at each moment counts what was recorded by then, and of that what acts by then; ahead of now,
what is recorded already and will act. So what is shown of a past moment is what was decided then (`exchange.access.explain`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exchange.access.asker import Asker
from exchange.access.decide import judge_gathered
from exchange.access.facts import Gathered, gathered_of, request_of
from exchange.consents.register import Registered, as_known
from exchange.reports.gathering import Past
from policies import status
from policies import vocabulary as words
from policies.facts import Instrument

# Moments worked out at most: the newest; a page and a command say where earlier ones are left out.
MOST: Final = 60
# What a body may do with a part; seeing that it exists and printing follow from these.
ACTIONS: Final = tuple(each for each in words.ACTIONS if each not in ("see_existence", "print"))
REPORT, AGREEMENT = "report", "agreement"
Open = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Happened:
    """One thing that was recorded, or began to act, at a moment.

    `event`: for a report its label ("grant", "stop"), for an agreement the event's type; `recorded`: when it was recorded;
    `acts`: from when it acts; `found`: the agreement.
    """

    kind: str
    event: str
    recorded: datetime
    acts: datetime
    found: Registered | None = None


@dataclass(frozen=True)
class Moment:
    """A moment, what happened at it, what each body can do from it on (by part), and for whom that changed, and how."""

    at: datetime
    happened: tuple[Happened, ...]
    open: Mapping[str, Open]
    opened: tuple[str, ...]
    widened: tuple[str, ...]
    narrowed: tuple[str, ...]
    closed: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether anybody can do something else from this moment on."""
        return bool(self.opened or self.widened or self.narrowed or self.closed)


@dataclass(frozen=True)
class Timeline:
    """The moments in order, and whether earlier ones are left out."""

    moments: tuple[Moment, ...]
    left_out: bool


def timeline(
    past: Past, registered: Sequence[Registered], bodies: Sequence[Asker], purpose: str, now: datetime
) -> Timeline:
    """Return the timeline of a report for the bodies it was sent to, for one purpose.

    `registered`: the instruments that bear on it, with all their events.
    """
    happened = sorted((*_of_report(past), *_of_agreements(registered)), key=lambda each: (each.recorded, each.acts))
    start = past.record.header.recorded
    instants = sorted({start, *_instants(past, registered, happened, now)})
    instants = [each for each in instants if each >= start]
    before: dict[str, Open] = {}
    moments = []
    kept = instants[-MOST:]
    for at in kept:
        here = tuple(each for each in happened if at in (each.recorded, max(each.acts, start)))
        opened = _open(past, registered, bodies, purpose, at, now)
        moment = _moment(at, here, before, opened)
        if here or moment.changes:
            moments.append(moment)
        before = opened
    return Timeline(tuple(moments), len(instants) > len(kept))


def _of_report(past: Past) -> Iterator[Happened]:
    record = past.record
    said = (record.header, *record.stops, *record.lifts, *record.recalls, *record.grants)
    for each in (*said, *(each.stored for each in record.determined)):
        name = each.label.split("/")[1].replace("-", "_")
        yield Happened(REPORT, name, each.recorded, each.recorded)


def _of_agreements(registered: Iterable[Registered]) -> Iterator[Happened]:
    for found in registered:
        for row, event in zip(found.events, found.instrument.events, strict=True):
            acts = status.acts_at(found.instrument, event)
            # Events of one second are kept apart by parts of it (`exchange.consents.register.in_order`).
            yield Happened(AGREEMENT, row.type, row.at, row.at if acts == event.at else acts, found)


def _instants(
    past: Past, registered: Iterable[Registered], happened: Iterable[Happened], now: datetime
) -> Iterator[datetime]:
    for each in happened:
        yield each.recorded
        yield each.acts
    for found in registered:
        yield from _times_of(found.instrument)
    facts = past.at(now)
    if facts is not None:
        if facts.document.held_until is not None:
            yield facts.document.held_until
        for organisation in facts.sent:
            for decision in facts.decisions_for(organisation):
                yield from (each for each in (decision.valid_from, decision.valid_to) if each is not None)


def _times_of(instrument: Instrument) -> Iterator[datetime]:
    for provision in instrument.provisions:
        times = (provision.valid_from, provision.valid_to, provision.embargo_until)
        yield from (each for each in times if each is not None)
    yield from (each.parameter for each in instrument.conditions if isinstance(each.parameter, datetime))


def _open(
    past: Past, registered: Iterable[Registered], bodies: Iterable[Asker], purpose: str, at: datetime, now: datetime
) -> dict[str, Open]:
    known = min(at, now)
    document = past.at(known)
    if document is None:
        return {}
    then = tuple(cut for each in registered if (cut := as_known(each, known)) is not None)
    found: dict[str, Open] = {}
    first: Gathered | None = None
    for body in bodies:
        first = gathered_of(request_of(body, document), document, then, at) if first is None else first
        mine = first.asked_by(body)
        sent = document.sent.get(body.organisation, frozenset())
        permitted: dict[str, set[str]] = {part: set() for part in sent}
        for action in ACTIONS:
            for part in sent.intersection(judge_gathered(mine.asking(action, purpose), at).parts):
                permitted[part].add(action)
        found[body.organisation] = {part: frozenset(actions) for part, actions in permitted.items()}
    return found


def _moment(
    at: datetime, happened: tuple[Happened, ...], before: Mapping[str, Open], after: Mapping[str, Open]
) -> Moment:
    changed: dict[str, list[str]] = {"opened": [], "widened": [], "narrowed": [], "closed": []}
    for body, parts in after.items():
        was = before.get(body, {})
        more = [actions - was.get(part, frozenset()) for part, actions in parts.items()]
        less = [actions - parts.get(part, frozenset()) for part, actions in was.items()]
        if any("view" in each for each in more):
            changed["opened"].append(body)
        elif any(more):
            changed["widened"].append(body)
        if any("view" in each for each in less):
            changed["closed"].append(body)
        elif any(less):
            changed["narrowed"].append(body)
    lists = {name: tuple(bodies) for name, bodies in changed.items()}
    return Moment(at=at, happened=happened, open=after, **lists)
