"""Tickets: a statement counts as entered only where its own hash, its ticket and the signed log give the same leaf."""

from datetime import timedelta
from pathlib import Path

import pytest

from exchange.client.report_errors import TicketNotProvenError
from exchange.client.signers import signer_book, signer_of
from exchange.client.tickets import Proof, Stored, is_public, prove
from exchange.ledger.errors import BadTicketError
from exchange.statements import stop as stops
from exchange.statements.errors import EndedSignerError
from exchange.statements.form import Stamp
from exchange.statements.stop import Stop
from exchange.transparency.errors import ProofError
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead
from keys.errors import MalformedError
from keys.statement import Statement
from tests.unit.client.fake_exchange import problem
from tests.unit.client.fake_log import At, at

REPORT = "abcdef00-0000-4000-8000-000000000001"


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT officer."""
    return at(tmp_path / "home", "coe-cpt")


def stopped(here: At) -> Statement:
    """A stop signed by the officer."""
    stamp = Stamp.fresh(here.world.now, here.session.directory.exchange)
    return stops.build(Stop(stamp, REPORT, bytes(32))).signed_by(here.person.sign)


def entered(here: At, statement: Statement) -> dict[str, object]:
    """Enter it."""
    fields = {"actor": here.person.id, "body": "coe-cpt", "owner": "coe-cpt", "report": REPORT}
    return here.store("reports:report:stop", fields, statement)


def test_a_ticket_is_proven_with_the_proof_at_hand_or_by_asking(here: At) -> None:
    """Both ways give the book by which its signer counts."""
    statement = stopped(here)
    stored = Stored.from_json(entered(here, statement))
    book = prove(here.session, stored)
    assert stops.verify(stops.read(statement), statement, book, bytes(32), ["coe-cpt"]).officer == here.person.officer
    given = Proof(here.proof(stored.ticket.index), TreeHead(0, EMPTY_ROOT))
    assert prove(here.session, stored, given).place == (1, stored.ticket.index)


def test_a_ticket_of_another_statement_proves_nothing(here: At) -> None:
    """The same ticket beside another statement gives another leaf, which is not in the log."""
    shown = entered(here, stopped(here))
    other = stopped(here)
    forged = {**shown, "statement": other.text.decode()}
    with pytest.raises(TicketNotProvenError):
        Stored.from_json(forged)
    stored = Stored.read(forged["statement"], forged["ticket"])
    with pytest.raises(ProofError):
        prove(here.session, stored)


def test_a_ticket_of_another_log_or_out_of_form_is_refused(here: At) -> None:
    """Audit/2 does not exist; a ticket is exactly its seven members."""
    shown = entered(here, stopped(here))
    ticket = shown["ticket"]
    assert isinstance(ticket, dict)
    with pytest.raises(TicketNotProvenError):
        prove(here.session, Stored.read(shown["statement"], {**ticket, "n": 2}))
    with pytest.raises(BadTicketError):
        Stored.read(shown["statement"], {**ticket, "more": 1})
    with pytest.raises(MalformedError):
        Stored.read(None, ticket)
    with pytest.raises(MalformedError):
        prove(here.session, Stored.from_json(shown), Proof({"inclusion": []}, TreeHead(0, EMPTY_ROOT)))


def test_an_entry_that_is_not_public_yet_is_told_apart(here: At) -> None:
    """404 from the server is not a failed proof: the log in public just ends before it."""
    stored = Stored.from_json(entered(here, stopped(here)))
    assert is_public(here.session, stored)
    here.server.answers["/api/v1/audit/proof"] = lambda request: problem("not_available", 404)
    assert not is_public(here.session, stored)


def test_a_key_that_had_ended_before_the_entry_does_not_count(here: At) -> None:
    """`ended_at` is compared with the ticket's place as a pair: earlier statements stay good, later ones are void."""
    early, late = stopped(here), stopped(here)
    first = Stored.from_json(entered(here, early))
    size = len(here.server.audit)
    leaver = here.person
    here.world.leave(leaver, size=size)
    second = Stored.from_json(entered(here, late))
    directory, keys = here.world.directory, here.world.public
    good = signer_book(directory, keys, first.place, first.entered)
    assert stops.verify(stops.read(early), early, good, bytes(32), ["coe-cpt"]).officer == leaver.officer
    void = signer_book(directory, keys, second.place, second.entered)
    with pytest.raises(EndedSignerError):
        stops.verify(stops.read(late), late, void, bytes(32), ["coe-cpt"])


def test_a_states_authority_counts_from_the_minute_it_begins(here: At) -> None:
    """A leaf has no seconds: an authority that begins within its minute may have signed; one of the day after may not."""
    directory, keys = here.world.directory, here.world.public
    (authority,) = directory.all_authorities["state:XA"]
    begins = authority.valid_from.replace(second=0)
    now = signer_of(directory, keys, begins)(authority.sign)
    before = signer_of(directory, keys, begins - timedelta(minutes=1))(authority.sign)
    assert now is not None and now.authority_of == frozenset({"XA"})
    assert before is not None and before.authority_of == frozenset()
    assert signer_of(directory, keys, begins)(bytes(32)) is None
