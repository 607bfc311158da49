"""A report sealed for tests: two parts, owner and one reader, fixed keys, a signed header, and checks that assert."""

import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from exchange.sealing import seal as sealing
from exchange.sealing.descriptors import Descriptors
from exchange.sealing.envelope import SealTo, lock_info
from exchange.sealing.manifest import Manifest
from exchange.sealing.package import Package
from exchange.sealing.seal import PartToSeal, Recipient, SealRequest
from exchange.sealing.spool import Spool, SpoolWriter
from exchange.sealing.unseal.opening import OpeningFacts, ReleaseClaim, Released
from exchange.statements import receipt, report_header
from exchange.statements.form import Stamp
from keys.custody import LockKey
from keys.seat_open import SealKey
from keys.signing import SigningKey
from keys.statement import Statement

REPORT = uuid.UUID("abcdef00-0000-4000-8000-000000000001").bytes
FINGERPRINT = bytes(range(32))
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OFFICER = SigningKey(bytes([1] * 32))
OFFICER_SEAL = SealKey(bytes([2] * 32))
OWNER_KEY = SealKey(bytes([3] * 32))
READER_KEY = SealKey(bytes([4] * 32))
LOCK = LockKey(bytes([5] * 32))
FILES = {"p1": b"The annexes, in English. " * 3000, "p2": b"Le corps du rapport. " * 100_000}


def part(name: str, **change: object) -> PartToSeal:
    """Return one of the two files to be sealed."""
    data = FILES[name]
    language = {"p1": "en", "p2": "fr"}[name]
    manifest = Manifest(name, f"Visit report ({language})", f"report-{language}.txt", "text/plain", len(data))
    values: dict[str, object] = {"states": ["XA"], "language": language, "regime": "R1", **change}
    return PartToSeal(manifest, partial(io.BytesIO, data), **values)  # type: ignore[arg-type]


def request(**change: object) -> SealRequest:
    """Return what the report is sealed from: the CPT's, for the SPT, both parts for both."""
    values: dict[str, object] = {
        "owner": "coe-cpt",
        "originators": ["coe-cpt"],
        "parts": [part("p1"), part("p2")],
        "recipients": [
            Recipient("coe-cpt", 1, SealTo(OWNER_KEY.public)),
            Recipient("un-spt", 2, SealTo(READER_KEY.public)),
        ],
        "lock_key": SealTo(LOCK.public),
        "keep_for": SealTo(OFFICER_SEAL.public),
        **change,
    }
    return SealRequest(**values)  # type: ignore[arg-type]


def header(sealed: sealing.Sealed, by: SigningKey = OFFICER) -> Statement:
    """Return the signed header of a sealed report."""
    return report_header.build(
        report_header.ReportHeader(
            stamp=Stamp(NOW, bytes(32), bytes(16)),
            report=str(uuid.UUID(bytes=sealed.report)),
            owner=sealed.owner,
            originators=sealed.originators,
            kind="visit_report",
            tier="confidential",
            regime="R1",
            visit=None,
            reference=None,
            source_label=None,
            class_ordinal=2,
            adopted_on=date(2026, 3, 1),
            held_until=None,
            directory=report_header.DirectoryHead(1, 5, bytes(32)),
            parts=sealed.lists.parts,
            recipients=sealed.lists.recipients,
            links=sealed.lists.links,
        )
    ).signed_by(by)


def deposited(root: Path, made: SealRequest | None = None) -> tuple[Spool, sealing.Sealed]:
    """Seal the report into a spool under `root` and commit it."""
    with SpoolWriter.begin(root, REPORT, FINGERPRINT) as writer:
        sealed = sealing.seal(made or request(), writer)
        spool = writer.commit(sealed.package(header(sealed).text), OFFICER_SEAL.key_id)
    return spool, sealed


def unlocked(package: Package, part_id: bytes, organisation: str) -> bytes:
    """Take a lock off, as the server does at release."""
    named = [s.value for s in package.descriptors.recipients]
    ours = next(r for r in named if r.part == part_id and r.organisation == organisation)
    return LOCK.open(package.envelopes[ours.envelope].sealed, lock_info(REPORT, part_id, organisation))


def facts(spool: Spool, sealed: sealing.Sealed, local: str = "p1", organisation: str = "un-spt") -> OpeningFacts:
    """Gather what a reader would have of one part: only its own part and recipient descriptors are shown."""
    language = {"p1": "en", "p2": "fr"}[local]
    found = next(s for s in sealed.descriptors.parts if s.value.language == language)
    part_id = found.value.id
    ours = [
        s for s in sealed.descriptors.recipients if s.value.part == part_id and s.value.organisation == organisation
    ]
    return OpeningFacts(
        report=REPORT,
        part=part_id,
        organisation=organisation,
        action="view",
        purpose="follow_up",
        header=header(sealed),
        descriptors=Descriptors((found,), tuple(ours)),
        request=bytes([9] * 32),
        envelope=unlocked(spool.package, part_id, organisation) if ours else bytes(1_168),
        manifest=spool.package.manifests[part_id],
        pieces=spool.parts[part_id],
    )


class RefusedError(Exception):
    """What a client's check raises."""

    code = "refused_by_test"


@dataclass
class Checks:
    """Checks that hold, record what they were asked, and fail where a test says so."""

    fail: str = ""
    asked: list[object] = field(default_factory=list)

    def header_signer(self, header: Statement) -> None:
        self._ask("header_signer", header)

    def grant_signers(self, grant: Statement, owner: str) -> None:
        self._ask("grant_signers", owner)

    def release(self, claim: ReleaseClaim) -> Released:
        self._ask("release", claim)
        return Released(1, 42)

    def receipt(self, claim: ReleaseClaim, released: Released) -> Statement:
        self._ask("receipt", released)
        made = receipt.Receipt(
            Stamp(NOW, bytes(32), bytes(16)),
            str(uuid.UUID(bytes=claim.report)),
            claim.part,
            claim.request,
            released.n,
            released.index,
        )
        return receipt.build(made).signed_by(OFFICER)

    def _ask(self, name: str, value: object) -> None:
        self.asked.append(value)
        if self.fail == name:
            raise RefusedError(name)
