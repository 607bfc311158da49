"""What a body is shown: lists, reports, descriptors, pieces; and what is not its to know, it is not shown."""

from pathlib import Path
from typing import Any

import pytest

from exchange.sealing import descriptors
from exchange.sealing.descriptor import LinkDescriptor
from exchange.sealing.descriptors import HeaderLists
from keys.encoding import b64u
from tests.web.access_maker import ask, deny, granted, instrument, permit, prove
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, part, recipient, registered, signed_grant, signed_stop


def box(world: ExchangeWorld, person: Any, name: str, **query: Any) -> dict[str, Any]:
    """A page of a list."""
    answer = world.get(person, "/reports", query_string={"box": name, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def ids(page: dict[str, Any]) -> list[str]:
    """The reports on a page."""
    return [item["report"] for item in page["items"]]


def parts_of(shown: dict[str, Any]) -> set[str]:
    """The ids of the parts in an answer."""
    return {descriptor["id"] for _salt, descriptor in shown["parts"]}


def two_states(world: ExchangeWorld, folder: Path) -> Made:
    """A report with a part on each of two States."""
    return registered(world, folder, parts=[part("p1", states=["XA"]), part("p2", states=["XB"], language="fr")])


def test_a_body_sees_the_parts_it_may_know_of(world: ExchangeWorld, tmp_path: Path) -> None:
    """One State agreed, the other did not: one part, our own recipient descriptors of it, all named by the header."""
    made = two_states(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    chen = world.officers("un-spt")[0]
    english, french = made.parts
    shown = world.get(chen, f"/reports/{made.report}").json
    assert parts_of(shown) == {b64u(english)} == set(shown["manifests"]) == set(shown["permitted"])
    recipients = {(d["organisation"], d["part"]) for _salt, d in shown["recipients"]}
    assert recipients == {("un-spt", b64u(english))}
    found = descriptors.from_json({name: shown[name] for name in ("parts", "recipients", "links")})
    header = made.values
    descriptors.check_shown(HeaderLists(header.parts, header.recipients, header.links), found)
    assert shown["stops"] == shown["lifts"] == shown["links"] == [] and shown["stopped"] is False
    for text in (b64u(french), "'XB'", "'npm-xa'"):
        assert text not in str({name: value for name, value in shown.items() if name != "header"})
    assert world.get(chen, f"/reports/{made.report}/parts/{b64u(french)}/pieces/0").status_code == 404


def test_the_owner_sees_everything(world: ExchangeWorld, tmp_path: Path) -> None:
    """Every descriptor, stops and lifts, each statement proven against one checkpoint that continues what was verified."""
    made = two_states(world, tmp_path)
    anna = made.officer
    world.say(anna, signed_stop(made, anna))
    size = world.size()
    shown = world.get(anna, f"/reports/{made.report}?audit_size={size}").json
    assert parts_of(shown) == {b64u(part_id) for part_id in made.parts}
    assert {d["organisation"] for _salt, d in shown["recipients"]} == {"coe-cpt", "un-spt"}
    assert shown["stopped"] is True and len(shown["stops"]) == 1
    from exchange.ledger.ticket import Ticket

    listed = [(made.header.hash, shown["ticket"], shown["proof"])]
    listed += [(_hash(item), item["ticket"], item["proof"]) for item in shown["stops"]]
    for digest, ticket, proof in listed:
        found = Ticket.from_json(ticket)
        prove(world, proof, found.leaf(digest), found.index)
        assert proof["size"] >= size
    assert world.get(anna, f"/reports/{made.report}?audit_size={size + 1000}").json["code"] == "log_range"


def _hash(item: dict[str, Any]) -> bytes:
    from keys.encoding import unb64u

    return unb64u(item["hash"])


def test_lists_hold_what_may_be_known_and_no_gap_tells_of_more(world: ExchangeWorld, tmp_path: Path) -> None:
    """Four reports, every second one agreed to: pages of one show those two, and no mark of the others."""
    made = [registered(world, tmp_path / str(n)) for n in range(4)]
    open_ones = [made[0].report, made[2].report]
    granted(world, instrument("XA", [permit("un-spt", scope="document", scope_ref=open_ones)]))
    chen = world.officers("un-spt")[0]
    assert ids(box(world, chen, "inbox")) == [made[2].report, made[0].report]
    assert box(world, chen, "inbox")["next"] is None
    first = box(world, chen, "inbox", limit=1)
    assert (ids(first), first["next"]) == ([made[2].report], made[2].report)
    second = box(world, chen, "inbox", limit=1, after=first["next"])
    assert (ids(second), second["next"]) == ([made[0].report], None)
    assert ids(box(world, made[0].officer, "sent")) == [each.report for each in reversed(made)]
    assert box(world, chen, "sent")["items"] == box(world, made[0].officer, "inbox")["items"] == []


def test_a_place_that_is_not_in_the_list_is_none(world: ExchangeWorld, tmp_path: Path) -> None:
    """`after` a report of others and after none at all are the same answer."""
    made = registered(world, tmp_path)
    dina = world.officers("npm-xa")[0]
    answers = [
        world.get(dina, "/reports", query_string={"box": "inbox", "after": report})
        for report in (made.report, "99999999-9999-4999-8999-999999999999")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_a_hidden_report_is_no_place_in_a_list_either(world: ExchangeWorld, tmp_path: Path) -> None:
    """A body that was sent a report it may not know of cannot tell by asking for what comes after it."""
    made = registered(world, tmp_path)
    chen = world.officers("un-spt")[0]
    answers = [
        world.get(chen, "/reports", query_string={"box": "inbox", "after": report})
        for report in (made.report, "99999999-9999-4999-8999-999999999999")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_the_senders_list_says_how_each_part_stands(world: ExchangeWorld, tmp_path: Path) -> None:
    """Per part and body: can it be viewed, and if not the exact reason; a receiver is told neither States nor reasons."""
    made = two_states(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    sent = box(world, made.officer, "sent")["items"][0]
    told = [(p["language"], p["states"], p["view"], p["reason"]) for p in sent["parts"]]
    assert told == [("en", ["XA"], True, "P_CONSENT"), ("fr", ["XB"], False, "W_NO_CONSENT")]
    assert sent["parts"][1]["recipients"] == [{"organisation": "un-spt", "view": False, "reason": "W_NO_CONSENT"}]
    arrived = box(world, world.officers("un-spt")[0], "inbox")["items"][0]
    assert arrived["reference"] == "CPT 2026/1"
    assert [(p["language"], p["states"], p["view"], p["reason"]) for p in arrived["parts"]] == [("en", None, True, None)]


def test_knowing_of_a_part_is_not_reading_it(world: ExchangeWorld, tmp_path: Path) -> None:
    """An agreement to see_existence alone lists the report, shows its descriptor, and gives no piece and no envelope.

    The owner's own decision, which the header carries, covers viewing: so the State's is what limits here.
    """
    made = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt", actions=["see_existence"])]))
    chen = world.officers("un-spt")[0]
    assert [p["view"] for p in box(world, chen, "inbox")["items"][0]["parts"]] == [False]
    shown = world.get(chen, f"/reports/{made.report}").json
    assert {action for action, _purpose in shown["permitted"][b64u(made.parts[0])]} == {"see_existence"}
    assert world.get(chen, f"/reports/{made.report}/parts/{b64u(made.parts[0])}/pieces/0").status_code == 404
    assert ask(made, chen, made.parts[0]).status_code == 404


def test_pieces_are_decided_anew_each_time(world: ExchangeWorld, tmp_path: Path) -> None:
    """Served while a permit stands, gone with the next request after a withdrawal; a number beyond the part is 404."""
    made = registered(world, tmp_path, parts=[part(data=b"x" * 1_200_000)])
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    chen = world.officers("un-spt")[0]
    path = f"/reports/{made.report}/parts/{b64u(made.parts[0])}/pieces"
    assert world.get(chen, f"{path}/0").data == made.spool.parts[made.parts[0]].piece(0)
    assert world.get(chen, f"{path}/99").json["code"] == "not_available"
    agreed.say("withdrawn", world.officers("coe-cpt")[1])
    assert world.get(chen, f"{path}/1").json["code"] == "N_UNAVAILABLE"
    size = world.size()
    world.get(chen, f"{path}/1")
    assert world.size() == size


def test_links_are_for_who_may_see_both_ends(world: ExchangeWorld, tmp_path: Path) -> None:
    """A reader of the later report alone sees no link; the owner does, and a reader of both."""
    first = registered(world, tmp_path / "1")
    later = registered(world, tmp_path / "2", links=[LinkDescriptor("supersedes", first.report)])
    granted(world, instrument("XA", [permit("un-spt", scope="document", scope_ref=later.report)]))
    chen = world.officers("un-spt")[0]
    assert world.get(chen, f"/reports/{later.report}").json["links"] == []
    assert len(world.get(later.officer, f"/reports/{later.report}").json["links"]) == 1
    granted(world, instrument("XA", [permit("un-spt", scope="document", scope_ref=first.report)]))
    shown = world.get(chen, f"/reports/{later.report}").json["links"]
    assert [link["report"] for _salt, link in shown] == [first.report]


def test_a_grant_is_shown_to_whom_it_names(world: ExchangeWorld, tmp_path: Path) -> None:
    """The SPT, which the header named, is not shown that the national body was added later."""
    made = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt", "npm-xa")]))
    anna, berta = world.officers("coe-cpt")
    statement, beside = signed_grant(made, "npm-xa", anna)
    world.say(anna, statement, beside)
    world.say(berta, statement.signed_by(berta.sign))
    chen, dina = world.officers("un-spt")[0], world.officers("npm-xa")[0]
    assert world.get(chen, f"/reports/{made.report}").json["grants"] == []
    assert "npm-xa" not in world.get(chen, f"/reports/{made.report}").text
    assert len(world.get(dina, f"/reports/{made.report}").json["grants"]) == 1
    assert len(world.get(anna, f"/reports/{made.report}").json["grants"]) == 1


# The State's closed list


def state_reads(world: ExchangeWorld, made: Made) -> tuple[list[str], int, int]:
    """What a State's officer finds: its list, the report, a release."""
    person = world.officers("state:XA")[0]
    listed = ids(box(world, person, "inbox"))
    return listed, world.get(person, f"/reports/{made.report}").status_code, ask(made, person, made.parts[0]).status_code


def test_a_state_receives_the_report_on_the_visit_to_it(world: ExchangeWorld, tmp_path: Path) -> None:
    """The treaty itself sends it (OPCAT 16(1), ECPT 10(1)): the State reads it without anyone's agreement."""
    made = registered(world, tmp_path, recipients=["state:XA", "un-spt"])
    assert state_reads(world, made) == ([made.report], 200, 200)


def test_a_part_on_two_states_is_neithers_by_statute(world: ExchangeWorld, tmp_path: Path) -> None:
    """A State does not learn of a part that concerns another State too."""
    made = registered(world, tmp_path, parts=[part(states=["XA", "XB"])], recipients=["state:XA", "un-spt"])
    assert state_reads(world, made) == ([], 404, 404)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "visit_report", "tier": "free"},
        {"kind": "consultation_record"},
        {"kind": "calendar_entry", "tier": "free"},
        {"kind": "public_statement", "tier": "free"},
    ],
)
def test_nothing_else_reaches_a_state(world: ExchangeWorld, tmp_path: Path, changes: dict[str, Any]) -> None:
    """Other kinds, even free ones, even where the State itself agreed that it may have them: not as much as a count."""
    people = world.officers("coe-cpt")
    made = registered(world, tmp_path, recipients=["state:XA", "un-spt"], signers=people, **changes)
    granted(world, instrument("XA", [permit("un-spt", "state:XA")]))
    expected = ([made.report], 200, 200) if changes["kind"] == "visit_report" else ([], 404, 404)
    assert state_reads(world, made) == expected


def test_a_national_bodys_document_never_reaches_its_state(world: ExchangeWorld, tmp_path: Path) -> None:
    """What the NPM transmits to the SPT is not the State's to know of, whatever it asks."""
    regime = _regime("npm-xa")
    made = registered(world, tmp_path, owner="npm-xa", recipients=["un-spt"], kind="npm_visit_report", regime=regime)
    assert state_reads(world, made) == ([], 404, 404)
    assert ids(box(world, world.officers("un-spt")[0], "inbox")) in ([made.report], [])


def _regime(organisation: str) -> str:
    from exchange.reports.regimes import regime_of

    found = regime_of(organisation)
    assert found is not None
    return found


def test_an_alert_never_reaches_a_state(world: ExchangeWorld, tmp_path: Path) -> None:
    """An allegation of reprisals is answered to a State as an id that does not exist."""
    made = registered(world, tmp_path, recipients=["un-spt"], tier="alert", kind="reprisals_allegation")
    person = world.officers("state:XA")[0]
    answer = ask(made, person, made.parts[0])
    unknown = ask(made, person, made.parts[0], report="99999999-9999-4999-8999-999999999999")
    assert (answer.status_code, answer.data) == (404, unknown.data)
    assert state_reads(world, made) == ([], 404, 404)
    record = next(r for r in world.read("audit-cpt").records if r.act.tag == "access:release:withhold" and r.full)
    assert record.fields["reason"] == "W_NEVER_TO_STATE"


def test_a_denial_of_existence_hides_a_report(world: ExchangeWorld, tmp_path: Path) -> None:
    """The State excludes the SPT: to it there is no report, though another instrument permits it."""
    made = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    chen = world.officers("un-spt")[0]
    assert ids(box(world, chen, "inbox")) == [made.report]
    granted(world, instrument("XA", [deny("un-spt", scope="document", scope_ref=made.report)]))
    assert ids(box(world, chen, "inbox")) == []
    assert world.get(chen, f"/reports/{made.report}").json["code"] == "N_UNAVAILABLE"


def test_recipients_of_parts_see_their_own(world: ExchangeWorld, tmp_path: Path) -> None:
    """A body that was sent one part of two knows of the other neither by descriptor nor by permission."""
    made = registered(
        world,
        tmp_path,
        parts=[part("p1"), part("p2", language="fr")],
        recipients=["un-spt", recipient(world, "npm-xa", frozenset({"p1"}))],
    )
    granted(world, instrument("XA", [permit("un-spt", "npm-xa")]))
    dina = world.officers("npm-xa")[0]
    english, french = made.parts
    assert parts_of(world.get(dina, f"/reports/{made.report}").json) == {b64u(english)}
    assert ask(made, dina, french).status_code == 404
    assert ask(made, dina, english).status_code == 200
