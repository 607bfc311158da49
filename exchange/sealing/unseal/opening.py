"""PRIVATE HALF, imported by the client alone: opening a part in nine steps (docs/spec/report.md, "Opening").

 1. The header is of this report, and its signer is an officer of the owner whose key was good by the header's ticket.
 2. The header, or a grant of the owner's, names us for this part: organisation, epoch, key, envelope hash.
 3. The envelope is the one named; the release entry, rebuilt from seed and values, permits this act on this request and
    this envelope, in time, and is included under a tree consistent with our last and signed by both log keys.
 4. The envelope opens with our epoch's key.
 5. The content key gives the commitment that the part's descriptor names, and the ciphertext begins with it.
 6. The pieces give the root that the descriptor names.
 7. The manifest has the hash that the descriptor names, opens, and is in form.
 8. The content decrypts to a file nobody can see yet; true size and zero padding hold; it is made durable and named.
 9. The receipt is signed and kept for sending.

A failure names its step and leaves nothing readable. Steps 1, 3 and 9 and the signers of a grant need directory, logs and
signing key, which this room does not know: the client composes them as `OpeningChecks`.
"""

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

from exchange.sealing import check_pieces, descriptors
from exchange.sealing.content import Progress, manifest_context, no_progress, part_context
from exchange.sealing.descriptor import PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import Descriptors, HeaderLists
from exchange.sealing.envelope import EnvelopePlace, check_hash
from exchange.sealing.errors import ManifestError, NotNamedError, OtherReportError, SealingError
from exchange.sealing.landing import Landing
from exchange.sealing.manifest import Manifest, sealed_hash
from exchange.sealing.pieces import Pieces
from exchange.sealing.unseal.content import check_key, open_content, open_manifest, unwrap_key
from keys.encoding import b64u, parse_uuid
from keys.errors import MalformedError
from keys.seat_open import SealKey
from keys.statement import Statement

HEADER_LABEL: Final = "exchange/report-header/v1"
GRANT_LABEL: Final = "exchange/grant/v1"

T = TypeVar("T")


class OpeningError(SealingError):
    """A step of opening that failed: `step` is its number, `code` that of its cause, which is `__cause__`."""

    def __init__(self, step: int, cause: Exception, code: str) -> None:
        """Take the step's number, the error it met and that error's code."""
        super().__init__(f"step {step}: {cause}")
        self.step = step
        # A class attribute elsewhere in this room: here it is that of whatever stopped the step.
        self.code = code  # type: ignore[misc]


@dataclass(frozen=True)
class ReleaseClaim:
    """What the release entry of step 3 must say; ids and hashes as bytes. `envelope` is that of the envelope in hand."""

    report: bytes
    part: bytes
    action: str
    purpose: str
    request: bytes
    envelope: bytes


@dataclass(frozen=True)
class Released:
    """Where the release entry stands: log number `n`, `index` in that log."""

    n: int
    index: int


class OpeningChecks(Protocol):
    """What the client must bring; each raises an error with a `code` when its check does not hold."""

    def header_signer(self, header: Statement) -> None:
        """Step 1: the signatures verify, a signer is an officer of the owner, and their key was good by the ticket."""

    def grant_signers(self, grant: Statement, owner: str) -> None:
        """Step 2: two officers of the owner signed the grant, with keys good by its ticket."""

    def release(self, claim: ReleaseClaim) -> Released:
        """Step 3: com rebuilt from seed and values says what `claim` says, in time, included, consistent, signed."""

    def receipt(self, claim: ReleaseClaim, released: Released) -> Statement:
        """Step 9: sign the receipt and keep it durably for sending."""


@dataclass(frozen=True)
class OpeningFacts:
    """All that was gathered before opening. Nothing of it is trusted yet.

    `descriptors`: those the server showed us; `grant`: a later grant that names us, or None; `request`: the hash of our
    own release request; `envelope`: 1,168 bytes, its lock off; `manifest`: sealed.
    """

    report: bytes
    part: bytes
    organisation: str
    action: str
    purpose: str
    header: Statement
    descriptors: Descriptors
    request: bytes
    envelope: bytes
    manifest: bytes
    pieces: Pieces
    grant: Statement | None = None


@dataclass(frozen=True)
class Opened:
    """A part that was opened: where its file lies, what its manifest says, the signed receipt, and the entry's place."""

    path: Path = field(repr=False)
    manifest: Manifest
    receipt: Statement
    released: Released


