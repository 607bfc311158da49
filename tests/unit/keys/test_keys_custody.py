"""The server's own keys: one private file, made once, opened only where nobody else can reach it; it opens locks alone."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from keys.custody import LOCK_LABEL, Custody, FileCustody, LockKey
from keys.encoding import b64u, canonical
from keys.errors import (
    CannotOpenError,
    CustodyDamagedError,
    CustodyExistsError,
    CustodyMissingError,
    CustodyUnsafeError,
    MalformedError,
    UnknownKeyError,
    UnknownVersionError,
)
from keys.recipient import wrap


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "custody" / "custody.json"


@pytest.fixture
def custody(path: Path) -> FileCustody:
    return FileCustody.create(path, "exchange.example")


def test_a_new_file_is_private_and_loads_back(path: Path, custody: FileCustody) -> None:
    """Mode 0600 in a directory of mode 0700; keys of directory/1, audit/1, lock and sessions; nothing else left there."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["custody.json"]
    loaded: Custody = FileCustody.load(path)
    assert (loaded.instance, loaded.lock_key_id, loaded.lock_public) == (
        "exchange.example",
        custody.lock_key_id,
        custody.lock_public,
    )
    assert loaded.session_secret == custody.session_secret
    seeds = [loaded.log_seeds(log, 1) for log in ("directory", "audit")]
    secrets = {seeds[0].ed25519, seeds[0].mldsa44, seeds[1].ed25519, seeds[1].mldsa44, loaded.session_secret}
    assert len(secrets) == 5
    assert {len(secret) for secret in secrets} == {32}


def test_making_keys_twice_is_refused_and_keeps_the_first(path: Path, custody: FileCustody) -> None:
    """Both logs and every lock hang on the first file."""
    before = path.read_bytes()
    with pytest.raises(CustodyExistsError):
        FileCustody.create(path, "exchange.example")
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1
    assert FileCustody.load(path).lock_key_id == custody.lock_key_id


