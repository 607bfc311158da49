"""Run a command line in a process that kills itself at a named point: `python killed.py POINT WORDS…`.

Nothing of the process gets to clean up: it is SIGKILL, as a power cut would be.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from exchange.client import deposit, receipts, sealing
from exchange.client.cli.main import main
from exchange.client.http import Http


def _die(*_args: Any, **_words: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **words: Any) -> Any:
        function(*args, **words)
        _die()

    return run


def arm(point: str) -> None:
    """Put the end of the process at a point."""
    if point == "while-sealing":
        sealing.SpoolWriter.commit = _die  # type: ignore[method-assign,assignment]
    elif point == "after-first-piece":
        Http.put_blocks = _after(Http.put_blocks)  # type: ignore[method-assign]
    elif point == "before-registration":
        Http.post_bytes = _die  # type: ignore[method-assign,assignment]
    elif point == "after-registration":
        Http.post_bytes = _after(Http.post_bytes)  # type: ignore[method-assign]
    elif point == "before-forgetting":
        deposit.sealing.forget = _die  # type: ignore[assignment]
    elif point == "before-receipt-is-sent":
        receipts.send_all = _die  # type: ignore[assignment]
    else:
        raise SystemExit(f"no point {point}")


if __name__ == "__main__":
    arm(sys.argv[1])
    main(sys.argv[2:])
