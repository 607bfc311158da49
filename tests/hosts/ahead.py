"""The application as `wsgi` makes it, on a host whose clock is an hour ahead: `flask --app tests.hosts.ahead serve`.

Both what the exchange itself reads and what libraries read (`time.time`) are an hour ahead, before any of them is imported.
"""

import os
import time
from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)
_real = time.time


def _ahead() -> float:
    return _real() + _HOUR.total_seconds()


time.time = _ahead

from exchange import create_app, wiring  # noqa: E402
from exchange.config import from_environment  # noqa: E402


class AheadClock(wiring.SystemClock):
    """This machine's clock, an hour ahead."""

    def now(self) -> datetime:
        """See SystemClock."""
        return super().now() + _HOUR


app = create_app(from_environment(os.environ), replace={wiring.SystemClock: AheadClock()})
