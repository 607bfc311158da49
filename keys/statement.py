"""Signed statements: one payload, one line per signer, and one hash that does not depend on who signed so far.

Text: base64url(payload), newline, then for each signer `header..signature` (RFC 7515 appendix F, detached JWS) and a
newline, sorted by kid, none twice, at most 65,535 bytes in all (docs/spec/statements.md). This module knows the form
alone; what a label's payload must hold stands with that label.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from keys.encoding import MAX_BYTES, b64u, canonical, lp, parse_object, unb64u
from keys.errors import BadSignatureError, MalformedError, UnknownVersionError
from keys.signing import SigningKey, verify
from keys.suite import KEY_ID_BYTES, USE_SIGN, key_id

SIGNATURE_BYTES: Final = 64

_HASH_LABEL: Final = b"exchange/statement/v1\0"
_LABEL: Final = re.compile(r"exchange/[a-z]+(?:[.-][a-z]+)*/v[1-9][0-9]{0,3}", re.ASCII)
_MAX_LABEL: Final = 120


@dataclass(frozen=True)
class Signature:
    """One signer's line: the key id (32 bytes) and the signature (64 bytes)."""

    kid: bytes
    value: bytes

    def __post_init__(self) -> None:
        """Refuse other lengths: MalformedError."""
        if len(self.kid) != KEY_ID_BYTES or len(self.value) != SIGNATURE_BYTES:
            raise MalformedError("a signer's key id or signature has another length")


@dataclass(frozen=True, repr=False)
class Statement:
    """A payload under a label, and who signed it so far, sorted by key id, none twice.

    The constructor holds the label and the order of signers to their form (MalformedError); it does not parse the
    payload, which `new` and `parse` do.
    """

    typ: str
    payload: bytes
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        """Hold the label and the order of signers to their form: MalformedError."""
        if len(self.typ) > _MAX_LABEL or not _LABEL.fullmatch(self.typ):
            raise MalformedError("not a label of the exchange")
        if any(not a.kid < b.kid for a, b in pairwise(self.signatures)):
            raise MalformedError("signers are not sorted by key id, each once")

    @property
    def hash(self) -> bytes:
        """The statement's hash everywhere: SHA-256(label || lp(typ) || payload); signers do not enter it."""
        return hashlib.sha256(_HASH_LABEL + lp(self.typ.encode("ascii")) + self.payload).digest()

    @property
    def body(self) -> dict[str, Any]:
        """The payload as JSON values; a new copy each time."""
        return parse_object(self.payload)

    @property
    def text(self) -> bytes:
        """The statement's one spelling; MalformedError when it is unsigned or over 65,535 bytes."""
        if not self.signatures:
            raise MalformedError("a statement has no signature")
        lines = [b64u(self.payload)]
        lines += [f"{b64u(_header(self.typ, s.kid))}..{b64u(s.value)}" for s in self.signatures]
        data = ("\n".join(lines) + "\n").encode("ascii")
        if len(data) > MAX_BYTES:
            raise MalformedError("a statement is over 65,535 bytes")
        return data

    @property
    def kids(self) -> frozenset[bytes]:
        """The key ids of all signers (whether or not their signatures were checked)."""
        return frozenset(s.kid for s in self.signatures)

    def signed_by(self, key: SigningKey) -> "Statement":
        """Return this statement with `key`'s signature added; the same statement if it has one already."""
        if key.key_id in self.kids:
            return self
        value = key.sign(_signing_input(self.typ, key.key_id, self.payload))
        return self.with_signature(Signature(key.key_id, value))

    def with_signature(self, signature: Signature) -> "Statement":
        """Return this statement with one more signer's line; MalformedError if that signer has one already."""
        if signature.kid in self.kids:
            raise MalformedError("a signer signed twice")
        merged = tuple(sorted((*self.signatures, signature), key=lambda s: s.kid))
        return Statement(self.typ, self.payload, merged)

    def check_signatures(self, public_of: Callable[[bytes], bytes | None]) -> frozenset[bytes]:
        """Verify every signature and return the signers' key ids, at least one.

        `public_of` gives the 32 public bytes of a key id, or None where it is unknown. Any unknown signer or bad
        signature fails the whole statement (BadSignatureError), and so does having none: a statement is right in all
        its lines or not at all. BadKeyError where the bytes given are no acceptable key.
        """
        if not self.signatures:
            raise BadSignatureError("a statement has no signature")
        for signature in self.signatures:
            public = public_of(signature.kid)
            if public is None or key_id(USE_SIGN, public) != signature.kid:
                raise BadSignatureError("a statement is signed by an unknown key")
            verify(public, signature.value, _signing_input(self.typ, signature.kid, self.payload))
        return self.kids

    def __repr__(self) -> str:
        return f"<Statement {self.typ} {self.hash.hex()[:16]}, {len(self.signatures)} signed>"


def new(typ: str, body: dict[str, Any]) -> Statement:
    """Return an unsigned statement of label `typ` over the canonical JSON of `body`; MalformedError if it has none."""
    return Statement(typ, canonical(body))


def parse(text: bytes, typ: str | None = None) -> Statement:
    """Parse a statement's one spelling; MalformedError for anything else, or for another label than `typ`.

    The same name in another version is an UnknownVersionError. Signatures are not verified here: see
    `Statement.check_signatures`.
    """
    if len(text) > MAX_BYTES or not text.isascii() or not text.endswith(b"\n"):
        raise MalformedError("not a statement")
    first, *lines = text[:-1].decode("ascii").split("\n")
    if not lines:
        raise MalformedError("a statement has no signature")
    payload = unb64u(first)
    parse_object(payload)
    label: str | None = None
    signatures: list[Signature] = []
    for line in lines:
        header, separator, value = line.partition("..")
        if not separator:
            raise MalformedError("a signer's line is not header..signature")
        found, kid = _parse_header(unb64u(header))
        if label is not None and found != label:
            raise MalformedError("signers signed under different labels")
        label = found
        signatures.append(Signature(kid, unb64u(value, SIGNATURE_BYTES)))
    statement = Statement(str(label), payload, tuple(signatures))
    if typ is not None:
        _expect(statement.typ, typ)
    return statement


def _expect(found: str, due: str) -> None:
    if found == due:
        return
    if found.rpartition("/")[0] == due.rpartition("/")[0]:
        raise UnknownVersionError(f"unknown version '{found}'")
    raise MalformedError(f"a statement is '{found}' where '{due}' is due")


def _header(typ: str, kid: bytes) -> bytes:
    return canonical({"alg": "Ed25519", "kid": b64u(kid), "typ": typ})


def _parse_header(data: bytes) -> tuple[str, bytes]:
    header = parse_object(data)
    if set(header) != {"alg", "kid", "typ"} or header["alg"] != "Ed25519" or not isinstance(header["typ"], str):
        raise MalformedError("a signer's header is not alg, kid and typ")
    return header["typ"], unb64u(header["kid"], KEY_ID_BYTES)


def _signing_input(typ: str, kid: bytes, payload: bytes) -> bytes:
    return f"{b64u(_header(typ, kid))}.{b64u(payload)}".encode("ascii")
