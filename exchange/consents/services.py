"""Taking a signed event into the register, all or nothing: checks, rows, entry, and a new version of the State's head."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.consents import answers, transitions
from exchange.consents.errors import EvidenceMissingError, UnknownInstrumentNamedError, UnreadableInstrumentError
from exchange.consents.models import ConsentEvent, ConsentInstrument, ConsentReplacement, ConsentScope
from exchange.consents.register import Register, Registered, instrument_of
from exchange.consents.scopes import spoken_of
from exchange.db import UnitOfWork
from exchange.directory.signers import check_time, signer_book, signer_of
from exchange.directory.snapshots import Snapshots, public_of
from exchange.ledger.vocabulary import consent_act
from exchange.logs.faults import Faults
from exchange.statements import consent as consents
from exchange.statements.consent import Consent
from exchange.statements.signers import Signer
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from policies.errors import PoliciesError
from policies.times import read_instant


@dataclass(frozen=True)
class Recorded:
    """A taken event: the statement as stored, and the State's head after it."""

    stored: Stored
    instrument: str
    state: str
    version: int


class Consents:
    """The one writer of the register."""

    def __init__(self, statements: Statements, register: Register, snapshots: Snapshots, faults: Faults) -> None:
        self._statements = statements
        self._register = register
        self._snapshots = snapshots
        self._faults = faults

    def take(self, uow: UnitOfWork, statement: Statement, is_evidence: Callable[[str], bool]) -> Recorded:
        """Take one signed event into the register; the same statement again gets the first answer.

        `is_evidence` says whether a report of this id has been transmitted as evidence. In this order:
        1. form, signatures, one signer whose key is good, a time near the server's;
        2. the event follows what is recorded, in its chain and by the table of transitions;
        3. the signer may keep this part of the register; recorder and confirmer are two people without an interest, and
           confirm by the word that comparing with the request gives;
        4. what a record names (evidence, the request it answers, instruments it replaces or limits) exists;
        5. rows, statement with entry and ticket, and the State's version, in this unit.
        """
        kept = self._statements.find(uow, statement.hash)
        event = consents.read(statement)
        instrument = b64u(event.instrument)
        if kept is not None:
            found = self._register.find(uow, instrument)
            state = "" if found is None else found.row.state
            return Recorded(kept, instrument, state, self._register.versions(uow, [state])[state])
        directory = self._snapshots.required(uow)
        signer = consents.verify(event, statement, signer_book(uow, directory))
        check_time(event.link.time, uow.now)
        found = self._register.find(uow, instrument)
        if found is None:
            consents.follows(event, None, None)
            self._check_record(uow, event, signer, is_evidence)
            row = self._new_row(event, signer, statement)
        else:
            self._check_event(uow, event, signer, found)
            row = found.row
        return self._write(uow, event, statement, signer, row, found)

    def _check_record(
        self, uow: UnitOfWork, event: Consent, signer: Signer, is_evidence: Callable[[str], bool]
    ) -> None:
        state = event.body["state"]
        transitions.check_recorder(self._snapshots.required(uow), signer, state)
        consents.check_two_people(event, signer)
        try:
            instrument_of(b64u(event.instrument), event.body, (), None)
        except PoliciesError as error:
            raise UnreadableInstrumentError(f"the rules cannot read the instrument: {error}") from error
        evidence = event.body["evidence"]
        if evidence is not None and not is_evidence(evidence):
            raise EvidenceMissingError("the evidence an instrument names has not been transmitted as evidence")
        answers.check_answers(uow, self._register, event, signer)
        for named in (*event.body["supersedes"], *event.body["amends"]):
            other = self._register.find(uow, named)
            if other is None or other.row.state != state:
                raise UnknownInstrumentNamedError("an instrument replaces or limits one that is not in the register")

    def _check_event(self, uow: UnitOfWork, event: Consent, signer: Signer, found: Registered) -> None:
        directory = self._snapshots.required(uow)
        row = found.row
        consents.follows(event, (event.instrument, row.record), found.events[-1].statement)
        transitions.check_follows(event.event, found.recorded_state)
        answers.check_unanswered(uow, self._register, found, event.event)
        transitions.check_keeper(directory, signer, row.state, row.recorder_body, event.event)
        if event.event == "resumed" and found.closed_by_state:
            transitions.check_resumes(signer, row.state)
        if event.event == "invalidated":
            transitions.check_finding(signer, found)
        if event.is_confirmation:
            stored = self._statements.find(uow, row.record)
            recorder = self._signer(uow, row.recorder)
            if stored is None or recorder is None:
                raise LookupError(f"the record of instrument '{row.id}' is not among the statements")
            consents.check_two_people(consents.read(stored.statement), recorder, signer)
            answers.check_word(uow, self._register, found, event)

    def _signer(self, uow: UnitOfWork, officer: str) -> Signer | None:
        directory = self._snapshots.required(uow)
        sign = directory.officer(unb64u(officer, 16)).sign
        return signer_of(directory, public_of(uow), sign, uow.now)

    def _new_row(self, event: Consent, signer: Signer, statement: Statement) -> ConsentInstrument:
        return ConsentInstrument(
            id=b64u(event.instrument),
            state=event.body["state"],
            recorder=b64u(signer.officer),
            recorder_body=signer.organisation,
            record=statement.hash,
            evidence=event.body["evidence"],
        )

    def _write(
        self,
        uow: UnitOfWork,
        event: Consent,
        statement: Statement,
        signer: Signer,
        row: ConsentInstrument,
        found: Registered | None,
    ) -> Recorded:
        by_state = consents.by_state(signer, row.state)
        effective = None if event.is_record else event.body["effective"]
        version = self._register.raise_version(uow, row.state)
        self._faults.at("consents.take.before-rows")
        if found is None:
            _add_record(uow, event, row, version)
        uow.session.add(
            ConsentEvent(
                instrument=row.id,
                number=0 if found is None else len(found.events),
                type=event.event,
                at=uow.now,
                effective=None if effective is None else read_instant(effective),
                by=b64u(signer.officer),
                by_body=signer.organisation,
                by_state=by_state,
                statement=statement.hash,
            )
        )
        uow.session.flush()
        self._faults.at("consents.take.after-rows")
        self._faults.at("consents.take.after-head")
        fields = self._fields(event, signer, row, by_state, version)
        subjects = [Subject("instrument", row.id), Subject("state", row.state)]
        stored = self._statements.store(uow, statement, Event(consent_act(event.event).tag, fields), subjects)
        self._faults.at("consents.take.after-entry")
        return Recorded(stored, row.id, row.state, version)

    def _fields(
        self, event: Consent, signer: Signer, row: ConsentInstrument, by_state: bool, version: int
    ) -> dict[str, Any]:
        return {
            "actor": b64u(signer.officer),
            "body": signer.organisation,
            "owner": row.recorder_body,
            "state": row.state,
            "instrument": row.id,
            "prev": None if event.link.prev is None else b64u(event.link.prev),
            "effective": None if event.is_record else event.body["effective"],
            "by_state": by_state,
            "evidence": row.evidence,
            "version": version,
        }


def _add_record(uow: UnitOfWork, event: Consent, row: ConsentInstrument, version: int) -> None:
    """Write a new instrument's row, and the rows by which it is found."""
    row.version = version
    uow.session.add(row)
    uow.session.flush()
    terms = instrument_of(row.id, event.body, (), None)
    uow.session.add_all(ConsentScope(about=name, state=row.state, instrument=row.id) for name in spoken_of(terms))
    uow.session.add_all(ConsentReplacement(named=named, instrument=row.id) for named in terms.supersedes)
    uow.session.flush()
