"""Signed statements: one text, one hash whoever signed, and a second implementation that verifies the signatures."""

import hashlib
import json

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from keys.encoding import b64u, canonical, unb64u
from keys.errors import BadKeyError, BadSignatureError, MalformedError, UnknownVersionError
from keys.signing import SigningKey
from keys.statement import Signature, Statement, new, parse

LABEL = "exchange/stop/v1"
KEYS = sorted((SigningKey(bytes([n]) * 32) for n in range(1, 4)), key=lambda key: key.key_id)
PUBLIC = {key.key_id: key.public for key in KEYS}
BODY = {"report": "x", "note": "é"}
SIGNED = new(LABEL, BODY).signed_by(KEYS[2]).signed_by(KEYS[0])


def lines() -> list[bytes]:
    return SIGNED.text.splitlines(keepends=True)


def line(header: object, signature: bytes = bytes(64)) -> bytes:
    return f"{b64u(canonical(header))}..{b64u(signature)}\n".encode()


def test_the_text_prints_back_and_verifies() -> None:
    """Two signers, sorted by key id whatever the order of signing."""
    assert parse(SIGNED.text, LABEL) == parse(SIGNED.text) == SIGNED
    assert SIGNED.kids == {KEYS[0].key_id, KEYS[2].key_id}
    assert SIGNED.check_signatures(PUBLIC.get) == SIGNED.kids
    assert SIGNED.body == BODY


def test_joserfc_verifies_each_line_as_detached_jws() -> None:
    """RFC 7515 appendix F: put the payload back between the dots and any JWS library verifies the line."""
    payload, *signers = SIGNED.text.decode().splitlines()
    assert len(signers) == 2
    for signer in signers:
        kid = unb64u(json.loads(unb64u(signer.split(".")[0]))["kid"])
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64u(PUBLIC[kid])})
        token = jws.deserialize_compact(signer.replace("..", f".{payload}."), key, algorithms=["Ed25519"])
        assert token.payload == canonical(BODY)
        assert token.protected == {"alg": "Ed25519", "kid": b64u(kid), "typ": LABEL}


def test_the_hash_does_not_depend_on_signers() -> None:
    """SHA-256(label || lp(typ) || payload): the same unsigned, signed once or twice; another for another label."""
    due = hashlib.sha256(b"exchange/statement/v1\0\0\x10" + LABEL.encode() + canonical(BODY)).digest()
    assert new(LABEL, BODY).hash == new(LABEL, BODY).signed_by(KEYS[1]).hash == SIGNED.hash == due
    assert new("exchange/stop/v2", BODY).hash != due


def test_signing_twice_changes_nothing_and_merging_twice_is_refused() -> None:
    """None twice."""
    assert SIGNED.signed_by(KEYS[0]) is SIGNED
    with pytest.raises(MalformedError):
        SIGNED.with_signature(SIGNED.signatures[0])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"e30\n",
        b"e30",
        SIGNED.text[:-1],
        SIGNED.text + b"\n",
        SIGNED.text.replace(b"\n", b"\r\n"),
        b"\n" + SIGNED.text,
        lines()[0] + lines()[2] + lines()[1],
        lines()[0] + lines()[1] + lines()[1],
        b"W10\n" + lines()[1],
        b"e30=\n" + lines()[1],
        lines()[0] + lines()[1].replace(b"..", b"."),
        lines()[0] + lines()[1].replace(b"..", b"..."),
        lines()[0] + lines()[1][:-2] + b"\n",
        lines()[0] + line({"alg": "EdDSA", "kid": b64u(bytes(32)), "typ": LABEL}),
        lines()[0] + line({"alg": "none", "kid": b64u(bytes(32)), "typ": LABEL}),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(31)), "typ": LABEL}),
        lines()[0] + line({"alg": "Ed25519", "crit": [], "kid": b64u(bytes(32)), "typ": LABEL}),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32))}),
        lines()[0] + line({"alg": "Ed25519", "kid": 1, "typ": LABEL}),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32)), "typ": 1}),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32)), "typ": "JWT"}),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32)), "typ": "exchange/été/v1"}),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32)), "typ": "exchange/stop/v01"}),
        lines()[0] + line([]),
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32)), "typ": "exchange/lift/v1"}) + lines()[1],
        lines()[0] + line({"alg": "Ed25519", "kid": b64u(bytes(32)), "typ": LABEL}, bytes(63)),
        SIGNED.text[:20] + "é".encode() + SIGNED.text[22:],
        SIGNED.text + b"x" * 65_536,
    ],
    ids=range(30),
)
def test_other_texts_are_malformed(text: bytes) -> None:
    """No signer, another order or end of line, a header with more, less or other fields, a payload that is no object."""
    with pytest.raises(MalformedError):
        parse(text)


