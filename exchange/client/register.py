"""The register of States' agreements as this officer's body may see it, with every event held to its signed statement.

What the server says of an authorisation counts as far as statements carry it: terms, events, their order, who signed them.
The status is what the server computes from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.client.errors import ServerRefusal
from exchange.client.report_errors import InstrumentAnswerError
from exchange.client.session import Session
from exchange.client.signers import signer_book
from exchange.client.tickets import Stored, prove
from exchange.statements import consent as consents
from exchange.statements.consent import Consent
from exchange.statements.signers import Signer
from keys.encoding import b64u
from keys.errors import MalformedError

CONSENTS: Final = "/api/v1/consents"
# States of the register in which an authorisation has no effect left that a new one could touch.
ENDED: Final = frozenset({"withdrawn", "refused", "lapsed", "superseded", "rejected", "invalidated"})


@dataclass(frozen=True)
class Listed:
    """An authorisation as the list shows it; `terms` is the body of its record."""

    id: str
    state: str
    status: str
    recorded_by: str
    verified: bool
    terms: dict[str, Any]
    events: tuple[dict[str, Any], ...]
    raw: dict[str, Any]

    @property
    def live(self) -> bool:
        """Whether it stands or may come to stand."""
        return self.status not in ENDED


@dataclass(frozen=True)
class Event:
    """One event: its statement's values, who signed, and whether its entry is proven to stand in the log in public yet."""

    stored: Stored
    value: Consent
    signer: Signer
    by_state: bool
    proven: bool


@dataclass(frozen=True)
class Shown:
    """One authorisation with its verified events, in order."""

    listed: Listed
    events: tuple[Event, ...]

    @property
    def record(self) -> Event:
        """The event that recorded it."""
        return self.events[0]

    @property
    def last(self) -> Event:
        """Its last event."""
        return self.events[-1]


def listed(session: Session, state: str | None = None) -> list[Listed]:
    """Return the authorisations this body may see, those of one State if asked; MalformedError."""
    answer = session.http.get(CONSENTS, {} if state is None else {"state": state})
    items = answer.get("instruments") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise MalformedError("the register is a list of authorisations")
    return [_listed(item) for item in items]


def show(session: Session, instrument: str) -> Shown:
    """Return one authorisation, once all of this holds (InstrumentAnswerError, errors of `exchange.statements`):

    1. every event has its statement, of this authorisation, in the order of their entries;
    2. each statement's signature verifies, by a key that was good at its place; its ticket is proven, or its entry is too
       new to stand in the log in public, and then it says so;
    3. each event follows the last one; the record's terms are the ones shown.
    """
    session.sync()
    answer = session.http.get(f"{CONSENTS}/{instrument}")
    found = _listed(answer)
    texts = answer.get("statements")
    if not isinstance(texts, list) or not texts or len(texts) != len(found.events):
        raise InstrumentAnswerError("an event of the authorisation has no statement")
    stored = [Stored.from_json(item) for item in texts]
    if found.id != instrument or [item.place for item in stored] != sorted(item.place for item in stored):
        raise InstrumentAnswerError("events that are of another authorisation, or out of order")
    events = tuple(_event(session, item, found) for item in stored)
    _check_chain(found, events)
    return Shown(found, events)


def _event(session: Session, stored: Stored, found: Listed) -> Event:
    value = consents.read(stored.statement)
    proven = True
    try:
        book = prove(session, stored)
    except ServerRefusal as refusal:
        if refusal.status != 404:
            raise
        # Place and time are the server's word so far: every key must be good, and an authority in force, as of now.
        proven, book = False, signer_book(session.directory, session.keys, None, session.now().replace(second=0))
    signer = consents.verify(value, stored.statement, book)
    return Event(stored, value, signer, consents.by_state(signer, found.state), proven)


def _check_chain(found: Listed, events: Sequence[Event]) -> None:
    record, last = None, None
    for event in events:
        if b64u(event.value.instrument) != found.id:
            raise InstrumentAnswerError("an event of another authorisation")
        consents.follows(event.value, record, last)
        record = record or (event.value.instrument, event.stored.statement.hash)
        last = event.stored.statement.hash
    first = events[0].value
    if first.body != found.terms or first.body["state"] != found.state:
        raise InstrumentAnswerError("the terms shown are not those that were recorded")
    shown = [(item.get("type"), item.get("by_state"), item.get("statement")) for item in found.events]
    signed = [(e.value.event, e.by_state, b64u(e.stored.statement.hash)) for e in events]
    if shown != signed:
        raise InstrumentAnswerError("the events shown are not those that were signed")


def _listed(item: Any) -> Listed:
    if not isinstance(item, dict):
        raise MalformedError("an authorisation is an object")
    names = {"instrument": str, "state": str, "status": str, "recorded_by": str, "terms": dict, "events": list}
    if any(not isinstance(item.get(name), kind) for name, kind in names.items()):
        raise MalformedError("an authorisation lacks what every one has")
    if not all(isinstance(event, dict) for event in item["events"]):
        raise MalformedError("an event is an object")
    return Listed(
        item["instrument"],
        item["state"],
        item["status"],
        item["recorded_by"],
        item.get("verified") is True,
        item["terms"],
        tuple(item["events"]),
        item,
    )
