"""What officers sign, and the small reports they seal: as light as real signatures and real encryption allow.

A report is sealed in memory (a sender's spool on the disk is the client's affair, not the server's); everything else is what
an officer's machine would send.
"""

import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from exchange.sealing import package as packages
from exchange.sealing import seal as sealing
from exchange.sealing.envelope import SealTo, kept_key_info
from exchange.sealing.manifest import Manifest
from exchange.sealing.package import Package
from exchange.sealing.pieces import Layout, layout
from exchange.sealing.seal import PartToSeal, Recipient, SealRequest
from exchange.statements import consent, grant, lift, receipt, release_request, report_header, stop
from exchange.statements.consent import Consent
from exchange.statements.form import Link, Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.statements.receipt import Receipt
from exchange.statements.release_request import ReleaseRequest
from exchange.statements.report_header import DirectoryHead, ReportHeader
from keys.encoding import b64u
from keys.statement import Statement
from policies import regimes
from tests.unit.keys.directory_builder import Founding, Person
from tests.web.access_maker import instrument, permit

_TEXT: Final = b"The delegation visited the prison of Southtown and saw the registers. " * 1000


def now() -> datetime:
    """This machine's clock, as officers' machines have one."""
    return datetime.now(UTC).replace(microsecond=0)


class _Memory:
    """What `seal` writes to: ciphertext by part, the kept keys."""

    def __init__(self, report: bytes) -> None:
        self.report = report
        self.data: dict[bytes, bytearray] = {}
        self.keys: dict[bytes, bytes] = {}

    @contextmanager
    def part(self, part: bytes) -> Iterator[Callable[[memoryview], None]]:
        """See SpoolWriter."""
        yield self.data.setdefault(part, bytearray()).extend

    def keep_hashes(self, part: bytes, hashes: tuple[bytes, ...]) -> None:
        """See SpoolWriter: nobody asks for them here."""

    def keep_key(self, part: bytes, sealed: bytes) -> None:
        """See SpoolWriter."""
        self.keys[part] = sealed


@dataclass
class Report:
    """A sealed report. `pieces` by part until it is sent; `readers` are the bodies it was sealed to, its owner left out.

    Later recipients: `granting` from the moment that somebody asks for it, `granted` once that was acknowledged.
    """

    id: str
    owner: str
    states: tuple[str, ...]
    readers: tuple[str, ...]
    header: Statement
    package: Package
    pieces: dict[bytes, list[bytes]] = field(repr=False)
    digests: dict[tuple[bytes, int], bytes] = field(repr=False)
    keys: dict[bytes, bytes] = field(repr=False)
    granting: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)

    @property
    def parts(self) -> list[bytes]:
        """Part ids."""
        return list(self.keys)

    @property
    def posted(self) -> bytes:
        """What POST /reports takes."""
        return packages.to_bytes(self.package)


