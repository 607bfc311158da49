"""The one place of the client that reads the clock, and what is known of how wrong it is.

A machine's clock may be off by days. The server says its own time in every answer; when the two differ by more than a
minute, the difference is kept in the home and added from then on, and the person is told. The server could say a wrong
time: then statements carry it, which others see, and leaves and releases are still held to one and the same time.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from exchange.client.home import CLOCK, Home
from keys import fields
from keys.encoding import canonical, parse_object
from keys.errors import KeysError

# Half of what the server tolerates (docs/http.md), so that the correction comes before a refusal.
TOLERATED: Final = timedelta(seconds=30)
# More than a century off is no clock that is wrong: such a time is passed over, so that no correction leads out of the
# years that a time can be written for.
MOST_OFFSET: Final = 2**32
_FILE: Final[fields.Schema] = {"offset": fields.integer(-MOST_OFFSET, MOST_OFFSET), "version": fields.integer(1, 1)}


class Clock:
    """This machine's clock with the correction its home keeps."""

    def __init__(self, home: Home) -> None:
        """Read the correction; a damaged file counts as none, since the server's next answer gives it anew."""
        self._home = home
        self._offset = timedelta(0)
        data = home.read(CLOCK)
        if data is not None:
            try:
                self._offset = timedelta(seconds=fields.check(parse_object(data), _FILE)["offset"])
            except KeysError:
                self._offset = timedelta(0)

    @property
    def offset(self) -> timedelta:
        """What is added to this machine's clock."""
        return self._offset

    def machine(self) -> datetime:
        """Return what this machine's clock says, in whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """Return the corrected time, aware, in UTC, in whole seconds."""
        return self.machine() + self._offset

    def observe(self, server_time: datetime) -> timedelta | None:
        """Compare with the server's time; where they differ by more than tolerated, keep the new correction.

        Returns how far this machine's clock is from the server's when the correction changed, else None.
        """
        if abs(server_time - self.now()) <= TOLERATED:
            return None
        away = server_time - self.machine()
        if abs(away.total_seconds()) > MOST_OFFSET:
            return None
        self._offset = away if abs(away) > TOLERATED else timedelta(0)
        body = {"offset": int(self._offset.total_seconds()), "version": 1}
        self._home.write(CLOCK, canonical(body))
        return away

    def ticks(self) -> float:
        """Return seconds that only ever go forward: for how long something took."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep: between two attempts at a broken line."""
        time.sleep(seconds)