def test_a_missing_file_is_told_with_what_makes_one(path: Path) -> None:
    """The message carries the fix."""
    with pytest.raises(CustodyMissingError, match="flask prepare"):
        FileCustody.load(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_use_is_refused_with_the_fix(path: Path, custody: FileCustody, mode: int) -> None:
    """The message is the command that mends it, and it does mend it."""
    path.chmod(mode)
    with pytest.raises(CustodyUnsafeError, match="chmod 0600"):
        FileCustody.load(path)
    path.chmod(0o600)
    assert FileCustody.load(path).lock_key_id == custody.lock_key_id


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_directory_that_others_may_use_is_refused(path: Path, custody: FileCustody, mode: int) -> None:
    """Who may write the directory could put another file in its place. Neither read nor written."""
    path.parent.chmod(mode)
    with pytest.raises(CustodyUnsafeError, match="chmod 0700"):
        FileCustody.load(path)
    with pytest.raises(CustodyUnsafeError, match="chmod 0700"):
        FileCustody.create(path.parent / "other.json", "exchange.example")
    assert len(list(path.parent.iterdir())) == 1


def test_another_owner_is_refused(path: Path, custody: FileCustody, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another user is not ours to trust, whatever its mode."""
    user = os.geteuid()
    monkeypatch.setattr("keys.custody_file.os.geteuid", lambda: user + 1)
    with pytest.raises(CustodyUnsafeError, match="another user"):
        FileCustody.load(path)


def test_a_link_or_folder_or_pipe_is_refused(path: Path, custody: FileCustody) -> None:
    """Only a plain file stands where the checks look."""
    for name, make in (
        ("link", lambda p: p.symlink_to(path)),
        ("folder", lambda p: p.mkdir()),
        ("pipe", lambda p: os.mkfifo(p, 0o600)),
    ):
        other = path.parent / name
        make(other)
        with pytest.raises(CustodyUnsafeError):
            FileCustody.load(other)


def damaged(body: dict[str, object]) -> list[bytes]:
    good = canonical(body) + b"\n"
    log = body["logs"][0]  # type: ignore[index]
    changed = [
        {**body, "lock": b64u(bytes(32))},
        {**body, "lock_seeds": []},
        {**body, "lock_seeds": [b64u(bytes(31))]},
        {**body, "logs": [log, log]},
        {**body, "logs": [{**log, "log": "other"}]},
        {**body, "session": None},
        {**body, "more": 1},
        {name: value for name, value in body.items() if name != "instance"},
    ]
    return [b"", b"{}\n", good[:-1], good[:100], b"\xff" + good, *(canonical(c) + b"\n" for c in changed)]


@pytest.mark.parametrize("which", range(13))
def test_a_damaged_file_is_refused(path: Path, custody: FileCustody, which: int) -> None:
    """Cut, empty, with a current lock key that is not kept, a log twice, a field too many or too few."""
    path.write_bytes(damaged(json.loads(path.read_bytes()))[which])
    with pytest.raises(CustodyDamagedError, match="restore it from its copy"):
        FileCustody.load(path)


def test_another_version_is_unknown(path: Path, custody: FileCustody) -> None:
    """Made by a later build."""
    body = json.loads(path.read_bytes())
    path.write_bytes(canonical({**body, "version": 2}) + b"\n")
    with pytest.raises(UnknownVersionError):
        FileCustody.load(path)


def test_an_instance_without_a_name_is_refused(path: Path) -> None:
    """Origins begin with it; nothing is written."""
    with pytest.raises(MalformedError):
        FileCustody.create(path, "")
    assert not path.exists()


def test_a_lock_comes_off_with_its_key_and_info_alone(custody: FileCustody) -> None:
    """Another key, another info, a changed byte: one error."""
    info = LOCK_LABEL + b"report part recipient"
    sealed = wrap(custody.lock_public, b"envelope", info)
    key = custody.lock_key(custody.lock_key_id)
    assert key.open(sealed, info) == b"envelope"
    for call in (
        lambda: LockKey(bytes(32)).open(sealed, info),
        lambda: key.open(sealed, info + b"x"),
        lambda: key.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), info),
        lambda: key.open(b"", info),
    ):
        with pytest.raises(CannotOpenError):
            call()


def test_the_lock_key_opens_nothing_but_locks() -> None:
    """P1: even with an officer's seed in hand, the server's only opening code refuses envelopes and seats."""
    stolen = LockKey(bytes(range(32)))
    for label in (b"exchange/envelope/v1\0", b"exchange/seat/v1\0", b"exchange/audit/chain/v1\0", b""):
        sealed = wrap(stolen.public, b"secret", label + b"rest")
        with pytest.raises(CannotOpenError, match="locks alone"):
            stolen.open(sealed, label + b"rest")


def test_retired_lock_keys_stay(path: Path, custody: FileCustody) -> None:
    """A backup from before re-locking needs them; the current one is named."""
    body = json.loads(path.read_bytes())
    newer = LockKey(bytes(range(32)))
    body["lock_seeds"].append(b64u(bytes(range(32))))
    path.write_bytes(canonical({**body, "lock": b64u(newer.key_id)}) + b"\n")
    loaded = FileCustody.load(path)
    assert loaded.lock_key_id == newer.key_id
    assert loaded.lock_key(custody.lock_key_id).public == custody.lock_public


def test_keys_that_are_not_kept_are_unknown(custody: FileCustody) -> None:
    """A lock key, a log or a number custody never had."""
    for call in (
        lambda: custody.lock_key(bytes(32)),
        lambda: custody.log_seeds("audit", 2),
        lambda: custody.log_seeds("other", 1),
    ):
        with pytest.raises(UnknownKeyError):
            call()


def test_nothing_shown_is_secret(path: Path, custody: FileCustody) -> None:
    """No seed, and no session secret, in any repr."""
    shown = repr(custody) + repr(custody.log_seeds("audit", 1)) + repr(custody.current)
    body = json.loads(path.read_bytes())
    for secret in (custody.session_secret, custody.log_seeds("audit", 1).ed25519):
        assert repr(secret) not in shown
    assert body["lock_seeds"][0] not in shown


def test_custody_does_not_load_the_private_halves() -> None:
    """The server imports custody; that must not bring keys.seat_open or keys.identity with it."""
    import subprocess

    code = "import sys, keys.custody; print([m for m in ('keys.seat_open', 'keys.identity') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
