"""What a report's page says of it: values ready to be shown, for its owner or for a body it was sent to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.access.answers import sentence_of
from exchange.access.decide import UNAVAILABLE, outward_for
from exchange.access.facts import Gathered
from exchange.access.recalls import Shown
from exchange.access.report_view import ReportView
from exchange.audit.statements import Stored
from exchange.sealing.descriptor import PartDescriptor
from exchange.statements import grant
from exchange.web.language import language
from keys.encoding import b64u
from policies import vocabulary as words

# Reading is what a page offers first, and follow-up the most ordinary purpose of a transmission.
_FIRST_PURPOSE = "follow_up"
_OPENING = ("view", "download")


@dataclass(frozen=True)
class Offer:
    """Actions that are permitted now for the same purposes."""

    actions: tuple[str, ...]
    purposes: tuple[str, ...]

    @property
    def any_purpose(self) -> bool:
        """Whether these are all purposes but the one that must be named."""
        return set(self.purposes) == set(words.PURPOSES) - {words.PURPOSE_ONLY_BY_NAME}


@dataclass(frozen=True)
class PartShown:
    """A part as its page shows it: `opens` is the pair of action and purpose that the page's command asks for.

    `withheld` is the one sentence that is told instead, where nothing can be opened.
    """

    number: int
    id: str
    descriptor: PartDescriptor
    offers: tuple[Offer, ...]
    opens: tuple[str, str] | None
    withheld: str | None


@dataclass(frozen=True)
class Step:
    """Something that has happened to a report: a word of `page.report.event_…`, when, and the bodies concerned."""

    event: str
    at: datetime
    bodies: tuple[str, ...] = ()


def parts_shown(view: ReportView, gathered: Gathered, sent: Collection[str], now: datetime) -> list[PartShown]:
    """Return the parts the reader may know of, in document order.

    `sent`: the ids of those that were sent to the reader's body; of others it has no envelope, whatever policy permits.
    """
    shown = []
    by_id = {b64u(salted.value.id): salted.value for salted in view.descriptors.parts}
    for number, part in enumerate((p for p in gathered.parts if p.id in view.visible), start=1):
        pairs = view.permitted[part.id] if part.id in sent else ()
        opens = _first(pairs)
        withheld = None
        if opens is None:
            code = outward_for(gathered, part.id, "view", now) if part.id in sent else UNAVAILABLE
            withheld = sentence_of(code, language())
        shown.append(PartShown(number, part.id, by_id[part.id], _offers(pairs), opens, withheld))
    return shown


def steps_of(view: ReportView, recalled: Sequence[Shown] = ()) -> list[Step]:
    """Return what has happened to a report of the reader's own body, in the order of the log."""
    steps: list[tuple[Stored, str, tuple[str, ...]]] = [(view.header, "event_transmitted", ())]
    for stored in view.grants:
        bodies = dict.fromkeys(each.organisation for each in grant.read(stored.statement).recipients)
        steps.append((stored, "event_grant", tuple(bodies)))
    steps += [(stored, "event_stop", ()) for stored in view.stops]
    ended = {each.recalled.lift.hash for each in recalled if each.recalled.lift is not None}
    lifts = [(stored, "event_recall_lifted" if stored.hash in ended else "event_lift") for stored in view.lifts]
    steps += [(stored, event, ()) for stored, event in lifts]
    for each in recalled:
        steps.append((each.recalled.stored, "event_recall", ()))
        steps += [(answer, "event_answer", (asked.organisation,)) for asked in each.asked for answer in asked.answers]
    ordered = sorted(steps, key=lambda step: (step[0].ticket.n, step[0].ticket.index))
    return [Step(event, stored.recorded, bodies) for stored, event, bodies in ordered]


def _offers(pairs: Sequence[tuple[str, str]]) -> tuple[Offer, ...]:
    purposes: dict[str, list[str]] = {}
    for action, purpose in pairs:
        purposes.setdefault(action, []).append(purpose)
    alike: dict[tuple[str, ...], list[str]] = {}
    for action, listed in purposes.items():
        if action != "see_existence":
            alike.setdefault(tuple(listed), []).append(action)
    return tuple(Offer(tuple(actions), listed) for listed, actions in alike.items())


def _first(pairs: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    for action in _OPENING:
        purposes = [purpose for act, purpose in pairs if act == action]
        if purposes:
            return action, _FIRST_PURPOSE if _FIRST_PURPOSE in purposes else purposes[0]
    return None
