"""Whose clock decides: on PostgreSQL the database's for every host, on SQLite this machine's; a test's own clock is obeyed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.config import Config
from exchange.wiring import SystemClock, open_database
from tests import databases
from tests.unit.engines.engine_maker import opened
from tests.web.support import StillClock

DAYS = timedelta(days=400)


@pytest.mark.postgresql("its server's clock")
@pytest.mark.parametrize("off", [-DAYS, timedelta(0), DAYS], ids=["behind", "right", "ahead"])
def test_hosts_that_disagree_go_by_the_databases_clock(tmp_path: Path, off: timedelta) -> None:
    """A host whose clock is more than a year off has the same now as the others, in reading and in writing units."""
    with opened(tmp_path, lambda: datetime.now(UTC) + off, own_clock=True) as database:
        for write in (False, True):
            with database.unit_of_work(write=write) as unit:
                server = unit.session.scalar(text("select extract(epoch from clock_timestamp())::bigint"))
                assert abs(unit.now.timestamp() - int(server or 0)) <= 2
                assert unit.now.tzinfo is UTC and unit.now.microsecond == 0


@pytest.mark.postgresql("its server's clock")
def test_the_databases_clock_set_back_does_not_reach_decisions(tmp_path: Path) -> None:
    """The newest moment that a writer has committed is the least there is, on the database's clock too."""
    ahead = datetime.now(UTC).replace(microsecond=0) + DAYS
    with opened(tmp_path, lambda: ahead) as database, database.unit_of_work(write=True) as unit:
        assert unit.now == ahead
    with opened(tmp_path, lambda: ahead, own_clock=True) as database, database.unit_of_work() as unit:
        assert unit.now == ahead


def test_a_clock_that_a_test_puts_in_is_obeyed(tmp_path: Path) -> None:
    """Without `own_clock` only the clock that was handed over counts, on either engine."""
    moment = datetime(2031, 1, 1, tzinfo=UTC)
    with opened(tmp_path, lambda: moment) as database, database.unit_of_work(write=True) as unit:
        assert unit.now == moment


def test_in_service_the_databases_clock_counts(tmp_path: Path) -> None:
    """`open_database` goes by the database's clock when the clock is the machine's, and by no other when it is a test's."""
    config = Config(instance=tmp_path, database_url=databases.url(tmp_path))
    assert open_database(config, SystemClock())._own_clock is True
    assert open_database(config, StillClock())._own_clock is False
