"""Statements that were signed and sent and not answered yet: after a broken line the same act is sent again as it was.

A server may have recorded a statement and died before it said so. A new statement of the same act would then be a second
act, or be refused; the same one gets the first answer. What an act is, the command says, in values that do not change from
one attempt to the next; times, nonces and what it follows are in the kept statement alone.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from exchange.client.home import Home
from keys import fields
from keys.encoding import canonical, parse_object
from keys.errors import KeysError
from keys.statement import Statement, parse

UNANSWERED: Final = "unanswered"

# The name of an act and what tells it from others: JSON values.
Act: TypeAlias = "tuple[Any, ...]"

_FILE: Final[fields.Schema] = {
    "beside": fields.anything,
    "statement": fields.anything,
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Kept:
    """A statement as it was sent, and what lay beside it."""

    statement: Statement
    beside: Mapping[str, Any]


def keep(home: Home, act: Act, statement: Statement, beside: Mapping[str, Any]) -> None:
    """Keep a signed statement durably, before it is sent; HomeError."""
    body = {"beside": dict(beside), "statement": statement.text.decode("ascii"), "version": 1}
    home.write(_name(act), canonical(body, limit=None))


def find(home: Home, act: Act) -> Kept | None:
    """Return what was sent of an act and not answered; None where there is nothing, or nothing that reads."""
    return _read(home, _name(act))


def everything(home: Home) -> Iterator[Kept]:
    """Yield all that was not answered."""
    for name in home.names(UNANSWERED):
        found = _read(home, f"{UNANSWERED}/{name}")
        if found is not None:
            yield found


def forget(home: Home, act: Act) -> None:
    """Drop an act that was answered, whichever way."""
    home.remove(_name(act))


def _read(home: Home, name: str) -> Kept | None:
    data = home.read(name)
    if data is None:
        return None
    try:
        body = fields.check(parse_object(data, limit=None), _FILE)
        statement = parse(str(body["statement"]).encode("ascii", "replace"))
    except KeysError:
        return None
    return Kept(statement, body["beside"]) if isinstance(body["beside"], dict) else None


def _name(act: Act) -> str:
    return f"{UNANSWERED}/{hashlib.sha256(canonical(list(act), limit=None)).hexdigest()}"
