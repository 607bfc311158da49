"""What a server's answer says about a log: a signed checkpoint, and proofs for it."""

from dataclasses import dataclass
from typing import Any

from exchange.transparency.proof import ConsistencyProof, InclusionProof
from keys.encoding import b64u


@dataclass(frozen=True)
class SignedNote:
    """A signed checkpoint: the note's bytes, the size it is for, when the log says it signed it (seconds since 1970)."""

    note: bytes
    size: int
    time: int

    @property
    def text(self) -> str:
        """The note as text, for JSON."""
        return self.note.decode("utf-8")


@dataclass(frozen=True)
class LogProof:
    """A checkpoint with the inclusion of one leaf in it, or none, and its consistency with an earlier size, or none."""

    signed: SignedNote
    inclusion: InclusionProof | None
    consistency: ConsistencyProof | None

    def to_json(self) -> dict[str, Any]:
        """Return {checkpoint, size, inclusion, consistency}; a proof that was not asked for is the empty list."""
        inclusion = self.inclusion.hashes if self.inclusion is not None else ()
        consistency = self.consistency.hashes if self.consistency is not None else ()
        return {
            "checkpoint": self.signed.text,
            "size": self.signed.size,
            "inclusion": [b64u(value) for value in inclusion],
            "consistency": [b64u(value) for value in consistency],
        }
