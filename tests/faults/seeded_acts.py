"""How each act of a plan is made: who signs what, and the request that carries it.

Every call makes something new to sign, with the time of that moment; what is sent again is kept by whoever sends it.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import Any, Final

from exchange.sealing import package as packages
from exchange.statements import consent
from exchange.statements.form import Stamp
from exchange.statements.report_header import DirectoryHead
from keys.encoding import b64u
from keys.statement import Statement
from tests.faults.seeded_ledger import DONE, Deed
from tests.faults.seeded_plan import Step
from tests.faults.seeded_world import READERS, RunWorld
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import Instrument, instrument, permit, signed_receipt, signed_record, signed_request
from tests.web.exchange_world import API
from tests.web.report_maker import (
    Made,
    decision,
    make_report,
    part,
    signed_determination,
    signed_grant,
    signed_lift,
    signed_stop,
)

JSON: Final = {"Content-Type": "application/json"}
# Enough for so many pieces: 64 chunks of 16 KiB each.
_TEXT: Final = (b"The delegation visited the prison of Southtown. " * 30_000)[: 3 * (1 << 20) - 200_000]


@dataclass
class Message:
    """A request that can be sent again as it is, by whom, and the deed it carries, if it is one."""

    person: Person
    method: str
    path: str
    data: bytes
    deed: Deed | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


class NotYetError(Exception):
    """What this act is made from does not exist yet."""


def content(pieces: int) -> bytes:
    """What is deposited, for so many pieces."""
    return _TEXT[: 60 + (pieces - 1) * (1 << 20)]


class Acts:
    """Makes the messages of a run's steps. Safe for threads."""

    def __init__(self, world: RunWorld) -> None:
        """Act in this world."""
        self.world = world
        self.released: dict[str, Deed] = {}
        self._sealing = threading.Lock()
        self._makers: Mapping[str, Callable[[Step], Message]] = {
            "release": self._release,
            "receipt": self._receipt,
            "record": self._record,
            "confirm": lambda step: self._event(step, "granted", 1),
            "withdraw": lambda step: self._event(step, "withdrawn", 0),
            "stop": self._stop,
            "lift": self._lift,
            "grant": self._grant,
            "decide": self._decide,
            "submit": self._submit,
        }

    def message(self, step: Step) -> Message:
        """Make a step's request anew; NotYetError while what it is made from does not exist."""
        return self._makers[step.kind](step)

    def cpt(self, place: int) -> Person:
        """An officer of the CPT."""
        return self.world.officers("coe-cpt")[place]

    def report(self, step: Step, name: str) -> Made:
        """A report of the run by its name; sealed when it is first needed."""
        with self._sealing:
            made = self.world.reports.get(name)
            if made is None:
                if step.makes != name:
                    raise NotYetError(name)
                file = part(data=content(step.pieces))
                made = make_report(self.world, self.world.folder / "officers" / name, parts=[file])  # type: ignore[arg-type]
                self.world.reports[name] = made
            return made

    def register(self, step: Step) -> Message:
        """The request that registers a report, its header signed now."""
        made = self.report(step, step.makes)
        directory = self.world.founding.directory
        stamp = Stamp.fresh(self.world.clock.now(), directory.exchange)
        head = DirectoryHead(1, directory.size, directory.log_root)
        values = replaced(made.values, stamp=stamp, directory=head)
        signed = made.signed(made.officer, stamp=stamp, directory=head)
        made = replaced(made, values=values, package=signed)
        with self._sealing:
            self.world.reports[step.makes] = made
        deed = Deed(step.kind, step.number, step.makes, made.header.hash, "coe-cpt", made)
        zipped = {"Content-Type": "application/zip"}
        return Message(made.officer, "POST", f"{API}/reports", packages.to_bytes(signed), deed, zipped)

    def took(self, step: Step, message: Message) -> None:
        """A deed was acknowledged: remember what later ones are made from."""
        deed = message.deed
        if deed is None or deed.state != DONE:
            return
        if step.kind == "record":
            self.world.instruments[step.makes] = deed.made
        elif step.kind in ("confirm", "withdraw"):
            self.world.instruments[step.about].last = deed.made
        elif step.kind == "stop":
            self.world.stops[step.makes] = (deed.made, step.about)
        elif step.kind == "release":
            self.released[step.makes] = deed

    def _said(self, step: Step, person: Person, statement: Statement, beside: Any = None, made: Any = None) -> Message:
        body = {"statement": statement.text.decode("ascii"), "beside": beside or {}}
        deed = Deed(step.kind, step.number, step.about or step.makes, statement.hash, person.organisation, made or statement)
        return Message(person, "POST", f"{API}/statements", json.dumps(body).encode(), deed)

    def _known(self, name: str) -> Made:
        with self._sealing:
            if name not in self.world.reports:
                raise NotYetError(name)
            return self.world.reports[name]

    def _release(self, step: Step) -> Message:
        made, person = self._known(step.about), self.world.officers(step.by)[0]
        statement = signed_request(made, person, made.parts[0])
        body = {"statement": statement.text.decode("ascii"), "audit_size": 0}
        deed = Deed(step.kind, step.number, step.about, statement.hash, step.by, made)
        path = f"{API}/reports/{made.report}/parts/{b64u(made.parts[0])}/release"
        return Message(person, "POST", path, json.dumps(body).encode(), deed)

    def _receipt(self, step: Step) -> Message:
        release = self.released.get(step.about)
        if release is None:
            raise NotYetError(step.about)
        made, person = release.made, self.world.officers(release.by)[0]
        request = _Hashed(release.hash)
        statement = signed_receipt(made, person, made.parts[0], request, release.answers[0])  # type: ignore[arg-type]
        return self._said(step, person, statement)

    def _record(self, step: Step) -> Message:
        person = self.cpt(0)
        terms = instrument("XA", [permit(*READERS)])
        statement = signed_record(self.world, terms, person)  # type: ignore[arg-type]
        made = Instrument(self.world, consent.read(statement).instrument, statement, statement)  # type: ignore[arg-type]
        return self._said(step, person, statement, made=made)

    def _event(self, step: Step, event: str, place: int) -> Message:
        known = self.world.instruments.get(step.about)
        if known is None:
            raise NotYetError(step.about)
        person = self.cpt(place)
        return self._said(step, person, known.next(event, person))

    def _stop(self, step: Step) -> Message:
        made = self._known(step.about)
        return self._said(step, self.cpt(0), signed_stop(made, self.cpt(0)))

    def _lift(self, step: Step) -> Message:
        if step.about not in self.world.stops:
            raise NotYetError(step.about)
        stop, name = self.world.stops[step.about]
        statement = signed_lift(self._known(name), stop, self.cpt(0), self.cpt(1))
        return self._said(step, self.cpt(1), statement)

    def _grant(self, step: Step) -> Message:
        made = self._known(step.about)
        statement, beside = signed_grant(made, "npm-xa", self.cpt(0), self.cpt(1))
        return self._said(step, self.cpt(0), statement, beside)

    def _decide(self, step: Step) -> Message:
        made = self._known(step.about)
        value = decision("coe-cpt", "deny", "un-spt")
        return self._said(step, self.cpt(0), signed_determination(made, "originator_decision", value, self.cpt(0)))

    def _submit(self, step: Step) -> Message:
        founding = self.world.founding
        with self._sealing:
            newcomer = Person(f"{step.makes} {len(founding.people)}", step.by)
            founding.people[newcomer.officer] = newcomer
            founding.public.update(newcomer.public)
            founding.now = self.world.clock.now()
            focal = founding.focal_points(step.by)[0]
            statement = founding.enrolment(newcomer).signed_by(newcomer.sign).signed_by(focal.sign)
            data = founding.submission(statement).to_json()
        deed = Deed(step.kind, step.number, step.makes, statement.hash, step.by, statement)
        return Message(focal, "POST", f"{API}/directory/statements", data, deed)


@dataclass(frozen=True)
class _Hashed:
    """A statement of which only the hash is needed."""

    hash: bytes