@dataclass(frozen=True)
class Desk:
    """Signs for everybody, by the directory as it stands."""

    founding: Founding

    @property
    def exchange(self) -> bytes:
        """The exchange's id."""
        return self.founding.directory.exchange

    def stamp(self) -> Stamp:
        """The common fields of a statement made now."""
        return Stamp.fresh(now(), self.exchange)

    def request(
        self, person: Person, report: str, part: bytes, purpose: str = "follow_up"
    ) -> tuple[ReleaseRequest, Statement]:
        """A signed release-request to view a part."""
        values = ReleaseRequest(self.stamp(), report, part, "view", purpose)
        return values, release_request.build(values).signed_by(person.sign)

    def receipt(self, person: Person, report: str, part: bytes, request: bytes, n: int, index: int) -> Statement:
        """The receipt of an opening."""
        return receipt.build(Receipt(self.stamp(), report, part, request, n, index)).signed_by(person.sign)

    def stop(self, person: Person, report: Report) -> Statement:
        """A stop."""
        return stop.build(stop.Stop(self.stamp(), report.id, report.header.hash)).signed_by(person.sign)

    def lift(self, report: Report, stopped: bytes) -> Statement:
        """A lift, not signed yet: two officers do."""
        return lift.build(lift.Lift(self.stamp(), report.id, stopped))

    def record(self, person: Person, state: str, grantees: Sequence[str], report: str | None = None) -> Statement:
        """The record of a State's agreement: to one report, or to all."""
        scope: Mapping[str, Any] = {} if report is None else {"scope": "document", "scope_ref": report}
        kind = "standing" if report is None else "specific"
        received = (now() - timedelta(days=1)).date().isoformat()
        body = instrument(state, [permit(*grantees, **scope)], kind=kind, received_on=received)
        values = Consent(Link(now(), self.exchange, None), uuid.uuid4().bytes, "recorded", body)
        return consent.build(values).signed_by(person.sign)

    def event(self, person: Person, record: Statement, prev: bytes, event: str) -> Statement:
        """A later event of the instrument that `record` recorded."""
        values = Consent(
            Link(now(), self.exchange, prev), consent.read(record).instrument, event, {"effective": None, "reason": None}
        )
        return consent.build(values).signed_by(person.sign)

    def sealed(self, person: Person, states: Sequence[str], readers: Sequence[str], sizes: Sequence[int]) -> Report:
        """Seal a visit report of the person's body: a part for each size in bytes, one language each."""
        founding, owner, report = self.founding, person.organisation, uuid.uuid4()
        memory = _Memory(report.bytes)
        request = SealRequest(
            owner=owner,
            originators=[owner],
            parts=[_part(number, size, states) for number, size in enumerate(sizes)],
            recipients=[self.recipient(body) for body in (owner, *readers)],
            lock_key=SealTo(founding.lock.public),
            keep_for=SealTo(person.seal.public),
        )
        sealed = sealing.seal(request, memory)  # type: ignore[arg-type]
        header = report_header.build(self._header(str(report), owner, sealed)).signed_by(person.sign)
        pieces = {part: _cut(bytes(data)) for part, data in memory.data.items()}
        keys = {
            part: person.seal.open(kept, kept_key_info(report.bytes, part, person.seal.key_id))
            for part, kept in memory.keys.items()
        }
        return Report(
            str(report), owner, tuple(states), tuple(readers), header, sealed.package(header.text), pieces, {}, keys
        )

    def grant(self, report: Report, body: str) -> tuple[Statement, dict[str, Any]]:
        """A grant of all parts to a body, not signed yet, and what lies beside it."""
        named, beside, to = [], {}, self.recipient(body)
        for part, key in report.keys.items():
            descriptor = report.package.descriptors.part(part)
            if descriptor is None:
                raise LookupError("a part without its descriptor")
            found, locked = sealing.wrap_for(
                uuid.UUID(report.id).bytes, report.owner, descriptor, key, to, SealTo(self.founding.lock.public)
            )
            named.append(GrantRecipient(found.organisation, found.epoch, found.key, found.part, found.envelope))
            beside[b64u(found.envelope)] = b64u(locked.wire)
        return grant.build(Grant(self.stamp(), report.id, report.header.hash, tuple(named))), {"envelopes": beside}

    def recipient(self, body: str) -> Recipient:
        """A body under its current epoch."""
        epoch = self.founding.directory.current_epoch(body)
        if epoch is None:
            raise LookupError("a body without an epoch")
        return Recipient(body, epoch.number, SealTo(self.founding.public[epoch.key]))

    def _header(self, report: str, owner: str, sealed: sealing.Sealed) -> ReportHeader:
        directory = self.founding.directory
        return ReportHeader(
            stamp=self.stamp(),
            report=report,
            owner=owner,
            originators=(owner,),
            kind="visit_report",
            tier="confidential",
            regime=regimes.document_regime((owner,)),
            visit=None,
            reference="Visit 2026/1",
            source_label=None,
            class_ordinal=2,
            adopted_on=(now() - timedelta(days=30)).date(),
            held_until=None,
            directory=DirectoryHead(1, directory.size, directory.log_root),
            parts=sealed.lists.parts,
            recipients=sealed.lists.recipients,
            links=sealed.lists.links,
        )


def _part(number: int, size: int, states: Sequence[str]) -> PartToSeal:
    data = (_TEXT * (size // len(_TEXT) + 1))[:size]
    manifest = Manifest(f"p{number}", "Visit report", "report.txt", "text/plain", size)
    return PartToSeal(manifest, partial(io.BytesIO, data), list(states), ("en", "fr", "es", "ru")[number % 4])


def _cut(data: bytes) -> list[bytes]:
    cut: Layout = layout(len(data))
    return [data[cut.offset(n) : cut.offset(n) + cut.length(n)] for n in range(cut.count)]
