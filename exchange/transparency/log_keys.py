"""The two keys of a log: Ed25519 (0x01) and ML-DSA-44 (0x06), both named as its origin.

Every checkpoint carries both lines, Ed25519 first, and readers of this project want both. The private half lives in
custody; nothing here writes or shows a seed.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from exchange.transparency.checkpoint import Checkpoint, make_checkpoint, parse_signed
from exchange.transparency.cosignature import MAX_TIME, Cosigned, message, verify
from exchange.transparency.errors import LogFormatError, SignatureError, UnknownLogError
from exchange.transparency.note import Note, NoteSignature
from exchange.transparency.vkey import KeyType, Vkey, make_vkey, parse_vkey
from keys.signing import SigningKey

SEED_BYTES: Final = 32


@dataclass(frozen=True)
class SignedHead:
    """A checkpoint that both of its log's keys signed, and when the log says it did (its 0x06 line; seconds)."""

    checkpoint: Checkpoint
    time: int


@dataclass(frozen=True)
class LogPublicKeys:
    """The public halves, both named as the origin; UnknownLogError when they are not that."""

    ed25519: Vkey
    mldsa44: Vkey

    def __post_init__(self) -> None:
        """Check kinds and names, so that no other pair can exist."""
        kinds = (self.ed25519.type, self.mldsa44.type)
        if kinds != (KeyType.ED25519, KeyType.MLDSA44) or self.ed25519.name != self.mldsa44.name:
            raise UnknownLogError("not an Ed25519 and an ML-DSA-44 key of one log")

    @classmethod
    def parse(cls, ed25519: str, mldsa44: str) -> "LogPublicKeys":
        """Return the keys that two vkeys spell; LogFormatError or UnknownLogError otherwise."""
        return cls(parse_vkey(ed25519), parse_vkey(mldsa44))

    @property
    def origin(self) -> str:
        """The origin of the log, which is the name of both keys."""
        return self.ed25519.name

    def verify(self, data: bytes) -> SignedHead:
        """Return what a signed checkpoint says once both lines verify; other lines are not looked at.

        Raises LogFormatError, UnknownLogError (another origin) or SignatureError (missing or not verifying).
        """
        checkpoint, note = parse_signed(data)
        if checkpoint.origin != self.origin:
            raise UnknownLogError(f"a checkpoint of another log than '{self.origin}'")
        verify_claimed(self.ed25519, checkpoint, note)
        own = verify_claimed(self.mldsa44, checkpoint, note)
        return SignedHead(checkpoint, own.time or 0)


def verify_claimed(vkey: Vkey, checkpoint: Checkpoint, note: Note) -> Cosigned:
    """Return the one signature in the note that `vkey` claims, verified; SignatureError for none, two or a bad one."""
    claimed = [signature for signature in note.signatures if vkey.claims(signature)]
    if len(claimed) != 1:
        raise SignatureError(f"{len(claimed)} signatures by '{vkey.name}' (type {vkey.type:#04x}) where one is due")
    return verify(vkey, checkpoint, claimed[0])


class LogKeys:
    """The private halves of a log's keys, from two 32-byte seeds; its repr shows the origin alone."""

    def __init__(self, origin: str, ed25519_seed: bytes, mldsa44_seed: bytes) -> None:
        """Take the origin and the seeds (ML-DSA: xi of FIPS 204); LogFormatError for another length or name."""
        if len(ed25519_seed) != SEED_BYTES or len(mldsa44_seed) != SEED_BYTES:
            raise LogFormatError(f"the seed of a log key has {SEED_BYTES} bytes")
        self._ed25519 = SigningKey(ed25519_seed)
        self._mldsa44 = MLDSA44PrivateKey.from_seed_bytes(mldsa44_seed)
        self.public = LogPublicKeys(
            make_vkey(origin, KeyType.ED25519, self._ed25519.public),
            make_vkey(origin, KeyType.MLDSA44, self._mldsa44.public_key().public_bytes_raw()),
        )

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.public.origin

    def sign_checkpoint(self, size: int, root: bytes, now: int) -> bytes:
        """Return the whole signed checkpoint of (size, root), as of `now` (seconds since 1970, above 0).

        Whoever calls this has checked that the tree extends everything signed before: `sequencer` alone does.
        """
        if not 0 < now <= MAX_TIME:
            raise LogFormatError("a checkpoint is signed at a time after 1970")
        checkpoint = make_checkpoint(self.origin, size, root)
        ed25519, mldsa44 = self.public.ed25519, self.public.mldsa44
        plain = self._ed25519.sign(message(ed25519.type, self.origin, now, checkpoint))
        timed = self._mldsa44.sign(message(mldsa44.type, self.origin, now, checkpoint))
        lines = (
            NoteSignature(self.origin, ed25519.key_id, plain),
            NoteSignature(self.origin, mldsa44.key_id, now.to_bytes(8, "big") + timed),
        )
        return Note(checkpoint.text, lines).to_bytes()

    def __repr__(self) -> str:
        return f"<LogKeys {self.origin}>"
