"""Policies are read and written as tlog-policy says, and what a checkpoint is worth under one is never overstated."""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.cosignature import message
from exchange.transparency.errors import LogFormatError, QuorumError, SignatureError, UnknownLogError
from exchange.transparency.evaluate import Standing, evaluate
from exchange.transparency.note import Note, NoteSignature
from exchange.transparency.policy import Policy, Witness, make_policy, without_mldsa44
from exchange.transparency.policy_text import format_policy, parse_policy
from exchange.transparency.vkey import KeyType, Vkey, make_vkey
from tests.unit.transparency.log_maker import APT, AUDIT, DIRECTORY, NHC, NOW, WITNESSED, Verifier

ROOT = bytes(range(32))


def test_the_policy_without_verifiers() -> None:
    """The layout of formats: log lines, a witness line for each ML-DSA-44 key, group log any, quorum log."""
    text = format_policy(make_policy([DIRECTORY.public, AUDIT.public])).decode()
    assert text == (
        f"log {DIRECTORY.public.ed25519.text}\nlog {AUDIT.public.ed25519.text}\n"
        f"witness directory-1 {DIRECTORY.public.mldsa44.text}\nwitness audit-1 {AUDIT.public.mldsa44.text}\n"
        "group log any directory-1 audit-1\nquorum log\n"
    )


def test_the_policy_with_verifiers() -> None:
    """With verifiers both the log and they are wanted; the Ed25519 policy keeps what such tools can check."""
    lines = format_policy(WITNESSED).decode().splitlines()
    assert lines[-3:] == ["group verifiers any apt nhc", "group both all log verifiers", "quorum both"]
    plain = format_policy(without_mldsa44(WITNESSED)).decode()
    assert plain.splitlines()[2:] == [
        f"witness nhc {NHC.vkey.text}",
        "group verifiers any nhc",
        "group both any verifiers",
        "quorum both",
    ]
    assert format_policy(without_mldsa44(make_policy([AUDIT.public]))).decode().splitlines()[1:] == ["quorum none"]


def test_own_keys_alone_are_unwitnessed() -> None:
    """A quorum the log can meet by itself says unwitnessed, with the log's own time."""
    result = evaluate(make_policy([AUDIT.public, DIRECTORY.public]), AUDIT.sign_checkpoint(7, ROOT, NOW))
    assert result.standing is Standing.UNWITNESSED
    assert (result.log_time, result.quorum_time, result.time) == (NOW, NOW, NOW)
    assert result.checkpoint.head == (7, ROOT)
    assert [item.vkey for item in result.cosigned] == [AUDIT.public.ed25519, AUDIT.public.mldsa44]


def test_a_toothless_policy_stays_unwitnessed_whoever_signs() -> None:
    """Where the log's own keys could meet the quorum, another's cosignature does not make it verified."""
    names = {"log": make_policy([AUDIT.public]).witnesses[0]}
    base = make_policy([AUDIT.public], [Witness("apt", APT.vkey)])
    data = APT.cosign(AUDIT.sign_checkpoint(7, ROOT, NOW), NOW + 5)
    for quorum in ("none", "log", names["log"].name):
        policy = Policy(base.logs, base.witnesses, base.groups[:1], quorum)
        assert policy.own_keys_suffice()
        assert evaluate(policy, data).standing is Standing.UNWITNESSED
    assert evaluate(Policy(base.logs, base.witnesses, base.groups[:1], "none"), data).quorum_time is None
    assert evaluate(base, data).standing is Standing.VERIFIED


def test_the_logs_key_under_another_name_is_still_its_own() -> None:
    """A log cannot witness itself by giving its Ed25519 key a second name as a cosigner."""
    alias = make_vkey("someone.else/w", KeyType.COSIGNATURE_ED25519, AUDIT.public.ed25519.public)
    policy = make_policy([AUDIT.public], [Witness("else", alias)])
    assert policy.own_keys_suffice()


