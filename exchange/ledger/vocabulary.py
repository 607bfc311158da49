"""The one registry of acts: what may stand in the audit log, with which fields, and who reads it.

A tag is `source:subject:action` and is never reused for anything else. A field list begins with `act` and is only ever
appended to, so position i of an old entry keeps its meaning; a field without a value is a decoy, so appending never
changes an old entry. `?` marks a field that may have no value. docs/spec/vocabulary.md is made from this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from exchange.ledger import standards as s
from exchange.ledger.errors import UnknownActError
from exchange.ledger.standards import Codes

PADDING: Final = "log:padding:append"
RELEASE_PERMIT: Final = "access:release:permit"
RELEASE_WITHHOLD: Final = "access:release:withhold"

# What the requester's side sees of a withholding: what it asked, and the answer it was given. Nothing else.
PARTIAL_FIELDS: Final = ("act", "actor", "body", "report", "part", "action", "purpose", "request", "code")

# Who "owner" is in an act, whose audit office reads it with the owner.
OF_REPORT: Final = "the report's owner; nobody for an id without a report"
CONCERNED: Final = "the body the statement is about, if it is about one"
RECORDER: Final = "the body that recorded the instrument"
NOBODY: Final = "nobody"

Views: TypeAlias = Literal["full", "partial"]


@dataclass(frozen=True)
class Act:
    """One kind of act: its tag, its ordered fields, whose matter it is, and how much the actor's side reads."""

    tag: str
    fields: tuple[str, ...]
    required: frozenset[str]
    owner: str
    views: Views
    outcome: str
    codes: Codes

    @property
    def text_key(self) -> str:
        """The key of this act's sentence, English and French, in the message catalogue."""
        return "act." + self.tag.replace(":", "_")

    @property
    def visible(self) -> frozenset[str]:
        """The fields a partial view of this act shows."""
        return frozenset(PARTIAL_FIELDS) & frozenset(self.fields)


def _act(tag: str, fields: str, owner: str, outcome: str, codes: Codes, views: Views = "full") -> Act:
    names = tuple(f"act {fields}".split())
    required = frozenset(name for name in names if not name.endswith("?"))
    return Act(tag, tuple(name.rstrip("?") for name in names), required, owner, views, outcome, codes)


_RELEASE: Final = "actor body owner? report part action purpose request {} basis? reason {} asked nonce"
_EXPLAIN: Final = "actor body owner? report part? action purpose? grantee basis? reason code? at?"
_CONSENT: Final = "actor? body? owner state instrument statement? prev? effective? by_state evidence? version asked?"
_REPORT: Final = "actor body owner report statement asked"
_OPERATOR: Final = "outcome cause? build"


def _consent(action: str, activity: int, severity: int = s.NOTICE) -> Act:
    codes = Codes(s.REST, "C" if action == "record" else "U", s.ENTITY, activity, severity)
    return _act(f"consents:instrument:{action}", _CONSENT, RECORDER, "done", codes)


