"""What a hostile member tries to make of the rules on opening: other actions, other people, other orders."""

from datetime import timedelta
from pathlib import Path

import pytest

from keys.encoding import format_time
from tests.web.access_maker import ask, granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import decision, registered, signed_determination, signed_lift, signed_stop


@pytest.mark.parametrize("action", ["see_existence", "quote", "translate", "forward", "publish"])
def test_an_envelope_leaves_only_to_whom_may_view(world: ExchangeWorld, tmp_path: Path, action: str) -> None:
    """A State that lets a body know of a report, or quote it, has not let it read it: an envelope opens the content."""
    made = registered(world, tmp_path)
    anna, berta = world.officers("coe-cpt")[:2]
    if action != "see_existence":
        value = decision("coe-cpt", "permit", "un-spt", actions=["view", action])
        statement = signed_determination(made, "originator_decision", value, anna, berta)
        answer = world.say(anna, statement)
        assert answer.status_code == 201, answer.text
    granted(world, instrument("XA", [permit("un-spt", actions=[action])]))
    chen = world.officers("un-spt")[0]
    assert ask(made, chen, made.parts[0]).status_code == 404
    answer = ask(made, chen, made.parts[0], action=action)
    assert (answer.status_code, answer.json["code"]) == (404, "N_UNAVAILABLE")
    assert world.read("audit-cpt").last("access:release:withhold").fields["action"] == action


def test_a_suspension_that_is_to_come_keeps_nobody_from_suspending_now(world: ExchangeWorld, tmp_path: Path) -> None:
    """One officer's suspension from 2099 on must not take the right to stop at once from the others."""
    made = registered(world, tmp_path)
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    anna, berta = world.officers("coe-cpt")[:2]
    chen = world.officers("un-spt")[0]
    far = format_time(world.clock.now() + timedelta(days=20_000))
    assert agreed.say("suspended", anna, effective=far).status_code == 201
    assert ask(made, chen, made.parts[0]).status_code == 200
    assert agreed.say("suspended", berta).status_code == 201
    assert ask(made, chen, made.parts[0]).status_code == 404
    assert agreed.say("resumed", anna).status_code == 201
    assert ask(made, chen, made.parts[0]).status_code == 404


def test_a_signature_is_not_completed_long_after(world: ExchangeWorld, tmp_path: Path) -> None:
    """Nobody can take a signature back: a lift that one officer signed a year ago opens nothing with a second one today."""
    from exchange.reports.feature import FEATURE

    made = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    anna, berta = world.officers("coe-cpt")[:2]
    chen = world.officers("un-spt")[0]
    stop = signed_stop(made, anna)
    assert world.say(anna, stop).status_code == 201
    waiting = signed_lift(made, stop, anna)
    assert world.say(anna, waiting).status_code == 202
    world.clock.forward(7 * 86_400 + 60)
    answer = world.say(berta, waiting.signed_by(berta.sign))
    assert (answer.status_code, answer.json["code"]) == (400, "clock_off")
    assert ask(made, chen, made.parts[0]).status_code == 404
    for job in FEATURE.background:
        job.run(world.services)
    assert world.get(berta, "/statements/pending").json == {"pending": []}
