"""Every field an entry may have: its name, what it may hold, the most bytes its JSON takes (docs/spec/vocabulary.md).

A name means one thing in every act. The order of this list is the order of columns in exports: names are only ever
added at its end. No value's JSON is over 64 bytes, and none is a list or an object.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from keys import fields
from keys.encoding import MAX_INTEGER, b64u, canonical
from keys.errors import MalformedError
from keys.fields import Checker

Value: TypeAlias = "bool | int | str | None"

MAX_VALUE_BYTES: Final = 64

_WORD: Final = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.ASCII)
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*", re.ASCII)
_TAG: Final = re.compile(r"[a-z]+(?:_[a-z]+)*(?::[a-z]+(?:_[a-z]+)*){2}", re.ASCII)
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_:.-]{1,60}", re.ASCII)
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]*", re.ASCII)

_DAY: Final = "2026-03-10"
_TIME: Final = "2026-03-10T12:00:00Z"
_ID16: Final = b64u(bytes(16))
_HASH: Final = b64u(bytes(32))


@dataclass(frozen=True)
class Kind:
    """What a value may be: its checker, and one value whose JSON is as long as any the checker takes."""

    name: str
    checker: Checker
    largest: Value

    @property
    def most(self) -> int:
        """The most bytes of JSON a value of this kind takes."""
        return len(spell(self.largest))


def spell(value: Value) -> bytes:
    """Return the JSON of one value (RFC 8785); MalformedError if it has none."""
    # Nearly every value is a plain ASCII string; reading a long log spends its time here, so those go straight through.
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return b'"' + value.encode("ascii") + b'"'
    return b"null" if value is None else canonical(value)


def _matching(pattern: re.Pattern[str], most: int, what: str) -> Checker:
    def checker(value: object) -> None:
        if not isinstance(value, str) or len(value) > most or not pattern.fullmatch(value):
            raise MalformedError(f"not {what}")

    return checker


TAG: Final = Kind("tag", _matching(_TAG, 32, "a tag"), "a" * 10 + ":" + "b" * 10 + ":" + "c" * 10)
WORD: Final = Kind("word", _matching(_WORD, 62, "a word"), "w" * 62)
CODE: Final = Kind("code", _matching(_CODE, 32, "a code"), "W" * 32)
SUBJECT: Final = Kind("subject", _matching(_SUBJECT, 60, "a subject"), "s" * 60)
OFFICER: Final = Kind("officer", fields.ID16, _ID16)
ID: Final = Kind("id", fields.ID16, _ID16)
PART: Final = Kind("part", fields.ID8, b64u(bytes(8)))
HASH: Final = Kind("hash", fields.HASH, _HASH)
BODY: Final = Kind("body", fields.organisation, "b" * 40)
STATE: Final = Kind("state", fields.state, "XA")
REPORT: Final = Kind("uuid", fields.uuid, "00000000-0000-4000-8000-000000000000")
TIME: Final = Kind("time", fields.time, _TIME)
MOMENT: Final = Kind("date or time", fields.any_of(fields.day, fields.time), _TIME)
COUNT: Final = Kind("count", fields.integer(), MAX_INTEGER)
FLAG: Final = Kind("flag", fields.boolean, False)


@dataclass(frozen=True)
class Field:
    """One field: its kind, and a sentence on what it says."""

    name: str
    kind: Kind
    meaning: str


_FIELDS: Final = (
    Field("act", TAG, "what happened: a tag of the vocabulary"),
    Field("actor", OFFICER, "the officer who acted"),
    Field("body", BODY, "the body the actor acted for"),
    Field("owner", BODY, "the body whose matter it is: of a report its owner"),
    Field("report", REPORT, "the report's id, as asked, whether or not there is such a report"),
    Field("part", PART, "the part's id"),
    Field("action", WORD, "what was asked for: view, download, ..."),
    Field("purpose", WORD, "what for"),
    Field("request", HASH, "hash of the signed release-request"),
    Field("envelope", HASH, "hash of the envelope that was handed out"),
    Field("basis", HASH, "SHA-256 of the sorted JSON list of hashes the decision relied on"),
    Field("reason", CODE, "the exact reason of a decision, P_ or W_"),
    Field("code", CODE, "the reason as the requester was told it, N_"),
    Field("asked", TIME, "the time inside the signed payload"),
    Field("nonce", ID, "the nonce inside the signed payload"),
    Field("statement", HASH, "hash of the signed statement"),
    Field("n", COUNT, "number of the audit log a receipt points to"),
    Field("index", COUNT, "index in a log: of the release a receipt answers, or of a directory statement"),
    Field("kind", WORD, "kind of document, or of directory statement"),
    Field("subject", SUBJECT, "subject of a directory statement"),
    Field("tier", WORD, "tier of a report"),
    Field("regime", CODE, "regime of a report, R1 to R5"),
    Field("parts", COUNT, "how many parts"),
    Field("recipients", COUNT, "how many envelopes"),
    Field("held_until", MOMENT, "until when a report is held"),
    Field("fact", WORD, "which fact a determination is about"),
    Field("state", STATE, "the State"),
    Field("instrument", ID, "id of an instrument of consent"),
    Field("effective", MOMENT, "from when an event of consent acts, where that is not at once"),
    Field("by_state", FLAG, "whether the State's own authority signed"),
    Field("prev", HASH, "hash of the statement this one follows or confirms"),
    Field("evidence", REPORT, "id of the report that holds the evidence"),
    Field("version", COUNT, "version of the State's consent head after the act"),
    Field("invitation", HASH, "SHA-256 of label and invitation code: what the server knows of an invitation"),
    Field("expires", TIME, "until when an invitation or a token is good"),
    Field("method", WORD, "how someone proved who they are"),
    Field("cause", WORD, "why a sign-in, a token or an operator's act failed"),
    Field("grantee", BODY, "for which body a decision was explained"),
    Field("at", TIME, "for which instant a decision was explained"),
    Field("first", COUNT, "first bundle read"),
    Field("size", COUNT, "public size of the log that was read"),
    Field("outcome", WORD, "what an operator's act came to"),
    Field("build", SUBJECT, "version of the software"),
    Field("ground", WORD, "why a report was recalled"),
    Field("reply_by", MOMENT, "the last day for an answer to a recall"),
    Field("told", COUNT, "how many bodies are told of a recall"),
    Field("recall", HASH, "hash of the recall that is answered"),
    Field("answer", WORD, "what became of a part that was recalled"),
)

FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _FIELDS}


def check_value(name: str, value: Any) -> None:
    """Check one value that is not null against its field; MalformedError otherwise.

    Every kind bounds its length itself, so that no value's JSON is over 64 bytes.
    """
    FIELDS[name].kind.checker(value)
