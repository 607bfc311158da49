"""Verifying a whole log from its files: ours against what a reader written by others, PyPI tlog-scales, makes of the same.

Both hash every entry, hold it to the hash in its tile, and hold the tiles to the root in the checkpoint. Ours holds every
tile to the one above it as well, and both of the checkpoint's signatures to the policy; tlog-scales verifies one signature.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash as their_leaf_hash

from exchange.transparency.verify_offline import verify_copy
from tests.bench import big_log
from tests.bench.figures import Bench, Figure, paired, seconds

AIM = 500_000
SMALL = 10_000


class LogNotSoundError(Exception):
    """A log made for the measurement did not verify: the figure would be of something else."""


def ours(folder: Path) -> None:
    """Verify a copy with our own offline verifier."""
    report = verify_copy(folder, big_log.policy(), entries=folder, origin=big_log.KEYS.origin)
    if not report.ok or report.standing is None or not report.entries_checked:
        raise LogNotSoundError(report.to_json())


def theirs(folder: Path) -> None:
    """Verify the same with tlog-scales: a signature, the root from the tiles, each entry against its tile."""
    reader = TilesReader(LocalBackend(folder))
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(Vkey.from_string(big_log.KEYS.public.ed25519.text))
    if reader.calculate_root_hash() != checkpoint.root_hash:
        raise LogNotSoundError("the root")
    for index in range(checkpoint.size):
        if reader.mth(index, index + 1) != their_leaf_hash(reader.get_entry(index)):
            raise LogNotSoundError(index)


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield verification against the peer, and what a leaf costs at 10 and 100 times the leaves."""
    size = bench.choose(100 * SMALL, 10 * SMALL, 1000)
    bench.say(f"making a log of {size:,} leaves")
    folder = bench.folder / "large"
    big_log.write_log(folder, size)
    bench.say(f"verifying {size:,} leaves, tlog-scales")
    yield paired(
        f"verify a log of {size:,} leaves from its files",
        "tlog-scales",
        lambda: ours(folder),
        lambda: theirs(folder),
        runs=bench.choose(3, 3, 1),
        work=size,
        unit="leaves",
        aim=AIM,
    )
    small = size // 100
    big_log.write_log(bench.folder / "small", small)
    for times in (10, 100):
        large = folder
        if times != 100:
            large = bench.folder / "middle"
            big_log.write_log(large, small * times)
        bench.say(f"verifying at {times} times the leaves")
        yield paired(
            f"verify {small * times:,} leaves",
            f"ours, {times} times {small:,} leaves",
            lambda place=large: ours(place),  # type: ignore[misc]
            repeated(lambda: ours(bench.folder / "small"), times),
            runs=bench.choose(3, 1, 1),
        )


def repeated(act: Callable[[], object], times: int) -> Callable[[], float]:
    """Return what does `act` so many times."""
    return lambda: sum(seconds(act) for _ in range(times))
