"""After a run: is everything there that was acknowledged, once, and did nothing leave without its entry?

Asked of what anybody can see: the logs' public files, verified as a stranger verifies them; the entries that the audit
offices open with their own keys; what the owner is served; and `flask fsck`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exchange.ledger.errors import LedgerError
from exchange.ledger.record import Record
from exchange.ledger.ticket import Ticket
from exchange.ledger.vocabulary import RELEASE_PERMIT, RELEASE_WITHHOLD
from exchange.logs.places import POLICY
from exchange.sealing.envelope import envelope_hash
from exchange.transparency.files import DurableDirectory
from exchange.transparency.policy_text import parse_policy
from exchange.transparency.verify_offline import verify_files
from keys.encoding import b64u, unb64u
from tests.faults.seeded_app import publish
from tests.faults.seeded_ledger import DONE, REFUSED, REPEATABLE, Deed, Ledger, index_of
from tests.faults.seeded_oracle import judge, truth_of
from tests.faults.seeded_plan import Plan
from tests.faults.seeded_served import served
from tests.faults.seeded_world import Founded, RunWorld
from tests.web.access_maker import content_key, entry_of, leaf_of, prove
from tests.web.report_maker import Made

OFFICES = ("audit-cpt", "audit-un")


@dataclass
class Seen:
    """What can be seen of the logs after a run: their leaves, and the entries that each office opens."""

    leaves: dict[str, list[bytes]] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)

    @property
    def all_records(self) -> list[Record]:
        """Every entry that some office opens, once, in the order of the log; those an office reads in whole before parts."""
        found: dict[int, Record] = {}
        for office in OFFICES:
            for record in self.records.get(office, ()):
                if record.index not in found or (record.full and not found[record.index].full):
                    found[record.index] = record
        return [found[index] for index in sorted(found)]


def check(plan: Plan, world: RunWorld, ledger: Ledger, app: Founded) -> Iterator[str]:
    """Yield every finding on a run that has ended; `app` is the next process, which was started the ordinary way."""
    code = publish(app.services)
    if code is not None:
        yield f"the next process cannot make the logs public: {code}"
        return
    answer = app.app.test_cli_runner().invoke(args=["fsck"])
    if answer.exit_code or answer.output.strip() != "sound":
        yield f"fsck: {answer.output.strip()[:600]}"
    seen = Seen()
    yield from _logs(world, ledger, seen)
    for office in OFFICES:
        try:
            reading = app.read(office)
        except LedgerError as error:
            yield f"{office} cannot read the log: {error}"
            continue
        seen.records[office] = reading.records
        yield from (f"{office} reads: {finding.sentence}" for finding in reading.findings)
    yield from _deeds(world, ledger, seen)
    yield from _releases(world, ledger, seen)
    truth = truth_of(ledger.deeds, {step.number: step.makes for step in plan.steps})
    yield from judge(seen.all_records, truth, world.reports)
    yield from served(world, ledger, truth, app)


def _logs(world: RunWorld, ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Both logs verify from their files, and continue every head that anybody was shown."""
    policy = parse_policy((world.config.logs_dir / POLICY).read_bytes())
    for log, heads in ledger.heads.items():
        leaves: list[bytes] = []
        files = DurableDirectory(world.config.logs_dir / log)
        report = verify_files(
            files.read, policy, entries=files.read, known=sorted(heads), on_entry=lambda _i, leaf, to=leaves: to.append(leaf)
        )
        for finding in report.findings:
            yield f"the {log} log's files: {finding.code} {finding.place} {finding.detail}"
        seen.leaves[log] = leaves


