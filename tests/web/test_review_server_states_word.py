"""A State's own signed no against what others record for it on paper; and statements about reports of others."""

from pathlib import Path

import pytest

from keys.encoding import b64u
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import Instrument, ask, deny, granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, registered


def opens(made: Made) -> bool:
    """Whether the SPT may read the report."""
    return bool(ask(made, made.world.officers("un-spt")[0], made.parts[0]).status_code == 200)


def authority(world: ExchangeWorld) -> Person:
    """The officer who signs for the State."""
    return world.officers("state:XA")[0]


def asked_and_refused(world: ExchangeWorld) -> Instrument:
    """The CPT asked, and the State's own authority signed that it refuses."""
    made = recorded(world, instrument("XA", [permit("un-spt")]))
    assert made.say("requested", world.officers("coe-cpt")[0]).status_code == 201
    assert made.say("refused", authority(world)).status_code == 201
    return made


def excluded(world: ExchangeWorld) -> Instrument:
    """The CPT recorded an exclusion, and the State's own authority confirmed it."""
    made = recorded(world, instrument("XA", [deny("un-spt")]))
    assert made.say("granted", authority(world)).status_code == 201
    return made


@pytest.mark.parametrize("said", [asked_and_refused, excluded])
@pytest.mark.parametrize("how", ["supersedes", "amends"])
def test_paper_does_not_silence_the_states_own_no(world: ExchangeWorld, tmp_path: Path, said: object, how: str) -> None:
    """Two focal points record a letter that replaces, or limits, what the State's authority signed itself: still closed.

    The State's own word opens: once its authority confirms such a record.
    """
    report = registered(world, tmp_path)
    no = said(world)  # type: ignore[operator]
    granted(world, instrument("XA", [permit("un-spt")], **{how: [no.name]}))
    assert not opens(report)
    later = recorded(world, instrument("XA", [permit("un-spt")], supersedes=[no.name]))
    assert not opens(report)
    assert later.say("granted", authority(world)).status_code == 201
    assert opens(report)


def test_a_no_that_comes_after_the_paper_that_names_it(world: ExchangeWorld, tmp_path: Path) -> None:
    """A record that replaces a request in advance does not silence the State's answer to it."""
    report = registered(world, tmp_path)
    asked = recorded(world, instrument("XA", [permit("un-spt")]))
    assert asked.say("requested", world.officers("coe-cpt")[0]).status_code == 201
    granted(world, instrument("XA", [permit("un-spt")], supersedes=[asked.name]))
    assert opens(report)
    assert asked.say("refused", authority(world)).status_code == 201
    assert not opens(report)


def test_paper_still_replaces_paper_and_narrows_a_states_permit(world: ExchangeWorld, tmp_path: Path) -> None:
    """What two people recorded, two people replace; and a later, narrower letter ends a wider permit of the State's own."""
    report = registered(world, tmp_path)
    paper = granted(world, instrument("XA", [deny("un-spt")]))
    yes = recorded(world, instrument("XA", [permit("un-spt")]))
    assert yes.say("granted", authority(world)).status_code == 201
    assert not opens(report)
    granted(world, instrument("XA", [permit("un-spt", purposes=["visit_preparation"])], supersedes=[paper.name]))
    assert opens(report)
    granted(world, instrument("XA", [permit("un-spt", purposes=["visit_preparation"])], supersedes=[yes.name]))
    assert not opens(report)


