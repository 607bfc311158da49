"""Who reads an entry: its owner and its actor's body, and the audit office of each, as one unit of work has the directory."""

from exchange.audit.bodies import BodyDirectory
from exchange.db import UnitOfWork
from exchange.ledger.entry import Entry
from exchange.ledger.values import Value
from exchange.ledger.view import Readers


class EntryReaders:
    """Asks the directory once for each body of a batch of entries."""

    def __init__(self, uow: UnitOfWork, directory: BodyDirectory) -> None:
        self._uow = uow
        self._directory = directory
        self._offices: dict[str, str | None] = {}
        self._host: str | None = None
        self._asked_host = False

    def of(self, entry: Entry) -> Readers:
        """Return who reads an entry.

        A withholding without an owner and every act without a body have the audit office of the host in the owner's
        office's place: somebody must be able to say what happened.
        """
        fields = entry.fields
        owner, body = _name(fields.get("owner")), _name(fields.get("body"))
        stands_in = owner is None and (body is None or entry.act.views == "partial")
        return Readers(self._office(self._host_body() if stands_in else owner), self._office(body), owner, body)

    def _office(self, body: str | None) -> str | None:
        if body is None:
            return None
        if body not in self._offices:
            self._offices[body] = self._directory.audit_office(self._uow, body)
        return self._offices[body]

    def _host_body(self) -> str | None:
        if not self._asked_host:
            self._host, self._asked_host = self._directory.host(self._uow), True
        return self._host


def _name(value: Value) -> str | None:
    return value if isinstance(value, str) else None
