"""`report-header`: the owner's officer declares a report: what policy needs to know, and digests of everything else.

Parts, recipients and links stand as sorted lists of salted digests, each a multiple of 8 and at least 8; what they are
digests of lies beside (exchange.sealing.descriptors). The owner's decision for the recipients named (view, download) is
signed with the header, so one officer is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from exchange.statements import form, words
from exchange.statements.errors import JointOriginatorsError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, of_bodies
from keys import fields
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.errors import MalformedError
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/report-header/v1"
FILL: Final = 8
LISTS: Final = ("parts", "recipients", "links")

_DIGESTS: Final = fields.list_of(fields.HASH, least=FILL)
_SCHEMA: Final[fields.Schema] = {
    "adopted_on": fields.nullable(fields.day),
    "class_ordinal": fields.integer(0, 9),
    "directory": fields.an_object({"n": fields.integer(1), "root": fields.HASH, "size": fields.integer(1)}),
    "held_until": fields.nullable(fields.time),
    "kind": fields.name,
    "links": _DIGESTS,
    "originators": fields.list_of(fields.organisation, least=1, most=16, ordered=True),
    "owner": fields.organisation,
    "parts": _DIGESTS,
    "recipients": _DIGESTS,
    "reference": fields.nullable(fields.text(120, least=1)),
    "regime": fields.one_of(*words.REGIMES),
    "report": fields.uuid,
    "source_label": fields.nullable(fields.text(120, least=1)),
    "tier": fields.one_of(*words.TIERS),
    "visit": fields.nullable(fields.text(64, least=1)),
}


@dataclass(frozen=True)
class DirectoryHead:
    """The directory the sender had verified: log number, size and root (32 bytes)."""

    n: int
    size: int
    root: bytes

    def body(self) -> dict[str, Any]:
        """Return the head as JSON values."""
        return {"n": self.n, "root": b64u(self.root), "size": self.size}


@dataclass(frozen=True)
class ReportHeader:
    """A report's header. `visit` is an opaque id, `reference` the owner's neutral number, never a title.

    `parts`, `recipients` and `links` are digests of 32 bytes, sorted, real ones and fillers alike.
    """

    stamp: Stamp
    report: str
    owner: str
    originators: tuple[str, ...]
    kind: str
    tier: str
    regime: str
    visit: str | None
    reference: str | None
    source_label: str | None
    class_ordinal: int
    adopted_on: date | None
    held_until: datetime | None
    directory: DirectoryHead
    parts: tuple[bytes, ...]
    recipients: tuple[bytes, ...]
    links: tuple[bytes, ...]


def build(header: ReportHeader) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {
        "adopted_on": None if header.adopted_on is None else header.adopted_on.isoformat(),
        "class_ordinal": header.class_ordinal,
        "directory": header.directory.body(),
        "held_until": None if header.held_until is None else format_time(header.held_until),
        "kind": header.kind,
        "originators": list(header.originators),
        "owner": header.owner,
        "reference": header.reference,
        "regime": header.regime,
        "report": header.report,
        "source_label": header.source_label,
        "tier": header.tier,
        "visit": header.visit,
    }
    digests = {name: [b64u(digest) for digest in getattr(header, name)] for name in LISTS}
    statement = form.build(LABEL, header.stamp, {**body, **digests})
    read(statement)
    return statement


def read(statement: Statement) -> ReportHeader:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    head = body["directory"]
    adopted, held = body["adopted_on"], body["held_until"]
    return ReportHeader(
        stamp=stamp,
        report=body["report"],
        owner=body["owner"],
        originators=tuple(body["originators"]),
        kind=body["kind"],
        tier=body["tier"],
        regime=body["regime"],
        visit=body["visit"],
        reference=body["reference"],
        source_label=body["source_label"],
        class_ordinal=body["class_ordinal"],
        adopted_on=None if adopted is None else fields.parse_date(adopted),
        held_until=None if held is None else parse_time(held),
        directory=DirectoryHead(head["n"], head["size"], unb64u(head["root"])),
        parts=_digests(body, "parts"),
        recipients=_digests(body, "recipients"),
        links=_digests(body, "links"),
    )


def parse(text: bytes) -> tuple[ReportHeader, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(header: ReportHeader, statement: Statement, book: SignerBook) -> tuple[Signer, ...]:
    """Return who signed the header, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. every signer is an officer of the owner (WrongSignerError);
    3. there is one originator (JointOriginatorsError, until linked entries exist).
    """
    signers = book.signers(statement, header.stamp.exchange)
    of_bodies(signers, (header.owner,))
    if len(header.originators) > 1:
        raise JointOriginatorsError("a report of more than one originator")
    return signers


def _digests(body: Mapping[str, Any], name: str) -> tuple[bytes, ...]:
    digests = [unb64u(item) for item in body[name]]
    # By bytes, not as text: base64url does not sort as the bytes do.
    if len(digests) % FILL or digests != sorted(set(digests)):
        raise MalformedError(f"field '{name}': not sorted digests, each once, in a multiple of {FILL}")
    return tuple(digests)
