"""Proposals: statements on their way from signer to signer, as a file that is a submission not fully signed yet.

Whoever signs sees first what it says, and it is checked as far as this home can: against the verified directory where the
officer is a member, else against their own keys alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from exchange.client.errors import NothingToSignError
from keys.directory_authority import AuthorityAdd
from keys.directory_bodies import FocalPoints, OrganisationAdd
from keys.directory_kinds import Kind, read_kind
from keys.directory_officers import OfficerEnrol
from keys.directory_root import Root
from keys.directory_submission import Submission, check_beside
from keys.identity import Officer
from keys.replay import PublicOf, with_statements
from keys.replay_directory import Directory
from keys.replay_errors import SignersMissingError
from keys.statement import Statement


@dataclass(frozen=True)
class Signers:
    """Whose signatures a statement may carry, and how many are missing as far as this home can tell."""

    permitted: frozenset[bytes]
    missing: int


def read_proposal(data: bytes) -> Submission:
    """Return the proposal of a file; MalformedError."""
    return Submission.from_json(data.strip())


def write_proposal(proposal: Submission) -> bytes:
    """Return a proposal's file."""
    return proposal.to_json() + b"\n"


def joined(earlier: Submission, later: Submission) -> Submission:
    """Return one proposal of both, in this order, so that whoever signs several acts signs them in one go."""
    return replace(
        later,
        statements=(*earlier.statements, *later.statements),
        keys={**earlier.keys, **later.keys},
        seats=(*earlier.seats, *later.seats),
        mandates=(*earlier.mandates, *later.mandates),
        profiles=(*earlier.profiles, *later.profiles),
    )


def signers(statement: Statement, kind: Kind, directory: Directory | None) -> Signers:
    """Return who signs a statement (docs/spec/directory.md, section 3).

    Without a directory only the keys a statement itself names are known; then nothing more is counted as missing.
    """
    founders = frozenset(f.sign for f in directory.founders) if directory is not None else frozenset[bytes]()
    quorum = directory.quorum if directory is not None else 0
    signed = statement.kids
    if isinstance(kind, Root):
        all_founders = frozenset(founder.sign for founder in kind.founders)
        return Signers(all_founders, len(all_founders - signed))
    if isinstance(kind, OrganisationAdd):
        named = frozenset(officer.sign for officer in kind.focal_points)
        missing = len(named - signed) + max(0, quorum - len((founders) & signed))
        # A founder who is a first focal point fills both places with one signature.
        overlap = len((named & founders) - signed)
        return Signers(named | founders, max(len(named - signed), missing - overlap))
    if isinstance(kind, AuthorityAdd):
        return Signers(founders, max(0, quorum - len(founders & signed)))
    body = kind.organisation
    points = (
        frozenset(officer.sign for officer in directory.focal_points(body))
        if directory is not None and directory.has_organisation(body)
        else frozenset[bytes]()
    )
    due = 2 if isinstance(kind, FocalPoints) else 1
    missing = max(0, due - len(points & signed)) if points else 0
    if isinstance(kind, OfficerEnrol):
        new = kind.officer.sign
        return Signers(points | {new}, missing + (new not in signed))
    return Signers(points, missing)


def cosign(proposal: Submission, officer: Officer, directory: Directory | None) -> tuple[Submission, list[Kind]]:
    """Return the proposal with this officer's signature on every statement that asks for it, and those statements.

    NothingToSignError when none does, or all have it already.
    """
    statements, signed = [], []
    for statement in proposal.statements:
        kind = read_kind(statement)
        if officer.sign.key_id in signers(statement, kind, directory).permitted - statement.kids:
            statement = statement.signed_by(officer.sign)
            signed.append(kind)
        statements.append(statement)
    if not signed:
        raise NothingToSignError("no statement of the proposal asks for this signature")
    return replace(proposal, statements=tuple(statements)), signed


def missing(proposal: Submission, directory: Directory | None) -> int:
    """Return how many signatures are missing, as far as this home can tell."""
    return sum(signers(s, read_kind(s), directory).missing for s in proposal.statements)


def check_proposal(
    proposal: Submission, directory: Directory | None, now: datetime, known: PublicOf, *, complete: bool
) -> None:
    """Check a proposal as the server will: every rule, every signature so far, and what lies beside.

    `directory` None is for a founding. Without `complete`, missing signatures are no error, and then what lies beside is
    left to the server. Raises the errors of `keys.replay` and `keys.directory_submission`.
    """

    def public_of(kid: bytes) -> bytes | None:
        return proposal.keys.get(kid) or known(kid)

    # The server's clock may be a little ahead of ours, and logged times never go back.
    last = directory.last_logged if directory is not None else None
    try:
        after = with_statements(directory, proposal.statements, max(now, last or now), public_of)
    except SignersMissingError:
        if complete:
            raise
        return
    check_beside(after, proposal, known)

