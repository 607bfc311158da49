"""One provision against one question: at which test a permit misses, and whether a denial matches.

The tests of a permit stand in `TESTS`, in the order in which they are tried; the first that fails is the miss. A
limitation of the instrument is tried at the test of its field, and narrows permits only. What a test says of every part
alike it says once, as true or false; only what differs from part to part it says as a function of the part.
Source: `docs/spec/consent.md`, "One State".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from policies import vocabulary as words
from policies.facts import Condition, Document, Facts, Instrument, Part, Provision
from policies.register import Held
from policies.times import day_of

# True or false for every part of the document, or a function that tells for each.
Says = bool | Callable[[Part], bool]


@dataclass(frozen=True)
class Question:
    """What is asked of a State: these facts, with their request and document, at this instant."""

    facts: Facts
    now: datetime

    @property
    def document(self) -> Document:
        """The document asked for."""
        return self.facts.document


@dataclass(frozen=True)
class Test:
    """One test of a permit: where it says false, the permit misses with `reason`."""

    id: str
    reason: str
    says: Callable[[Provision, Instrument, Question], Says]


def names_document(provision: Provision, question: Question) -> bool:
    """Whether the scope of a provision reaches this document; a part is named as `document/part`."""
    document = question.document
    if provision.scope == "all":
        return True
    if provision.scope == "part":
        return any(ref.startswith(f"{document.id}/") for ref in provision.scope_ref)
    named = {"kind": document.kind, "visit": document.visit, "document": document.id}[provision.scope]
    return named in provision.scope_ref


def in_time_scope(provision: Provision, time_scope: str, instrument: Instrument, question: Question) -> bool:
    """Whether the document was adopted in the time a provision speaks of.

    `future`: on or after the day the instrument was received; `between`: both ends included, null open; `all`: always.
    """
    adopted = question.document.adopted_on
    if time_scope == "future":
        return adopted >= day_of(instrument.received_on)
    if time_scope == "between":
        begun = provision.adopted_from is None or adopted >= provision.adopted_from
        return begun and (provision.adopted_to is None or adopted <= provision.adopted_to)
    return True


def time_scope_of(provision: Provision) -> str:
    """The time scope, or the one meant where none is given: a permit by kind or for all opens later documents only."""
    if provision.time_scope is not None:
        return provision.time_scope
    return "future" if provision.effect == "permit" and provision.scope in ("all", "kind") else "all"


def _document(provision: Provision, instrument: Instrument, question: Question) -> bool:
    return names_document(provision, question) and in_time_scope(
        provision, time_scope_of(provision), instrument, question
    )


def _part(provision: Provision, instrument: Instrument, question: Question) -> Says:
    return _every(_by_scope(provision, question), _by_limits(instrument, question))


def _by_limits(instrument: Instrument, question: Question) -> Says:
    document = question.document.id
    limits = [frozenset(_listed(condition)) for condition in _given(instrument, "parts_only")]
    # Nearly always there is no such limitation, and then there is nothing to ask of each part.
    if not limits:
        return True
    return lambda part: not any(limit.isdisjoint((part.id, f"{document}/{part.id}")) for limit in limits)


def _by_scope(provision: Provision, question: Question) -> Says:
    """Whether the scope of a provision reaches a part of the document it reaches."""
    named = named_parts(provision, question)
    return True if named is None else lambda part: part.id in named


def named_parts(provision: Provision, question: Question) -> frozenset[str] | None:
    """The parts of the document that a provision names; None where its scope is wider than parts."""
    if provision.scope != "part":
        return None
    prefix = f"{question.document.id}/"
    return frozenset(ref.removeprefix(prefix) for ref in provision.scope_ref if ref.startswith(prefix))


def _recipient(provision: Provision, instrument: Instrument, question: Question) -> bool:
    request = question.facts.request
    return _any_or(provision.grantees, request.organisation) and all(
        request.officer in _listed(condition) for condition in _given(instrument, "named_readers_only")
    )


def _action(provision: Provision, instrument: Instrument, question: Question) -> bool:
    action = question.facts.request.action
    if words.PERMITTED_BY[action].isdisjoint(provision.actions):
        return False
    kinds = {condition.kind for condition in instrument.conditions}
    if "view_only" in kinds and action not in ("see_existence", "view"):
        return False
    if "no_onward_sharing" in kinds and action in ("forward", "publish"):
        return False
    return not ("no_quotation" in kinds and action == "quote")


def _purpose(provision: Provision, instrument: Instrument, question: Question) -> bool:
    purpose = question.facts.request.purpose
    if provision.purposes is None and purpose == words.PURPOSE_ONLY_BY_NAME:
        return False
    return _any_or(provision.purposes, purpose) and all(
        purpose in _listed(condition) for condition in _given(instrument, "purpose_limitation")
    )


def _language(provision: Provision, instrument: Instrument, question: Question) -> Says:
    languages = [provision.languages, *(_listed(condition) for condition in _given(instrument, "language_only"))]
    variants = [provision.variants, *(("redacted",) for _ in _given(instrument, "redact_named_persons"))]
    return _in_rendition(languages, variants)


def _in_rendition(
    languages: list[tuple[str, ...] | None], variants: list[tuple[str, ...] | None]
) -> Says:
    """Whether a part is in every one of the lists, null being any."""
    if all(each is None for each in (*languages, *variants)):
        return True
    return lambda part: all(_any_or(each, part.language) for each in languages) and all(
        _any_or(each, part.variant) for each in variants
    )


def _open(provision: Provision, instrument: Instrument, question: Question) -> bool:
    if provision.valid_from is not None and question.now < provision.valid_from:
        return False
    given = [until for until in (provision.embargo_until, provision.embargo_event) if until is not None]
    over = [_is_over(until, question) for until in given]
    if over and not (any(over) if provision.embargo_rule == "first" else all(over)):
        return False
    return all(_is_over(condition.parameter, question) for condition in _given(instrument, "embargo_until"))


def _is_over(until: object, question: Question) -> bool:
    """Whether an instant has come or an event, known by its name, has happened."""
    at = question.facts.document_events.get(until) if isinstance(until, str) else until
    return isinstance(at, datetime) and question.now >= at


def _valid(provision: Provision, instrument: Instrument, question: Question) -> bool:
    end = end_of_permit(provision, instrument)
    return end is None or question.now < end


def end_of_permit(provision: Provision, instrument: Instrument) -> datetime | None:
    """When a permit ends by its own words: its `valid_to` or a `retain_until`, whichever is first; None if never."""
    ends = [condition.parameter for condition in _given(instrument, "retain_until")] + [provision.valid_to]
    return min((end for end in ends if isinstance(end, datetime)), default=None)


TESTS = (
    Test("document", "W_SCOPE_DOCUMENT", _document),
    Test("part", "W_SCOPE_PART", _part),
    Test("recipient", "W_SCOPE_RECIPIENT", _recipient),
    Test("action", "W_SCOPE_ACTION", _action),
    Test("purpose", "W_SCOPE_PURPOSE", _purpose),
    Test("language", "W_SCOPE_LANGUAGE", _language),
    Test("embargo", "W_EMBARGO", _open),
    Test("expiry", "W_EXPIRED", _valid),
)
AUTHORITY, STATUS, VERIFIED = 0, 1, 2
TEST_NAMES = ("authority", "status", "verified", *(test.id for test in TESTS))


def is_passed_over(permit: Provision, question: Question) -> bool:
    """Whether a permit has nothing to say to a question of the ladder, as it names no action of the ladder."""
    on_the_ladder = question.facts.request.action in words.LADDER
    return on_the_ladder and words.NAMED_ON_LADDER.isdisjoint(permit.actions)


def miss_of_instrument(held: Held) -> tuple[int, str] | None:
    """Where every permit of an instrument misses before its own words count: authority, status, verified."""
    if not held.instrument.authority_competent:
        return AUTHORITY, "W_INVALID_AUTHORITY"
    if held.reason is not None:
        return STATUS, held.reason
    return None if held.verified else (VERIFIED, "W_UNVERIFIED")


def denies(provision: Provision, instrument: Instrument, question: Question, refused: bool) -> Says:
    """Whether a provision, as a denial, matches. `refused`: taken as one because the whole instrument is a refusal."""
    request, now = question.facts.request, question.now
    time_scope = "all" if refused and provision.time_scope != "between" else time_scope_of(provision)
    started = refused or provision.valid_from is None or now >= provision.valid_from
    matches = (
        started
        and names_document(provision, question)
        and in_time_scope(provision, time_scope, instrument, question)
        and _any_or(provision.grantees, request.organisation)
        and not words.DENIED_BY[request.action].isdisjoint(provision.actions)
        and _any_or(provision.purposes, request.purpose)
        and (provision.valid_to is None or now < provision.valid_to)
    )
    if not matches:
        return False
    return _every(_by_scope(provision, question), _in_rendition([provision.languages], [provision.variants]))


def _every(*said: Says) -> Says:
    """What several conditions of a provision say together; none of them is false for every part."""
    of_part = [each for each in said if callable(each)]
    if len(of_part) < 2:
        return of_part[0] if of_part else True
    return lambda part: all(each(part) for each in of_part)


def _any_or(values: tuple[str, ...] | None, value: str) -> bool:
    return values is None or value in values


def _given(instrument: Instrument, kind: str) -> list[Condition]:
    return [condition for condition in instrument.conditions if condition.kind == kind]


def _listed(condition: Condition) -> tuple[str, ...]:
    return condition.parameter if isinstance(condition.parameter, tuple) else ()
