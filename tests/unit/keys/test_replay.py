"""The directory replays from its leaves alone, and answers what the rooms ask of it."""

from datetime import timedelta

import pytest

from keys.directory_officers import PrivateMandate
from keys.encoding import b64u
from keys.errors import UnknownVersionError
from keys.merkle_head import tree_head
from keys.replay import replay, with_statements
from keys.replay_errors import BrokenChainError, UnknownOfficerError, UnknownOrganisationError
from keys.seat_open import open_seat
from keys.statement import new
from tests.unit.keys.directory_builder import START, Founding


def test_a_client_rebuilds_what_the_server_holds() -> None:
    """Replaying the leaves gives the same directory as appending statement by statement, root and size included."""
    world = Founding.started()
    directory = world.replayed()
    assert directory == world.directory
    assert directory.size == len(world.leaves) == 20
    assert directory.log_root == tree_head(leaf.text for leaf in world.leaves)
    assert directory.exchange == world.statements[0].hash
    assert (directory.host, directory.quorum, directory.root.instance) == ("coe-cpt", 2, "exchange.example")
    assert directory.lock_key == world.lock.key_id
    assert directory.log("audit").n == 1
    assert directory.log("directory").ed25519.startswith("exchange.example/directory/1+")


def test_replay_goes_on_from_an_earlier_directory() -> None:
    """A client that kept its directory replays only the new leaves, and gets the same as from the start."""
    world = Founding.started()
    half = replay(world.leaves[:11], world.public.get, world.now)
    assert replay(world.leaves[11:], world.public.get, world.now, start=half) == world.directory
    assert half.size == 11


def test_adding_statements_leaves_the_old_directory_alone() -> None:
    """A refused or an accepted batch never changes the directory it was tried on."""
    world = Founding.started()
    before, again = world.directory, world.replayed()
    person = world.enrol("coe-cpt")
    assert before == again
    assert before != world.directory
    with pytest.raises(UnknownOfficerError):
        before.officer(person.officer)
    batch = world.leave(person, submit=False)
    with pytest.raises(BrokenChainError):
        with_statements(world.directory, [*batch, batch[0]], world.now, world.public.get)
    assert world.directory.officer(person.officer).active


def test_a_body_is_known_by_all_its_facts() -> None:
    """Kind, State, focal points, officers, epochs, audit office and fingerprint of a body come from its statements."""
    world = Founding.started()
    directory = world.directory
    body = directory.organisation("npm-xa")
    assert (body.kind, body.state, body.audit_office) == ("npm", "XA", "audit-cpt")
    assert len(body.focal_points) == len(body.officers) == 2
    assert [person.officer for person in world.focal_points("npm-xa")] == list(body.focal_points)
    add = world.statements[body.added_index]
    assert add.typ == "exchange/directory-organisation.add/v1"
    assert body.added == add.hash
    assert len(directory.fingerprint("npm-xa")) == 11
    assert directory.audit_office("npm-xa") == "audit-cpt"
    assert [item.id for item in directory.organisations] == [
        "audit-cpt", "audit-un", "coe-cpt", "npm-xa", "state:XA", "un-spt",
    ]  # fmt: skip
    assert directory.has_organisation("state:XA")
    assert not directory.has_organisation("npm-xb")
    with pytest.raises(UnknownOrganisationError):
        directory.organisation("npm-xb")


def test_epochs_follow_each_other_and_old_ones_stay_known() -> None:
    """The newest epoch is the one to seal to; an older one answers "wrap again"."""
    world = Founding.started()
    first = world.directory.current_epoch("un-spt")
    world.epoch("un-spt")
    second = world.directory.current_epoch("un-spt")
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    assert world.directory.epoch("un-spt", 1) == first
    assert world.directory.epoch("un-spt", 3) is None
    assert world.directory.epoch("un-spt", 0) is None
    assert world.directory.is_current_epoch("un-spt", 2, second.key)
    assert not world.directory.is_current_epoch("un-spt", 1, first.key)
    assert not world.directory.is_current_epoch("un-spt", 2, first.key)


