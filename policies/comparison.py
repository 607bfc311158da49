"""What a State agreed to, held against what it was asked for: whole, or in part; and where it says more than was asked.

Pure: two instruments in, a value out. Each permit is a box with one side for each field (what, to whom, for which action and
purpose, in which language and variant, adopted when, valid when); what was asked is agreed to if the permits given cover every
box asked. Where the rules cannot tell (a report and its kind, an embargo of another form) it counts as less than asked.
Source: `docs/spec/consent.md`, "What was asked and what was agreed to".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policies import vocabulary as words
from policies.boxes import Box, Interval, Names, left_of, sides_outside
from policies.facts import Condition, Instrument, Provision
from policies.provisions import time_scope_of

GRANTED, PARTIALLY_GRANTED = "granted", "partially_granted"
# Where an answer can differ, in the order in which a person is told; the sides of a box first, in their order.
SIDES = ("scope", "recipients", "actions", "purposes", "languages", "variants", "adopted", "period")
DIFFERENCES = (*SIDES, "embargo", "denials", "conditions", "undertaking", "kind", "authority")
_GROWING = ("parts_only", "language_only", "purpose_limitation", "named_readers_only")


@dataclass(frozen=True)
class Comparison:
    """Where an answer gives less than was asked, and where more: names from `DIFFERENCES`, in their order."""

    narrower: tuple[str, ...]
    wider: tuple[str, ...]

    @property
    def event(self) -> str:
        """The event that confirms such an answer: granted, or partially_granted where anything is narrower."""
        return PARTIALLY_GRANTED if self.narrower else GRANTED


def compare(asked: Instrument, given: Instrument, effective: datetime | None = None) -> Comparison:
    """Compare what a State gives with what it was asked for; `effective`: from when its confirmation acts, None for at once.

    Periods count from the day the answer was received, since nothing acts before it. A permit for later documents means the
    same in both: documents adopted from the day of the request on.
    """
    starts = [given.received_on] if effective is None else [given.received_on, effective]
    wanted = _permits(asked, asked, given.received_on)
    offered = _permits(given, asked, max(starts))
    less, more = _missing(wanted, offered), _missing(offered, wanted)
    for name, is_less, is_more in _beside(asked, given):
        less |= {name} if is_less else set()
        more |= {name} if is_more else set()
    return Comparison(_ordered(less), _ordered(more))


@dataclass(frozen=True)
class _Permit:
    box: Box
    embargo: tuple[datetime | None, str | None, str]


def _permits(instrument: Instrument, asked: Instrument, start: datetime) -> list[_Permit]:
    found = []
    for each in instrument.provisions:
        if each.effect == "permit":
            box = _box(each, asked, start)
            if not any(side.empty for side in box):
                found.append(_Permit(box, _embargo(each)))
    return found


def _box(permit: Provision, asked: Instrument, start: datetime) -> Box:
    actions = {name for name in words.ACTIONS if not words.PERMITTED_BY[name].isdisjoint(permit.actions)}
    any_purpose = [each for each in words.PURPOSES if each != words.PURPOSE_ONLY_BY_NAME]
    begins = start if permit.valid_from is None else max(start, permit.valid_from)
    return (
        _scope(permit),
        Names.of(permit.grantees or ()),
        Names.of(actions),
        Names.of(any_purpose if permit.purposes is None else permit.purposes),
        Names.every() if permit.languages is None else Names.of(permit.languages),
        Names.of(words.VARIANTS if permit.variants is None else permit.variants),
        _adopted(permit, asked),
        Interval(begins.timestamp(), None if permit.valid_to is None else permit.valid_to.timestamp()),
    )


def _scope(permit: Provision) -> Names:
    if permit.scope == "all":
        return Names.every()
    if permit.scope == "part":
        # A part is within its document: what names the whole document covers it.
        return Names.of(f"document/{ref}" for ref in permit.scope_ref if "/" in ref)
    # No report has a name like a part's: such a reference names nothing, and stays apart from the parts.
    return Names.of(f"{permit.scope if '/' not in ref else 'other'}/{ref}" for ref in permit.scope_ref)


def _adopted(permit: Provision, asked: Instrument) -> Interval:
    scope = time_scope_of(permit)
    if scope == "future":
        return Interval(asked.received_on.date().toordinal(), None)
    if scope == "between":
        first, last = permit.adopted_from, permit.adopted_to
        return Interval(None if first is None else first.toordinal(), None if last is None else last.toordinal() + 1)
    return Interval(None, None)


def _embargo(permit: Provision) -> tuple[datetime | None, str | None, str]:
    # With one condition or none the rule that joins them says nothing.
    both = permit.embargo_until is not None and permit.embargo_event is not None
    return permit.embargo_until, permit.embargo_event, permit.embargo_rule if both else "last"


def _no_longer(offered: _Permit, wanted: _Permit) -> bool:
    """Whether an offered permit is under embargo no longer than the one asked for, as far as the words alone tell."""
    (until, event, rule), (asked_until, asked_event, asked_rule) = offered.embargo, wanted.embargo
    if until is None and event is None:
        return True
    if event not in (None, asked_event) or rule != asked_rule:
        return False
    return until is None or (asked_until is not None and until <= asked_until)


def _missing(wanted: Sequence[_Permit], offered: Sequence[_Permit]) -> set[str]:
    """The names of the sides by which what is wanted goes beyond what is offered: those of the permit that comes nearest."""
    found: set[str] = set()
    for each in wanted:
        fit = [other.box for other in offered if _no_longer(other, each)]
        if left_of(each.box, fit):
            found |= min((_outside(each, other) for other in offered), key=len, default={"scope"})
    return found


def _outside(wanted: _Permit, offered: _Permit) -> set[str]:
    sides = {SIDES[place] for place in sides_outside(wanted.box, offered.box)}
    return sides if _no_longer(offered, wanted) else {*sides, "embargo"}


def _beside(asked: Instrument, given: Instrument) -> list[tuple[str, bool, bool]]:
    """What stands beside the permits: its name, whether the answer is narrower by it, whether wider."""
    denied, asked_denied = _denials(given), _denials(asked)
    undertaking = asked.undertaking != given.undertaking
    return [
        ("denials", not denied <= asked_denied, not asked_denied <= denied),
        ("conditions", *_conditions(asked.conditions, given.conditions)),
        ("undertaking", undertaking and given.undertaking is not None, undertaking and asked.undertaking is not None),
        ("kind", *_falls(asked.kind == "standing", given.kind == "standing")),
        ("authority", *_falls(asked.authority_competent, given.authority_competent)),
    ]


def _falls(before: bool, after: bool) -> tuple[bool, bool]:
    return before and not after, after and not before


def _denials(instrument: Instrument) -> set[object]:
    return {_plain(each) for each in instrument.provisions if each.effect == "deny"}


def _plain(denial: Provision) -> object:
    """A denial as a value that does not hang on the order of its lists."""
    fields = (getattr(denial, name) for name in denial.__dataclass_fields__ if name != "time_scope")
    plain = (frozenset(value) if isinstance(value, tuple) else value for value in fields)
    return (time_scope_of(denial), *plain)


def _conditions(asked: Sequence[Condition], given: Sequence[Condition]) -> tuple[bool, bool]:
    """Whether the answer adds a condition or tightens one, and whether it leaves one out or loosens one."""
    less = any(not any(_as_tight(own, each) for own in asked) for each in given)
    more = any(not any(_as_tight(own, each) for own in given) for each in asked)
    return less, more


def _as_tight(one: Condition, other: Condition) -> bool:
    """Whether `one` is at least as tight as `other`, so that with it the other takes nothing away."""
    if one.kind != other.kind:
        return False
    first, second = one.parameter, other.parameter
    if one.kind in _GROWING and isinstance(first, tuple) and isinstance(second, tuple):
        return set(first) <= set(second)
    if isinstance(first, datetime) and isinstance(second, datetime):
        return first <= second if one.kind == "retain_until" else first >= second
    return first == second


def _ordered(names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in DIFFERENCES if name in names)
