"""Seals, sends and registers reports against an ExchangeWorld, as an officer's machine does; and what is signed later.

    made = make_report(world, tmp_path)                       # the CPT's, one part in English, for the SPT
    made.send(); answer = made.register()                     # 201
    world.say(anna, signed_stop(world, made, anna))           # through POST /statements, or .handle(…) straight to the room

Keyword arguments replace values of the header (`kind`, `tier`, …); `parts` and `recipients` what is sealed.
"""

import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from exchange.reports.digest import content_digest
from exchange.reports.handling import Handled
from exchange.reports.statements import ReportStatements
from exchange.sealing import package as packages
from exchange.sealing import seal as sealing
from exchange.sealing.descriptor import LinkDescriptor
from exchange.sealing.envelope import SealTo, kept_key_info
from exchange.sealing.manifest import Manifest
from exchange.sealing.package import Package
from exchange.sealing.seal import PartToSeal, Recipient, SealRequest
from exchange.sealing.spool import Spool, SpoolWriter
from exchange.statements import determination, grant, lift, recall, recall_answer, report_header, stop
from exchange.statements.determination import Determination, ReportScope, StandingScope
from exchange.statements.form import Link, Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.statements.report_header import DirectoryHead, ReportHeader
from exchange.web.caller import Caller
from keys.encoding import b64u
from keys.statement import Statement
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import API, ExchangeWorld

TEXT = b"The delegation visited the prison of Southtown. "


def part(
    name: str = "p1",
    states: Sequence[str] = ("XA",),
    language: str = "en",
    data: bytes = TEXT,
    **more: Any,
) -> PartToSeal:
    """A file to be sealed."""
    manifest = Manifest(name, f"Visit report ({language})", f"report-{language}.txt", "text/plain", len(data))
    return PartToSeal(manifest, partial(io.BytesIO, data), list(states), language, **more)


def recipient(world: ExchangeWorld, organisation: str, parts: frozenset[str] | None = None) -> Recipient:
    """A body under its current epoch."""
    epoch = world.founding.directory.current_epoch(organisation)
    assert epoch is not None
    return Recipient(organisation, epoch.number, SealTo(world.founding.public[epoch.key]), parts)


@dataclass
class Made:
    """A sealed report: its values, its package, the spool its pieces lie in, and the officer who sends it."""

    world: ExchangeWorld
    officer: Person
    values: ReportHeader
    package: Package
    spool: Spool
    uploads: dict[bytes, str] = field(default_factory=dict)

    @property
    def report(self) -> str:
        """The report's id."""
        return self.values.report

    @property
    def header(self) -> Statement:
        """The signed header."""
        return report_header.parse(self.package.header)[1]

    @property
    def parts(self) -> list[bytes]:
        """The ids of the parts, in the order of their languages."""
        found = sorted(self.package.descriptors.parts, key=lambda each: (each.value.language, each.value.id))
        return [each.value.id for each in found]

    def open(self, part_id: bytes, size: int | None = None, officer: Person | None = None) -> Any:
        """POST /uploads for a part."""
        real = self.spool.parts[part_id].layout.size if size is None else size
        body = {"report": self.report, "part": b64u(part_id), "size": real}
        answer = self.world.post(officer or self.officer, "/uploads", body)
        if answer.status_code in (200, 201):
            self.uploads[part_id] = answer.json["upload"]
        return answer

    def put(self, part_id: bytes, n: int, data: bytes | None = None, **options: Any) -> Any:
        """PUT a piece; `digest` replaces the field, `officer` who sends."""
        piece = self.spool.parts[part_id].piece(n) if data is None else data
        digest = options.pop("digest", content_digest(piece))
        headers = {} if digest is None else {"Content-Digest": digest}
        path = f"/uploads/{options.pop('upload', self.uploads.get(part_id))}/pieces/{n}"
        return self.world.put(options.pop("officer", self.officer), path, data=piece, headers=headers)

    def stored(self, part_id: bytes) -> list[int]:
        """The numbers of the pieces that the server says are stored."""
        found: list[int] = self.world.get(self.officer, f"/uploads/{self.uploads[part_id]}").json["stored"]
        return found

    def send(self) -> None:
        """Open every upload and send every piece."""
        for part_id in self.parts:
            assert self.open(part_id).status_code in (200, 201)
            for n in range(self.spool.parts[part_id].layout.count):
                assert self.put(part_id, n).status_code == 204

    def register(self, package: Package | bytes | None = None, officer: Person | None = None) -> Any:
        """POST /reports with this package, or another."""
        given = self.package if package is None else package
        data = given if isinstance(given, bytes) else packages.to_bytes(given)
        headers = {**self.world.token(officer or self.officer), "Content-Type": "application/zip"}
        return self.world.client.post(f"{API}/reports", data=data, headers=headers)

    def signed(self, *signers: Person, **changes: Any) -> Package:
        """This package under a header of other values."""
        statement = report_header.build(replace(self.values, **changes))
        for person in signers or (self.officer,):
            statement = statement.signed_by(person.sign)
        return replace(self.package, header=statement.text)

    def content_key(self, part_id: bytes) -> bytes:
        """A part's content key, kept in the spool for its sender."""
        info = kept_key_info(uuid.UUID(self.report).bytes, part_id, self.officer.seal.key_id)
        return self.officer.seal.open(self.spool.kept_key(part_id), info)