def test_a_new_officer_is_due_a_seat_until_the_next_epoch() -> None:
    """An officer enrolled after an epoch holds no seat in it, and the directory says who is due one."""
    world = Founding.started()
    person = world.enrol("coe-cpt")
    assert [officer.id for officer in world.directory.seats_due("coe-cpt")] == [person.officer]
    world.epoch("coe-cpt")
    assert world.directory.seats_due("coe-cpt") == ()
    epoch = world.directory.current_epoch("coe-cpt")
    assert epoch is not None
    assert person.officer in epoch.officers
    seat = world.seats["coe-cpt", 2, person.officer]
    assert open_seat(person.seal, seat.ciphertext, "coe-cpt", 2, epoch.key).key_id == epoch.key


def test_who_left_holds_no_seat_and_signs_nothing_more() -> None:
    """After a leave the officer is not active, not in the new epoch, and their key ends at the checkpoint named."""
    world = Founding.started()
    person = world.enrol("coe-cpt")
    world.epoch("coe-cpt")
    world.leave(person, n=1, size=40)
    directory = world.directory
    officer = directory.officer(person.officer)
    assert not officer.active
    assert officer.ended is not None
    assert (officer.ended.at.n, officer.ended.at.size, officer.ended.index) == (1, 40, directory.size - 2)
    epoch = directory.current_epoch("coe-cpt")
    assert epoch is not None
    assert person.officer not in epoch.officers
    assert person.officer not in [other.id for other in directory.active_officers("coe-cpt")]
    assert not officer.may_act(world.now)


@pytest.mark.parametrize(
    ("n", "index", "good"),
    [(1, 0, True), (1, 39, True), (1, 40, False), (1, 41, False), (2, 0, False), (2, 39, False), (0, 99, True)],
)
def test_a_ticket_is_compared_with_the_end_of_a_key_as_a_pair(n: int, index: int, good: bool) -> None:
    """Entry 39 of audit/1 stands under a checkpoint of size 40, entry 40 and every later log do not."""
    world = Founding()
    world.add_organisation("coe-cpt", "mechanism")
    person = world.enrol("coe-cpt")
    world.leave(person, n=1, size=40)
    assert world.directory.key_good_for(person.sign.key_id, n, index) is good


def test_only_signing_keys_of_officers_are_good_for_statements() -> None:
    """A seal key, a stop key, an epoch key, the lock key, a founder not yet enrolled or a stranger sign nothing."""
    world = Founding()
    world.add_organisation("coe-cpt", "mechanism")
    world.epoch("coe-cpt")
    inside = world.focal_points("coe-cpt")[0]
    outside = next(person for person in world.founders if person.organisation == "un-spt")
    directory = world.directory
    assert directory.key_good_for(inside.sign.key_id, 1, 10**9)
    others = [
        inside.seal, inside.stop, world.epoch_keys["coe-cpt", 1], world.lock, outside.sign, world.person("coe-cpt").sign,
    ]  # fmt: skip
    assert not any(directory.key_good_for(key.key_id, 1, 0) for key in others)
    assert directory.founder_at(outside.sign.key_id) == outside.founder
    assert directory.founder_at(inside.seal.key_id) is None


def test_every_key_has_one_owner() -> None:
    """The owner and the use of each key id are known for good."""
    world = Founding.started()
    directory = world.directory
    person = world.focal_points("un-spt")[0]
    uses = [directory.key_owner(key.key_id) for key in (person.sign, person.seal, person.stop)]
    assert [(o.use, o.officer) for o in uses if o] == [(u, person.officer) for u in ("sign", "seal", "stop")]
    epoch = directory.key_owner(world.epoch_keys["un-spt", 1].key_id)
    assert epoch is not None
    assert (epoch.use, epoch.organisation) == ("epoch", "un-spt")
    lock = directory.key_owner(world.lock.key_id)
    assert lock is not None
    assert lock.use == "lock"
    assert directory.key_owner(bytes(32)) is None
    assert directory.officer_at(person.sign.key_id) == directory.officer(person.officer)
    assert directory.officer_at(person.seal.key_id) is None


