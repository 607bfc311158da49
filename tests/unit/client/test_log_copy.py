"""Copies of both logs are verified from files alone; what this home has pinned counts for more than what lies beside."""

import shutil
from pathlib import Path

import httpx
import pytest

from exchange.client.log_copy import policy_of, verify_offline, verify_online
from exchange.client.report_errors import CopyMissingError
from exchange.transparency.log_keys import LogKeys
from exchange.transparency.merkle import TreeHead
from exchange.transparency.policy_text import format_policy
from keys.directory_root import Root
from tests.unit.client.fake_exchange import problem
from tests.unit.client.fake_log import At, at
from tests.unit.keys.directory_builder import Founding, seed
from tests.unit.transparency.log_maker import publish_log

ENTRIES = [b"entry %d" % n for n in range(300)]


@pytest.fixture(scope="module")
def root() -> Root:
    """The root of an exchange."""
    return Founding().root


def keys(name: str) -> LogKeys:
    """The log keys that root names."""
    return LogKeys(f"exchange.example/{name}/1", seed(f"{name} log"), seed(f"{name} log pq"))


@pytest.fixture
def copy(tmp_path: Path, root: Root) -> Path:
    """A copy of an instance with both logs."""
    logs = tmp_path / "instance" / "logs"
    logs.mkdir(parents=True)
    for name in ("directory", "audit"):
        publish_log(logs / name, ENTRIES, [250, 300], keys(name))
    (logs / "policy").write_bytes(format_policy(policy_of(root)))
    return tmp_path / "instance"


def test_an_untouched_copy_verifies_with_and_without_what_was_pinned(copy: Path, root: Root) -> None:
    """A stranger trusts the policy beside it and is told so; a member trusts the keys of root. Both folders are found."""
    stranger = verify_offline(copy)
    assert stranger.ok and not stranger.pinned
    assert verify_offline(copy / "logs").ok
    head = stranger.reports["audit"].head
    assert head is not None and head.size == 300
    member = verify_offline(copy, root, {"audit": head})
    assert member.ok and member.pinned and member.to_json()["logs"]["audit"]["standing"] == "unwitnessed"


def test_an_altered_entry_is_named(copy: Path, root: Root) -> None:
    """File and index of the very entry."""
    bundle = copy / "logs" / "audit" / "tile" / "entries" / "000"
    data = bytearray(bundle.read_bytes())
    data[5 * (2 + len(ENTRIES[0])) + 3] ^= 1
    bundle.write_bytes(data)
    found = verify_offline(copy, root).reports["audit"].findings
    assert [(f.code, f.place, f.leaves) for f in found] == [("entry_altered", "tile/entries/000", (5, 5))]
    assert verify_offline(copy, root).reports["directory"].ok


def test_other_keys_than_the_pinned_ones_are_a_finding(copy: Path, root: Root) -> None:
    """Whoever swaps log and policy together deceives a stranger, and no member."""
    for name in ("audit", "audit-private"):
        shutil.rmtree(copy / "logs" / name)
    forger = LogKeys("exchange.example/audit/1", seed("forger"), seed("forger pq"))
    publish_log(copy / "logs" / "audit", ENTRIES[:16], [16], forger)
    found = verify_offline(copy, root)
    assert not found.ok and "log_signature_invalid" in {f.code for f in found.reports["audit"].findings}


@pytest.mark.parametrize("damage", ["policy", "other", "nothing"])
def test_a_policy_that_is_not_ours_is_a_finding(copy: Path, root: Root, damage: str) -> None:
    """Missing, other keys, or not a policy: the logs are still verified with the pinned keys."""
    policy = copy / "logs" / "policy"
    if damage == "policy":
        policy.unlink()
    else:
        policy.write_text("quorum none\n" if damage == "other" else "nothing at all")
    found = verify_offline(copy, root)
    codes = {f.code for report in found.reports.values() for f in report.findings}
    assert codes in ({"policy_missing"}, {"policy_differs"}, {"log_format_malformed"})
    if damage == "policy":
        with pytest.raises(CopyMissingError):
            verify_offline(copy)
    elif damage == "nothing":
        assert not verify_offline(copy).ok


def test_a_copy_that_forks_from_what_was_seen_is_a_finding(copy: Path, root: Root) -> None:
    """A head seen earlier must be in the copy's history, unless the copy ends before it."""
    seen = TreeHead(200, bytes(32))
    found = verify_offline(copy, root, {"audit": seen}).reports["audit"].findings
    assert [f.code for f in found] == ["not_the_known_log"]
    assert verify_offline(copy, root, {"audit": TreeHead(5000, bytes(32))}).ok


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    """Neither an instance nor a folder with both logs."""
    with pytest.raises(CopyMissingError):
        verify_offline(tmp_path)


@pytest.fixture
def served(tmp_path: Path) -> At:
    """An officer whose server serves both logs as files."""
    here = at(tmp_path / "home")
    directory = [leaf.text for leaf in here.world.leaves]
    for name, entries in (("directory", directory), ("audit", here.server.audit)):
        folder = tmp_path / "served" / name
        publish_log(folder, entries, [len(entries)], keys(name))
        for path in folder.rglob("*"):
            if path.is_file():
                _serve(here, f"/log/{name}/1/{path.relative_to(folder)}", path)
    return here


def _serve(here: At, address: str, path: Path) -> None:
    data = path.read_bytes()
    here.server.answers[address] = lambda request: httpx.Response(200, content=data)


def test_both_logs_verify_online_under_the_pinned_keys(served: At) -> None:
    """Tiles and entries are fetched; public ones without a token are answered too."""
    found = verify_online(served.session)
    assert found.ok and found.pinned and found.reports["directory"].entries_checked


def test_what_the_server_does_not_serve_is_a_finding(served: At) -> None:
    """A missing tile is named; nothing is taken for verified."""
    address = next(a for a in served.server.answers if a.startswith("/log/audit/1/tile/entries"))
    served.server.answers[address] = lambda request: problem("not_available", 404)
    codes = {f.code for f in verify_online(served.session).reports["audit"].findings}
    assert codes == {"entries_missing"}