def make_report(
    world: ExchangeWorld,
    folder: Path,
    *,
    owner: str = "coe-cpt",
    parts: Sequence[PartToSeal] | None = None,
    recipients: Sequence[Recipient | str] = ("un-spt",),
    links: Sequence[LinkDescriptor] = (),
    lock: bytes | None = None,
    signers: Sequence[Person] = (),
    **changes: Any,
) -> Made:
    """Seal a report of `owner` for these recipients (the owner is added) and sign its header."""
    officer = world.officers(owner)[0]
    report = uuid.uuid4()
    named = [owner, *recipients]
    request = SealRequest(
        owner=owner,
        originators=[owner],
        parts=parts or [part()],
        recipients=[each if isinstance(each, Recipient) else recipient(world, each) for each in named],
        lock_key=SealTo(lock or world.founding.lock.public),
        keep_for=SealTo(officer.seal.public),
        links=links,
    )
    with SpoolWriter.begin(folder / "spool", report.bytes, bytes(32)) as writer:
        sealed = sealing.seal(request, writer)
        values = header_values(world, str(report), owner, sealed, changes)
        statement = report_header.build(values)
        for person in signers or (officer,):
            statement = statement.signed_by(person.sign)
        spool = writer.commit(sealed.package(statement.text), officer.seal.key_id)
    return Made(world, officer, values, spool.package, spool)


def header_values(
    world: ExchangeWorld, report: str, owner: str, sealed: sealing.Sealed, changes: Mapping[str, Any]
) -> ReportHeader:
    """The header of a visit report of the CPT, with some values replaced."""
    directory = world.founding.directory
    values: dict[str, Any] = {
        "stamp": Stamp.fresh(world.clock.now(), directory.exchange),
        "report": report,
        "owner": owner,
        "originators": (owner,),
        "kind": "visit_report",
        "tier": "confidential",
        "regime": "R1",
        "visit": None,
        "reference": "CPT 2026/1",
        "source_label": None,
        "class_ordinal": 2,
        "adopted_on": date(2026, 2, 27),
        "held_until": None,
        "directory": DirectoryHead(1, directory.size, directory.log_root),
        "parts": sealed.lists.parts,
        "recipients": sealed.lists.recipients,
        "links": sealed.lists.links,
    }
    return ReportHeader(**{**values, **changes})


def registered(world: ExchangeWorld, folder: Path, **options: Any) -> Made:
    """Make a report, send it and register it."""
    made = make_report(world, folder, **options)
    made.send()
    answer = made.register()
    assert answer.status_code == 201, answer.text
    return made


# What is signed later


