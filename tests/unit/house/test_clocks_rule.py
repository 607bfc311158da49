"""The clock rule finds every way of reading a clock, and leaves durations and the two allowed files alone."""

import pytest

from house_rules import clocks
from house_rules.tree import Source

READS = [
    "from datetime import datetime\nx = datetime.now()\n",
    "import datetime\nx = datetime.datetime.now(datetime.UTC)\n",
    "import datetime as dt\nx = dt.datetime.utcnow()\n",
    "from datetime import date as day\nx = day.today()\n",
    "import time\nx = time.time()\n",
    "from time import time\nx = time()\n",
    "from time import time_ns as t\nx = t()\n",
    "import time\nx = time.gmtime()\n",
    "from datetime import datetime\ncolumn = dict(default=datetime.utcnow)\n",
    "def f():\n    import time\n    return time.time()\n",
]
HARMLESS = [
    "import time\nx = time.monotonic()\n",
    "import time\nx = time.gmtime(0)\n",
    "from datetime import datetime\nx = datetime.fromisoformat('2026-01-01')\n",
    "class Clock:\n    def now(self): ...\nx = Clock().now()\n",
]


@pytest.mark.parametrize("text", READS)
def test_a_clock_read_in_a_room_is_found(text: str) -> None:
    """Whatever the spelling, a planted read breaks the rule."""
    assert [b.path for b in clocks.check([Source("exchange/reports/services.py", text)])] == [
        "exchange/reports/services.py"
    ]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_reads_no_clock_is_left_alone(text: str) -> None:
    """Durations, conversions of a given instant, and a clock of ours that is passed in are no reads."""
    assert list(clocks.check([Source("exchange/reports/services.py", text)])) == []


@pytest.mark.parametrize("path", [*clocks.ALLOWED, "tests/unit/test_x.py"])
def test_the_allowed_places_may_read_a_clock(path: str) -> None:
    """The wiring, the client's clock and tests may."""
    assert list(clocks.check([Source(path, READS[0])])) == []
