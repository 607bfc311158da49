"""What `flask fsck` asks of the audit room: views and seals are those their leaves commit to, tickets rebuild their leaf."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.audit.bundles import chains_between, views_between
from exchange.audit.models import AuditChain, AuditSeal, AuditViews, PendingStatement, SignedStatement
from exchange.audit.statements import NOT_KEPT
from exchange.db import Database
from exchange.ledger.bundle import BUNDLE_LEAVES
from exchange.ledger.errors import LedgerError
from exchange.ledger.leaf import ChainLeaf, EntryLeaf, parse_leaf
from exchange.ledger.ticket import Ticket
from exchange.ledger.view import views_hash
from exchange.logs.places import AUDIT, N
from exchange.logs.services import Logs
from exchange.transparency.errors import LogRangeError
from exchange.web.feature import Check
from exchange.web.services import Services
from keys.errors import KeysError
from keys.statement import parse


def check_views(services: Services) -> Iterator[str]:
    """Yield each leaf whose views or seals are missing, altered, or there without a leaf that has them."""
    logs = services.get(Logs)
    with services.get(Database).unit_of_work() as uow:
        size = logs.head(uow, AUDIT).size
        entries = chains = 0
        for start in range(0, size, BUNDLE_LEAVES):
            stop = min(start + BUNDLE_LEAVES, size)
            try:
                leaves = logs.leaves(uow, AUDIT, start, stop)
                views, records = views_between(uow.session, start, stop), chains_between(uow.session, start, stop)
            except (LogRangeError, LedgerError) as error:
                yield f"leaves {start} to {stop - 1} cannot be checked: {error}"
                continue
            for index, data in enumerate(leaves, start):
                try:
                    leaf = parse_leaf(data)
                except LedgerError as error:
                    yield f"leaf {index}: {error}"
                    continue
                if isinstance(leaf, EntryLeaf):
                    entries += 1
                    if index not in views or views_hash(views[index]) != leaf.vw:
                        yield f"leaf {index}: its views are not those it commits to"
                elif isinstance(leaf, ChainLeaf):
                    chains += 1
                    if index not in records or records[index].seals_hash != leaf.seals:
                        yield f"leaf {index}: its seals are not those it commits to"
        yield from _strays(uow.session, entries, chains)


def _strays(session: Session, entries: int, chains: int) -> Iterator[str]:
    kept = session.scalar(select(func.count()).select_from(AuditViews).where(AuditViews.n == N)) or 0
    if kept != entries:
        yield f"{kept} rows of views where {entries} entries stand"
    drawn = session.scalar(select(func.count()).select_from(AuditChain).where(AuditChain.n == N)) or 0
    if drawn != chains:
        yield f"{drawn} records of chains where {chains} leaves stand"
    lost = select(func.count()).select_from(AuditSeal).where(
        AuditSeal.n == N, AuditSeal.index.not_in(select(AuditChain.index).where(AuditChain.n == N))
    )
    if session.scalar(lost):
        yield "seals without a chain"


def check_statements(services: Services) -> Iterator[str]:
    """Yield each stored statement that is not its hash's, or whose ticket does not rebuild its leaf, or must not be kept."""
    logs = services.get(Logs)
    with services.get(Database).unit_of_work() as uow:
        for row in uow.session.scalars(select(SignedStatement).order_by(SignedStatement.index)):
            name = f"statement {row.hash.hex()[:16]}"
            try:
                statement = parse(row.text, row.label)
                ticket = Ticket.parse(row.ticket)
                leaf = logs.leaves(uow, AUDIT, ticket.index, ticket.index + 1)[0]
            except (KeysError, LedgerError, LogRangeError) as error:
                yield f"{name}: {error}"
                continue
            if statement.hash != row.hash:
                yield f"{name}: its text has another hash"
            elif ticket.n != N or ticket.index != row.index or ticket.leaf(row.hash) != leaf:
                yield f"{name}: its ticket does not rebuild leaf {ticket.index}"
        for label in uow.session.scalars(
            select(SignedStatement.label).union(select(PendingStatement.label))
        ):
            if label.rpartition("/")[0] in NOT_KEPT:
                yield f"a statement '{label}' is kept, and no table may hold one"


CHECKS = (Check("views", check_views), Check("statements", check_statements))
