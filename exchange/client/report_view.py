"""A report as the server shows it to this officer's body, held to its signed header before anything else looks at it.

What the server leaves out (parts, recipients, links that are not ours to know) it may; what it shows must be named by the
header, and the header must be the owner's, signed with a key that was good when the log took it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exchange.client.report_errors import PartNotShownError, ReportAnswerError
from exchange.client.session import Session
from exchange.client.tickets import Proof, Stored, prove
from exchange.sealing import descriptors
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.descriptors import Descriptors, HeaderLists
from exchange.statements import report_header
from exchange.statements.report_header import ReportHeader
from exchange.statements.signers import Signer
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError

REPORTS: Final = "/api/v1/reports"

_PERMITTED: Final = fields.mapping_of(
    fields.ID8, fields.list_of(fields.list_of(fields.name, least=2, most=2), most=256), most=4096
)


@dataclass(frozen=True)
class ReportView:
    """What was answered. `stored` is the header with its ticket, `header` its values; `proof` proves the ticket.

    `manifests`: sealed, by part id. `permitted`: per part the (action, purpose) pairs that would be permitted now.
    """

    report: str
    stored: Stored
    header: ReportHeader
    proof: Proof
    descriptors: Descriptors
    manifests: Mapping[bytes, bytes]
    grants: tuple[Stored, ...]
    grant_proofs: tuple[Proof | None, ...]
    stops: tuple[Stored, ...]
    lifts: tuple[Stored, ...]
    determinations: tuple[Stored, ...]
    stopped: bool
    permitted: Mapping[bytes, frozenset[tuple[str, str]]]

    @property
    def parts(self) -> tuple[PartDescriptor, ...]:
        """The parts shown, by language, variant and id."""
        found = [salted.value for salted in self.descriptors.parts]
        return tuple(sorted(found, key=lambda part: (part.language, part.variant, part.id)))


def fetch(session: Session, report: str) -> ReportView:
    """Fetch a report and check what needs no proof; MalformedError, ReportAnswerError, and what `Http` raises.

    1. It is of the report asked for. 2. Header, ticket, descriptors, manifests and grants are in form. 3. The header names
    every descriptor shown (DescriptorMismatchError).
    """
    since = session.audit.pinned
    body = session.http.get(f"{REPORTS}/{report}", {"audit_size": since.size})
    if not isinstance(body, dict):
        raise MalformedError("a report is an object")
    stored = Stored.read(body.get("header"), body.get("ticket"))
    header = report_header.read(stored.statement)
    if header.report != report:
        raise ReportAnswerError("the header is of another report")
    shown = descriptors.from_json({name: body.get(name) for name in ("parts", "recipients", "links")})
    descriptors.check_shown(HeaderLists(header.parts, header.recipients, header.links), shown)
    grants = _list(body, "grants")
    return ReportView(
        report=report,
        stored=stored,
        header=header,
        proof=Proof(body.get("proof"), since),
        descriptors=shown,
        manifests=_manifests(body.get("manifests", {})),
        grants=tuple(_stored(item) for item in grants),
        grant_proofs=tuple(Proof(item["proof"], since) if "proof" in item else None for item in grants),
        stops=tuple(_stored(item) for item in _list(body, "stops")),
        lifts=tuple(_stored(item) for item in _list(body, "lifts")),
        determinations=tuple(_stored(item) for item in _list(body, "determinations")),
        stopped=body.get("stopped") is True,
        permitted=_permitted(body.get("permitted", {})),
    )


def check_header(session: Session, view: ReportView) -> tuple[Signer, ...]:
    """Return who signed the header: officers of the owner, with keys good by the header's proven ticket.

    Raises as `tickets.prove`, and the errors of `exchange.statements`.
    """
    book = prove(session, view.stored, view.proof)
    return report_header.verify(view.header, view.stored.statement, book)


def named_parts(view: ReportView, text: str) -> list[PartDescriptor]:
    """Return the parts a person means by an id, its beginning, or a language; PartNotShownError for none."""
    found = [part for part in view.parts if text == part.language or b64u(part.id).startswith(text)]
    if not found:
        raise PartNotShownError(f"no part '{text}'", part=text)
    return found


def _list(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise MalformedError(f"'{name}' is not a list of statements")
    return value


def _stored(item: dict[str, Any]) -> Stored:
    return Stored.read(item.get("statement"), item.get("ticket"))


def _manifests(value: Any) -> dict[bytes, bytes]:
    if not isinstance(value, dict):
        raise MalformedError("manifests are an object")
    return {unb64u(part, 8): unb64u(sealed) for part, sealed in value.items()}


def _permitted(value: Any) -> dict[bytes, frozenset[tuple[str, str]]]:
    _PERMITTED(value)
    return {unb64u(part): frozenset((pair[0], pair[1]) for pair in pairs) for part, pairs in value.items()}
