"""Sending a part's pieces in runs as long as the line carries: one piece at a time on a slow one, so that a line that breaks
loses no more, sixteen and several requests at once on a fast one.

What is in memory is the runs on their way, never a part.
"""

import base64
import threading
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

from exchange.client.http import Http
from exchange.client.progress import Advance
from exchange.sealing.spool import SpooledPart

BINARY: Final = "application/octet-stream"
HASHES: Final = "Exchange-Piece-Hashes"
MOST_PIECES: Final = 16
# How long a request may take on the line as it was last: what one that breaks would lose.
SECONDS: Final = 4.0
AT_ONCE: Final = 2


@dataclass(frozen=True)
class Run:
    """Pieces that follow each other: the number of the first, and how many."""

    first: int
    count: int

    @property
    def numbers(self) -> range:
        """Their numbers."""
        return range(self.first, self.first + self.count)


class Pace:
    """How many pieces the next request carries, by what the line carried so far; shared by the threads of a part."""

    def __init__(self, most: int) -> None:
        """Start with one piece, whatever the line; `most` is what the server takes in one request."""
        self._most = max(1, min(most, MOST_PIECES))
        self._lock = threading.Lock()
        self._pieces = 1

    def next(self) -> int:
        """Return how many pieces to send at once."""
        with self._lock:
            return self._pieces

    @property
    def at_once(self) -> int:
        """How many requests to have on the way: several only where one is short as it is."""
        return AT_ONCE if self.next() == self._most else 1

    def took(self, pieces: int, seconds: float) -> None:
        """Learn from a request."""
        with self._lock:
            fitting = int(pieces * SECONDS / max(seconds, 1e-6))
            self._pieces = max(1, min(self._most, fitting))


def send_missing(
    http: Http, upload: str, pieces: SpooledPart, stored: Collection[int], most: int, advance: Advance
) -> None:
    """Send the pieces of a part that are not among `stored`; raises what `Http` and the spool raise."""
    due, pace = pieces.layout, Pace(most)
    advance(sum(due.length(number) for number in stored if number < due.count))
    left = sorted(set(range(due.count)).difference(stored), reverse=True)
    under_way: dict[Future[None], Run] = {}
    with ThreadPoolExecutor(AT_ONCE, "sending") as threads:
        while left or under_way:
            while left and len(under_way) < pace.at_once:
                run = _take(left, pace.next())
                under_way[threads.submit(_send, http, upload, pieces, run, pace)] = run
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                run = under_way.pop(future)
                future.result()
                advance(sum(due.length(number) for number in run.numbers))


def _take(left: list[int], most: int) -> Run:
    """Take the next pieces that follow each other off `left`, which is in falling order."""
    first = left.pop()
    count = 1
    while left and count < most and left[-1] == first + count:
        left.pop()
        count += 1
    return Run(first, count)


def _send(http: Http, upload: str, pieces: SpooledPart, run: Run, pace: Pace) -> None:
    held = [pieces.piece(number) for number in run.numbers]
    hashes = b"".join(pieces.hash(number) for number in run.numbers)
    field = f":{base64.b64encode(hashes).decode('ascii')}:"
    start = http.clock.ticks()
    http.put_blocks(f"/api/v1/uploads/{upload}/pieces/{run.first}", held, BINARY, {HASHES: field})
    pace.took(run.count, http.clock.ticks() - start)