def test_statements_about_reports_of_others_are_answered_like_unknown_ids(world: ExchangeWorld, tmp_path: Path) -> None:
    """Stop, lift, grant and determination by an officer of a body that made no such report: one answer, no entry."""
    from dataclasses import replace

    from tests.web.report_maker import decision, signed_determination, signed_grant, signed_lift, signed_stop

    made = registered(world, tmp_path)
    chen = world.officers("un-spt")[0]
    none = replace(made, values=replace(made.values, report="99999999-9999-4999-8999-999999999999"))
    size = world.size()
    answers = []
    for about in (made, none):
        stop = signed_stop(about, chen)
        grant, beside = signed_grant(made, "npm-xa", chen, report=about.report)
        value = decision("un-spt", "deny", "npm-xa")
        answers.append(
            [
                world.say(chen, stop),
                world.say(chen, signed_lift(about, stop, chen)),
                world.say(chen, grant, beside),
                world.say(chen, signed_determination(about, "originator_decision", value, chen, part_id=None)),
                world.say(chen, signed_determination(about, "publication", False, chen, part_id=made.parts[0])),
            ]
        )
    for known, unknown in zip(*answers, strict=True):
        assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (404, unknown.data)
    assert world.get(chen, "/statements/pending").json == {"pending": []}
    assert world.acts("un-spt", size) == ["accounts:token:issue"] * world.acts("un-spt", size).count(
        "accounts:token:issue"
    )


def test_a_leavers_signature_completes_nothing(world: ExchangeWorld, tmp_path: Path) -> None:
    """A lift that waits for a second officer is not completed once the first has left."""
    from tests.web.report_maker import signed_lift, signed_stop

    made = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    anna, berta = world.officers("coe-cpt")[:2]
    eva = world.founding.person("coe-cpt")
    enrol = world.founding.enrolment(eva).signed_by(eva.sign).signed_by(anna.sign)
    world.founding.submit(enrol)
    world.submit(enrol)
    stop = signed_stop(made, anna)
    assert world.say(anna, stop).status_code == 201
    waiting = signed_lift(made, stop, eva)
    assert world.say(eva, waiting).status_code == 202
    world.submit(*world.founding.leave(eva, size=world.size(), submit=False))
    answer = world.say(berta, waiting.signed_by(berta.sign))
    assert answer.status_code == 403, answer.text
    assert not opens(made)
    assert b64u(waiting.hash) in world.get(berta, "/statements/pending").text


@pytest.mark.parametrize(
    ("said", "event"), [(asked_and_refused, "invalidated"), (excluded, "withdrawn"), (excluded, "invalidated")]
)
def test_two_focal_points_do_not_end_the_states_own_no(
    world: ExchangeWorld, tmp_path: Path, said: object, event: str
) -> None:
    """They may call what the State's authority signed withdrawn or void, both of them: it stands until the State says so."""
    report = registered(world, tmp_path)
    no = said(world)  # type: ignore[operator]
    granted(world, instrument("XA", [permit("un-spt")]))
    for person in world.officers("coe-cpt")[:2]:
        assert no.say(event, person).status_code == 201
    assert not opens(report)
    matrix = world.get(report.officer, f"/reports/{report.report}/access").json
    viewing = next(c for c in matrix["cells"] if (c["organisation"], c["action"]) == ("un-spt", "view"))
    assert viewing["reason"] == "W_CONFLICT_DENY" and viewing["nearest"]["instrument"] == no.name
    assert no.say(event, authority(world)).status_code == 201
    assert opens(report)


def test_calling_the_authority_incompetent_hides_no_no(world: ExchangeWorld, tmp_path: Path) -> None:
    """Whoever records the request cannot, by a word in it, have the State's signed refusal unheard."""
    report = registered(world, tmp_path)
    asked = recorded(world, instrument("XA", [permit("un-spt")], authority_competent=False))
    assert asked.say("refused", authority(world)).status_code == 201
    granted(world, instrument("XA", [permit("un-spt")]))
    assert not opens(report)


@pytest.mark.parametrize("event", ["suspended", "disputed"])
def test_what_the_state_itself_suspended_others_do_not_resume(world: ExchangeWorld, tmp_path: Path, event: str) -> None:
    """The State denies that it ever wrote the letter: the two people who recorded it do not open it again."""
    report = registered(world, tmp_path)
    letter = granted(world, instrument("XA", [permit("un-spt")]))
    assert letter.say(event, authority(world)).status_code == 201
    for person in world.officers("coe-cpt")[:2]:
        answer = letter.say("resumed", person)
        assert (answer.status_code, answer.json["code"]) == (403, "consent_keeper")
    assert not opens(report)
    assert letter.say("resumed", authority(world)).status_code == 201
    assert opens(report)
