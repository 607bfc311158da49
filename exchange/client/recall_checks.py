"""What bodies answered to a recall, held against the owner's own entries of the log, on the owner's machine.

"Never opened" is a body's word. Where the log says that it was given the key before it said so, the owner is shown both; the
server is not asked, and keeps no list it could be asked about. An answer whose entry stands in the log and that the server
does not show is found too.
"""

from dataclasses import dataclass
from typing import Final

from exchange.client.audit_reading import Reading, read_log
from exchange.client.recalls import Asked, Recalled
from exchange.client.session import Session
from exchange.ledger.record import Finding
from exchange.ledger.vocabulary import RELEASE_PERMIT
from exchange.statements.recall_answer import NEVER_OPENED
from keys.encoding import b64u

ANSWERED: Final = "reports:recall:answer"


@dataclass(frozen=True)
class Held:
    """The outcome, up to entry `size` - 1.

    `contradicted`: by body and part, the entries by which it had been given the key when it said that it never opened the
    part. `findings`: what is wrong with our entries. `hidden`: entries of answers that the server does not show.
    """

    size: int
    contradicted: dict[tuple[str, bytes], tuple[int, ...]]
    findings: tuple[Finding, ...]
    hidden: tuple[int, ...]


def hold(session: Session, recalled: list[Recalled], since: int) -> Held:
    """Read the log and hold the answers to recalls of our own reports against it; raises as `read_log`.

    Waits until the log in public covers all that is shown. `since`: the size of the log this home had seen before it asked
    for what is shown: an answer below it cannot have come in between.
    """
    shown = [each.stored for each in recalled]
    shown += [answer.stored for each in recalled for asked in each.asked for answer in asked.answers]
    reading = read_log(session, at_least=max((each.ticket.index for each in shown), default=-1) + 1)
    contradicted = {
        (asked.organisation, asked.part): given
        for each in recalled
        for asked in each.asked
        if (given := _given(reading, each.value.report, asked))
    }
    hashes = {b64u(each.statement.hash) for each in shown}
    known = {b64u(each.stored.statement.hash) for each in recalled}
    hidden = tuple(
        record.index
        for record in reading.records
        if record.act.tag == ANSWERED
        and record.index < since
        and record.fields.get("recall") in known
        and record.fields.get("statement") not in hashes
    )
    found = {(record.index, record.fields.get("statement")) for record in reading.records}
    missing = [
        Finding(each.ticket.index, "entry_missing")
        for each in shown
        if (each.ticket.index, b64u(each.statement.hash)) not in found
    ]
    return Held(reading.head.size, contradicted, (*reading.findings, *missing), hidden)


def _given(reading: Reading, report: str, asked: Asked) -> tuple[int, ...]:
    """The entries by which a body got the key of a part, if its answer is that it never opened it, before it said so."""
    last = asked.last
    if last is None or last.value.answer != NEVER_OPENED:
        return ()
    return tuple(
        record.index
        for record in reading.records
        if record.act.tag == RELEASE_PERMIT
        and record.index < last.stored.ticket.index
        and (record.fields.get("report"), record.fields.get("body"), record.fields.get("part"))
        == (report, asked.organisation, b64u(asked.part))
    )
