"""An authorisation in sentences: what each term agrees to or not, to whom, for what and until when.

Reads the same `policies.facts.Instrument` as the decisions do, so that a page never says more than is decided by.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup, escape

from exchange.web.language import text
from exchange.web.showing import body_name, day, language_name, listed, moment, until, word
from policies.facts import Condition, Instrument, Provision
from policies.provisions import time_scope_of

# The fields of a provision of which null means "any", with the words of their group.
_LISTS = (("purposes", "purpose"), ("languages", "language"), ("variants", "variant"))


@dataclass(frozen=True)
class Line:
    """One line under a term: what it is about, and what the term says of it."""

    about: str
    says: str


@dataclass(frozen=True)
class Term:
    """One provision: its sentence, whether it permits, whether its period is over, and its lines."""

    sentence: str
    permits: bool
    over: bool
    lines: tuple[Line, ...]


def terms_of(instrument: Instrument, now: datetime, *, refused: bool) -> list[Term]:
    """Return every provision of an instrument as people read it at `now`.

    Of one that was `refused` each provision says what the State does not agree to, whenever a document was adopted: so it
    counts in decisions (docs/spec/consent.md, "One State").
    """
    return [_term(_as_refused(each) if refused else each, now) for each in instrument.provisions]


def _as_refused(provision: Provision) -> Provision:
    scope = "between" if provision.time_scope == "between" else "all"
    return replace(provision, effect="deny", time_scope=scope, valid_from=None, embargo_until=None, embargo_event=None)


def limitations_of(instrument: Instrument) -> list[str]:
    """Return every condition of an instrument as a sentence."""
    return [_limitation(condition) for condition in instrument.conditions]


def _term(provision: Provision, now: datetime) -> Term:
    permits = provision.effect == "permit"
    bodies = [body_name(grantee) for grantee in provision.grantees or ()]
    if provision.grantees is None:
        bodies = [text("page.term.any_body")]
    key = "page.term.agrees" if permits else "page.term.does_not_agree"
    sentence = text(key, count=len(bodies), what=_what(provision), bodies=listed(bodies) or text("page.term.no_body"))
    over = provision.valid_to is not None and provision.valid_to <= now
    return Term(Markup(sentence), permits, over, tuple(_lines(provision, permits)))  # noqa: S704  escaped by `listed`


def _what(provision: Provision) -> Markup:
    if provision.scope == "all":
        return escape(text("page.term.what_all"))
    if not provision.scope_ref:
        return escape(text("page.term.what_nothing"))
    if provision.scope == "kind":
        return listed(word("kind", name) for name in provision.scope_ref)
    named = listed(Markup("<code>{}</code>").format(name) for name in provision.scope_ref)
    return Markup("{} {}").format(word("scope", provision.scope), named)


def _lines(provision: Provision, permits: bool) -> list[Line]:
    about = "page.term.actions" if permits else "page.term.actions_not"
    lines = [Line(text(about), listed(word("action", action) for action in provision.actions))]
    for field, group in _LISTS:
        values = getattr(provision, field)
        # Only a permit leaves the handling of complaints out of "any purpose".
        anything = "page.term.every_purpose" if group == "purpose" and not permits else f"page.term.any_{group}"
        shown = escape(text(anything)) if values is None else listed(_said(group, value) for value in values)
        lines.append(Line(word("about", group), shown))
    lines.append(Line(word("about", "adopted"), _adopted(provision)))
    if provision.embargo_until is not None or provision.embargo_event is not None:
        lines.append(Line(word("about", "embargo"), _embargo(provision)))
    lines.append(Line(word("about", "period"), _period(provision)))
    return lines


def _said(group: str, value: str) -> str:
    return language_name(value) if group == "language" else word(group, value)


def _adopted(provision: Provision) -> str:
    scope = time_scope_of(provision)
    if scope != "between":
        return escape(word("time_scope", scope))
    ends = []
    if provision.adopted_from is not None:
        ends.append(Markup("{} {}").format(text("page.from"), day(provision.adopted_from)))
    if provision.adopted_to is not None:
        ends.append(Markup(text("page.until_day", day=day(provision.adopted_to))))  # noqa: S704  escaped by `day`
    return Markup(" ").join(ends) if ends else escape(word("time_scope", "all"))


def _period(provision: Provision) -> str:
    parts = []
    if provision.valid_from is not None:
        parts.append(Markup("{} {}").format(text("page.from"), _instant(provision.valid_from)))
    if provision.valid_to is not None:
        parts.append(until(provision.valid_to))
    return Markup(" ").join(parts) if parts else escape(text("page.term.no_end"))


def _embargo(provision: Provision) -> str:
    conditions = []
    if provision.embargo_until is not None:
        conditions.append(Markup("{} {}").format(text("page.from"), _instant(provision.embargo_until)))
    if provision.embargo_event is not None:
        conditions.append(escape(word("embargo_event", provision.embargo_event)))
    joint = word("embargo_rule", provision.embargo_rule)
    return Markup(" {} ").format(joint).join(conditions)


def _limitation(condition: Condition) -> str:
    sentence = escape(word("limitation", condition.kind))
    value = condition.parameter
    if value is None:
        return sentence
    if isinstance(value, datetime):
        shown = until(value) if condition.kind == "retain_until" else _instant(value)
    elif isinstance(value, str):
        shown = escape(word("embargo_event", value))
    else:
        group = {"language_only": "language", "purpose_limitation": "purpose"}.get(condition.kind, "")
        shown = listed(_said(group, item) if group else item for item in value)
    return Markup("{}{} {}").format(sentence, text("page.colon"), shown)


def _instant(value: datetime) -> Markup:
    """An instant that begins something: a day where it is its first instant."""
    return day(value) if value.strftime("%H%M%S%f") == "000000000000" else moment(value)
