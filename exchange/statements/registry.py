"""The labels this build knows, and the one way from a statement's text to its values.

A label that is not in the table is an UnknownVersionError: what is not built yet is an error, never skipped.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from exchange.statements import (
    consent,
    determination,
    grant,
    lift,
    publication,
    publication_withdrawal,
    recall,
    recall_answer,
    receipt,
    release_request,
    report_header,
    stop,
)
from exchange.statements.consent import Consent
from exchange.statements.determination import Determination
from exchange.statements.grant import Grant
from exchange.statements.lift import Lift
from exchange.statements.publication import Publication
from exchange.statements.publication_withdrawal import PublicationWithdrawal
from exchange.statements.recall import Recall
from exchange.statements.recall_answer import RecallAnswer
from exchange.statements.receipt import Receipt
from exchange.statements.release_request import ReleaseRequest
from exchange.statements.report_header import ReportHeader
from exchange.statements.stop import Stop
from keys.errors import UnknownVersionError
from keys.statement import Statement
from keys.statement import parse as parse_statement

Value: TypeAlias = (
    Consent
    | Determination
    | Grant
    | Lift
    | Publication
    | PublicationWithdrawal
    | Recall
    | RecallAnswer
    | Receipt
    | ReleaseRequest
    | ReportHeader
    | Stop
)

READERS: Final[Mapping[str, Callable[[Statement], Value]]] = MappingProxyType(
    {
        consent.LABEL: consent.read,
        determination.LABEL: determination.read,
        grant.LABEL: grant.read,
        lift.LABEL: lift.read,
        recall.LABEL: recall.read,
        recall_answer.LABEL: recall_answer.read,
        publication.LABEL: publication.read,
        publication_withdrawal.LABEL: publication_withdrawal.read,
        receipt.LABEL: receipt.read,
        release_request.LABEL: release_request.read,
        report_header.LABEL: report_header.read,
        stop.LABEL: stop.read,
    }
)


def read(statement: Statement) -> Value:
    """Return the values of a statement; UnknownVersionError for another label, MalformedError for another form."""
    reader = READERS.get(statement.typ)
    if reader is None:
        raise UnknownVersionError(f"unknown label '{statement.typ}'")
    return reader(statement)


def parse(text: bytes) -> tuple[Value, Statement]:
    """Parse a statement of any known label; raises as `read` does. Signatures are not looked at."""
    statement = parse_statement(text)
    return read(statement), statement
