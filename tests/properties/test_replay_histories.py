"""Whatever people try, in whatever order: the directory stays one that its leaves alone give back, with no stranger in it."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeysError
from keys.replay import LoggedLeaf, replay
from keys.replay_directory import Directory
from keys.replay_export import export_json
from keys.replay_import import import_json
from keys.statement import Statement
from tests.unit.keys.directory_builder import Founding, Person

BODIES = ["coe-cpt", "un-spt", "audit-cpt"]


@dataclass(frozen=True)
class Act:
    """One attempt: what, for which body, on whom, signed by whom; numbers choose among the people there are."""

    name: str
    body: str
    who: int
    signer: int


ACTS: dict[str, Callable[[Founding, str, Person, Person], object]] = {
    "enrol": lambda w, body, who, by: w.enrol(body, signers=[w.person(body), by]),
    "enrol rightly": lambda w, body, who, by: w.enrol(body),
    "enrol again": lambda w, body, who, by: w.enrol(body, who, signers=[who, by]),
    "epoch": lambda w, body, who, by: w.epoch(body, signers=[by]),
    "epoch rightly": lambda w, body, who, by: w.epoch(body),
    "leave": lambda w, body, who, by: w.leave(who, signers=[by]),
    "leave rightly": lambda w, body, who, by: w.leave(who),
    "leave alone": lambda w, body, who, by: w.submit(w.leave(who, submit=False)[0]),
    "mandate": lambda w, body, who, by: w.mandate(who, signers=[by]),
    "focal points": lambda w, body, who, by: w.set_focal_points(body, [who, by]),
    "audit office": lambda w, body, who, by: w.audit_office(body, "audit-cpt", signers=[by]),
    "say again": lambda w, body, who, by: w.submit(w.statements[-1]),
}

acts = st.builds(Act, st.sampled_from(sorted(ACTS)), st.sampled_from(BODIES), st.integers(0, 40), st.integers(0, 40))


def lived(history: list[Act]) -> Founding:
    """A world in which all this was tried; what was refused left no trace, and raised nothing but the room's errors."""
    world = Founding(founders=(("coe-cpt", 1), ("un-spt", 1)))
    world.add_organisation("coe-cpt", "mechanism", extra=1)
    world.add_organisation("un-spt", "mechanism", extra=1)
    world.add_organisation("audit-cpt", "audit")
    for act in history:
        people = list(world.people.values())
        before, size = world.directory, len(world.leaves)
        try:
            ACTS[act.name](world, act.body, people[act.who % len(people)], people[act.signer % len(people)])
        except KeysError:
            assert world.directory is before
            assert len(world.leaves) == size
    return world


@given(st.lists(acts, max_size=14))
def test_the_same_leaves_give_the_same_directory(history: list[Act]) -> None:
    """Server and client agree after any history, twice over, also through a cache."""
    world = lived(history)
    assert world.replayed() == world.replayed() == world.directory
    assert import_json(export_json(world.directory)) == world.directory


@given(st.lists(acts, max_size=20))
def test_nobody_but_members_ever_holds_a_seat(history: list[Act]) -> None:
    """Each epoch's seats are those of the officers who had joined that body before it and had not left before it."""
    directory = lived(history).directory
    for body in directory.organisations:
        for epoch in body.epochs:
            assert set(epoch.officers) == members_at(directory, body.id, epoch.index)
        assert set(body.officers) == members_at(directory, body.id, directory.size)
        assert set(body.focal_points) <= set(body.officers)
        assert body.focal_points
    for officer in directory.officers:
        assert [b.id for b in directory.organisations if officer.id in b.officers] == [
            officer.organisation
        ] * officer.active


def members_at(directory: Directory, organisation: str, index: int) -> set[bytes]:
    """Who belonged to a body just before a leaf, told from the officers' own records alone."""
    return {
        officer.id
        for officer in directory.officers
        if officer.organisation == organisation
        and officer.enrolled < index
        and (officer.ended is None or officer.ended.index > index)
    }


@given(st.lists(acts, min_size=3, max_size=10), st.randoms(use_true_random=False))
def test_another_order_is_another_log_or_none(history: list[Act], random: object) -> None:
    """Shuffled leaves are refused, unless each subject's own order stands; then the log's root differs."""
    world = lived(history)
    order = list(range(1, len(world.leaves)))
    random.shuffle(order)  # type: ignore[attr-defined]
    order = [0, *order]
    times = [leaf.logged for leaf in world.leaves]
    leaves = [LoggedLeaf(world.leaves[i].text, time) for i, time in zip(order, times, strict=True)]
    try:
        shuffled = replay(leaves, world.public.get, world.now)
    except KeysError:
        return
    subjects = [subject(world.statements[i]) for i in order]
    for name in set(subjects):
        own = [i for i, other in zip(order, subjects, strict=True) if other == name]
        assert own == sorted(own)
    assert (shuffled.log_root == world.directory.log_root) == (order == sorted(order))


def subject(statement: Statement) -> str:
    """The subject of a statement."""
    return str(statement.body["subject"])
