"""The access matrix as a table people read: a row a body, a cell a part, from the same values as programs get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.reports.rows import NamedRecipient
from keys.encoding import b64u, parse_time
from policies.decision import PERMIT

# What a cell is about: who can read can have more, listed beside it; who cannot read can have nothing that needs the part.
_ACTION = "view"
_EXISTENCE = "see_existence"


@dataclass(frozen=True)
class Cell:
    """Whether a body can read a part now, the exact reason, and every action it could do.

    `not_after`: the instant from which it no longer can, if one is known; `instrument`: the authorisation that denies or
    came nearest, where the reader's body keeps it.
    """

    permitted: bool
    sentence: str
    actions: tuple[str, ...]
    not_after: datetime | None
    obligations: tuple[str, ...]
    instrument: str | None


@dataclass(frozen=True)
class Row:
    """A body, and a cell for each part; None where the part was not sent to it."""

    organisation: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class MatrixShown:
    """The rows, and the purpose they are about."""

    purpose: str
    rows: tuple[Row, ...]


def matrix_shown(read: Mapping[str, Any], named: Sequence[NamedRecipient]) -> MatrixShown:
    """Return the table for what `Matrices.read` gave; `named` are all recipients of the report."""
    sent = {(each.organisation, b64u(each.part)) for each in named}
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in read["cells"]:
        told.setdefault((cell["organisation"], cell["part"]), {})[cell["action"]] = cell
    rows = []
    for organisation in read["recipients"]:
        places = [(organisation, part["part"]) for part in read["parts"]]
        rows.append(Row(organisation, tuple(_cell(told[place]) if place in sent else None for place in places)))
    return MatrixShown(read["purpose"], tuple(rows))


def _cell(told: Mapping[str, Any]) -> Cell:
    read = told[_ACTION]
    actions = tuple(name for name, each in told.items() if each["outcome"] == PERMIT and name != _EXISTENCE)
    nearest = read["nearest"]
    return Cell(
        permitted=read["outcome"] == PERMIT,
        sentence=read["sentence"],
        actions=actions,
        not_after=None if read["not_after"] is None else parse_time(read["not_after"]),
        obligations=tuple(read["obligations"]),
        instrument=None if nearest is None else nearest["instrument"],
    )
