"""The facts a decision rests on: frozen, typed, checked when made, and none with a default that opens anything.

Every field has to be given: what is unknown must be found out or the decision is to withhold. The meaning of each field,
and the format of case files that shares its names, are in `docs/spec/consent.md`. Times are instants that carry their
offset; `valid_to` is the instant at which it *has* expired (`times.end_of` for a day that is included).
`ref` is the caller's own handle, returned in the basis of a decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from policies import vocabulary as words
from policies.checks import among, each, is_date, is_flag, is_number, is_text, made_of, or_none, require, unique
from policies.errors import FactsError
from policies.times import is_instant, looks_like_time

TEXTS = each(is_text)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asks for what: the grantee, the person who reads (null: nobody known), action, purpose, and renditions."""

    organisation: str
    organisation_kind: str
    officer: str | None
    role: str | None
    action: str
    purpose: str
    language: str | None
    variant: str | None
    clearance: int
    active: bool
    recused: bool

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "organisation")
        require(self, "a known kind", among(words.ORGANISATION_KINDS), "organisation_kind")
        require(self, "a known action", among(words.ACTIONS), "action")
        require(self, "a known purpose", among(words.PURPOSES), "purpose")
        require(self, "a text or null", or_none(is_text), "officer", "role", "language")
        require(self, "a known variant or null", or_none(among(words.VARIANTS)), "variant")
        require(self, "a number from 0", is_number, "clearance")
        require(self, "true or false", is_flag, "active", "recused")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a document in one language and variant, with the States it concerns.

    `recalled`: whom a recall of it that stands reaches: everyone but the originators, or those who have it by agreement.
    """

    id: str
    states: tuple[str, ...]
    language: str
    variant: str
    personal_data: bool
    published: bool
    regime: str | None
    recalled: str | None

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "id", "language")
        require(self, "a list of texts", TEXTS, "states")
        require(self, "a known variant", among(words.VARIANTS), "variant")
        require(self, "true or false", is_flag, "personal_data", "published")
        require(self, "a known regime or null", or_none(among(words.REGIMES)), "regime")
        require(self, "a known reach of a recall or null", or_none(among(words.RECALLS)), "recalled")


@dataclass(frozen=True, kw_only=True)
class StatutoryRecipient:
    """A body to which the treaty itself sends the document, or the parts named (null: every part)."""

    organisation: str
    parts: tuple[str, ...] | None

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "organisation")
        require(self, "a list of texts or null", or_none(TEXTS), "parts")


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """Imminent danger to a person, invoked by one person and confirmed by another, for the bodies in `to`."""

    by: str | None
    confirmed_by: str | None
    at: datetime
    to: tuple[str, ...]

    def __post_init__(self) -> None:
        require(self, "a text or null", or_none(made_of(str)), "by", "confirmed_by")
        require(self, "an instant", is_instant, "at")
        require(self, "a list of texts", TEXTS, "to")


@dataclass(frozen=True, kw_only=True)
class Document:
    """The document as it stands now; `parts` are in document order."""

    id: str
    kind: str
    originators: tuple[str, ...]
    deposited_by: str | None
    addressed_to: tuple[str, ...]
    regime: str
    adopted_on: date
    visit: str | None
    class_ordinal: int
    tier: str
    statutory_recipients: tuple[StatutoryRecipient, ...]
    override: str | None
    person_recipients: tuple[str, ...]
    emergency: Emergency | None
    stopped: bool
    held_until: datetime | None
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "id")
        require(self, "a known kind", among(words.KINDS), "kind")
        require(self, "a list of texts", TEXTS, "originators", "addressed_to", "person_recipients")
        require(self, "a text or null", or_none(is_text), "deposited_by", "visit")
        require(self, "a known regime", among(words.REGIMES), "regime")
        require(self, "a date", is_date, "adopted_on")
        require(self, "a number from 0", is_number, "class_ordinal")
        require(self, "a known tier", among(words.TIERS), "tier")
        require(self, "a list of recipients", each(made_of(StatutoryRecipient)), "statutory_recipients")
        require(self, "a case the treaty provides for, or null", or_none(among(words.OVERRIDES)), "override")
        require(self, "an emergency or null", or_none(made_of(Emergency)), "emergency")
        require(self, "true or false", is_flag, "stopped")
        require(self, "an instant or null", or_none(is_instant), "held_until")
        require(self, "a list of parts", each(made_of(Part)), "parts")
        unique([part.id for part in self.parts], "part")


@dataclass(frozen=True, kw_only=True)
class OriginatorDecision:
    """What one originator decided for one body: standing or for this document, the caller has already selected it."""

    organisation: str
    effect: str
    grantee: str | None
    actions: tuple[str, ...]
    parts: tuple[str, ...] | None
    kinds: tuple[str, ...] | None
    states: tuple[str, ...] | None
    valid_from: datetime | None
    valid_to: datetime | None
    ref: str | None = None

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "organisation")
        require(self, "permit or deny", among(words.EFFECTS), "effect")
        require(self, "a text or null", or_none(is_text), "grantee", "ref")
        require(self, "a list of known actions", each(among(words.ACTIONS)), "actions")
        require(self, "a list of texts or null", or_none(TEXTS), "parts", "states")
        require(self, "a list of known kinds or null", or_none(each(among(words.KINDS))), "kinds")
        require(self, "an instant or null", or_none(is_instant), "valid_from", "valid_to")


@dataclass(frozen=True, kw_only=True)
class Provision:
    """One sentence of an instrument: what it permits or denies, to whom, for what, when."""

    effect: str
    scope: str
    scope_ref: tuple[str, ...]
    time_scope: str | None
    adopted_from: date | None
    adopted_to: date | None
    grantees: tuple[str, ...] | None
    actions: tuple[str, ...]
    purposes: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    variants: tuple[str, ...] | None
    valid_from: datetime | None
    valid_to: datetime | None
    embargo_until: datetime | None
    embargo_event: str | None
    embargo_rule: str

    def __post_init__(self) -> None:
        require(self, "permit or deny", among(words.EFFECTS), "effect")
        require(self, "a known scope", among(words.SCOPES), "scope")
        require(self, "a text, a list of texts or null", TEXTS, "scope_ref")
        require(self, "a known time scope or null", or_none(among(words.TIME_SCOPES)), "time_scope")
        require(self, "a date or null", or_none(is_date), "adopted_from", "adopted_to")
        require(self, "a list of texts or null", or_none(TEXTS), "grantees", "languages")
        require(self, "a list of known actions", each(among(words.ACTIONS)), "actions")
        require(self, "a list of known purposes or null", or_none(each(among(words.PURPOSES))), "purposes")
        require(self, "a list of known variants or null", or_none(each(among(words.VARIANTS))), "variants")
        require(self, "an instant or null", or_none(is_instant), "valid_from", "valid_to", "embargo_until")
        require(self, "a text or null", or_none(is_text), "embargo_event")
        require(self, "first or last", among(words.EMBARGO_RULES), "embargo_rule")
        if self.effect == "permit" and self.grantees is None:
            raise FactsError("a permit names its grantees in a list")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A limitation of every permit of its instrument.

    `parameter`: a tuple of texts for the lists, an instant or (embargo_until) an event's name, else None.
    """

    kind: str
    parameter: tuple[str, ...] | datetime | str | None

    def __post_init__(self) -> None:
        require(self, "a known condition", among(words.CONDITIONS), "kind")
        if self.kind in words.CONDITIONS_WITH_LIST:
            require(self, "a list of texts", TEXTS, "parameter")
        elif self.kind == "retain_until":
            require(self, "an instant", is_instant, "parameter")
        elif self.kind == "embargo_until":
            require(self, "an instant or an event", _is_instant_or_event, "parameter")
        else:
            require(self, "left out", lambda value: value is None, "parameter")
        if self.kind == "purpose_limitation":
            require(self, "a list of known purposes", each(among(words.PURPOSES)), "parameter")