def open_part(
    facts: OpeningFacts,
    key: SealKey,
    checks: OpeningChecks,
    folder: Path,
    *,
    name: str | None = None,
    progress: Progress = no_progress,
) -> Opened:
    """Open one part into an existing folder, in the nine steps above, as `name` or what its manifest says.

    `key` is that of the epoch we are named under. Raises OpeningError with `.step` and `.code`; any other error is that
    of a broken machine. Either way no file of this opening is left.
    """
    owner = _step(1, lambda: _check_header(facts, checks))
    part, named = _step(2, lambda: _find_us(facts, owner, checks))
    claim = ReleaseClaim(facts.report, facts.part, facts.action, facts.purpose, facts.request, named.envelope)
    released = _step(3, lambda: _check_release(facts, claim, checks))
    content_key = _step(4, lambda: _unwrap(facts, owner, part, named, key))
    context = part_context(facts.report, facts.part)
    _step(5, lambda: _check_commitment(facts, part, content_key, context))
    _step(6, lambda: check_pieces.check_root(facts.pieces, part))
    manifest = _step(7, lambda: _open_manifest(facts, part, content_key))
    target = folder / (name or manifest.file_name)
    path = _step(8, lambda: _decrypt(facts, manifest, content_key, context, target, progress))
    try:
        receipt = _step(9, lambda: checks.receipt(claim, released))
    except BaseException:
        # Without a receipt kept for sending the owner would not learn of this opening: it did not happen then.
        with suppress(OSError):
            path.unlink()
        raise
    return Opened(path, manifest, receipt, released)


def _check_header(facts: OpeningFacts, checks: OpeningChecks) -> str:
    """Step 1; return the owner."""
    body = facts.header.body
    if facts.header.typ != HEADER_LABEL or parse_uuid(body.get("report")) != facts.report:
        raise OtherReportError("the header is of another report")
    owner = body.get("owner")
    if not isinstance(owner, str):
        raise OtherReportError("the header names no owner")
    checks.header_signer(facts.header)
    return owner


def _find_us(facts: OpeningFacts, owner: str, checks: OpeningChecks) -> tuple[PartDescriptor, RecipientDescriptor]:
    """Step 2; return the part's descriptor and what names us for it."""
    descriptors.check_shown(HeaderLists.from_header(facts.header.body), facts.descriptors)
    part = facts.descriptors.part(facts.part)
    if part is None:
        raise OtherReportError("no descriptor of this part was shown")
    if facts.grant is None:
        named = [s.value for s in facts.descriptors.recipients]
    else:
        named = _granted(facts, facts.grant)
        checks.grant_signers(facts.grant, owner)
    ours = [r for r in named if r.organisation == facts.organisation and r.part == facts.part]
    if len(ours) != 1:
        raise NotNamedError("neither the header nor a grant names us for this part, or it does so twice")
    return part, ours[0]


def _granted(facts: OpeningFacts, grant: Statement) -> list[RecipientDescriptor]:
    """Return the recipients a grant names: it must be of this report and of this very header."""
    body = grant.body
    header = b64u(facts.header.hash)
    if grant.typ != GRANT_LABEL or parse_uuid(body.get("report")) != facts.report or body.get("header") != header:
        raise OtherReportError("the grant is of another report or header")
    listed = body.get("recipients")
    if not isinstance(listed, list):
        raise MalformedError("the grant names no recipients")
    return [RecipientDescriptor.from_json(item) for item in listed]


def _check_release(facts: OpeningFacts, claim: ReleaseClaim, checks: OpeningChecks) -> Released:
    """Step 3; return where the entry stands."""
    check_hash(facts.envelope, claim.envelope)
    return checks.release(claim)


def _unwrap(
    facts: OpeningFacts, owner: str, part: PartDescriptor, named: RecipientDescriptor, key: SealKey
) -> bytes:
    """Step 4; return the content key."""
    place = EnvelopePlace(
        facts.report, owner, part.commitment, part.id, named.organisation, named.epoch, named.key
    )
    return unwrap_key(facts.envelope, place, key)


def _check_commitment(facts: OpeningFacts, part: PartDescriptor, content_key: bytes, context: bytes) -> None:
    """Step 5."""
    check_pieces.check_commitment(facts.pieces, part)
    check_key(content_key, context, facts.pieces, part.commitment)


def _open_manifest(facts: OpeningFacts, part: PartDescriptor, content_key: bytes) -> Manifest:
    """Step 7; return the manifest."""
    if not hmac.compare_digest(sealed_hash(facts.manifest), part.manifest):
        raise ManifestError("the manifest is not the one its descriptor names")
    return open_manifest(facts.manifest, content_key, manifest_context(facts.report, facts.part))


def _decrypt(
    facts: OpeningFacts, manifest: Manifest, content_key: bytes, context: bytes, target: Path, progress: Progress
) -> Path:
    """Step 8; return where the file lies."""
    with Landing(target.parent, target.name) as landing:
        open_content(facts.pieces, manifest.size, content_key, context, landing.write, progress)
        return landing.land()


def _step(number: int, check: Callable[[], T]) -> T:
    """Run one step; an error that has a code becomes an OpeningError of this step, anything else goes through."""
    try:
        return check()
    except Exception as error:
        code = getattr(error, "code", None)
        if not isinstance(code, str):
            raise
        raise OpeningError(number, error, code) from error
