"""What the tests of bad input share: an exchange of their own, what a refusal must be, and a server that lies.

A server that lies is simulated by changing what an honest one has stored, while it runs: it serves what it finds.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from exchange.texts import catalogue
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

    def one(self, query: str, *values: object) -> bytes:
        """The one value a query gives."""
        with closing(sqlite3.connect(self._world.database, timeout=30)) as database:
            ((value,),) = database.execute(query, values).fetchall()
        return bytes(value)

    def _run(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self._world.database, timeout=30)) as database, database:
            database.execute(statement, values)

    @contextmanager
    def changed(self, table: str, column: str, where: str, keys: tuple[object, ...], value: bytes) -> Iterator[None]:
        """Put a value in a column for as long as the block lasts."""
        before = self.one(f"select {column} from {table} where {where}", *keys)
        self._run(f"update {table} set {column} = ? where {where}", value, *keys)
        try:
            yield
        finally:
            self._run(f"update {table} set {column} = ? where {where}", before, *keys)

    def piece(self, report: str, number: int) -> Path:
        """The file of a piece of a report of one part."""
        upload = self.one("select cast(id as blob) from uploads where report = ?", report).decode()
        return self._world.folder / "instance" / "pieces" / upload / str(number)

    @contextmanager
    def pieces(self, report: str, changes: dict[int, bytes]) -> Iterator[None]:
        """Put other bytes in the place of pieces for as long as the block lasts."""
        paths = {number: self.piece(report, number) for number in changes}
        before = {number: path.read_bytes() for number, path in paths.items()}
        for number, data in changes.items():
            paths[number].write_bytes(data)
        try:
            yield
        finally:
            for number, path in paths.items():
                path.write_bytes(before[number])


def flipped(data: bytes, place: int) -> bytes:
    """The bytes with one bit changed."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
