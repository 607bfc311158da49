"""The log's two signatures: what is signed, that both are wanted, and that nothing of one log passes for another's."""

import hashlib
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from exchange.transparency.checkpoint import make_checkpoint, parse_signed
from exchange.transparency.cosignature import message, verify
from exchange.transparency.errors import LogFormatError, SignatureError, UnknownLogError
from exchange.transparency.log_keys import LogKeys, LogPublicKeys
from exchange.transparency.merkle import EMPTY_ROOT
from exchange.transparency.note import Note, NoteSignature
from exchange.transparency.vkey import KeyType, make_vkey
from tests.unit.transparency.log_maker import NOW, ORIGIN, make_keys

ROOT = bytes(range(32))


def test_both_lines_say_what_the_specifications_want() -> None:
    """Rebuilt here from the text of signed-note and tlog-cosignature: key ids, signed bytes, timestamp."""
    keys = make_keys()
    checkpoint, note = parse_signed(keys.sign_checkpoint(7, ROOT, NOW))
    plain, timed = note.signatures
    assert plain.name == timed.name == checkpoint.origin == ORIGIN
    ed25519, mldsa44 = keys.public.ed25519.public, keys.public.mldsa44.public
    assert plain.key_id == hashlib.sha256(ORIGIN.encode() + b"\n\x01" + ed25519).digest()[:4]
    assert timed.key_id == hashlib.sha256(ORIGIN.encode() + b"\n\x06" + mldsa44).digest()[:4]
    assert ed25519 == Ed25519PrivateKey.from_private_bytes(b"\x01" * 32).public_key().public_bytes_raw()
    assert len(plain.signature) == 64 and len(timed.signature) == 8 + 2420
    assert timed.signature[:8] == struct.pack(">Q", NOW)
    name = bytes([len(ORIGIN)]) + ORIGIN.encode()
    signed = b"subtree/v1\n\0" + name + struct.pack(">Q", NOW) + name + struct.pack(">QQ", 0, 7) + ROOT
    MLDSA44PublicKey.from_public_bytes(mldsa44).verify(timed.signature[8:], signed)


def test_ed25519_cosignature_message_is_that_of_the_specification() -> None:
    """The bytes a verifier's 0x04 key signs, as the example of tlog-cosignature spells them."""
    checkpoint = make_checkpoint("example.com/behind-the-sofa", 20852163, ROOT)
    expected = b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
    assert message(KeyType.COSIGNATURE_ED25519, "w", 1679315147, checkpoint).startswith(expected)


def test_a_reader_gets_head_and_time() -> None:
    """Both signatures in place: size, root, and when the log says it signed."""
    keys = make_keys()
    signed = keys.public.verify(keys.sign_checkpoint(7, ROOT, NOW))
    assert (signed.checkpoint.head, signed.time) == ((7, ROOT), NOW)


def without(note: Note, position: int) -> Note:
    return Note(note.text, tuple(s for i, s in enumerate(note.signatures) if i != position))


@pytest.mark.parametrize("position", [0, 1])
def test_each_signature_is_wanted(position: int) -> None:
    """Without either line, with either line damaged, or with it twice, the checkpoint is refused."""
    keys = make_keys()
    _checkpoint, note = parse_signed(keys.sign_checkpoint(7, ROOT, NOW))
    with pytest.raises(SignatureError):
        keys.public.verify(without(note, position).to_bytes())
    line = note.signatures[position]
    for at in (0, 8, len(line.signature) - 1):
        damaged = bytearray(line.signature)
        damaged[at] ^= 1
        lines = list(note.signatures)
        lines[position] = NoteSignature(line.name, line.key_id, bytes(damaged))
        with pytest.raises(SignatureError):
            keys.public.verify(Note(note.text, tuple(lines)).to_bytes())
    other = parse_signed(keys.sign_checkpoint(7, ROOT, NOW + 1))[1].signatures[1]
    with pytest.raises((SignatureError, LogFormatError)):
        keys.public.verify(Note(note.text, (*note.signatures, other)).to_bytes())


def test_signatures_do_not_move_to_another_head_or_log() -> None:
    """Lines of one checkpoint under the text of another, or keys of another log: refused."""
    keys, others = make_keys(), make_keys("exchange.example/directory/1", 2)
    note = parse_signed(keys.sign_checkpoint(7, ROOT, NOW))[1]
    for text in (make_checkpoint(ORIGIN, 8, ROOT).text, make_checkpoint(ORIGIN, 7, EMPTY_ROOT).text):
        with pytest.raises(SignatureError):
            keys.public.verify(Note(text, note.signatures).to_bytes())
    with pytest.raises(UnknownLogError):
        others.public.verify(note.to_bytes())
    with pytest.raises(SignatureError):
        make_keys(seed=3).public.verify(note.to_bytes())


def test_a_timestamp_that_says_nothing_is_refused() -> None:
    """0 and 2^63 are no time (tlog-witness, tlog-cosignature), nor does a log sign at one."""
    keys = make_keys()
    checkpoint, note = parse_signed(keys.sign_checkpoint(7, ROOT, NOW))
    line = note.signatures[1]
    for time in (0, 2**63):
        moved = NoteSignature(line.name, line.key_id, struct.pack(">Q", time) + line.signature[8:])
        with pytest.raises(SignatureError, match="when"):
            verify(keys.public.mldsa44, checkpoint, moved)
        with pytest.raises(LogFormatError):
            keys.sign_checkpoint(7, ROOT, time)


def test_keys_come_in_pairs_of_one_name() -> None:
    """Two keys of different logs, or of the wrong kinds, are no log's keys; vkeys give the same pair back."""
    keys, others = make_keys().public, make_keys("other.example/audit/1", 2).public
    assert LogPublicKeys.parse(keys.ed25519.text, keys.mldsa44.text) == keys
    for pair in [(keys.ed25519, others.mldsa44), (keys.mldsa44, keys.ed25519), (keys.ed25519, keys.ed25519)]:
        with pytest.raises(UnknownLogError):
            LogPublicKeys(*pair)


def test_private_keys_show_nothing() -> None:
    """Neither repr nor an error holds a seed; a seed of another length and a bad origin are refused."""
    assert repr(make_keys()) == f"<LogKeys {ORIGIN}>"
    for origin, seed in [(ORIGIN, b"\x01" * 31), ("bad origin", b"\x01" * 32), ("x" * 256, b"\x01" * 32)]:
        with pytest.raises(LogFormatError) as caught:
            LogKeys(origin, seed, b"\x02" * 32)
        assert "01" * 8 not in str(caught.value)
    assert make_vkey(ORIGIN, KeyType.ED25519, make_keys().public.ed25519.public) == make_keys().public.ed25519