def test_quorum_and_its_time() -> None:
    """Too few: QuorumError. Enough: verified, at the time the quorum was first met."""
    plain = AUDIT.sign_checkpoint(7, ROOT, NOW)
    with pytest.raises(QuorumError):
        evaluate(WITNESSED, plain)
    one = evaluate(WITNESSED, APT.cosign(plain, NOW + 9))
    assert (one.standing, one.quorum_time, one.log_time, one.time) == (Standing.VERIFIED, NOW + 9, NOW, NOW + 9)
    both = NHC.cosign(APT.cosign(plain, NOW + 9), NOW + 4)
    assert evaluate(WITNESSED, both).quorum_time == NOW + 4
    every = make_policy([AUDIT.public], [Witness("apt", APT.vkey), Witness("nhc", NHC.vkey)])
    assert evaluate(every, both).quorum_time == NOW + 9
    assert evaluate(every, NHC.cosign(both, NOW + 20)).quorum_time == NOW + 9
    with pytest.raises(QuorumError):
        evaluate(every, APT.cosign(plain, NOW))


def test_a_known_key_that_does_not_verify_spoils_the_note() -> None:
    """An unknown signer says nothing; a known one whose signature is bad is refused, even beyond the quorum."""
    plain = AUDIT.sign_checkpoint(7, ROOT, NOW)
    stranger = Verifier("stranger.example/w", KeyType.MLDSA44, 60)
    with pytest.raises(QuorumError):
        evaluate(WITNESSED, stranger.cosign(plain, NOW))
    elsewhere = parse_signed(NHC.cosign(AUDIT.sign_checkpoint(8, ROOT, NOW), NOW))[1].signatures[-1]
    note = parse_signed(APT.cosign(plain, NOW))[1]
    with pytest.raises(SignatureError):
        evaluate(WITNESSED, Note(note.text, (*note.signatures, elsewhere)).to_bytes())
    with pytest.raises(SignatureError, match="when"):
        evaluate(WITNESSED, APT.cosign(plain, 0))


def test_both_log_signatures_are_wanted() -> None:
    """Without the ML-DSA-44 line, or under a policy that does not know it, no checkpoint passes."""
    plain = AUDIT.sign_checkpoint(7, ROOT, NOW)
    _checkpoint, note = parse_signed(plain)
    policy = make_policy([AUDIT.public])
    for position in (0, 1):
        kept = (note.signatures[1 - position],)
        with pytest.raises(SignatureError):
            evaluate(policy, Note(note.text, kept).to_bytes())
    with pytest.raises(UnknownLogError):
        evaluate(without_mldsa44(policy), plain)
    with pytest.raises(UnknownLogError):
        evaluate(make_policy([DIRECTORY.public]), plain)


def test_another_logs_mldsa44_key_does_not_stand_in() -> None:
    """The audit log's ML-DSA-44 key on a checkpoint of the directory, though it meets `group log any`, is not enough."""
    _checkpoint, note = parse_signed(DIRECTORY.sign_checkpoint(7, ROOT, NOW))
    checkpoint, _note = parse_signed(note.to_bytes())
    key = MLDSA44PrivateKey.from_seed_bytes(bytes([101]) * 32)
    vkey = AUDIT.public.mldsa44
    raw = struct.pack(">Q", NOW) + key.sign(message(vkey.type, vkey.name, NOW, checkpoint))
    forged = Note(note.text, (note.signatures[0], NoteSignature(vkey.name, vkey.key_id, raw)))
    with pytest.raises(SignatureError):
        evaluate(make_policy([DIRECTORY.public, AUDIT.public]), forged.to_bytes())


def key(name: str, kind: KeyType, seed: int) -> Vkey:
    return Verifier(name, kind, seed).vkey


X = [key(f"x{i}.example", KeyType.COSIGNATURE_ED25519, i) for i in range(1, 7)]


def example_policy() -> str:
    """The example of tlog-policy, with keys, comments, blank lines, tabs and URLs as it permits them."""
    lines = [f"log {AUDIT.public.ed25519.text} https://exchange.example/log/", "", "# verifiers", " \t"]
    lines += [f"\twitness X{i}  {X[i - 1].text}\t https://x{i}.example/ " for i in (1, 2, 3)]
    lines += ["group X-witnesses 2 X1 X2 X3", "  # more"]
    lines += [f"witness Y{i} {X[i + 2].text}" for i in (1, 2, 3)]
    lines += ["group Y-witnesses any Y1 Y2 Y3", "group X-and-Y all X-witnesses Y-witnesses", "quorum X-and-Y", ""]
    return "\n".join(lines)


