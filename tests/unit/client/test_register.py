"""The register: what the server shows of an authorisation counts only as far as signed statements in the log carry it."""

import copy
from pathlib import Path
from typing import Any

import pytest

from exchange.client import consents, register
from exchange.client.instrument_file import read
from exchange.client.report_errors import InstrumentAnswerError, RelationMissingError, TicketNotProvenError
from exchange.statements import consent as statements
from exchange.statements.consent import Consent
from exchange.statements.errors import BrokenLinkError
from exchange.statements.form import Link
from exchange.transparency.errors import ProofError
from keys.encoding import b64u, canonical
from keys.errors import MalformedError
from tests.unit.client.fake_exchange import problem
from tests.unit.client.fake_log import At, at

ID = bytes(range(16))
PERMIT = {"effect": "permit", "scope": "all", "grantees": ["un-spt"], "actions": ["view"]}
TERMS = read(canonical({"state": "XA", "kind": "standing", "received_on": "2026-03-01", "provisions": [PERMIT]}))
ADDRESS = f"/api/v1/consents/{b64u(ID)}"


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT focal point."""
    return at(tmp_path / "home", "coe-cpt")


def entered(
    here: At, event: str, prev: bytes | None, by: int = 0, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Sign and enter an event of the authorisation."""
    person = here.world.officers("coe-cpt")[by]
    said = body or (TERMS if event == "recorded" else {"effective": None, "reason": None})
    link = Link(here.world.now, here.world.directory.exchange, prev)
    statement = statements.build(Consent(link, ID, event, said)).signed_by(person.sign)
    tags = {"recorded": "record", "granted": "confirm", "withdrawn": "withdraw"}
    fields = {"actor": person.id, "body": "coe-cpt", "owner": "coe-cpt", "state": "XA", "instrument": b64u(ID)}
    stored = here.store(f"consents:instrument:{tags[event]}", {**fields, "by_state": False, "version": 1}, statement)
    return {**stored, "_hash": statement.hash, "_event": event}


def answer(here: At, events: list[dict[str, Any]], status: str = "in_force") -> dict[str, Any]:
    """What an honest server shows."""
    return {
        "instrument": b64u(ID),
        "state": "XA",
        "recorded_by": "coe-cpt",
        "terms": copy.deepcopy(TERMS),
        "status": status,
        "verified": True,
        "reason": None,
        "events": [{"type": e["_event"], "by_state": False, "statement": e["hash"]} for e in events],
        "statements": [{name: e[name] for name in ("hash", "statement", "ticket")} for e in events],
    }


@pytest.fixture
def confirmed(here: At) -> dict[str, Any]:
    """An authorisation that was recorded and confirmed."""
    record = entered(here, "recorded", None)
    return answer(here, [record, entered(here, "granted", record["_hash"], by=1)])


def test_events_are_verified_in_order(here: At, confirmed: dict[str, Any]) -> None:
    """Signers, places and terms are those of the statements."""
    here.answers(ADDRESS, confirmed)
    shown = register.show(here.session, b64u(ID))
    assert [event.value.event for event in shown.events] == ["recorded", "granted"]
    assert [event.signer.organisation for event in shown.events] == ["coe-cpt"] * 2
    assert all(event.proven for event in shown.events) and shown.listed.live
    here.server.answers["/api/v1/audit/proof"] = lambda request: problem("not_available", 404)
    assert not any(event.proven for event in register.show(here.session, b64u(ID)).events)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"terms": {**TERMS, "kind": "specific"}}, InstrumentAnswerError),
        ({"state": "XB"}, InstrumentAnswerError),
        ({"statements": []}, InstrumentAnswerError),
        ({"instrument": b64u(bytes(16))}, InstrumentAnswerError),
        ({"events": None}, MalformedError),
        ({"status": 5}, MalformedError),
    ],
)
def test_what_was_not_signed_is_refused(
    here: At, confirmed: dict[str, Any], change: dict[str, Any], error: type[Exception]
) -> None:
    """Other terms, another State, an event without a statement, another authorisation."""
    here.answers(ADDRESS, {**confirmed, **change})
    with pytest.raises(error):
        register.show(here.session, b64u(ID))


def test_events_left_out_swapped_or_invented_are_refused(here: At, confirmed: dict[str, Any]) -> None:
    """A confirmation alone, another order, another type under the same statement, another hash."""
    first, second = confirmed["statements"]
    told = confirmed["events"]
    for events, texts, error in (
        ([told[1]], [second], Exception),
        (told[::-1], [second, first], InstrumentAnswerError),
        ([told[0], {**told[1], "type": "withdrawn"}], [first, second], InstrumentAnswerError),
        ([told[0], {**told[1], "by_state": True}], [first, second], InstrumentAnswerError),
        (told, [first, {**second, "hash": first["hash"]}], TicketNotProvenError),
        (told, [first, {**second, "ticket": first["ticket"]}], ProofError),
    ):
        here.answers(ADDRESS, {**confirmed, "events": events, "statements": texts})
        with pytest.raises(error):
            register.show(here.session, b64u(ID))


def test_an_event_that_does_not_follow_the_last_one_is_refused(here: At) -> None:
    """A withdrawal must name the statement before it."""
    record = entered(here, "recorded", None)
    granted = entered(here, "granted", record["_hash"], by=1)
    wrong = entered(here, "withdrawn", record["_hash"])
    here.answers(ADDRESS, answer(here, [record, granted, wrong], "withdrawn"))
    with pytest.raises(BrokenLinkError):
        register.show(here.session, b64u(ID))


def test_others_of_the_state_must_be_spoken_of(here: At, confirmed: dict[str, Any]) -> None:
    """Replaces, limits or adds; what has ended needs no word."""
    listed = {name: value for name, value in confirmed.items() if name != "statements"}
    here.answers("/api/v1/consents", {"instruments": [listed]})
    with pytest.raises(RelationMissingError) as caught:
        consents.check_relation(here.session, TERMS, adds=False)
    assert caught.value.values["others"] == b64u(ID)
    consents.check_relation(here.session, TERMS, adds=True)
    consents.check_relation(here.session, {**TERMS, "supersedes": [b64u(ID)]}, adds=False)
    here.answers("/api/v1/consents", {"instruments": [{**listed, "status": "withdrawn"}]})
    consents.check_relation(here.session, TERMS, adds=False)
    here.answers("/api/v1/consents", {"instruments": "none"})
    with pytest.raises(MalformedError):
        register.listed(here.session)


def test_evidence_goes_to_the_state_and_the_own_audit_office(here: At, tmp_path: Path) -> None:
    """By statute, and to nobody else; a body without a key yet is left out."""
    plan = consents.evidence_plan(here.session, TERMS, tmp_path / "note.pdf", "fr")
    assert plan.to == ("state:XA", "audit-cpt") and plan.tier == "evidence" and plan.parts[0].states == ("XA",)
    elsewhere = consents.evidence_plan(here.session, {**TERMS, "state": "XZ"}, tmp_path / "note.pdf", "fr")
    assert elsewhere.to == ("audit-cpt",)
