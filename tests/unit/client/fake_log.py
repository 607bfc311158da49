"""An officer at a desk whose server has an audit log of real entries: tickets and release answers are those of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from exchange.client.session import Session
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.values import Value
from exchange.transparency.paths import consistency_proof, inclusion_proof
from keys.encoding import b64u, format_time
from keys.statement import Statement
from tests.unit.client.fake_exchange import Desk, FakeExchange, Nodes, desk, officer_of
from tests.unit.keys.directory_builder import Founding, Person

VW = bytes([7] * 32)


@dataclass
class At:
    """A session with its desk and server."""

    session: Session
    desk: Desk
    server: FakeExchange
    person: Person

    @property
    def world(self) -> Founding:
        """The exchange."""
        return self.server.world

    def enter(self, tag: str, fields: Mapping[str, Value], time: int | None = None) -> tuple[int, Entry]:
        """Append an entry to the audit log; return its index and the entry."""
        entry = Entry.make(tag, dict(fields))
        leaf = EntryLeaf(minute_of(self.world.now) if time is None else time, entry.com, VW)
        self.server.audit.append(leaf.data)
        return len(self.server.audit) - 1, entry

    def store(self, tag: str, fields: Mapping[str, Value], statement: Statement) -> dict[str, Any]:
        """Enter a statement; return {hash, statement, ticket} as the server shows it."""
        named = {**fields, "statement": b64u(statement.hash), "asked": format_time(self.world.now)}
        index, entry = self.enter(tag, named)
        ticket = entry.ticket(1, index, minute_of(self.world.now), VW)
        return {
            "hash": b64u(statement.hash),
            "statement": statement.text.decode("ascii"),
            "ticket": ticket.to_json(),
        }

    def proof(self, index: int, since: int = 0) -> dict[str, Any]:
        """Return checkpoint, inclusion of a leaf and consistency from a size."""
        nodes = Nodes(self.server.audit)
        consistency = consistency_proof(nodes, since, nodes.size) if since else []
        return {
            "checkpoint": self.server.note("audit", self.server.audit),
            "inclusion": [b64u(value) for value in inclusion_proof(nodes, index, nodes.size)],
            "consistency": [b64u(value) for value in consistency],
        }

    def answers(self, path: str, body: Any, status: int = 200) -> None:
        """Let the server answer one address."""
        self.server.answers[path] = lambda request: httpx.Response(status, json=body)

    def later(self, minutes: int) -> None:
        """Let time pass on both sides."""
        self.world.now += timedelta(minutes=minutes)
        self.desk.clock.observe(self.world.now)


def at(folder: Path, organisation: str = "un-spt", place: int = 0) -> At:
    """An officer of a body, on a machine that has synchronised nothing yet."""
    server = FakeExchange(Founding.started())
    person = server.world.officers(organisation)[place]
    made = desk(folder, server, person)
    seats = [seat.body() for seat in server.world.seats.values() if seat.officer == person.officer]
    server.answers["/api/v1/account/seats"] = lambda request: httpx.Response(200, json={"seats": seats})
    return At(Session(made.home, made.clock, made.http, officer_of(person), made.told), made, server, person)
