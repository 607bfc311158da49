"""A release with its log entry, through the real application, against the least that any release must do.

The least: the same bytes durably in a table, one commit, and the lock taken off one envelope. What ours does beside it is
what it promises: tokens, the request's signature, facts and decision under the locks, chained entries sealed to everyone
concerned, a head signed twice, and proofs. SQLite, files on a real disk, one officer after the other.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from exchange.sealing.envelope import lock_info
from keys.encoding import unb64u
from tests.bench.figures import Bench, Figure, paired
from tests.web.access_maker import ask, granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, registered

READER = "un-spt"
AIM = 1 / 0.020


class ReleaseRefusedError(Exception):
    """A release that was to be measured was refused."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield what a release costs beside the least it could."""
    count = bench.choose(100, 50, 2)
    world = ExchangeWorld(bench.folder / "world")
    try:
        made = registered(world, bench.folder)
        granted(world, instrument("XA", [permit(READER)]))
        answer = released(made, 1)
        size = sum(len(unb64u(answer[name])) for name in ("envelope", "vw", "seed")) + len(str(answer["values"]))
        least = Least(bench.folder / "least.sqlite", made, size)
        bench.say(f"{count} releases")
        yield paired(
            f"{count} releases, each with its entry",
            "as many single commits of as many bytes, and unlocked envelopes",
            lambda: released(made, count),
            lambda: least.release(count),
            runs=bench.choose(5, 3, 1),
            work=count,
            unit="releases",
            aim=AIM,
        )
    finally:
        world.close()


def released(made: Made, count: int) -> dict[str, str]:
    """Ask for the release of the first part so many times; return the last answer."""
    reader = made.world.officers(READER)[0]
    answer = None
    for _ in range(count):
        answer = ask(made, reader, made.parts[0])
        if answer.status_code != 200:
            raise ReleaseRefusedError(answer.text)
    return answer.json if answer is not None else {}


class Least:
    """A table that takes the bytes of a release durably, and the lock of the exchange."""

    def __init__(self, file: Path, made: Made, size: int) -> None:
        """Take a new file, a report, and the bytes that a release keeps and hands out."""
        self._file, self._lock = file, made.world.founding.lock
        part = made.parts[0]
        named = next(s.value for s in made.package.descriptors.recipients if s.value.organisation == READER)
        self._sealed = made.package.envelopes[named.envelope].sealed
        self._info = lock_info(made.spool.report, part, READER)
        self._bytes = bytes(size)
        with closing(self._open()) as connection:
            connection.execute("CREATE TABLE release (bytes BLOB)")

    def release(self, count: int) -> None:
        """Do so many, one after the other."""
        with closing(self._open()) as connection:
            for _ in range(count):
                self._lock.open(self._sealed, self._info)
                connection.execute("INSERT INTO release VALUES (?)", (self._bytes,))

    def _open(self) -> sqlite.Connection:
        connection = sqlite.connect(self._file, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection
