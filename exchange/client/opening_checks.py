"""What the client brings to the nine steps of opening: directory, tickets, the release entry, and the receipt."""

from dataclasses import dataclass, field

from exchange.client import receipts
from exchange.client.release_check import ReleaseAnswer, check_release
from exchange.client.report_view import ReportView, check_header
from exchange.client.session import Session
from exchange.client.tickets import Proof, Stored, prove
from exchange.sealing.unseal.opening import ReleaseClaim, Released
from exchange.statements import grant as grants
from exchange.statements.release_request import ReleaseRequest
from exchange.statements.signers import Signer
from keys.statement import Statement


@dataclass
class Checks:
    """The `OpeningChecks` of one part; `signers` are those of header and grant once they were verified."""

    session: Session
    view: ReportView
    request: ReleaseRequest
    answer: ReleaseAnswer
    grant: tuple[Stored, Proof | None] | None = None
    signers: list[Signer] = field(default_factory=list)

    def header_signer(self, header: Statement) -> None:
        """Step 1."""
        self.signers += check_header(self.session, self.view)
        seen = self.view.header.directory
        self.session.check_seen(seen.size, seen.root)

    def grant_signers(self, grant: Statement, owner: str) -> None:
        """Step 2, where a later grant names us."""
        stored, proof = self.grant or (None, None)
        if stored is None or stored.statement != grant:
            raise ValueError("the grant of another opening")
        # The header's head is pinned by now. One of the same answer but of another history would be held to nothing.
        if proof is not None and proof.head != self.view.proof.head:
            proof = None
        book = prove(self.session, stored, proof)
        self.signers += grants.verify(grants.read(grant), grant, book, self.view.stored.statement.hash, owner)

    def release(self, claim: ReleaseClaim) -> Released:
        """Step 3."""
        return check_release(self.session, self.answer, claim, self.request, self.view.header.owner)

    def receipt(self, claim: ReleaseClaim, released: Released) -> Statement:
        """Step 9."""
        return receipts.keep(self.session, self.view.report, claim, released)
