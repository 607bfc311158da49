"""What the tests of bad input share: an exchange of their own, what a refusal must be, and a server that lies.

A server that lies is simulated by changing what an honest one has stored, while it runs: it serves what it finds.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import TextClause, text

from exchange.sealing.pieces import layout
from exchange.texts import catalogue
from tests import databases
from tests.faults.nursery import Nursery
from tests.faults.sigkill_world import World, copied, shared_folder, template
from tests.scripts.running import Person


@contextmanager
def own_world(factory: pytest.TempPathFactory, **settings: str) -> Iterator[World]:
    """Give a founded exchange on a server that runs."""
    nursery = Nursery()
    folder = factory.mktemp("bad-input") / "world"
    settings = {"EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "1", **settings}
    with copied(template(shared_folder(factory), nursery), folder, nursery, **settings) as made:
        made.server.start()
        yield made
    nursery.close()


def refused(person: Person, *words: object, code: str, exit_code: int = 1) -> dict[str, Any]:
    """Type a command that is refused: its code, its exit code, and a sentence for it in both languages."""
    said: dict[str, Any] = person.asks(*words, expect=exit_code)
    assert said["code"] == code and said["title"], said
    english, french = (catalogue(language).get(f"error.{code}") for language in ("en", "fr"))
    assert english and french and english != french
    return said


class Store:
    """What an instance has stored, for whoever wants to change it behind its back."""

    def __init__(self, world: World) -> None:
        """Take the world."""
        self._world = world

    def one(self, query: str, *values: object) -> Any:
        """The one value a query gives; a question mark stands for each of `values`."""
        with databases.behind(self._world.database) as database:
            return database.execute(*_bound(query, values)).scalar_one()

    def run(self, statement: str, *values: object) -> None:
        """Change something."""
        with databases.behind(self._world.database) as database:
            database.execute(*_bound(statement, values))

    @contextmanager
    def changed(self, table: str, column: str, where: str, keys: tuple[object, ...], value: bytes) -> Iterator[None]:
        """Put a value in a column for as long as the block lasts."""
        before = self.one(f"select {column} from {table} where {where}", *keys)
        self.run(f"update {table} set {column} = ? where {where}", value, *keys)
        try:
            yield
        finally:
            self.run(f"update {table} set {column} = ? where {where}", before, *keys)

    def part(self, report: str) -> Path:
        """The file of a report of one part."""
        return self._world.folder / "instance" / "pieces" / str(self.one("select id from uploads where report = ?", report))

    def _split(self, report: str) -> list[bytes]:
        due = layout(int(self.one("select size from uploads where report = ?", report)))
        data = self.part(report).read_bytes()
        return [data[due.offset(n) : due.offset(n) + due.length(n)] for n in range(due.count)]

    def piece(self, report: str, number: int) -> bytes:
        """A piece of a report of one part."""
        return self._split(report)[number]

    @contextmanager
    def pieces(self, report: str, changes: dict[int, bytes]) -> Iterator[None]:
        """Put other bytes in the place of pieces for as long as the block lasts; what follows them moves along."""
        path, found = self.part(report), self._split(report)
        before = path.read_bytes()
        path.write_bytes(b"".join(changes.get(number, piece) for number, piece in enumerate(found)))
        try:
            yield
        finally:
            path.write_bytes(before)


def _bound(query: str, values: Sequence[object]) -> tuple[TextClause, dict[str, object]]:
    names = [f"v{n}" for n in range(len(values))]
    first, *rest = query.split("?")
    marked = first + "".join(f":{name}{part}" for name, part in zip(names, rest, strict=True))
    return text(marked), dict(zip(names, values, strict=True))


def flipped(data: bytes, place: int) -> bytes:
    """The bytes with one bit changed."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
