"""The chains of view keys of this process, kept in step with units of work.

A unit takes its turn at its first entry and holds it to its end; since a writing unit holds the writer lock that long,
there is one turn at a time. When chains are due, new ones are drawn, kept and appended (leaf 0x02) inside the same unit,
before its entry: on commit they become the process's chains, on rollback they never were, and after an outcome nobody
knows there are none, so that the next entry draws new ones.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from exchange.audit.errors import UnitSpoiledError
from exchange.db import UnitOfWork
from exchange.ledger.chain import ReadingBody
from exchange.ledger.chain_writer import Chains, Turn
from exchange.ledger.errors import ChainStateError


@dataclass
class _InUnit:
    """One unit's use of chains: those it found, those it uses now, the turns it took, whether an entry of it failed."""

    uow: UnitOfWork
    found: Chains | None
    chains: Chains | None
    turns: list[Turn] = field(default_factory=list)
    spoiled: bool = False
    pid: int = field(default_factory=os.getpid)


class ChainKeeper:
    """Owns this process's chains. Called by whoever holds the writer lock, and by that unit's hooks."""

    def __init__(self) -> None:
        self._chains: Chains | None = None
        self._unit: _InUnit | None = None

    def turn(
        self, uow: UnitOfWork, bodies: Sequence[ReadingBody], keep: Callable[[Chains], None]
    ) -> tuple[Turn, frozenset[str]]:
        """Return the turn of this unit and the bodies its chains serve.

        `keep` stores a new chain's record and appends its leaf, in this unit, before anything is taken from it.
        Raises UnitSpoiledError once an entry of this unit has failed.
        """
        unit = self._in_unit(uow)
        if unit.spoiled:
            raise UnitSpoiledError("an entry of this unit of work failed")
        chains = unit.chains
        if chains is None or chains.due(uow.now, bodies) is not None:
            unit.spoiled = True
            chains = Chains.draw(bodies, uow.now)
            keep(chains)
            chains.stand()
            unit.turns.append(chains.begin())
            unit.chains = chains
            unit.spoiled = False
        elif not unit.turns:
            unit.turns.append(chains.begin())
        return unit.turns[-1], chains.bodies

    def spoil(self, uow: UnitOfWork) -> None:
        """Say that an entry failed after secrets were drawn: should the unit commit all the same, its chains end."""
        self._in_unit(uow).spoiled = True

    def _in_unit(self, uow: UnitOfWork) -> _InUnit:
        if self._unit is not None and self._unit.pid == os.getpid() and self._unit.uow is not uow:
            # One unit writes at a time, so that one has ended, and an interrupt kept it from saying how.
            self._unknown()
        if self._unit is None or self._unit.pid != os.getpid():  # a fork inherits no open unit
            self._unit = _InUnit(uow, self._chains, self._chains)
            uow.on_commit(self._committed)
            uow.on_rollback(self._rolled_back)
            uow.on_unknown(self._unknown)
        return self._unit

    def _take(self) -> _InUnit:
        unit, self._unit = self._unit, None
        if unit is None:
            raise ChainStateError("no unit of work writes entries")
        return unit

    def _committed(self) -> None:
        unit = self._take()
        self._chains = None if unit.spoiled else unit.chains
        for turn in unit.turns:
            if unit.spoiled:
                turn.lost()
            else:
                turn.committed()

    def _rolled_back(self) -> None:
        unit = self._take()
        self._chains = unit.found
        for turn in unit.turns:
            turn.rolled_back()

    def _unknown(self) -> None:
        unit = self._take()
        self._chains = None
        for turn in unit.turns:
            turn.lost()