def _is_instant_or_event(value: object) -> bool:
    return is_instant(value) or (isinstance(value, str) and value != "" and not looks_like_time(value))


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to an instrument. `at`: when it was recorded here; `effective`: from when it acts."""

    type: str
    at: datetime
    by: str | None
    by_state: bool
    effective: datetime | None

    def __post_init__(self) -> None:
        require(self, "a known event", among(words.EVENT_TYPES), "type")
        require(self, "an instant", is_instant, "at")
        require(self, "a text or null", or_none(made_of(str)), "by")
        require(self, "true or false", is_flag, "by_state")
        require(self, "an instant or null", or_none(is_instant), "effective")


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """What one State declared, with everything that happened to it since, in the order recorded."""

    id: str
    state: str
    kind: str
    authority_competent: bool
    received_on: datetime
    reply_by: datetime | None
    amends: tuple[str, ...]
    supersedes: tuple[str, ...]
    provisions: tuple[Provision, ...]
    conditions: tuple[Condition, ...]
    undertaking: str | None
    events: tuple[Event, ...]
    ref: str | None = None

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "id", "state")
        require(self, "standing or specific", among(words.INSTRUMENT_KINDS), "kind")
        require(self, "true or false", is_flag, "authority_competent")
        require(self, "an instant", is_instant, "received_on")
        require(self, "an instant or null", or_none(is_instant), "reply_by")
        require(self, "a list of texts", TEXTS, "amends", "supersedes")
        require(self, "a list of provisions", each(made_of(Provision)), "provisions")
        require(self, "a list of conditions", each(made_of(Condition)), "conditions")
        require(self, "a text or null", or_none(is_text), "undertaking", "ref")
        require(self, "a list of events", each(made_of(Event)), "events")


@dataclass(frozen=True, kw_only=True)
class PersonConsent:
    """A person's express consent that their data in a part go to a body; `withdrawn` may name the instant."""

    part: str
    action: str
    grantee: str | None
    withdrawn: bool | datetime

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "part")
        require(self, "a known action", among(words.ACTIONS), "action")
        require(self, "a text or null", or_none(is_text), "grantee")
        require(self, "true, false or an instant", lambda value: is_flag(value) or is_instant(value), "withdrawn")