def test_founders_become_officers_with_the_keys_root_names() -> None:
    """A founder enters their body through `organisation.add` or `officer.enrol`, and stays one person."""
    world = Founding(founders=(("coe-cpt", 2), ("un-spt", 2)))
    first, second = (person for person in world.founders if person.organisation == "coe-cpt")
    world.add_organisation("coe-cpt", "mechanism", focal_points=[first])
    assert [officer.id for officer in world.directory.active_officers("coe-cpt")] == [first.officer]
    world.enrol("coe-cpt", second)
    assert {officer.id for officer in world.directory.officers} == {first.officer, second.officer}
    assert not world.directory.is_focal_point(second.officer)


def test_an_authority_speaks_for_its_state_in_its_period_and_while_active() -> None:
    """Authorities are asked by State, treaty and moment; an officer who left speaks for nobody."""
    world = Founding.started()
    first, second = world.officers("state:XA")
    end = START + timedelta(days=365)
    world.authority("state:XA", "OPCAT", second, valid_from=START + timedelta(days=30), valid_to=end)
    directory = world.directory
    assert [a.treaty for a in directory.authorities("XA", world.now)] == ["ECPT"]
    assert [a.treaty for a in directory.authorities("XA", START + timedelta(days=31))] == ["ECPT", "OPCAT"]
    assert [a.treaty for a in directory.authorities("XA", end)] == ["ECPT"]
    assert directory.authorities("XB", world.now) == ()
    assert directory.is_authority(first.officer, "XA", world.now)
    assert directory.is_authority(first.officer, "XA", world.now, "ECPT")
    assert not directory.is_authority(first.officer, "XA", world.now, "OPCAT")
    assert not directory.is_authority(first.officer, "XA", START - timedelta(days=1))
    world.leave(first)
    assert world.directory.authorities("XA", world.now) == ()
    assert len(world.directory.all_authorities["state:XA"]) == 2


def test_a_mandate_narrows_and_its_period_is_a_question_of_the_door() -> None:
    """A mandate may take the focal point's part away; its period says when the officer may act."""
    world = Founding.started()
    stays, goes = world.focal_points("npm-xa")
    end = START + timedelta(days=10)
    world.mandate(goes, focal_point=False, valid_to=end, private=PrivateMandate("member", 2, ("XB",)))
    officer = world.directory.officer(goes.officer)
    assert not world.directory.is_focal_point(goes.officer)
    assert world.directory.is_focal_point(stays.officer)
    assert officer.may_act(world.now)
    assert not officer.may_act(end)
    assert world.directory.officer(stays.officer).may_act(end)
    world.mandate(stays, focal_point=True)
    assert world.directory.is_focal_point(stays.officer)


def test_two_focal_points_replace_the_list() -> None:
    """The new list is complete: who is not on it is a focal point no more, but stays an officer."""
    world = Founding.started()
    old = world.focal_points("un-spt")
    person = world.enrol("un-spt")
    world.set_focal_points("un-spt", [person, old[0]])
    assert {p.officer for p in world.focal_points("un-spt")} == {person.officer, old[0].officer}
    assert not world.directory.is_focal_point(old[1].officer)
    assert world.directory.officer(old[1].officer).active


def test_the_next_statement_of_a_subject_starts_from_its_last() -> None:
    """`link` gives time, exchange and the hash of the subject's last statement; null for a subject's first."""
    world = Founding.started()
    link = world.directory.link("organisation", "un-spt", world.now)
    last = [s for s in world.statements if s.body["subject"] == "un-spt"][-1]
    assert (link.prev, link.exchange, link.time) == (last.hash, world.directory.exchange, world.now)
    assert world.directory.link("officer", b64u(bytes(16)), world.now).prev is None


def test_a_kind_that_is_not_built_stops_replay() -> None:
    """An unknown kind is never skipped: neither the server nor a client goes past it."""
    world = Founding.started()
    body = {"exchange": b64u(world.directory.exchange), "prev": None, "subject": "x", "time": "2026-03-02T09:30:00Z"}
    statement = new("exchange/directory-void/v1", body).signed_by(world.founders[0].sign)
    with pytest.raises(UnknownVersionError) as caught:
        world.submit(statement)
    assert caught.value.__notes__ == ["statement 0 of the batch"]
