"""Every rule of the directory refuses its breach with its own code, and a refused batch changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keys.errors import KeysError
from keys.replay import ADMISSION, CLOCK_SLACK, REPLAY, LoggedLeaf, replay
from keys.replay_errors import ReplayError
from keys.statement import Statement
from tests.unit.keys.directory_breaches import GENERAL, Batch, breached_world, cpt, too_new, too_old
from tests.unit.keys.directory_breaches_of_rules import RULES
from tests.unit.keys.directory_builder import Founding

REFUSALS = [*GENERAL, *RULES]


@pytest.fixture
def world() -> Founding:
    """The world the breaches are tried on."""
    return breached_world()


@pytest.mark.parametrize(("code", "case"), REFUSALS, ids=[f"{case.__name__}" for _, case in REFUSALS])
def test_each_breach_is_refused_with_its_code(world: Founding, code: str, case: Callable[[Founding], Batch]) -> None:
    """Server and client refuse the same breach with the same code, and the directory stays as it was."""
    made = case(world)
    batch = [made] if isinstance(made, Statement) else list(made)
    before = world.replayed(world.now + timedelta(days=1))
    with pytest.raises(KeysError) as caught:
        world.submit(*batch)
    assert caught.value.code == code
    assert world.directory == before
    later = world.now + (REPLAY.older - ADMISSION.older if case is too_old else timedelta())
    if case is too_new:
        return  # a client's window is wider on purpose: see the next tests
    leaves = [*world.leaves, *(LoggedLeaf(statement.text, later) for statement in batch)]
    with pytest.raises(KeysError) as again:
        replay(leaves, world.public.get, later)
    assert again.value.code == code


def test_every_code_of_the_directory_has_a_case() -> None:
    """No rule is without a test: the codes above and in the other tests of replay are all there are."""
    elsewhere = {"directory_refused", "key_missing", "beside_mismatch"}
    assert {leaf.code for leaf in [ReplayError, *ReplayError.__subclasses__()]} == {c for c, _ in REFUSALS} - {
        "bad_signature"
    } | elsewhere


def test_what_was_appended_stays_acceptable_when_its_checkpoint_comes_later(world: Founding) -> None:
    """A statement admitted at the edge of the window replays under the later time of its checkpoint."""
    statement = world.epoch("coe-cpt", submit=False)
    world.now += ADMISSION.older
    world.submit(statement)
    late = LoggedLeaf(statement.text, world.now + timedelta(hours=23))
    assert replay([*world.leaves[:-1], late], world.public.get, late.logged).size == world.directory.size


def test_a_reader_whose_clock_is_behind_is_told(world: Founding) -> None:
    """Leaves logged later than five minutes after the reader's time are refused as leaf times, not as bad statements."""
    last = world.leaves[-1].logged
    assert replay(world.leaves, world.public.get, last - CLOCK_SLACK) == world.directory
    with pytest.raises(KeysError) as caught:
        replay(world.leaves, world.public.get, last - CLOCK_SLACK - timedelta(seconds=1))
    assert caught.value.code == "leaf_time"
    assert caught.value.__notes__ == [f"directory leaf {len(world.leaves) - 1}"]


def test_key_bytes_must_be_at_hand_and_the_right_ones(world: Founding) -> None:
    """Replay takes no signature on trust: without the signer's key bytes, or with others, it stops."""
    kid, other = cpt(world).sign.key_id, cpt(world, 1).sign.public
    for public, code in ((None, "key_missing"), (other, "beside_mismatch"), (b"short", "bad_key")):
        keys = {key: value for key, value in world.public.items() if key != kid}
        if public is not None:
            keys[kid] = public
        with pytest.raises(KeysError) as caught:
            replay(world.leaves, keys.get, world.now)
        assert caught.value.code == code


def test_a_directory_begins_with_root(world: Founding) -> None:
    """No leaves, or leaves without their first, are no directory."""
    for leaves in ([], world.leaves[1:]):
        with pytest.raises(KeysError) as caught:
            replay(leaves, world.public.get, world.now)
        assert caught.value.code == "root_misplaced"


def test_a_missing_leaf_is_noticed(world: Founding) -> None:
    """Leaving out a leaf that its subject's later ones stand on breaks their chain (the log's root covers the rest)."""
    world.leave(world.enrol("coe-cpt"))
    subjects = [statement.body["subject"] for statement in world.statements]
    for index in (i for i, subject in enumerate(subjects) if subject in subjects[i + 1 :]):
        with pytest.raises(KeysError):
            replay(world.leaves[:index] + world.leaves[index + 1 :], world.public.get, world.now)