def test_another_label_and_another_version_are_two_errors() -> None:
    """A label of another name is malformed here; the same name in another version is an unknown version."""
    with pytest.raises(MalformedError):
        parse(SIGNED.text, "exchange/lift/v1")
    with pytest.raises(UnknownVersionError):
        parse(new("exchange/stop/v2", BODY).signed_by(KEYS[0]).text, LABEL)


def test_a_statement_is_right_in_all_its_lines_or_not_at_all() -> None:
    """One bad signature, one unknown key, one key of small order, or no signature fails the whole."""
    bad = new(LABEL, BODY).signed_by(KEYS[0]).with_signature(Signature(KEYS[1].key_id, bytes(64)))
    with pytest.raises(BadSignatureError):
        bad.check_signatures(PUBLIC.get)
    with pytest.raises(BadSignatureError, match="unknown key"):
        SIGNED.check_signatures({KEYS[0].key_id: KEYS[0].public}.get)
    with pytest.raises(BadSignatureError):
        new(LABEL, BODY).check_signatures(PUBLIC.get)


def test_bytes_that_are_not_the_named_key_do_not_verify_it() -> None:
    """Whoever answers for public keys cannot put another key under a key id."""
    with pytest.raises(BadSignatureError, match="unknown key"):
        SIGNED.check_signatures(lambda _kid: KEYS[1].public)
    with pytest.raises(BadKeyError):
        SIGNED.check_signatures(lambda _kid: bytes(31))


def test_a_signature_is_for_one_label() -> None:
    """The same payload under another label needs another signature: the label is in what is signed."""
    moved = Statement("exchange/lift/v1", SIGNED.payload, SIGNED.signatures)
    with pytest.raises(BadSignatureError):
        moved.check_signatures(PUBLIC.get)


def test_the_constructor_holds_to_the_form() -> None:
    """Unsorted or double signers, foreign labels and short signatures cannot exist."""
    first, second = SIGNED.signatures
    for build in (
        lambda: Statement(LABEL, SIGNED.payload, (second, first)),
        lambda: Statement(LABEL, SIGNED.payload, (first, first)),
        lambda: Statement("stop", SIGNED.payload),
        lambda: Statement("exchange/" + "a" * 200 + "/v1", SIGNED.payload),
        lambda: Signature(bytes(31), bytes(64)),
        lambda: Signature(bytes(32), bytes(65)),
    ):
        with pytest.raises(MalformedError):
            build()


def test_an_unsigned_or_oversized_statement_has_no_text() -> None:
    """At least one signer; 65,535 bytes in all, base64url counted."""
    with pytest.raises(MalformedError):
        _ = new(LABEL, BODY).text
    with pytest.raises(MalformedError, match="over 65,535"):
        _ = new(LABEL, {"a": "x" * 60_000}).signed_by(KEYS[0]).text


def test_a_repr_shows_no_payload() -> None:
    """A payload may say what only its readers may know."""
    assert "é" not in repr(SIGNED)
    assert repr(SIGNED) == f"<Statement {LABEL} {SIGNED.hash.hex()[:16]}, 2 signed>"
