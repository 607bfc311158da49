"""Signed notes, verifier keys and checkpoints: the specifications' own examples are read, other spellings refused."""

import hashlib

import pytest

from exchange.transparency.checkpoint import make_checkpoint, parse_checkpoint, parse_signed
from exchange.transparency.errors import LogFormatError
from exchange.transparency.merkle import EMPTY_ROOT
from exchange.transparency.note import parse_note
from exchange.transparency.vkey import KeyType, make_vkey, parse_vkey
from keys.signing import verify

# The example of C2SP signed-note.
NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
# The example of C2SP tlog-cosignature, of the log and one witness.
CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nP\
Zqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


def test_the_example_note_verifies_under_the_example_key() -> None:
    """Note and key of the specification belong together, and print back the same."""
    note, vkey = parse_note(NOTE.encode()), parse_vkey(VKEY)
    assert note.to_bytes() == NOTE.encode()
    assert vkey.text == VKEY
    (signature,) = note.signatures
    assert vkey.claims(signature)
    verify(vkey.public, signature.signature, note.text.encode())


def test_the_example_checkpoint_is_read() -> None:
    """Origin, size, root and both signers of the specification's example."""
    checkpoint, note = parse_signed(CHECKPOINT.encode())
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text + "\n" + "".join(s.line for s in note.signatures) == CHECKPOINT
    assert note.signatures[1].name == "witness.example.com/w1"


def test_the_text_of_a_note_may_hold_empty_lines() -> None:
    """The last empty line parts text and signatures."""
    data = NOTE.replace("This", "\nOne\n\n\nThis").encode()
    assert parse_note(data).text.startswith("\nOne\n\n\nThis")
    assert parse_note(data).to_bytes() == data


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: note[:-1],
        lambda note: note + "\n",
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("—", "-"),
        lambda note: note.replace("— example", "—  example"),
        lambda note: note.replace("— example", "example"),
        lambda note: note.replace("foo ", "foo+x "),
        lambda note: note.replace("foo ", "f\u00a0oo "),
        lambda note: note.replace("foo ", ""),
        lambda note: note.replace("=", ""),
        lambda note: note.replace("QM=", "QN="),
        lambda note: note.replace("message", "mess\tage"),
        lambda note: note.replace("message", "mess\rage"),
        lambda note: note.replace("Uw2QOk", "Uw2Q Ok"),
        lambda note: note[: note.index("Uw2Q")] + "Uw2QOg==\n",
        lambda note: note + note.split("\n\n")[1],
        lambda note: note + note.split("\n\n")[1].replace("foo", "bar") * 64,
        lambda note: "",
        lambda note: "x" * 600_000 + note,
    ],
)
def test_other_spellings_of_a_note_are_refused(damage) -> None:
    """Each way to write the note differently, or to break it, is a LogFormatError."""
    with pytest.raises(LogFormatError):
        parse_note(damage(NOTE).encode())


def test_bytes_that_are_not_utf8_are_refused() -> None:
    """A note is UTF-8."""
    with pytest.raises(LogFormatError):
        parse_note(NOTE.encode().replace(b"message", b"mess\xffage"))


@pytest.mark.parametrize(
    "text",
    [
        VKEY + "=",
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530d903"),
        VKEY.replace("foo+", "fo o+"),
        VKEY.replace("example.com/foo", ""),
        VKEY.replace("AekyeRrm", "BekyeRrm"),
        VKEY[:-4],
        "example.com/foo",
        "",
        "\ud800" + VKEY,
        "a+00000000+",
    ],
)
def test_other_spellings_of_a_key_are_refused(text: str) -> None:
    """A wrong key id, an unknown type, a wrong length, a bad name: a LogFormatError."""
    with pytest.raises(LogFormatError):
        parse_vkey(text)


def test_keys_that_prove_nothing_are_refused() -> None:
    """Ed25519 points of small order, and keys of a wrong length, make no verifier key."""
    for public in (bytes(32), b"\x01" + bytes(31), bytes(31)):
        with pytest.raises(LogFormatError):
            make_vkey("log.example", KeyType.ED25519, public)
    for public in (bytes(32), bytes(1311)):
        with pytest.raises(LogFormatError):
            make_vkey("log.example", KeyType.MLDSA44, public)
    with pytest.raises(LogFormatError):
        make_vkey("x" * 256, KeyType.ED25519, parse_vkey(VKEY).public)


def test_key_id_is_the_recommended_hash() -> None:
    """SHA-256(name || newline || type || key), the first four bytes; the type keeps two uses of a key apart."""
    vkey = parse_vkey(VKEY)
    timed = make_vkey(vkey.name, KeyType.COSIGNATURE_ED25519, vkey.public)
    assert timed.key_id == hashlib.sha256(b"example.com/foo\n\x04" + vkey.public).digest()[:4] != vkey.key_id
    assert parse_vkey(timed.text) == timed


@pytest.mark.parametrize(
    "text",
    [
        "log.example\n1\n" + "A" * 43 + "=",
        "log.example\n1\n" + "A" * 43 + "=\nextension\n",
        "log.example\n1\n" + "A" * 43 + "=\n\n",
        "log.example\n01\n" + "A" * 43 + "=\n",
        "log.example\n-1\n" + "A" * 43 + "=\n",
        "log.example\n+1\n" + "A" * 43 + "=\n",
        "log.example\n1_0\n" + "A" * 43 + "=\n",
        "log.example\n\u0661\n" + "A" * 43 + "=\n",
        "log.example\n9223372036854775808\n" + "A" * 43 + "=\n",
        "log.example\n\n" + "A" * 43 + "=\n",
        "log.example\n1\nAAAA\n",
        "log.example\n0\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "log example\n1\n" + "A" * 43 + "=\n",
    ],
)
def test_other_checkpoints_are_refused(text: str) -> None:
    """Extension lines, other numbers, another root for the empty tree: a LogFormatError."""
    with pytest.raises(LogFormatError):
        parse_checkpoint(text)


def test_the_empty_log_has_a_checkpoint() -> None:
    """Size 0 goes with the hash of the empty string."""
    checkpoint = make_checkpoint("log.example", 0, EMPTY_ROOT)
    assert parse_checkpoint(checkpoint.text) == checkpoint