@dataclass(frozen=True, kw_only=True)
class Succession:
    """One State in the place of another, from an instant on."""

    predecessor: str
    successor: str
    on: datetime
    mode: str

    def __post_init__(self) -> None:
        require(self, "a text", is_text, "predecessor", "successor")
        require(self, "an instant", is_instant, "on")
        require(self, "a known mode", among(words.SUCCESSION_MODES), "mode")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything one decision rests on; lists keep the order in which things were recorded."""

    request: Request
    document: Document
    originator_decisions: tuple[OriginatorDecision, ...]
    instruments: tuple[Instrument, ...]
    undertakings_accepted: tuple[str, ...]
    document_events: Mapping[str, datetime]
    person_consents: tuple[PersonConsent, ...]
    successions: tuple[Succession, ...]

    def __post_init__(self) -> None:
        require(self, "a request", made_of(Request), "request")
        require(self, "a document", made_of(Document), "document")
        require(self, "a list of decisions", each(made_of(OriginatorDecision)), "originator_decisions")
        require(self, "a list of instruments", each(made_of(Instrument)), "instruments")
        require(self, "a list of texts", TEXTS, "undertakings_accepted")
        require(self, "events with their instants", _is_event_map, "document_events")
        require(self, "a list of consents", each(made_of(PersonConsent)), "person_consents")
        require(self, "a list of successions", each(made_of(Succession)), "successions")
        unique([instrument.id for instrument in self.instruments], "instrument")


def _is_event_map(value: object) -> bool:
    return isinstance(value, Mapping) and all(is_text(name) and is_instant(at) for name, at in value.items())