def _deeds(world: RunWorld, ledger: Ledger, seen: Seen) -> Iterator[str]:
    """What was acknowledged stands where its answers say, what was refused does not, and nothing stands twice."""
    places: dict[str, list[int]] = {}
    for record in seen.all_records:
        if isinstance(record.fields.get("statement"), str):
            places.setdefault(str(record.fields["statement"]), []).append(record.index)
    for deed in ledger.deeds:
        name, found = f"{deed.kind} of step {deed.step}", places.pop(b64u(deed.hash), [])
        if deed.kind == "release":
            continue
        if deed.state == REFUSED and found and deed.kind not in REPEATABLE:
            yield f"{name} was refused as {deed.refusal}, and stands at {found}"
        if deed.state == DONE:
            yield from _stands(deed, name, found, seen)
    standing = {b64u(digest) for digest in world.template.statements}
    founding = {b64u(statement.hash) for statement in world.template.founding.statements}
    for hash_text, found in places.items():
        if hash_text not in standing | founding:
            yield f"entries {found} are of a statement that nobody sent"
        elif len(found) != 1:
            yield f"a statement of the beginning has the entries {found}"


def _stands(deed: Deed, name: str, found: Sequence[int], seen: Seen) -> Iterator[str]:
    if deed.kind in REPEATABLE:
        missing = sorted({index_of(answer) for answer in deed.answers} - set(found))
        if missing:
            yield f"{name} was acknowledged with the entries {missing}, which are not there"
    elif len(found) != 1:
        yield f"{name} was acknowledged, and has {len(found)} entries"
    if deed.kind == "submit":
        leaves = seen.leaves["directory"]
        if deed.index >= len(leaves) or leaves[deed.index] != deed.made.text:
            yield f"{name} was acknowledged, and is not leaf {deed.index} of the directory"
        return
    for answer in deed.answers:
        ticket = Ticket.from_json(answer["ticket"])
        leaves = seen.leaves["audit"]
        if ticket.index >= len(leaves) or leaves[ticket.index] != ticket.leaf(deed.hash):
            yield f"{name} was acknowledged with a ticket that is not of leaf {ticket.index}"


def _releases(world: RunWorld, ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Each envelope that was got opens the report, and has an entry of its own, which names request and envelope."""
    permits = {record.index: record for record in seen.all_records if record.act.tag == RELEASE_PERMIT}
    requests = {b64u(deed.hash): deed for deed in ledger.deeds if deed.kind == "release"}
    taken: Counter[int] = Counter()
    for deed in requests.values():
        made: Made = deed.made
        for answer in deed.answers:
            name, index = f"release of step {deed.step}", int(answer["index"])
            taken[index] += 1
            record = permits.get(index)
            if record is None:
                yield f"{name}: an envelope left, and entry {index} is not there"
                continue
            wanted = {
                "request": b64u(deed.hash),
                "envelope": b64u(envelope_hash(unb64u(answer["envelope"]))),
                "report": made.report,
                "body": deed.by,
            }
            for field_name, value in wanted.items():
                if record.full and record.fields.get(field_name) != value:
                    yield f"{name}: entry {index} names another {field_name}"
            if leaf_of(answer) != seen.leaves["audit"][index] or entry_of(answer).com != entry_of(answer).com:
                yield f"{name}: the entry that came with the envelope is not leaf {index}"
            yield from _opens(world, deed, made, answer, name)
    for index, times in taken.items():
        if times > 1:
            yield f"{times} envelopes left with the one entry {index}"
    decided = Counter(
        str(record.fields["request"])
        for record in seen.all_records
        if record.full and record.act.tag in (RELEASE_PERMIT, RELEASE_WITHHOLD)
    )
    for request, times in decided.items():
        if request not in requests:
            yield f"{times} entries are of a request that nobody sent"
        elif times > requests[request].sent:
            deed = requests[request]
            yield f"release of step {deed.step} was asked for {deed.sent} times, and has {times} entries"


def _opens(world: RunWorld, deed: Deed, made: Made, answer: Mapping[str, object], name: str) -> Iterator[str]:
    try:
        prove(world, answer, leaf_of(answer), int(str(answer["index"])))  # type: ignore[arg-type]
        same = content_key(made, deed.by, made.parts[0], answer) == made.content_key(made.parts[0])
    except Exception as error:
        yield f"{name}: {type(error).__name__}: {error}"
        return
    if not same:
        yield f"{name}: the envelope holds another key"
