"""`consent`: an event of an instrument of a State, signed by one officer. The events are the register.

Payload: common fields with `prev`, `instrument` (16 bytes), `event`, `body`. `prev` is null for `recorded`; for a
confirmation (granted, partially_granted) it is the hash of the record it confirms; for any other event, of the last
statement of that instrument. `by_state` is never signed: it follows from whose key it is.
"""

from dataclasses import dataclass
from typing import Any, Final

from exchange.statements import form, instrument, words
from exchange.statements.errors import BenefitingSignerError, BrokenLinkError, OtherSubjectError, SamePersonError
from exchange.statements.form import Link
from exchange.statements.signers import Signer, SignerBook, only
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/consent/v1"

_SCHEMA: Final[fields.Schema] = {
    "body": fields.anything,
    "event": fields.one_of(*words.EVENTS),
    "instrument": fields.ID16,
}
_EVENT_BODY: Final[fields.Schema] = {
    "effective": fields.nullable(form.WHEN),
    "reason": fields.nullable(fields.text(1000, least=1)),
}


@dataclass(frozen=True)
class Consent:
    """An event of the instrument with this id (16 bytes).

    `body` are JSON values: of `recorded` the instrument (exchange.statements.instrument), of other events `effective`
    (a date, a time or null) and `reason` (a text or null). Not to be changed.
    """

    link: Link
    instrument: bytes
    event: str
    body: dict[str, Any]

    @property
    def is_record(self) -> bool:
        """Whether this records the instrument."""
        return self.event == words.RECORDED

    @property
    def is_confirmation(self) -> bool:
        """Whether this confirms a record."""
        return self.event in words.CONFIRMING


def build(consent: Consent) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {"body": consent.body, "event": consent.event, "instrument": b64u(consent.instrument)}
    statement = form.build(LABEL, consent.link, body)
    read(statement)
    return statement


def read(statement: Statement) -> Consent:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    link, body = form.read_linked(statement, LABEL, _SCHEMA)
    consent = Consent(link, unb64u(body["instrument"]), body["event"], body["body"])
    try:
        if consent.is_record:
            instrument.check(consent.body)
        else:
            fields.check(consent.body, _EVENT_BODY)
    except MalformedError as error:
        raise MalformedError(f"field 'body': {error}") from None
    if consent.is_record != (link.prev is None):
        raise MalformedError("field 'prev': null for a record, and for nothing else")
    return consent


def parse(text: bytes) -> tuple[Consent, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(consent: Consent, statement: Statement, book: SignerBook) -> Signer:
    """Return who signed the event, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed (TooManySignersError).
    Whether that body may keep the register is for the server's rules; `follows` and `check_two_people` are the rest.
    """
    return only(book.signers(statement, consent.link.exchange))


def follows(consent: Consent, record: tuple[bytes, bytes] | None, last: bytes | None) -> None:
    """Hold an event to its place: `record` is (instrument id, hash) of the record, `last` the hash of its last event.

    1. A record comes first: nothing is recorded under its id (BrokenLinkError).
    2. Any other event is of the instrument that was recorded (OtherSubjectError).
    3. A confirmation names the record; every other event the last statement (BrokenLinkError).
    """
    if consent.is_record:
        if record is not None:
            raise BrokenLinkError("an instrument is recorded under this id")
        return
    if record is None or record[0] != consent.instrument:
        raise OtherSubjectError("an event of another instrument")
    due = record[1] if consent.is_confirmation else last
    if consent.link.prev != due:
        raise BrokenLinkError("an event does not follow the last one")


def by_state(signer: Signer, state: str) -> bool:
    """Whether the signer is an authority in force of the State ("XA"): then the State itself has spoken."""
    return state in signer.authority_of


def check_two_people(record: Consent, recorder: Signer, confirmer: Signer | None = None) -> None:
    """Hold a record, and with `confirmer` its confirmation, to the rule of two people without an interest.

    1. Nobody signs for a body that the instrument would permit something (BenefitingSignerError), but the State.
    2. Recorder and confirmer are two officers (SamePersonError), unless the confirmation is the State's own.
    """
    state = record.body["state"]
    benefiting = instrument.grantees(record.body)
    for signer in (recorder, confirmer):
        if signer is not None and not by_state(signer, state) and signer.organisation in benefiting:
            raise BenefitingSignerError("a signer's body would benefit from the instrument")
    if confirmer is not None and confirmer.officer == recorder.officer and not by_state(confirmer, state):
        raise SamePersonError("a record is confirmed by another officer than recorded it")
