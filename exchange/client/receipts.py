"""Receipts: signed when a part was opened, kept in the home until the server has them, sent again if the line broke.

A receipt names report, part, request and entry, and nothing else; it is kept before the opened file is shown to anyone.
"""

from typing import Final

from exchange.client.errors import NetworkError, ServerRefusal
from exchange.client.session import Session
from exchange.sealing.unseal.opening import ReleaseClaim, Released
from exchange.statements import receipt
from exchange.statements.form import Stamp
from exchange.statements.receipt import Receipt
from keys.errors import KeysError
from keys.statement import Statement

STATEMENTS: Final = "/api/v1/statements"
RECEIPTS: Final = "receipts"


def keep(session: Session, report: str, claim: ReleaseClaim, released: Released) -> Statement:
    """Sign the receipt of an opening and keep it durably for sending; HomeError."""
    value = Receipt(
        Stamp.fresh(session.now(), session.directory.exchange),
        report,
        claim.part,
        claim.request,
        released.n,
        released.index,
    )
    statement = receipt.build(value).signed_by(session.officer.sign)
    session.home.write(_name(statement), statement.text)
    return statement


def waiting(session: Session) -> list[str]:
    """Return the names of receipts that the server does not have yet."""
    return session.home.names(RECEIPTS)


def send_all(session: Session) -> int:
    """Send every receipt kept here; return how many the server took. What cannot be sent now stays, and is told.

    Raises nothing of the network: an opened part stays opened, and its receipt goes with the next command.
    """
    sent = 0
    for name in waiting(session):
        path = f"{RECEIPTS}/{name}"
        data = session.home.read(path)
        try:
            statement, _ = _read(data)
            session.http.post(STATEMENTS, {"statement": statement, "beside": {}})
        except NetworkError:
            session.teller.say("client.receipt_waits")
            return sent
        except (ServerRefusal, KeysError) as refusal:
            session.teller.say("client.receipt_refused", code=refusal.code)
            continue
        session.home.remove(path)
        sent += 1
    return sent


def _read(data: bytes | None) -> tuple[str, Receipt]:
    value, statement = receipt.parse(data or b"")
    return statement.text.decode("ascii"), value


def _name(statement: Statement) -> str:
    return f"{RECEIPTS}/{statement.hash.hex()}"
