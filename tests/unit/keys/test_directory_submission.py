"""A submission carries everything its statements name, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from keys.directory_officers import PrivateMandate, salted_hash
from keys.directory_submission import MandateHalf, SealedProfile, Submission, check_beside
from keys.errors import KeysError, MalformedError
from keys.replay import with_statements
from keys.seats import SEAT_BYTES
from tests.unit.keys.directory_builder import Founding, seed

Change = Callable[[Submission], Submission]


@pytest.fixture
def world() -> Founding:
    """coe-cpt with an epoch."""
    world = Founding()
    world.add_organisation("coe-cpt", "mechanism")
    world.epoch("coe-cpt")
    return world


def joined(world: Founding) -> Submission:
    """An enrolment, the next epoch and a mandate, as one act."""
    person = world.person("coe-cpt")
    focal = world.focal_points("coe-cpt")[0]
    enrol = world.enrolment(person).signed_by(person.sign).signed_by(focal.sign)
    after = with_statements(world.directory, [enrol], world.now, world.public.get)
    epoch = world._epoch(after, "coe-cpt").signed_by(focal.sign)
    after = with_statements(after, [epoch], world.now, world.public.get)
    ours, world._directory = world._directory, after
    mandate = world.mandate(person, submit=False, private=PrivateMandate("member", 2, ("XA", "XB"), True))
    world._directory = ours
    profile = SealedProfile(person.officer, "coe-cpt", 2, bytes(SEAT_BYTES), b"sealed")
    return replace(world.submission(enrol, epoch, mandate), profiles=(profile,))


def test_a_whole_act_passes_and_has_one_spelling(world: Founding) -> None:
    """A submission prints and parses to itself, and its every companion fits."""
    submission = joined(world)
    again = Submission.from_json(submission.to_json())
    assert again == submission
    assert again.to_json() == submission.to_json()
    after = with_statements(world.directory, again.statements, world.now, world.public.get)
    check_beside(after, again, lambda kid: None)
    assert again.mandates[0].values == PrivateMandate("member", 2, ("XA", "XB"), True)


def test_the_founding_act_brings_all_founders_keys_and_the_lock_key() -> None:
    """The first submission holds every key `root` names."""
    world = Founding()
    submission = world.submission(world.statements[0])
    check_beside(world.directory, submission, lambda kid: None)
    assert len(submission.keys) == 3 * len(world.founders) + 1
    with pytest.raises(KeysError) as caught:
        check_beside(world.directory, without_key(submission, world.lock.key_id), lambda kid: None)
    assert caught.value.code == "key_missing"


def test_a_founders_keys_need_not_be_sent_twice(world: Founding) -> None:
    """Keys that were kept earlier are known when a statement names them again."""
    statement = world.add_organisation("un-spt", "mechanism")
    check_beside(world.directory, replace(world.submission(statement), keys={}), world.public.get)


def without_key(submission: Submission, kid: bytes) -> Submission:
    """The submission without one key."""
    return replace(submission, keys={key: value for key, value in submission.keys.items() if key != kid})


def a_key_missing(submission: Submission) -> Submission:
    """One key's bytes left out."""
    return without_key(submission, sorted(submission.keys)[0])


def a_key_swapped(submission: Submission) -> Submission:
    """A key's bytes under another's id."""
    first, second = [kid for kid, public in sorted(submission.keys.items()) if len(public) == 32]
    return replace(submission, keys={**submission.keys, first: submission.keys[second]})


def a_key_too_many(submission: Submission) -> Submission:
    """Key bytes no statement names."""
    return replace(submission, keys={**submission.keys, bytes(32): bytes(32)})


def a_seat_missing(submission: Submission) -> Submission:
    """One seat left out."""
    return replace(submission, seats=submission.seats[1:])


def a_seat_of_another_epoch(submission: Submission) -> Submission:
    """A seat of an epoch that is not begun here."""
    return replace(submission, seats=(*submission.seats, replace(submission.seats[0], epoch=7)))


def no_half(submission: Submission) -> Submission:
    """No private half of the mandate."""
    return replace(submission, mandates=())


def another_half(submission: Submission) -> Submission:
    """A private half that says something else."""
    half = replace(submission.mandates[0], spelling=PrivateMandate("secretariat").spelling)
    return replace(submission, mandates=(half,))


def a_half_too_many(submission: Submission) -> Submission:
    """A second private half."""
    salt, spelling = seed("salt"), PrivateMandate("member").spelling
    half = MandateHalf(salted_hash(salt, spelling), salt, spelling)
    return replace(submission, mandates=(*submission.mandates, half))


def a_profile_for_elsewhere(submission: Submission) -> Submission:
    """A profile sealed to another body than the officer's."""
    return replace(submission, profiles=(replace(submission.profiles[0], reader="un-spt"),))


def a_profile_for_no_epoch(submission: Submission) -> Submission:
    """A profile sealed to an epoch that does not exist."""
    return replace(submission, profiles=(replace(submission.profiles[0], epoch=9),))


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (a_key_missing, {"key_missing"}),
        (a_key_swapped, {"beside_mismatch"}),
        (a_key_too_many, {"beside_mismatch"}),
        (a_seat_missing, {"seat_count"}),
        (a_seat_of_another_epoch, {"beside_mismatch"}),
        (no_half, {"beside_mismatch"}),
        (another_half, {"beside_mismatch"}),
        (a_half_too_many, {"beside_mismatch"}),
        (a_profile_for_elsewhere, {"beside_mismatch"}),
        (a_profile_for_no_epoch, {"beside_mismatch"}),
    ],
)
def test_what_lies_beside_must_fit(world: Founding, change: Change, codes: set[str]) -> None:
    """Anything missing, swapped, changed or too many beside the statements is refused with its code."""
    submission = joined(world)
    after = with_statements(world.directory, submission.statements, world.now, world.public.get)
    with pytest.raises(KeysError) as caught:
        check_beside(after, change(submission), lambda kid: None)
    assert caught.value.code in codes


def test_a_private_mandate_is_spelled_in_one_way() -> None:
    """Roles, clearance and excluded States have one order and one form; a short salt is refused."""
    mandate = PrivateMandate("member", None, ("XB", "XA"))
    assert PrivateMandate.read(mandate.spelling) == replace(mandate, excluded_states=("XA", "XB"))
    for role, states in (("A Role", ()), ("member", ("xa",)), ("member", ("XA", "XA"))):
        wrong = PrivateMandate(role, None, states)
        with pytest.raises(MalformedError):
            _ = wrong.spelling
    with pytest.raises(MalformedError):
        salted_hash(b"short", b"")


def test_a_submission_is_parsed_or_refused() -> None:
    """No statements, a statement that is none, or anything else is malformed."""
    for data in (
        b"",
        b"{}",
        b'{"beside":{"keys":{},"mandates":[],"profiles":[],"seats":[]},"statements":[]}',
        b'{"beside":{"keys":{},"mandates":[],"profiles":[],"seats":[]},"statements":["x"]}',
        b'{"beside":{"keys":{},"mandates":[],"profiles":[],"seats":[1]},"statements":[1]}',
    ):
        with pytest.raises(MalformedError):
            Submission.from_json(data)