def _signed(statement: Statement, signers: Sequence[Person]) -> Statement:
    for person in signers:
        statement = statement.signed_by(person.sign)
    return statement


def _stamp(made: Made) -> Stamp:
    return Stamp.fresh(made.world.clock.now(), made.world.founding.directory.exchange)


def signed_stop(made: Made, *signers: Person, **changes: Any) -> Statement:
    """A stop of the report."""
    values = stop.Stop(_stamp(made), made.report, made.header.hash)
    return _signed(stop.build(replace(values, **changes)), signers)


def signed_lift(made: Made, stopped: Statement, *signers: Person) -> Statement:
    """A lift of a stop."""
    return _signed(lift.build(lift.Lift(_stamp(made), made.report, stopped.hash)), signers)


def signed_recall(made: Made, *signers: Person, **changes: Any) -> Statement:
    """A recall of the whole report, sent in error; keyword arguments replace what it says."""
    values = recall.Recall(_stamp(made), made.report, made.header.hash, None, "error", None, None)
    return _signed(recall.build(replace(values, **changes)), signers)


def signed_answer(
    made: Made, recalled: Statement, person: Person, part_id: bytes, answer: str = "destroyed", **changes: Any
) -> Statement:
    """What the body of `person` answers about a part of a recall; `prev` and others replace what it says."""
    link = Link(made.world.clock.now(), made.world.founding.directory.exchange, changes.pop("prev", None))
    values = recall_answer.RecallAnswer(link, recalled.hash, made.report, part_id, person.organisation, answer)
    return _signed(recall_answer.build(replace(values, **changes)), [person])


def signed_determination(
    made: Made,
    fact: str,
    value: Any,
    *signers: Person,
    part_id: bytes | None = None,
    prev: bytes | None = None,
    scope: StandingScope | None = None,
    header: bytes | None = None,
) -> Statement:
    """A determination on the report, or standing."""
    link = Link(made.world.clock.now(), made.world.founding.directory.exchange, prev)
    about = scope or ReportScope(made.report, header or made.header.hash)
    return _signed(determination.build(Determination(link, about, part_id, fact, value)), signers)


def decision(organisation: str, effect: str, grantee: str | None, **changes: Any) -> dict[str, Any]:
    """The value of an originator's decision."""
    return {
        "organisation": organisation,
        "effect": effect,
        "grantee": grantee,
        "actions": ["view", "download"],
        "parts": None,
        "kinds": None,
        "states": None,
        "valid_from": None,
        "valid_to": None,
        **changes,
    }


def signed_grant(
    made: Made, organisation: str, *signers: Person, parts: Sequence[bytes] | None = None, **changes: Any
) -> tuple[Statement, dict[str, Any]]:
    """A grant of parts (default: all) to a body, and what lies beside it."""
    named, beside = [], {}
    to = recipient(made.world, organisation)
    for part_id in made.parts if parts is None else parts:
        descriptor = made.package.descriptors.part(part_id)
        assert descriptor is not None
        lock = SealTo(changes.get("lock") or made.world.founding.lock.public)
        key = made.content_key(part_id)
        found, locked = sealing.wrap_for(uuid.UUID(made.report).bytes, made.values.owner, descriptor, key, to, lock)
        named.append(GrantRecipient(found.organisation, found.epoch, found.key, found.part, found.envelope))
        beside[b64u(found.envelope)] = b64u(locked.wire)
    report, header = changes.get("report", made.report), changes.get("header", made.header.hash)
    values = Grant(_stamp(made), report, header, tuple(named))
    return _signed(grant.build(values), signers), {"envelopes": beside}


def handle(
    world: ExchangeWorld, person: Person, statement: Statement, beside: Mapping[str, Any] | None = None
) -> Handled:
    """Hand a statement to the room, as POST /statements does."""
    with world.database.unit_of_work(write=True) as uow:
        who = Caller(person.id, person.organisation, person.sign.key_id)
        return world.services.get(ReportStatements).handle(uow, statement, beside or {}, who)
