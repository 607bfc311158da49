"""Reading the audit log on this machine: whole bundles, held to the tree both log keys signed, opened with the body's keys.

The server serves everyone the same bundles; what is this body's in them only its own keys show. Nothing is skipped: reading
begins at leaf 0, the leaves must give the signed root, and every missing view of ours is a finding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from exchange.client.audit_log import AuditHead
from exchange.client.errors import SeatMissingError
from exchange.client.report_errors import LogContradictsError, NotPublicYetError
from exchange.client.session import Session
from exchange.client.sync import log_keys
from exchange.ledger.bundle import BUNDLE_LEAVES, Bundle, bundle_count, parse_bundle
from exchange.ledger.client_signed import check_client_signature
from exchange.ledger.errors import LedgerError
from exchange.ledger.reader import LogReader
from exchange.ledger.record import Finding, Record
from exchange.transparency.merkle import TreeHasher, leaf_hash
from keys.encoding import unb64u
from keys.errors import KeysError
from keys.seat_open import SealKey

BUNDLES: Final = "/api/v1/audit/bundles"
CACHE: Final = "audit"
# The log in public moves once a minute at most (docs/spec/log-tree.md).
WAIT_SECONDS: Final = 150.0
STEP_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Reading:
    """What a body read: its records in order, what it found wrong, and the head up to which it read.

    `unsigned`: leaves of acts whose entry no key of their actor signed.
    """

    records: tuple[Record, ...]
    findings: tuple[Finding, ...]
    unsigned: tuple[int, ...]
    head: AuditHead


def read_log(session: Session, at_least: int = 0, wait: float = WAIT_SECONDS) -> Reading:
    """Read the whole log in public for this officer's body; `at_least`: the size it must have in public.

    What was entered a moment ago stands in public within about a minute: that is waited for, `wait` seconds at most
    (NotPublicYetError).

    1. The checkpoint continues what this home has seen, signed by both log keys. 2. The bundles are whole and in order.
    3. Their leaves give the signed root (LogContradictsError). 4. What is ours opens and rebuilds its leaf; releases and
    receipts bear a signature of their actor's key. Whatever fails in 4 is a finding, not an error.
    """
    session.sync()
    head = _public_head(session, at_least, wait)
    body = session.organisation
    reader = LogReader(body, own_keys(session, body))
    hasher = TreeHasher()
    records: list[Record] = []
    findings: list[Finding] = []
    for bundle in _bundles(session, head.size):
        for leaf in bundle.leaves:
            hasher.add(leaf_hash(leaf))
        found = reader.read(bundle)
        records += found.records
        findings += found.findings
    if hasher.head() != head.signed.checkpoint.head:
        _forget_bundles(session)
        raise LogContradictsError("the bundles are not the log whose root was signed")
    unsigned = tuple(record.index for record in records if not _is_signed(session, record))
    return Reading(tuple(records), tuple(findings), unsigned, head)


def _public_head(session: Session, at_least: int, wait: float) -> AuditHead:
    """Return the head in public, once it covers what is asked for and what this home has seen of the log."""
    due = max(at_least, session.audit.pinned.size)
    wait_for_public(session, due, wait)
    head = session.audit.head(session.http)
    # The proven head is what is read up to: one that is behind what the log in public shows is not enough.
    if head.size < due:
        raise NotPublicYetError(f"the log that is proven has fewer than {due} entries", count=due)
    return head


def wait_for_public(session: Session, due: int, wait: float = WAIT_SECONDS) -> None:
    """Wait until the log in public has `due` entries, under a checkpoint of both its keys; NotPublicYetError."""
    root = session.directory.root
    address = f"/log/audit/{root.logs['audit'].n}/checkpoint"
    left, told = wait, False
    while True:
        note = session.http.get_bytes(address, public=True)
        if log_keys(root, "audit").verify(note).checkpoint.size >= due:
            return
        if left <= 0:
            raise NotPublicYetError(f"the log in public has fewer than {due} entries", count=due)
        if not told:
            session.teller.say("client.waiting_for_log", count=due)
            told = True
        session.clock.wait(STEP_SECONDS)
        left -= STEP_SECONDS


def own_keys(session: Session, body: str) -> dict[int, SealKey]:
    """Return the body's epoch keys that this officer holds a seat for, by epoch."""
    keys = {}
    for epoch in session.directory.organisation(body).epochs:
        try:
            keys[epoch.number] = session.epoch_key(body, epoch.number)
        except SeatMissingError:
            continue
    return keys


def _bundles(session: Session, size: int) -> Iterator[Bundle]:
    """Yield every bundle; a full one is kept, since its bytes never change and the tree proves it anew each time."""
    for number in range(bundle_count(size)):
        due = min(BUNDLE_LEAVES, size - number * BUNDLE_LEAVES)
        name = f"{CACHE}/{number}.bundle"
        data = session.home.read(name) if due == BUNDLE_LEAVES else None
        bundle = None if data is None else _kept(data)
        if bundle is None:
            data = session.http.get_bytes(f"{BUNDLES}/{number}")
            bundle = parse_bundle(data)
            if due == BUNDLE_LEAVES and len(bundle.rows) == due:
                session.home.write(name, data)
        yield _cut(bundle, number, due)


def _forget_bundles(session: Session) -> None:
    """Drop the kept bundles: one that is not the log's, kept before the tree could say so, would be read for ever."""
    for name in session.home.names(CACHE):
        session.home.remove(f"{CACHE}/{name}")


def _kept(data: bytes) -> Bundle | None:
    try:
        return parse_bundle(data)
    except LedgerError:
        return None


def _cut(bundle: Bundle, number: int, due: int) -> Bundle:
    """Return the bundle up to the size that is read: the log may have grown in public since its checkpoint was fetched."""
    if bundle.first != number * BUNDLE_LEAVES or len(bundle.rows) < due:
        raise LogContradictsError("a bundle has fewer leaves than the log's size says, or others")
    return Bundle(bundle.rows[:due])


def _is_signed(session: Session, record: Record) -> bool:
    """Whether an act that a client signs bears a signature of its actor's key; True for acts without one of their own."""
    try:
        check_client_signature(record, session.directory.exchange, _keys_of(session, record.fields.get("actor")))
    except (KeysError, LedgerError):
        return False
    return True


def _keys_of(session: Session, actor: object) -> list[tuple[bytes, bytes]]:
    """Return an actor's signing key, id and bytes; none for an actor that the directory does not have."""
    try:
        officer = session.directory.officer(unb64u(actor, 16))
    except KeysError:
        return []
    public = session.keys.get(officer.sign)
    return [] if public is None else [(officer.sign, public)]
