"""A process that has imported everything a server needs and forks one for each case, in a tenth of the time of a start.

What it forks is a process of its own, in a session of its own, that runs the operator's command line as it is typed:
`flask --app wsgi serve`, `flask --app tests.faults.dying serve`, `flask --app wsgi fsck`. Only the imports are older.

    nursery = Nursery()
    pid = nursery.start(["--app", "wsgi", "serve"], environment, log)
    nursery.ended(pid)                                   # None while it runs, else its exit code, or minus its signal
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What `flask serve` imports: all of ours, gunicorn's worker, the drivers of the engines and what Flask's command line finds
# installed. `wsgi` itself reads the environment, so each fork imports it.
IMPORTS = (
    "exchange.commands",
    "exchange.wiring",
    "exchange.migrations.run",
    "exchange.web.openapi",
    "flask.cli",
    "flask_limiter.commands",
    "exchange.engines.postgresql",
    "exchange.engines.sqlite",
    "gunicorn.glogging",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "gunicorn.workers.gthread",
    "tests.faults.points",
    "tests.faults.seeded_faults",
)


class Nursery:
    """The parent's end."""

    def __init__(self) -> None:
        """Start the process; its imports go on while the caller does something else."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Run `flask` with these words in a new process; output goes to `log`. Return its id, which is its group's too."""
        pid: int = self._ask({"words": list(words), "environment": dict(environment), "log": str(log)})
        return pid

    def ended(self, pid: int) -> int | None:
        """Return how a process ended, None while it runs."""
        code: int | None = self._ask({"ended": pid})
        return code

    def wait(self, pid: int, seconds: float = 60) -> int:
        """Return how a process ended, once it has."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            code = self.ended(pid)
            if code is not None:
                return code
            time.sleep(0.02)
        raise AssertionError(f"process {pid} goes on")

    def close(self) -> None:
        """End the nursery and whatever of its forks still runs."""
        if self._process.stdin is not None and self._process.stdout is not None:
            self._process.stdin.close()
            self._process.wait(30)
            self._process.stdout.close()

    def _ask(self, question: Mapping[str, Any]) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("no pipes")
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise AssertionError("the nursery has ended")
        return json.loads(answer)


def _grown(question: Mapping[str, Any]) -> int:
    """Be the process asked for to its end; return its exit code."""
    try:
        _grow(question["words"], question["environment"], question["log"])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _grow(words: Sequence[str], environment: Mapping[str, str], log: str) -> None:
    os.setsid()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["flask", *words]
    importlib.import_module("flask.cli").main()


def _serve() -> None:
    """The child's end: answer one question a line until there is none."""
    for name in IMPORTS:
        importlib.import_module(name)
    running: set[int] = set()
    ended: dict[int, int] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "ended" in question:
            pid = question["ended"]
            if pid in running:
                found, status = os.waitpid(pid, os.WNOHANG)
                if found:
                    running.discard(pid)
                    ended[pid] = os.waitstatus_to_exitcode(status)
            print(json.dumps(ended.get(pid)), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            os._exit(_grown(question))
        running.add(pid)
        # The system gives numbers out again: what an earlier process of this number came to is not this one's end.
        ended.pop(pid, None)
        print(json.dumps(pid), flush=True)
    for pid in running:
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    _serve()
