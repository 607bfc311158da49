"""Both logs: what is signed extends what was signed before, proofs verify, and a log that was altered stops."""

import pytest
from sqlalchemy import delete, text, update

from exchange.db import UnitOfWorkError
from exchange.logs.errors import LeafFormError, UnpaddedError
from exchange.logs.models import LogHead, LogLeaf, LogNode
from exchange.transparency.errors import LogRangeError, LogStopped
from exchange.transparency.merkle import leaf_hash, root_of
from exchange.transparency.paths import verify_consistency, verify_inclusion
from exchange.transparency.verify_offline import verify_files
from tests.databases import zeros
from tests.unit.audit.audit_maker import Instance, permit

LEAF = b"\x01" + bytes(72)


def put(instance: Instance, log: str, *leaves: bytes) -> list[int]:
    """Append leaves in one unit."""
    with instance.unit() as uow:
        return [instance.logs.append(uow, log, leaf) for leaf in leaves]


def verified(instance: Instance, log: str, note: bytes):
    """The head a note signs, by both keys of the log."""
    return instance.places.place(log).keys.public.verify(note).checkpoint.head


def test_the_tree_in_tables_is_that_of_the_leaves(instance: Instance) -> None:
    """Whatever the batches, head and proofs are those of RFC 6962 over the leaves."""
    leaves = [bytes([i]) * (i + 1) for i in range(41)]
    at = 0
    for count in (1, 2, 3, 5, 13, 17):
        assert put(instance, "directory", *leaves[at : at + count]) == list(range(at, at + count))
        at += count
        root = root_of(map(leaf_hash, leaves[:at]))
        proof = instance.logs.prove("directory", at - 1, since=1)
        assert verified(instance, "directory", proof.signed.note) == (at, root)
        verify_inclusion(leaf_hash(leaves[at - 1]), at - 1, at, proof.inclusion.hashes, root)
        verify_consistency(1, leaf_hash(leaves[0]), at, root, proof.consistency.hashes)
    with instance.unit(write=False) as uow:
        assert instance.logs.leaves(uow, "directory", 3, 9) == leaves[3:9]
        for size in range(1, at + 1):
            for index in (0, size // 2, size - 1):
                proof = instance.logs.inclusion(uow, "directory", index, size)
                verify_inclusion(leaf_hash(leaves[index]), index, size, proof.hashes, root_of(map(leaf_hash, leaves[:size])))


def test_the_directory_log_is_public_as_soon_as_its_unit_ends(instance: Instance) -> None:
    """Members must see a new statement at once; the files verify with nothing but the policy."""
    put(instance, "directory", b"one", b"two")
    assert instance.logs.public_checkpoint("directory").size == 2
    folder = instance.config.logs_dir

    def read(name: str) -> bytes | None:
        path = folder / "directory" / name
        return path.read_bytes() if path.is_file() else None

    policy = instance.logs.policy()[0]
    assert (folder / "policy").read_text() == policy
    from exchange.transparency.policy_text import parse_policy

    assert verify_files(read, parse_policy(policy.encode()), entries=read).ok


def test_an_open_unit_is_never_signed(instance: Instance) -> None:
    """Its leaves may still vanish: inside it, the signed head is the committed one, and its own leaf has no proof."""
    put(instance, "directory", b"one")
    with instance.unit() as uow:
        index = instance.logs.append(uow, "directory", b"two")
        assert instance.logs.head(uow, "directory").size == 2
        assert instance.logs.signed_checkpoint("directory").size == 1
        with pytest.raises(LogRangeError):
            instance.logs.prove("directory", index)


def test_who_has_seen_more_than_we_hold_is_told(instance: Instance) -> None:
    """A restored server cannot pass itself off as the one that signed more."""
    put(instance, "directory", b"one")
    with pytest.raises(LogRangeError):
        instance.logs.prove("directory", 0, since=2)


def test_a_public_checkpoint_serves_where_it_covers(instance: Instance) -> None:
    """No finer size than the public one is signed for a leaf that is public: sizes tell when others acted."""
    instance.record(permit())
    instance.publisher.publish(at_once=True)
    public = instance.logs.public_checkpoint("audit")
    instance.record(permit())
    assert instance.logs.prove("audit", 1).signed == public
    assert instance.logs.prove("audit", instance.size() - 1).signed.size == instance.size()


def test_leaves_have_their_form(instance: Instance) -> None:
    """73 bytes in the audit log, at most 65,535 in the directory, and only in a writing unit."""
    with pytest.raises(LeafFormError):
        put(instance, "audit", bytes(72))
    with pytest.raises(LeafFormError):
        put(instance, "directory", bytes(65_536))
    with instance.unit(write=False) as uow, pytest.raises(UnitOfWorkError):
        instance.logs.append(uow, "audit", LEAF)


def test_the_audit_log_is_not_published_between_multiples(instance: Instance) -> None:
    """A size that counts single acts never gets public, whoever asks."""
    instance.record(permit())
    with pytest.raises(UnpaddedError):
        instance.logs.publish("audit")


def tamper(instance: Instance, kind: str) -> None:
    """Change what the database says of the directory log."""
    with instance.unit() as uow:
        if kind == "leaf lost":
            uow.session.execute(delete(LogLeaf).where(LogLeaf.log == "directory", LogLeaf.index == 2))
            uow.session.execute(delete(LogNode).where(LogNode.log == "directory", LogNode.level == 0, LogNode.index == 2))
            root = root_of([leaf_hash(b"one"), leaf_hash(b"two")])
            uow.session.execute(update(LogHead).where(LogHead.log == "directory").values(size=2, root=root))
        elif kind == "head":
            uow.session.execute(update(LogHead).where(LogHead.log == "directory").values(root=bytes(32)))
        elif kind == "emptied":
            for table in ("log_heads", "log_leaves", "log_nodes"):
                uow.session.execute(text(f"DELETE FROM {table} WHERE log = 'directory'"))
        elif kind == "node":
            uow.session.execute(update(LogNode).where(LogNode.level == 1).values(hash=bytes(32)))


@pytest.mark.parametrize("kind", ["leaf lost", "head", "emptied", "node"])
def test_a_database_that_does_not_extend_what_was_signed_stops_the_log(instance: Instance, tmp_path, kind) -> None:
    """At the next start: nothing is signed or appended, readers keep what was public, fsck and state say so."""
    put(instance, "directory", b"one", b"two", b"three")
    before = instance.logs.public_checkpoint("directory")
    tamper(instance, kind)
    instance.close()
    second = Instance(tmp_path, instance.clock, instance.bodies).start()
    assert second.logs.state("directory") == "stopped"
    assert second.logs.state("audit") == "running"
    with pytest.raises(LogStopped):
        put(second, "directory", b"four")
    with pytest.raises(LogStopped):
        second.logs.signed_checkpoint("directory")
    with pytest.raises(LogStopped):
        second.logs.publish("directory")
    second.logs.publish_directory()  # what runs in the background lets a stopped log be
    assert second.logs.public_checkpoint("directory") == before
    assert second.fsck() != []
    second.close()


def test_lost_memory_stops_the_log(instance: Instance, tmp_path) -> None:
    """Without knowing what it signed a log with leaves signs nothing more, rather than fork unseen."""
    put(instance, "directory", b"one")
    (instance.config.logs_dir / "memory" / "directory-1" / "signed").unlink()
    instance.close()
    second = Instance(tmp_path, instance.clock, instance.bodies).start()
    assert second.logs.state("directory") == "stopped"
    assert any("no memory" in finding for finding in second.fsck())
    second.close()


@pytest.mark.parametrize("gone", ["checkpoint", "tile/0/000.p/3"])
def test_lost_public_files_are_found_and_the_checkpoint_is_made_anew(instance: Instance, tmp_path, gone: str) -> None:
    """Files are derived: fsck names one that is missing, and the next start writes what the checkpoint needs."""
    put(instance, "directory", b"one", b"two", b"three")
    path = instance.config.logs_dir / "directory" / gone
    kept = path.read_bytes()
    path.unlink()
    assert instance.fsck() != []
    if gone == "checkpoint":
        instance.close()
        second = Instance(tmp_path, instance.clock, instance.bodies).start()
        assert path.read_bytes() == kept
        assert second.fsck() == []
        second.close()


@pytest.mark.parametrize("name", ["policy", "directory/tile/entries/000.p/3", "directory/checkpoint"])
def test_fsck_names_an_altered_file(instance: Instance, name: str) -> None:
    """One changed byte in any published file is a finding."""
    put(instance, "directory", b"one", b"two", b"three")
    assert instance.fsck() == []
    path = instance.config.logs_dir / name
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    assert len(instance.fsck()) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (f"UPDATE audit_views SET views = {zeros(4096)} WHERE \"index\" = 1", "views"),
        ("DELETE FROM audit_views WHERE \"index\" = 1", "views"),
        ("UPDATE audit_seals SET epoch = 7 WHERE body = 'un-spt'", "views"),
        ("DELETE FROM audit_seals WHERE body = 'un-spt'", "views"),
        ("DELETE FROM audit_chains", "views"),
        (f"INSERT INTO audit_views (n, \"index\", views) VALUES (1, 999, {zeros(4096)})", "views"),
        (f"UPDATE log_nodes SET hash = {zeros(32)} WHERE log = 'audit' AND level = 2", "trees"),
        (f"INSERT INTO log_nodes (log, n, level, \"index\", hash) VALUES ('audit', 1, 9, 9, {zeros(32)})", "trees"),
        ("DELETE FROM log_nodes WHERE log = 'audit' AND level = 0 AND \"index\" = 2", "trees"),
        ("DELETE FROM log_leaves WHERE log = 'audit' AND \"index\" = 2", "trees"),
        (f"UPDATE log_leaves SET data = {zeros(73)} WHERE log = 'audit' AND \"index\" = 3", "trees"),
        (f"UPDATE signed_statement SET text = {zeros(1)}", "statements"),
        ("UPDATE signed_statement SET \"index\" = 2", "statements"),
        ("UPDATE signed_statement SET label = 'exchange/receipt/v1'", "statements"),
        (f"UPDATE signed_statement SET hash = {zeros(32)}", "statements"),
    ],
)
def test_fsck_finds_every_alteration(instance: Instance, change: str, says: str) -> None:
    """Views, seals, nodes, leaves and statements: whatever is changed in the tables is named by its check."""
    from tests.unit.audit.test_audit_statements import SUBJECTS, signed, stop_event

    for _ in range(4):
        instance.record(permit())
    with instance.unit() as uow:
        instance.statements.store(uow, signed(), stop_event(), SUBJECTS)
    assert instance.fsck() == []
    with instance.unit() as uow:
        assert uow.session.execute(text(change)).rowcount > 0
    assert any(finding.startswith(says) for finding in instance.fsck())
