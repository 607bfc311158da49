"""Counts of attempts: shared where the shared store answers, each process's own while it does not; keys tell nothing."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from exchange.web.limits import LIMITS, Limits

NAME = next(iter(LIMITS))
MOST = parse(LIMITS[NAME]).amount
SECRET = b"s" * 32


class Fragile(FixedWindowRateLimiter):
    """A store that a test takes away and gives back."""

    def __init__(self) -> None:
        super().__init__(MemoryStorage())
        self.away = False
        self.asked = 0

    def hit(self, *arguments, **options):  # type: ignore[no-untyped-def]
        """Count, or fail as a line that broke does."""
        self.asked += 1
        if self.away:
            raise ConnectionError("a host and a port")
        return super().hit(*arguments, **options)


def own() -> FixedWindowRateLimiter:
    """A process's own counts."""
    return FixedWindowRateLimiter(MemoryStorage())


def test_two_processes_count_together() -> None:
    """What one process counted, the other knows."""
    shared = Fragile()
    one, two = Limits(shared, own(), SECRET), Limits(shared, own(), SECRET)
    answers = [(one if n % 2 else two).allows(NAME, "192.0.2.1", "anna") for n in range(MOST + 1)]
    assert answers == [True] * MOST + [False]


def test_without_the_store_each_process_counts_and_asks_again_later(caplog) -> None:  # type: ignore[no-untyped-def]
    """Requests go on and are still limited; a store that is away is not asked by each request; then it counts again."""
    shared, moments = Fragile(), [0.0]
    limits = Limits(shared, own(), SECRET, seconds=lambda: moments[0])
    shared.away = True
    answers = [limits.allows(NAME, "192.0.2.1", "anna") for _ in range(MOST + 1)]
    assert answers == [True] * MOST + [False]
    assert shared.asked == 1
    assert "a host and a port" not in caplog.text
    shared.away, moments[0] = False, 60.0
    assert limits.allows(NAME, "192.0.2.1", "anna")
    assert shared.asked == 2


def test_keys_tell_neither_address_nor_account() -> None:
    """A key is a keyed hash: another secret gives another, and no text of it shows."""
    one, two = Limits(None, own(), SECRET), Limits(None, own(), b"t" * 32)
    key = one.key(NAME, "192.0.2.1", "anna")
    assert "anna" not in key and "192" not in key and key != two.key(NAME, "192.0.2.1", "anna")
    assert len({key, one.key(NAME, "192.0.2.2", "anna"), one.key(NAME, "192.0.2.1", "bert")}) == 3
