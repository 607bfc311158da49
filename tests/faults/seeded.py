"""Many seeded runs: `python -m tests.faults.seeded --runs 1000 --seed 7`, and one of them again: `--only 12`.

Each run has a number, which says everything about it that is not the scheduler's (`seeded_plan`). Ends with 0 only when no run
found a breach, and, from `ENOUGH` runs on, every kind of fault has really happened.
"""

import argparse
import json
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Final

from tests.faults.seeded_hosts import Processes
from tests.faults.seeded_plan import ENGINES, PROCESSES, plan_of
from tests.faults.seeded_run import Result, run
from tests.faults.seeded_summary import Summary
from tests.faults.seeded_world import Template, found

# From so many runs on, a kind of fault that never happened is a failure of the harness.
ENOUGH: Final = 300
# No run may take so long, in seconds: one that does stands still.
LIMIT: Final = 300
_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 2 << 30


class _Player:
    """Plays runs in one process, one after the other."""

    def __init__(self, templates: Mapping[str, Template], folder: Path) -> None:
        self._templates, self._folder = templates, folder
        self._processes: Processes | None = None

    def play(self, seed: int, engine: str | None) -> Result:
        """Play one run; its folder stays when something was found."""
        plan = plan_of(seed, engine)
        if self._processes is None and plan.servers == PROCESSES:
            self._processes = Processes()
        with _limited(LIMIT):
            return run(plan, self._templates, self._processes, self._folder / f"run-{seed}-{plan.engine}")

    def close(self) -> None:
        """End the processes of servers."""
        if self._processes is not None:
            self._processes.close()


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def late(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not ended after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


_player: _Player | None = None


def _start(templates: Mapping[str, Template], folder: Path) -> None:
    global _player
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)
    _player = _Player(templates, folder)


def _play(seed: int, engine: str | None) -> Result:
    if _player is None:
        raise AssertionError("a process of the pool was not started")
    return _player.play(seed, engine)


def play(seeds: Sequence[int], engine: str | None, jobs: int, folder: Path) -> Iterator[Result]:
    """Play these runs in so many processes and yield what became of each as it ends."""
    engines = {plan_of(seed, engine).engine for seed in seeds}
    templates = {name: found(name, folder / name) for name in sorted(engines)}
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("fork"), initializer=_start, initargs=(templates, folder))
    try:
        waiting = [pool.submit(_play, seed, engine) for seed in seeds]
        for each in as_completed(waiting):
            yield each.result()
    finally:
        pool.shutdown(cancel_futures=True)


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    asked = _parsed(words)
    seeds = [asked.only] if asked.only is not None else list(range(asked.seed, asked.seed + asked.runs))
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=asked.folder or _place()))
    print(f"runs {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"run {seeds[0]}", file=sys.stderr, flush=True)
    summary, began = Summary(), time.monotonic()
    try:
        for result in play(seeds, asked.engine, min(asked.jobs, len(seeds)), folder):
            summary.add(result)
            if result.findings:
                _tell("\n".join([summary.breach(result), *(f"  {finding}" for finding in result.findings)]), last=True)
            _tell(summary.progress(len(seeds), time.monotonic() - began), last=summary.runs % 50 == 0)
    except KeyboardInterrupt:
        print(f"broken off after {summary.runs} of {len(seeds)} runs", file=sys.stderr)
    summary.seconds = round(time.monotonic() - began, 1)
    never = summary.never() if summary.runs >= ENOUGH else []
    print(json.dumps({**summary.to_json(), "never": never}, indent=1) if asked.json else summary.table())
    if never:
        print(f"never happened: {', '.join(never)}", file=sys.stderr)
    if summary.breaches:
        print(f"what the runs with breaches left lies in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder)
    return int(bool(summary.breaches or never or summary.runs < len(seeds)))


def _place() -> Path | None:
    """Memory where there is room: what is tried is processes that die, not a disk that loses its power."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if roomy else None


def _parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.seeded", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=50, help="how many (50)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="the number of the first (any)")
    parser.add_argument("--only", type=int, metavar="SEED", help="play this run alone")
    parser.add_argument("--engine", choices=ENGINES, help="instead of the engine that a run's number says")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (2)")
    parser.add_argument("--folder", type=Path, help="where runs keep what they make (in memory, where there is room)")
    parser.add_argument("--json", action="store_true", help="the summary as JSON")
    asked = parser.parse_args(words)
    if asked.runs < 1 or asked.jobs < 1:
        parser.error("at least one run and one job")
    return asked


def _tell(text: str, *, last: bool) -> None:
    """Say how far it is: in one line of a terminal, elsewhere only what is to stay."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="\n" if last else "", file=sys.stderr, flush=True)
    elif last:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
