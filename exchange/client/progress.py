"""How long work shows how far it is: a stage with a total, told to whoever watches."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeAlias

Advance: TypeAlias = Callable[[int], None]


class Meter(Protocol):
    """Whoever shows progress: the command line, or nobody."""

    def stage(self, key: str, total: int) -> AbstractContextManager[Advance]:
        """Begin a stage that the catalogue names by `key`, of `total` bytes; what it gives takes bytes done since."""
        ...


class NoMeter:
    """Shows nothing."""

    @contextmanager
    def stage(self, key: str, total: int) -> Iterator[Advance]:
        """Take the stage and its bytes, and tell nobody."""
        yield lambda _count: None
