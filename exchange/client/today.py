"""What a State has agreed to today, as a page with the file that it can be verified by (decision 0037).

The sentences are the server's. What they rest on is verified: each statement's signature, its place in the audit log, and the
chain of each authorisation's events. The file holds all of it, so that a member of any body can do the same later.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.client.report_errors import TodayFileError
from exchange.client.session import Session
from exchange.client.signers import signer_book
from exchange.client.tickets import Stored, is_public, prove
from exchange.ledger.errors import LedgerError
from exchange.notes import reference
from exchange.notes.blocks import Paper, from_json
from exchange.notes.errors import NotesError
from exchange.statements import consent as consents
from exchange.statements import words
from exchange.statements.consent import Consent
from keys import fields
from keys.encoding import b64u, canonical
from keys.errors import KeysError

ADDRESS: Final = "/api/v1/consents/today"
VERSION: Final = "exchange/today/v1"
LABEL: Final = b"exchange/today/code/v1\0"

_AUTHORISATION: Final[fields.Schema] = {
    "instrument": fields.ID16,
    "statements": fields.list_of(fields.HASH, least=1, most=10_000),
    "status": fields.name,
}
_FACTS: Final[fields.Schema] = {
    "at": fields.time,
    "authorisations": fields.list_of(fields.an_object(_AUTHORISATION), most=100_000),
    "checkpoint": fields.nullable(fields.anything),
    "page": fields.one_of(VERSION),
    "reader": fields.organisation,
    "state": fields.state,
    "version": fields.nullable(fields.integer()),
}
_PAGE: Final[fields.Schema] = {
    "code": fields.text(60),
    "facts": fields.an_object(_FACTS),
    "papers": fields.list_of(fields.anything, least=1, most=2),
    "statements": fields.list_of(fields.anything, most=100_000),
}


@dataclass(frozen=True)
class Verified:
    """A page whose statements were verified: its values, its papers, the terms of each authorisation, how many statements,
    and how many of them the public log does not reach yet."""

    value: dict[str, Any]
    papers: tuple[Paper, ...]
    terms: tuple[tuple[str, dict[str, Any]], ...]
    statements: int
    unproven: int


def fetch(session: Session, state: str) -> Verified:
    """Ask for a State's page now, and verify it; raises as `verify`."""
    session.sync()
    return verify(session, session.http.get(ADDRESS, {"state": state}), state)


def read(data: bytes) -> Any:
    """Return the values in a file; TodayFileError where there are none."""
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise TodayFileError("not a JSON file") from error


def verify(session: Session, value: Any, state: str | None = None) -> Verified:
    """Return a page once all of this holds (TodayFileError, errors of signatures and of the log):

    1. it is in form, about this State if one is given, and its code was made from its facts;
    2. its statements are those the facts name, each once, in the order of the facts;
    3. each is signed by a key that was good at its place, and its ticket is proven, or its entry is too new for the log in
       public;
    4. each authorisation's statements are its own, in an unbroken chain, and of this State.
    """
    try:
        page = fields.check(value, _PAGE)
        papers = tuple(from_json(item) for item in page["papers"])
        code = reference.code_for(LABEL, canonical(page["facts"], limit=None))
        stored = [Stored.from_json(item) for item in page["statements"]]
    except (KeysError, NotesError, LedgerError) as error:
        raise TodayFileError(str(error)) from error
    facts = page["facts"]
    named = [digest for item in facts["authorisations"] for digest in item["statements"]]
    if code != page["code"] or (state is not None and facts["state"] != state):
        raise TodayFileError("a code that was made from other facts")
    if [b64u(item.statement.hash) for item in stored] != named:
        raise TodayFileError("other statements than the facts name")
    events = [(consents.read(item.statement), item.statement.hash) for item in stored]
    unproven = sum(1 for item, (event, _hash) in zip(stored, events, strict=True) if not _signed(session, item, event))
    terms, start = [], 0
    for item in facts["authorisations"]:
        mine = events[start : start + len(item["statements"])]
        start += len(mine)
        terms.append((item["instrument"], _terms(item["instrument"], facts["state"], mine)))
    return Verified(page, papers, tuple(terms), len(stored), unproven)


def _signed(session: Session, item: Stored, event: Consent) -> bool:
    """Verify a statement's signature; return whether its place in the public log is proven."""
    proven = is_public(session, item)
    book = (
        prove(session, item)
        if proven
        else signer_book(session.directory, session.keys, None, session.now().replace(second=0))
    )
    consents.verify(event, item.statement, book)
    return proven


def _terms(instrument: str, state: str, events: Sequence[tuple[Consent, bytes]]) -> dict[str, Any]:
    record: tuple[bytes, bytes] | None = None
    last: bytes | None = None
    for event, digest in events:
        if b64u(event.instrument) != instrument:
            raise TodayFileError("a statement of another authorisation")
        consents.follows(event, record, last)
        record, last = record or (event.instrument, digest), digest
    first = events[0][0]
    if first.event != words.RECORDED or first.body["state"] != state:
        raise TodayFileError("a record of another State")
    return first.body
