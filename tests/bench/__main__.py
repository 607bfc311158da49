"""`python -m tests.bench`: measure on this machine, and say whether what we hold ourselves to holds.

    python -m tests.bench                               # all of it, about half an hour
    python -m tests.bench --only sealing opening        # these modules
    python -m tests.bench --quick                       # less of everything
    python -m tests.bench --write docs/benchmarks.md --json figures.json

Ends with 0 where every bound holds, 1 where one does not, and 2 where nothing failed but a peer is not installed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import machine, suite, table
from tests.bench.figures import Bench

ROOT = Path(__file__).parents[2]


def main(words: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="measure, each figure beside a peer")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=f"of {', '.join(suite.modules())}")
    parser.add_argument("--quick", action="store_true", help="measure less of everything")
    parser.add_argument("--tiny", action="store_true", help="measure next to nothing: whether all of it works")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="renew the tables of a page between its markers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures into a file")
    parser.add_argument("--folder", type=Path, default=ROOT, help="the disk to measure on (some GiB are needed)")
    asked = parser.parse_args(words)
    every = []
    # On the disk of a folder that people use: many a system has /tmp in memory, where durable means nothing.
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix=".bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), quick=asked.quick, tiny=asked.tiny, say=_say)
        for measured in suite.run(bench, asked.only, lambda figure: print(table.line(figure), flush=True)):
            if measured.missing is not None:
                print(f"  {measured.module}: not measured whole; install the Debian package {measured.missing}")
            every.append(measured)
    facts = machine.facts()
    if asked.json is not None:
        asked.json.write_text(json.dumps(table.as_json(every, facts), indent=2, ensure_ascii=False) + "\n")
    if asked.write is not None:
        table.write(asked.write, every, facts)
    return _judge(every)


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def _judge(every: Sequence[suite.Measured]) -> int:
    """Say which bounds do not hold; return the exit code."""
    broken = [figure for measured in every for figure in measured.figures if not figure.holds]
    for figure in broken:
        print(f"does not hold: {figure.name}, {figure.ratio:.2f} of {figure.peer}, at most {figure.at_most:.2f}")
    if broken:
        return 1
    if any(measured.missing is not None for measured in every):
        return 2
    print("every bound holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
