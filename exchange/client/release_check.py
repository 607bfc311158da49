"""Step 3 of opening: the release entry, rebuilt from what the server handed out, and proven to stand in the log.

Nothing leaves the lock without its entry (promise P5); this is where a reader's machine holds the server to that. Pure but
for the pin: the checkpoint that proves the entry becomes the newest this home has seen.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from exchange.client.report_errors import ReleaseNotProvenError
from exchange.client.session import Session
from exchange.client.tickets import Proof
from exchange.ledger.entry import Entry
from exchange.ledger.errors import LedgerError
from exchange.ledger.leaf import EntryLeaf
from exchange.ledger.vocabulary import RELEASE_PERMIT
from exchange.sealing.unseal.opening import ReleaseClaim, Released
from exchange.statements.release_request import ReleaseRequest
from exchange.transparency.merkle import TreeHead
from keys import fields
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.merkle_head import leaf_hash

# How far the entry may lie from our own clock, each way; its own time is the minute it was made in.
TOLERANCE: Final = timedelta(minutes=5)
MINUTE: Final = timedelta(minutes=1)

_ANSWER: Final[fields.Schema] = {
    "act": fields.anything,
    "checkpoint": fields.anything,
    "consistency": fields.list_of(fields.HASH, most=128),
    "envelope": fields.b64u_of(1_168),
    "inclusion": fields.list_of(fields.HASH, most=64),
    "index": fields.integer(0),
    "n": fields.integer(1),
    "seed": fields.HASH,
    "size": fields.integer(1),
    "time": fields.time,
    "values": fields.list_of(fields.anything, least=16, most=16),
    "vw": fields.HASH,
}


@dataclass(frozen=True)
class ReleaseAnswer:
    """What the server answered to a release request, in form and not believed yet. `envelope`: 1,168 bytes."""

    n: int
    index: int
    time: datetime
    vw: bytes
    seed: bytes
    values: tuple[Any, ...]
    envelope: bytes
    proof: Proof

    @classmethod
    def read(cls, value: Any, since: TreeHead) -> "ReleaseAnswer":
        """Read an answer to a request made when `since` was pinned; MalformedError for one that is not in form.

        Members that this build does not know are passed over: they are not relied on.
        """
        known = {name: value[name] for name in _ANSWER if name in value} if isinstance(value, dict) else value
        body = fields.check(known, _ANSWER)
        proof = {name: body[name] for name in ("checkpoint", "consistency", "inclusion")}
        return cls(
            body["n"],
            body["index"],
            parse_time(body["time"]),
            unb64u(body["vw"]),
            unb64u(body["seed"]),
            tuple(body["values"]),
            unb64u(body["envelope"]),
            Proof(proof, since),
        )


def check_release(
    session: Session, answer: ReleaseAnswer, claim: ReleaseClaim, request: ReleaseRequest, owner: str
) -> Released:
    """Return where the release entry stands, once all of this holds (ReleaseNotProvenError names what does not):

    1. Seed and values are an entry of this build's vocabulary: a permit.
    2. It says report, part, action, purpose, the hash of *our* request and of *this* envelope.
    3. It names us, our body, the report's owner, and the time and nonce inside our request.
    4. Its minute is within five minutes of our clock.
    5. Its leaf, of audit/n as `root` names it, stands at its index of a checkpoint that both log keys signed and that
       continues the log this home has seen (ProofError, AuditForkedError, AuditOlderError, errors of transparency).
    """
    try:
        entry = Entry(answer.seed, answer.values)
    except LedgerError as error:
        raise ReleaseNotProvenError(f"not an entry: {error}", field="entry") from error
    expected = {
        "act": RELEASE_PERMIT,
        "report": request.report,
        "part": b64u(claim.part),
        "action": claim.action,
        "purpose": claim.purpose,
        "request": b64u(claim.request),
        "envelope": b64u(claim.envelope),
        "actor": b64u(session.officer.id),
        "body": session.organisation,
        "owner": owner,
        "asked": format_time(request.stamp.time),
        "nonce": b64u(request.stamp.nonce),
    }
    for name, value in expected.items():
        if entry.fields.get(name) != value:
            raise ReleaseNotProvenError(f"the entry says something else in '{name}'", field=name)
    _check_time(answer.time, session.now())
    if answer.n != session.directory.root.logs["audit"].n:
        raise ReleaseNotProvenError("the entry is of another log", field="n")
    leaf = EntryLeaf(int(answer.time.timestamp()), entry.com, answer.vw)
    answer.proof.check(session, leaf_hash(leaf.data), answer.index)
    return Released(answer.n, answer.index)


def _check_time(entered: datetime, now: datetime) -> None:
    """The entry's minute must overlap five minutes around our clock."""
    if entered.astimezone(UTC).second or not entered - TOLERANCE <= now <= entered + MINUTE + TOLERANCE:
        raise ReleaseNotProvenError("the entry's time is not near this machine's", field="time")
