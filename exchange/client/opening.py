"""Opening a report: pieces first, the envelope last, nine steps, a receipt (docs/spec/report.md, "Opening").

Pieces open nothing by themselves, so a slow line costs no one anything; the release is asked for when everything else is
here and verified. Whatever is refused, the refusal is the server's to give, and it is in its log.
"""

from dataclasses import dataclass
from pathlib import Path

from exchange.client import receipts
from exchange.client.errors import ServerRefusal
from exchange.client.opening_checks import Checks
from exchange.client.piece_fetch import discard, fetch_pieces
from exchange.client.progress import Meter, NoMeter
from exchange.client.release_check import ReleaseAnswer
from exchange.client.report_view import REPORTS, ReportView, check_header, fetch, named_parts
from exchange.client.session import Session
from exchange.client.tickets import Proof, Stored
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.disk import PRIVATE_DIRECTORY, disk_errors
from exchange.sealing.envelope import envelope_hash
from exchange.sealing.errors import NotNamedError
from exchange.sealing.unseal.opening import Opened, OpeningFacts, open_part
from exchange.statements import grant as grants
from exchange.statements import release_request
from exchange.statements.form import Stamp
from exchange.statements.release_request import ReleaseRequest
from exchange.statements.signers import Signer
from keys.encoding import b64u, parse_uuid
from keys.errors import MalformedError
from keys.statement import Statement

# The part asked for where the server shows none: the refusal then still has its entry.
NO_PART = bytes(8)


@dataclass(frozen=True)
class Wanted:
    """What is to be opened, for what, and into which folder. `part`: an id, its beginning, a language, or None for all."""

    report: str
    action: str
    purpose: str
    folder: Path
    part: str | None = None


@dataclass(frozen=True)
class OpenedPart:
    """A part that was opened, its descriptor, and who signed for it."""

    part: PartDescriptor
    opened: Opened
    signers: tuple[Signer, ...]


@dataclass(frozen=True)
class _Named:
    """What names us for a part: organisation's epoch and envelope hash, and the grant where one does."""

    epoch: int
    envelope: bytes
    grant: tuple[Stored, Proof | None] | None = None


def open_report(session: Session, wanted: Wanted, meter: Meter | None = None) -> list[OpenedPart]:
    """Open the wanted parts one after the other; without `part`, all that are available for action and purpose.

    Raises ServerRefusal with an N_ code where nothing is available, PartNotShownError, OpeningError with step and code, and
    what `Session` and `Http` raise. Parts opened before an error stay opened, with their receipts.
    """
    try:
        view = fetch(session, wanted.report)
    except ServerRefusal as refusal:
        if refusal.status == 404:
            _ask(session, wanted, NO_PART)
        raise
    # Before anything is asked on the strength of it, and so that the release is held to the newest log we know.
    check_header(session, view)
    with disk_errors("the folder could not be made"):
        wanted.folder.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    opened = []
    try:
        for part in choose(view, wanted):
            opened.append(_open(session, wanted, view, part, meter or NoMeter()))
    finally:
        receipts.send_all(session)
    return opened


def choose(view: ReportView, wanted: Wanted) -> list[PartDescriptor]:
    """Return the parts meant: those named, or all available for action and purpose; PartNotShownError.

    Where none is available, the first: asking for it brings the server's own answer and leaves its entry.
    """
    if wanted.part is not None:
        return named_parts(view, wanted.part)
    available = [p for p in view.parts if _permitted(view, p, wanted)]
    return available or list(view.parts[:1])


def _permitted(view: ReportView, part: PartDescriptor, wanted: Wanted) -> bool:
    return (wanted.action, wanted.purpose) in view.permitted.get(part.id, frozenset())


def _open(session: Session, wanted: Wanted, view: ReportView, part: PartDescriptor, meter: Meter) -> OpenedPart:
    answered = None
    if not _permitted(view, part, wanted):
        answered = _ask(session, wanted, part.id)
    with meter.stage("client.fetching", part.size) as advance:
        file = fetch_pieces(session, wanted.report, part, advance)
    value, request, answer = answered or _ask(session, wanted, part.id)
    named = _named(session, view, part, answer)
    checks = Checks(session, view, value, answer, named.grant)
    facts = OpeningFacts(
        report=parse_uuid(wanted.report),
        part=part.id,
        organisation=session.organisation,
        action=wanted.action,
        purpose=wanted.purpose,
        header=view.stored.statement,
        descriptors=view.descriptors,
        request=request.hash,
        envelope=answer.envelope,
        manifest=_manifest(view, part),
        pieces=file,
        grant=None if named.grant is None else named.grant[0].statement,
    )
    key = session.epoch_key(session.organisation, named.epoch)
    with meter.stage("client.opening", part.size) as advance:
        opened = open_part(facts, key, checks, wanted.folder, progress=advance)
    discard(file)
    return OpenedPart(part, opened, tuple(checks.signers))


def _ask(session: Session, wanted: Wanted, part: bytes) -> tuple[ReleaseRequest, Statement, ReleaseAnswer]:
    """Sign and send the release request; a clock that was wrong is corrected by the answer, and the request signed anew."""
    attempts = 2
    while True:
        attempts -= 1
        since = session.audit.pinned
        stamp = Stamp.fresh(session.now(), session.directory.exchange)
        value = ReleaseRequest(stamp, wanted.report, part, wanted.action, wanted.purpose)
        statement = release_request.build(value).signed_by(session.officer.sign)
        body = {"statement": statement.text.decode("ascii"), "audit_size": since.size}
        try:
            answer = session.http.post(f"{REPORTS}/{wanted.report}/parts/{b64u(part)}/release", body)
        except ServerRefusal as refusal:
            if refusal.code != "clock_off" or not attempts:
                raise
            continue
        return value, statement, ReleaseAnswer.read(answer, since)


def _named(session: Session, view: ReportView, part: PartDescriptor, answer: ReleaseAnswer) -> _Named:
    """Find what names us for this part and this very envelope: the header, else a grant; NotNamedError."""
    ours = session.organisation
    candidates = [
        _Named(s.value.epoch, s.value.envelope)
        for s in view.descriptors.recipients
        if s.value.organisation == ours and s.value.part == part.id
    ]
    for stored, proof in zip(view.grants, view.grant_proofs, strict=True):
        candidates += [
            _Named(r.epoch, r.envelope, (stored, proof))
            for r in grants.read(stored.statement).recipients
            if r.organisation == ours and r.part == part.id
        ]
    released = envelope_hash(answer.envelope)
    for candidate in candidates:
        if candidate.envelope == released:
            return candidate
    raise NotNamedError("neither the header nor a grant names us for the envelope that was handed out")


def _manifest(view: ReportView, part: PartDescriptor) -> bytes:
    sealed = view.manifests.get(part.id)
    if sealed is None:
        raise MalformedError("the server sent no manifest of the part")
    return sealed