def test_the_example_policy_is_read() -> None:
    """Groups of groups, thresholds, comments and blank space; written in our one spelling it stays the same policy."""
    policy = parse_policy(example_policy().encode())
    assert len(policy.witnesses) == 6
    assert policy.groups[0].threshold == 2
    assert policy.witnesses[0].url == "https://x1.example/"
    assert parse_policy(format_policy(policy)) == policy
    assert policy.quorum_time({"X1": 5, "Y3": 1}) is None
    assert policy.quorum_time({"X1": 5, "X3": 8, "Y3": 1}) == 8
    assert policy.quorum_time({"X1": 5, "X3": 8, "X2": 6, "Y3": 7}) == 7
    assert not policy.own_keys_suffice()


def test_names_are_octets() -> None:
    """A name that is not even UTF-8 stays what it is."""
    data = example_policy().encode().replace(b"X-and-Y", b"\xe2\x84\xaa\xff")
    assert format_policy(parse_policy(data)).endswith(b"quorum \xe2\x84\xaa\xff\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quorum X-and-Y", ""),
        ("quorum X-and-Y", "quorum Z"),
        ("quorum X-and-Y", "quorum X-and-Y\nquorum none"),
        ("quorum X-and-Y", "quorum"),
        ("quorum X-and-Y", "quorum X1 X2"),
        ("quorum X-and-Y", "QUORUM X-and-Y"),
        ("group X-witnesses 2", "group X-witnesses 4"),
        ("group X-witnesses 2", "group X-witnesses 0"),
        ("group X-witnesses 2", "group X-witnesses 02"),
        ("group X-witnesses 2", "group X-witnesses most"),
        ("group X-witnesses 2 X1 X2 X3", "group X-witnesses 2"),
        ("2 X1 X2 X3", "2 X1 X1 X3"),
        ("2 X1 X2 X3", "2 X1 X2 none"),
        ("2 X1 X2 X3", "2 X1 X2 Y1"),
        ("any Y1 Y2 Y3", "any Y1 Y2 X3"),
        ("witness Y1", "witness X1"),
        ("witness Y1", "witness none"),
        ("group Y-witnesses", "group X1"),
        ("quorum X-and-Y", "quorum X-and-Y\x7f"),
        ("quorum X-and-Y", "quorum X-and-Y\r"),
        (X[1].text, X[0].text),
        (X[1].text, AUDIT.public.ed25519.text),
        (X[1].text, X[1].text[:-4]),
        (X[1].text, ""),
        ("log ", "log x "),
    ],
)
def test_other_policies_are_refused(old: str, new: str) -> None:
    """What tlog-policy forbids is a LogFormatError that leaks nothing else."""
    text = example_policy()
    assert old in text
    with pytest.raises(LogFormatError):
        parse_policy(text.replace(old, new, 1).encode())


def test_limits_and_endings() -> None:
    """A last line without its newline, a file too long, a name no line could hold, verifiers that cannot be met."""
    text = format_policy(WITNESSED)
    for data in (text[:-1], b"", b"#" * 600_000 + b"\n" + text):
        with pytest.raises(LogFormatError):
            parse_policy(data)
    for name in ("two words", "\ud800x", "a\nb"):
        with pytest.raises(LogFormatError):
            format_policy(make_policy([AUDIT.public], [Witness(name, APT.vkey)]))
    for verifiers, threshold in [([Witness("apt", APT.vkey)], 2), ([Witness("audit-1", APT.vkey)], 1)]:
        with pytest.raises(LogFormatError):
            make_policy([AUDIT.public], verifiers, threshold)
    with pytest.raises(LogFormatError):
        Policy(WITNESSED.logs, (Witness("x", AUDIT.public.ed25519),), (), "none")