_ACTS: Final = (
    # The directory
    _act(
        "directory:root:install",
        "body statement asked",
        NOBODY,
        "done",
        Codes(s.REST, "C", s.LIFECYCLE, 1, s.NOTICE),
    ),
    _act(
        "directory:statement:accept",
        "actor? body? owner? kind subject statement index asked",
        CONCERNED,
        "done",
        Codes(s.REST, "C", s.ENTITY, 3, s.NOTICE),
    ),
    # Accounts
    _act("accounts:invitation:make", "actor body invitation expires", NOBODY, "done", Codes(s.REST, "C", s.ENTITY, 1)),
    _act("accounts:invitation:use", "actor body invitation statement", NOBODY, "done", Codes(s.REST, "E", s.ENTITY, 6)),
    _act("accounts:password:set", "actor body", NOBODY, "done", Codes(s.SECURITY, "U", s.ACCOUNT_CHANGE, 3, s.NOTICE)),
    _act("accounts:session:start", "actor body method", NOBODY, "done", Codes(s.SIGN_IN, "E", s.AUTHENTICATION, 1)),
    _act(
        "accounts:session:refuse",
        "actor? body? method cause",
        NOBODY,
        "refused",
        Codes(s.SIGN_IN, "E", s.AUTHENTICATION, 1, s.WARNING, failure=True),
    ),
    _act("accounts:notices:ask", "actor body", NOBODY, "done", Codes(s.SECURITY, "U", s.ACCOUNT_CHANGE, 99)),
    _act("accounts:notices:begin", "actor body", NOBODY, "done", Codes(s.SECURITY, "U", s.ACCOUNT_CHANGE, 99)),
    _act("accounts:notices:end", "actor body", NOBODY, "done", Codes(s.SECURITY, "U", s.ACCOUNT_CHANGE, 99)),
    _act("accounts:session:end", "actor body", NOBODY, "done", Codes(s.SIGN_IN, "E", s.AUTHENTICATION, 2)),
    _act(
        "accounts:token:issue",
        "actor body method expires",
        NOBODY,
        "done",
        Codes(s.SIGN_IN, "E", s.AUTHORIZE_SESSION, 1),
    ),
    _act(
        "accounts:token:refuse",
        "actor? body? method cause",
        NOBODY,
        "refused",
        Codes(s.SIGN_IN, "E", s.AUTHORIZE_SESSION, 1, s.WARNING, failure=True),
    ),
    # Reports
    _act(
        "reports:report:register",
        f"{_REPORT} kind tier regime? parts recipients held_until?",
        OF_REPORT,
        "done",
        Codes(s.IMPORT, "C", s.FILES, 1, s.NOTICE),
    ),
    _act("reports:report:grant", f"{_REPORT} recipients", OF_REPORT, "done", Codes(s.REST, "U", s.FILES, 12, s.NOTICE)),
    _act("reports:report:stop", _REPORT, OF_REPORT, "done", Codes(s.REST, "U", s.FILES, 10, s.WARNING)),
    _act("reports:report:lift", _REPORT, OF_REPORT, "done", Codes(s.REST, "U", s.FILES, 11, s.NOTICE)),
    _act(
        "reports:report:recall",
        f"{_REPORT} part? ground instrument? reply_by? told",
        OF_REPORT,
        "done",
        Codes(s.REST, "U", s.FILES, 10, s.WARNING),
    ),
    _act(
        "reports:recall:answer",
        "actor body owner report part recall answer prev? statement asked",
        OF_REPORT,
        "done",
        Codes(s.REST, "C", s.FILES, 14, s.NOTICE),
    ),
    _act(
        "reports:determination:record",
        "actor body owner report? part? fact statement prev? asked",
        OF_REPORT,
        "done",
        Codes(s.REST, "C", s.ENTITY, 1, s.NOTICE),
    ),
    # Publications
    _act("publications:rendition:publish", _REPORT, OF_REPORT, "done", Codes(s.EXPORT, "U", s.FILES, 12, s.NOTICE)),
    _act("publications:rendition:withdraw", _REPORT, OF_REPORT, "done", Codes(s.REST, "U", s.FILES, 13, s.WARNING)),
    # Access
    _act(
        RELEASE_PERMIT,
        _RELEASE.format("envelope", "code?"),
        OF_REPORT,
        "permitted",
        Codes(s.EXPORT, "R", s.FILES, 2, s.NOTICE),
    ),
    _act(
        RELEASE_WITHHOLD,
        _RELEASE.format("envelope?", "code"),
        OF_REPORT,
        "withheld",
        Codes(s.EXPORT, "R", s.FILES, 2, s.WARNING, failure=True),
        "partial",
    ),
    _act(
        "access:receipt:record",
        "actor body owner report part request n index nonce asked statement",
        OF_REPORT,
        "done",
        Codes(s.REST, "C", s.FILES, 14),
    ),
    _act("access:explanation:permit", _EXPLAIN, OF_REPORT, "permitted", Codes(s.QUERY, "R", s.DATASTORE, 4)),
    _act(
        "access:explanation:withhold",
        _EXPLAIN,
        OF_REPORT,
        "withheld",
        Codes(s.QUERY, "R", s.DATASTORE, 4, failure=True),
        "partial",
    ),
    _act("access:matrix:read", "actor body owner report", OF_REPORT, "done", Codes(s.QUERY, "R", s.DATASTORE, 1)),
    # Consents: one act for each type of event in the register
    _consent("record", 1),
    _consent("request", 3),
    _consent("defer", 3),
    _consent("confirm", 10),
    _consent("confirm_part", 10),
    _consent("refuse", 11, s.WARNING),
    _consent("lapse", 11),
    _consent("suspend", 12, s.WARNING),
    _consent("dispute", 12, s.WARNING),
    _consent("resume", 13),
    _consent("withdraw", 11, s.WARNING),
    _consent("supersede", 11),
    _consent("invalidate", 11, s.WARNING),
    _consent("reject", 11, s.WARNING),
    # The log itself
    _act("audit:log:read", "actor body first size", NOBODY, "done", Codes(s.LOG_USED, "R", s.DATASTORE, 1)),
    _act(PADDING, "", NOBODY, "done", Codes(s.APPLICATION, "E", s.DATASTORE, s.OTHER)),
    # The operator: acts without a body
    _act("operator:instance:start", _OPERATOR, NOBODY, "done", Codes(s.APPLICATION, "E", s.LIFECYCLE, 3)),
    _act("operator:instance:check", _OPERATOR, NOBODY, "done", Codes(s.APPLICATION, "E", s.LIFECYCLE, s.OTHER)),
    _act("operator:instance:upgrade", _OPERATOR, NOBODY, "done", Codes(s.APPLICATION, "E", s.LIFECYCLE, 8, s.NOTICE)),
    _act("operator:instance:backup", _OPERATOR, NOBODY, "done", Codes(s.EXPORT, "E", s.LIFECYCLE, s.OTHER, s.NOTICE)),
    _act("operator:instance:restore", _OPERATOR, NOBODY, "done", Codes(s.IMPORT, "E", s.LIFECYCLE, s.OTHER, s.WARNING)),
    _act("operator:reference:load", _OPERATOR, NOBODY, "done", Codes(s.APPLICATION, "E", s.LIFECYCLE, 8, s.NOTICE)),
)

