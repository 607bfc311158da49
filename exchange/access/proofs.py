"""Proofs that stored statements have their entries, against one checkpoint that continues what the caller has verified."""

from collections.abc import Sequence
from typing import Any

from exchange.audit.statements import Stored
from exchange.db import Database
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from keys.encoding import b64u


class Proofs:
    """Proves tickets; opens reading units of its own, so call it with none of yours open for writing."""

    def __init__(self, database: Database, logs: Logs) -> None:
        self._database = database
        self._logs = logs

    def of(self, stored: Sequence[Stored], since: int) -> list[dict[str, Any]]:
        """Return {checkpoint, size, inclusion, consistency} for each statement, all from one checkpoint.

        LogRangeError when the caller has verified more than this log holds; LogStopped.
        """
        if not stored:
            return []
        base = self._logs.prove(AUDIT, max(each.ticket.index for each in stored), since=since).to_json()
        with self._database.unit_of_work() as uow:
            proofs = [self._logs.inclusion(uow, AUDIT, each.ticket.index, base["size"]) for each in stored]
        return [{**base, "inclusion": [b64u(node) for node in proof.hashes]} for proof in proofs]
