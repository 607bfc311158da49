"""After a run: everything that anybody was shown is held to the one log that stands in the end, and every host is checked.

1. Both hosts come to the same public log, with every entry that was answered for in it.
2. The log is dense; its root at each size that was ever signed to anybody is the one that was signed.
3. The leaf at each index that a ticket or a release named is the one that it named.
4. By the log alone, as the bodies and their audit offices read it, no release stands above a withdrawal or stop.
5. `flask fsck` finds nothing on any host, and no host complained in its own log.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.ledger.bundle import Bundle, parse_bundle
from exchange.ledger.reader import LogReader
from exchange.ledger.record import Record
from exchange.ledger.vocabulary import consent_act
from exchange.statements import consent
from exchange.transparency.merkle import TreeHasher, TreeHead, leaf_hash
from keys.encoding import b64u
from tests.load.hosts import Serving
from tests.load.moving import Moving
from tests.load.officer import Floor, Officer, Unexpected
from tests.load.proving import Notebook
from tests.load.timeline import CONSENT, STOP, Change, Release, Timeline

BUNDLE: Final = 256
# How long to wait for both hosts to publish what was acknowledged.
PATIENCE: Final = 60.0
_OPENING: Final[Mapping[str, tuple[str, bool]]] = {
    "reports:report:stop": (STOP, False),
    "reports:report:lift": (STOP, True),
}
_GRANTED, _WITHDRAWN = consent_act("granted").tag, consent_act("withdrawn").tag


@dataclass(frozen=True)
class Log:
    """The audit log as it stands: its public head, and all bundles."""

    head: TreeHead
    bundles: Sequence[Bundle]

    @property
    def leaves(self) -> list[bytes]:
        """The hashes of all leaves, in order."""
        return [leaf_hash(row.leaf.data) for bundle in self.bundles for row in bundle.rows]


async def check(serving: Serving, floor: Floor, reader: Officer, timelines: Mapping[str, Timeline]) -> None:
    """Do all of the above; findings go into the figures. `timelines` by instrument id, for those of a moving report."""
    measured = floor.measured
    log = await fetched(serving, floor, reader)
    measured.facts["log entries"] = log.head.size
    measured.facts["tickets and releases held to the log"] = len(floor.notebook.leaves)
    measured.facts["signed heads held to the log"] = len(floor.notebook.heads)
    measured.findings += held(floor.notebook, log)
    records: dict[int, Record] = {}
    for body in ("audit-cpt", "audit-un"):
        for record in read(floor, body, log, measured.findings):
            if record.full or record.index not in records:
                records[record.index] = record
    measured.findings += by_the_log([records[index] for index in sorted(records)], timelines)
    for number, host in enumerate(serving.hosts):
        code, said = await asyncio.to_thread(host.operator, "fsck")
        if code:
            measured.findings.append(f"fsck on host {number}: {said.strip()[-600:]}")
    measured.facts["fsck"] = f"run on {len(serving.hosts)} host(s)"
    measured.findings += [f"in a server's log: {line}" for line in serving.complaints()[:20]]


async def fetched(serving: Serving, floor: Floor, reader: Officer) -> Log:
    """Wait until every host shows in public all that was answered for; return the log, fetched from the hosts in turn."""
    wanted = max(floor.notebook.leaves, default=-1) + 1
    heads = []
    for number in range(len(serving.hosts)):
        until = time.monotonic() + PATIENCE
        while True:
            answer = await reader.ask("checkpoint", "GET", "/log/audit/1/checkpoint", host=number, anonymous=True)
            head = floor.notebook.head(answer.body.decode())
            if head.size >= wanted:
                break
            if time.monotonic() > until:
                raise Unexpected(f"host {number} shows {head.size} entries in public where {wanted} were answered for")
            await asyncio.sleep(0.5)
        heads.append(head)
    smallest = min(heads, key=lambda head: head.size)
    bundles = []
    for k in range((smallest.size + BUNDLE - 1) // BUNDLE):
        answer = await reader.get("audit bundle", f"/audit/bundles/{k}")
        bundles.append(parse_bundle(answer.body))
    # Reading leaves entries, so the last bundle may be longer than the head that was read first.
    return Log(smallest, bundles)


def held(notebook: Notebook, log: Log) -> list[str]:
    """Rules 2 and 3."""
    leaves, found = log.leaves, []
    for index, row in enumerate(row for bundle in log.bundles for row in bundle.rows):
        if row.index != index:
            return [f"leaf {row.index} where leaf {index} is due"]
    if len(leaves) < log.head.size:
        return [f"bundles hold {len(leaves)} leaves of {log.head.size}"]
    hasher, roots = TreeHasher(), {}
    for leaf in leaves:
        hasher.add(leaf)
        if hasher.size in notebook.heads:
            roots[hasher.size] = hasher.root()
    for size, root in notebook.heads.items():
        if 0 < size <= len(leaves) and roots.get(size) != root:
            found.append(f"the log signed another history of size {size}")
    for index, digest in notebook.leaves.items():
        if index >= len(leaves) or leaves[index] != digest:
            found.append(f"the leaf answered for at {index} is not in the log")
    return found


def read(floor: Floor, body: str, log: Log, findings: list[str]) -> list[Record]:
    """Everything a body reads in the log, with its own keys."""
    epochs = floor.desk.founding.epoch_keys
    reader = LogReader(body, {number: key for (name, number), key in epochs.items() if name == body})
    records: list[Record] = []
    for bundle in log.bundles:
        reading = reader.read(bundle)
        records += reading.records
        findings += [f"{body} at {each.index}: {each.code} {each.detail}" for each in reading.findings]
    return records


def by_the_log(records: Sequence[Record], timelines: Mapping[str, Timeline]) -> list[str]:
    """Rule 4, from the entries alone: who asked the server is not asked here."""
    logged = {timeline.report: Timeline(timeline.report) for timeline in timelines.values()}
    for record in records:
        act, fields = record.act.tag, record.fields
        if act == "access:release:permit" and fields["report"] in logged and not _own(fields):
            logged[str(fields["report"])].releases.append(Release(0.0, 0.0, record.index))
        elif act in _OPENING and fields["report"] in logged:
            kind, opens = _OPENING[act]
            logged[str(fields["report"])].changes.append(Change(kind, opens, record.index, 0.0, 0.0))
        elif act in (_GRANTED, _WITHDRAWN) and fields["instrument"] in timelines:
            timeline = logged[timelines[str(fields["instrument"])].report]
            timeline.changes.append(Change(CONSENT, act == _GRANTED, record.index, 0.0, 0.0))
    return [f"by the log: {breach}" for timeline in logged.values() for breach in timeline.breaches()]


def _own(fields: Mapping[str, Any]) -> bool:
    return fields["body"] == fields["owner"]


def by_instrument(reports: Iterable[Moving]) -> dict[str, Timeline]:
    """The timelines of moving reports, by the instruments that opened them, as entries spell those."""
    return {
        b64u(consent.read(record).instrument): moving.timeline for moving in reports for record in moving.records
    }
