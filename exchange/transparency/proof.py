"""Proofs as they travel: JSON for answers of the server, C2SP tlog-proof for files (https://c2sp.org/tlog-proof)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.errors import LogFormatError, ProofError
from exchange.transparency.evaluate import Evaluation, evaluate
from exchange.transparency.merkle import HASH_BYTES, HashReader, TreeHead
from exchange.transparency.note import b64, number, unb64
from exchange.transparency.paths import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from exchange.transparency.policy import Policy
from keys.encoding import MAX_INTEGER, b64u, unb64u
from keys.errors import MalformedError

HEADER: Final = "c2sp.org/tlog-proof@v1"
# A tree of fewer than 2^63 leaves has no longer path, and no consistency proof more than twice as long.
MAX_INCLUSION: Final = 63
MAX_CONSISTENCY: Final = 126
MAX_EXTRA_BYTES: Final = 65_535
MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class InclusionProof:
    """That a leaf stands at `index` of a tree of `size`."""

    index: int
    size: int
    hashes: tuple[bytes, ...]

    @classmethod
    def make(cls, reader: HashReader, index: int, size: int) -> "InclusionProof":
        """Return the proof from a tree's nodes; LogRangeError when the tree has no such leaf."""
        return cls(index, size, tuple(inclusion_proof(reader, index, size)))

    def verify(self, leaf: bytes, root: bytes) -> None:
        """Check it for a leaf's hash and the root of size `self.size`; ProofError when it fails."""
        verify_inclusion(leaf, self.index, self.size, self.hashes, root)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object: index, size, hashes (base64url)."""
        return {"index": self.index, "size": self.size, "hashes": [b64u(value) for value in self.hashes]}

    @classmethod
    def from_json(cls, value: object) -> "InclusionProof":
        """Return the proof of exactly such an object; LogFormatError otherwise."""
        fields = _fields(value, {"index", "size", "hashes"})
        return cls(_integer(fields["index"]), _integer(fields["size"]), _hashes(fields["hashes"], MAX_INCLUSION))


@dataclass(frozen=True)
class ConsistencyProof:
    """That the tree of size `new` extends the tree of size `old`."""

    old: int
    new: int
    hashes: tuple[bytes, ...]

    @classmethod
    def make(cls, reader: HashReader, old: int, new: int) -> "ConsistencyProof":
        """Return the proof from a tree's nodes; LogRangeError unless 0 < old <= new."""
        return cls(old, new, tuple(consistency_proof(reader, old, new)))

    def verify(self, old_root: bytes, new_root: bytes) -> None:
        """Check it for the two roots; ProofError when it fails."""
        verify_consistency(self.old, old_root, self.new, new_root, self.hashes)

    def verify_heads(self, old: TreeHead, new: TreeHead) -> None:
        """As `verify`, and the sizes must be those of the heads."""
        if (self.old, self.new) != (old.size, new.size):
            raise ProofError(f"a proof from size {self.old} to {self.new} where {old.size} to {new.size} is due")
        self.verify(old.root, new.root)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object: old, new, hashes (base64url)."""
        return {"old": self.old, "new": self.new, "hashes": [b64u(value) for value in self.hashes]}

    @classmethod
    def from_json(cls, value: object) -> "ConsistencyProof":
        """Return the proof of exactly such an object; LogFormatError otherwise."""
        fields = _fields(value, {"old", "new", "hashes"})
        return cls(_integer(fields["old"]), _integer(fields["new"]), _hashes(fields["hashes"], MAX_CONSISTENCY))


@dataclass(frozen=True)
class TlogProof:
    """A `.tlog-proof` file: an index, its inclusion proof, the signed checkpoint, and extra data that nothing covers."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return the file's one spelling; LogFormatError when a part is not one."""
        checkpoint, _note = parse_signed(self.checkpoint)
        if not 0 <= self.index < checkpoint.size or len(self.hashes) > MAX_INCLUSION:
            raise LogFormatError(f"no proof of leaf {self.index} in a log of size {checkpoint.size}")
        lines = [HEADER]
        if self.extra is not None:
            if len(self.extra) > MAX_EXTRA_BYTES:
                raise LogFormatError(f"extra data over {MAX_EXTRA_BYTES} bytes")
            lines.append(f"extra {b64(self.extra)}")
        lines += [f"index {self.index}", *(b64(value) for value in self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    def verify(self, policy: Policy, leaf: bytes) -> Evaluation:
        """Check the checkpoint under the policy, then that the leaf with this hash stands at `index` of it.

        Raises what `evaluate` raises, and ProofError.
        """
        evaluation = evaluate(policy, self.checkpoint)
        head = evaluation.checkpoint.head
        verify_inclusion(leaf, self.index, head.size, self.hashes, head.root)
        return evaluation


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Return the proof of a `.tlog-proof` file; LogFormatError for another spelling. Nothing is verified yet."""
    if len(data) > MAX_BYTES:
        raise LogFormatError(f"a proof over {MAX_BYTES} bytes")
    top, gap, checkpoint = data.partition(b"\n\n")
    try:
        lines = top.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise LogFormatError("a proof that is not text") from error
    if not gap or lines[0] != HEADER:
        raise LogFormatError("not a proof of the one known version")
    rest = lines[1:]
    extra = unb64(rest.pop(0).removeprefix("extra ")) if rest and rest[0].startswith("extra ") else None
    if not rest or not rest[0].startswith("index "):
        raise LogFormatError("a proof without an index")
    index = number(rest[0].removeprefix("index "))
    proof = TlogProof(index, tuple(unb64(line, HASH_BYTES) for line in rest[1:]), checkpoint, extra)
    if proof.to_bytes() != data:
        raise LogFormatError("not the one spelling of a proof")
    return proof


def _fields(value: object, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names:
        raise LogFormatError(f"not an object of {', '.join(sorted(names))}")
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
        raise LogFormatError("an index or size that is not an integer from 0 to 2^53-1")
    return value


def _hashes(value: object, most: int) -> tuple[bytes, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) > most:
        raise LogFormatError(f"not a list of at most {most} hashes")
    try:
        return tuple(unb64u(item, HASH_BYTES) for item in value)
    except MalformedError as error:
        raise LogFormatError("a proof with a hash that is not one") from error