ACTS: Final[Mapping[str, Act]] = {act.tag: act for act in _ACTS}

# The act of each type of event in the register of consents.
CONSENT_EVENTS: Final[Mapping[str, str]] = {
    "recorded": "consents:instrument:record",
    "requested": "consents:instrument:request",
    "deferred": "consents:instrument:defer",
    "granted": "consents:instrument:confirm",
    "partially_granted": "consents:instrument:confirm_part",
    "refused": "consents:instrument:refuse",
    "lapsed": "consents:instrument:lapse",
    "suspended": "consents:instrument:suspend",
    "disputed": "consents:instrument:dispute",
    "resumed": "consents:instrument:resume",
    "withdrawn": "consents:instrument:withdraw",
    "superseded": "consents:instrument:supersede",
    "invalidated": "consents:instrument:invalidate",
    "rejected": "consents:instrument:reject",
}

# What a caller can do without leaving an entry, and why that is right.
NOT_ACTS: Final[Mapping[str, str]] = {
    "upload:create": "ciphertext without a header belongs to no report; the act is the registration",
    "upload:piece": "ciphertext without a header belongs to no report; the act is the registration",
    "upload:read": "the uploader asks which of its own pieces have arrived",
    "piece:read": "ciphertext, served only while a permit stands, decided anew each time; no key leaves before a release",
    "list:read": "a list shows what see_existence permits at that moment, and opens nothing",
    "header:read": "header, descriptors and sealed manifest open nothing without a release",
    "statement:pending": "a statement with too few signers has no leaf and no effect",
    "statement:repeat": "the same statement or registration twice gets the first answer again and changes nothing",
    "statement:malformed": "refused for its form before anyone was known to have acted",
    "publication:file": "a file counts for nothing until the publication that names it has both signatures and its entry",
    "publication:read": "what is published is for anyone without an account, so nobody is known to ask",
    "log:public": "checkpoints, tiles and proofs are public and name nobody",
    "directory:read": "members replay the directory at every command; it says who belongs, which each of them knows",
}


def act_of(tag: object) -> Act:
    """Return the act of a tag; UnknownActError when this build does not know it."""
    act = ACTS.get(tag) if isinstance(tag, str) else None
    if act is None:
        raise UnknownActError("an act that this build does not know")
    return act


def consent_act(event: str) -> Act:
    """Return the act of a consent event's type ("recorded", "withdrawn", ...); UnknownActError otherwise."""
    return act_of(CONSENT_EVENTS.get(event))
