"""The whole way of a report: transmitted, withheld, agreed to, opened, widened, stopped, withdrawn, closed again."""

from pathlib import Path

from keys.encoding import b64u
from tests.web.access_maker import (
    ask,
    check_permit,
    granted,
    head_of,
    instrument,
    permit,
    recorded,
    signed_receipt,
    signed_request,
)
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, part, registered, signed_lift, signed_stop


def test_the_story(world: ExchangeWorld, tmp_path: Path) -> None:
    """Deposit, withheld, record and confirm, French alone, superseded by a wider one, stopped, lifted, withdrawn, closed."""
    anna, berta = world.officers("coe-cpt")
    chen = world.officers("un-spt")[0]
    made = registered(
        world, tmp_path, parts=[part("p1"), part("p2", language="fr", data=b"Le corps du rapport. " * 9000)]
    )
    english, french = made.parts
    path = f"/reports/{made.report}"

    nothing_is_made_available(made, french)

    # The French version of this document is agreed to: recorded by one, confirmed by another.
    scope = {"scope": "document", "scope_ref": made.report}
    first = recorded(world, instrument("XA", [permit("un-spt", **scope, languages=["fr"])], kind="specific"))
    assert ask(made, chen, french).status_code == 404
    assert view_of(world, made.report, french) == "W_UNVERIFIED"
    assert first.say("granted", anna).json["code"] == "signer_recorded_it"
    assert first.say("granted", berta).json["status"] == "in_force"

    listed = world.get(chen, "/reports?box=inbox").json["items"]
    assert [[p["language"] for p in item["parts"]] for item in listed] == [["fr"]]
    shown = world.get(chen, path).json
    assert [pair[1]["language"] for pair in shown["parts"]] == ["fr"]
    assert ["view", "follow_up"] in shown["permitted"][b64u(french)]
    assert world.get(chen, f"{path}/parts/{b64u(french)}/pieces/0").data == made.spool.parts[french].piece(0)

    request = signed_request(made, chen, french)
    answer = ask(made, chen, french, statement=request)
    fields = check_permit(made, chen, french, answer)
    assert (fields["reason"], fields["request"]) == ("P_CONSENT", b64u(request.hash))
    known = head_of(world, answer.json)
    receipt = world.say(chen, signed_receipt(made, chen, french, request, answer.json))
    assert receipt.status_code == 201, receipt.text
    assert ask(made, chen, english).status_code == 404
    assert view_of(world, made.report, english) == "W_SCOPE_LANGUAGE"

    # A wider agreement replaces the first.
    wider = granted(world, instrument("XA", [permit("un-spt", **scope)], kind="specific", supersedes=[first.name]))
    check_permit(made, chen, english, ask(made, chen, english, audit_size=known.size), known)

    # The owner stops it at once, and opens it again by two.
    stopped_and_lifted(made, french)

    # The agreement is withdrawn: closed again, for good.
    withdrawn = wider.say("withdrawn", berta)
    assert withdrawn.json["status"] == "withdrawn"
    after = ask(made, chen, french)
    assert (after.status_code, after.json["code"]) == (404, "N_UNAVAILABLE")
    assert view_of(world, made.report, french) == "W_WITHDRAWN"
    assert world.get(chen, "/reports?box=inbox").json["items"] == []
    assert world.get(chen, f"{path}/parts/{b64u(french)}/pieces/0").status_code == 404

    # No release stands after the acknowledged withdrawal.
    for office in ("audit-cpt", "audit-un"):
        reading = world.read(office)
        assert reading.findings == []
        releases = [r.index for r in reading.records if r.act.tag == "access:release:permit"]
        assert len(releases) == 3 and max(releases) < withdrawn.json["ticket"]["index"]
    assert world.fsck() == []


def nothing_is_made_available(made: Made, french: bytes) -> None:
    """Nothing is agreed: the requester learns nothing, the owner exactly why."""
    world = made.world
    chen = world.officers("un-spt")[0]
    path = f"/reports/{made.report}"
    assert world.get(chen, "/reports?box=inbox").json == {"items": [], "next": None}
    assert world.get(chen, path).json["code"] == "N_UNAVAILABLE"
    assert world.get(chen, f"{path}/parts/{b64u(french)}/pieces/0").json["code"] == "N_UNAVAILABLE"
    refused = ask(made, chen, french)
    assert (refused.status_code, refused.json["code"]) == (404, "N_UNAVAILABLE")
    assert view_of(world, made.report, french) == "W_NO_CONSENT"


def stopped_and_lifted(made: Made, french: bytes) -> None:
    """One officer stops the report; two lift the stop, the first alone to no effect."""
    world = made.world
    anna, berta = world.officers("coe-cpt")
    chen = world.officers("un-spt")[0]
    stop = signed_stop(made, anna)
    assert world.say(anna, stop).status_code == 201
    assert ask(made, chen, french).status_code == 404
    assert view_of(world, made.report, french) == "W_ORIGINATOR"
    lift = signed_lift(made, stop, anna)
    assert world.say(anna, lift).status_code == 202
    assert [item["hash"] for item in world.get(berta, "/statements/pending").json["pending"]] == [b64u(lift.hash)]
    assert world.say(berta, lift.signed_by(berta.sign)).status_code == 201
    assert ask(made, chen, french).status_code == 200


def view_of(world: ExchangeWorld, report: str, part_id: bytes) -> str:
    """What the owner's matrix says of the SPT viewing a part."""
    anna = world.officers("coe-cpt")[0]
    cells = world.get(anna, f"/reports/{report}/access").json["cells"]
    found = [c for c in cells if (c["organisation"], c["part"], c["action"]) == ("un-spt", b64u(part_id), "view")]
    assert len(found) == 1 and found[0]["sentence"]
    return str(found[0]["reason"])
