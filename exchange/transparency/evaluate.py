"""What a signed checkpoint is worth under a policy.

Readers of this project want both signatures of the log (Ed25519 and ML-DSA-44) and the policy's quorum. A quorum that the
log's own keys could meet makes a checkpoint "unwitnessed", never "verified": nobody else has seen this history.
"""

import enum
from dataclasses import dataclass

from exchange.transparency.checkpoint import Checkpoint, parse_signed
from exchange.transparency.cosignature import Cosigned, verify
from exchange.transparency.errors import QuorumError, SignatureError
from exchange.transparency.log_keys import verify_claimed
from exchange.transparency.policy import NONE, Policy


class Standing(enum.StrEnum):
    """How far a checkpoint that passed can be relied on."""

    VERIFIED = "verified"
    UNWITNESSED = "unwitnessed"


@dataclass(frozen=True)
class Evaluation:
    """A checkpoint that meets its policy. Times are seconds since 1970.

    `log_time`: the log's own 0x06 line. `quorum_time`: when the quorum was first met, None with `quorum none`.
    `time`: the logged time of its leaves at the latest: the quorum's when others took part, else the log's own.
    """

    checkpoint: Checkpoint
    standing: Standing
    log_time: int
    quorum_time: int | None
    cosigned: tuple[Cosigned, ...]

    @property
    def time(self) -> int:
        """The time that counts for statements of the log (formats: the logged time of a leaf)."""
        if self.standing is Standing.VERIFIED and self.quorum_time is not None:
            return self.quorum_time
        return self.log_time


def evaluate(policy: Policy, data: bytes) -> Evaluation:
    """Judge a signed checkpoint.

    Raises LogFormatError (not one), UnknownLogError (no keys for its origin), SignatureError (a log signature missing, or
    a signature by any key of the policy that does not verify), QuorumError.
    """
    # 1. It is a checkpoint, of a log the policy knows both keys of.
    checkpoint, note = parse_signed(data)
    keys = policy.log_keys(checkpoint.origin)
    # 2. The log signed it with Ed25519.
    plain = verify_claimed(keys.ed25519, checkpoint, note)
    # 3. The log signed it with ML-DSA-44, and says when.
    own = verify_claimed(keys.mldsa44, checkpoint, note)
    if own.time is None:
        raise SignatureError("the log does not say when it signed")
    # 4. Every other signature by a key of the policy verifies; those by unknown keys say nothing.
    times: dict[str, int] = {}
    cosigned = []
    for witness in policy.witnesses:
        found = [verify(witness.vkey, checkpoint, line) for line in note.signatures if witness.vkey.claims(line)]
        cosigned += found
        known = [item.time for item in found if item.time is not None]
        if known:
            times[witness.name] = min(known)
    # 5. Enough of them cosigned.
    quorum_time = policy.quorum_time(times)
    if quorum_time is None and policy.quorum != NONE:
        raise QuorumError("too few of those the policy asks for have cosigned the checkpoint")
    # 6. Say what that is worth.
    standing = Standing.UNWITNESSED if policy.own_keys_suffice() else Standing.VERIFIED
    return Evaluation(checkpoint, standing, own.time, quorum_time, (plain, *cosigned))
