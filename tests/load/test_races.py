"""No release stands above an acknowledged withdrawal or stop, on real hosts; and a server that breaks this is found out."""

import pytest

from tests.load.hosts import ENGINES, Setting
from tests.load.races import officers_for, run
from tests.load.timeline import CONSENT, STOP, Change, Release, Timeline

LANES = 5
full = pytest.mark.full("Debian's postgresql, and minutes: real servers with four workers")
both_here = pytest.mark.sqlite("it brings both engines itself")


def quiet(_text: str) -> None:
    """Tell nobody."""


def setting(engine: str, app: str = "wsgi") -> Setting:
    """Four workers: on two hosts with PostgreSQL, on one with SQLite."""
    return Setting(engine, 2, 2, officers_for(LANES), app)


@full
@both_here
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ENGINES)
def test_racing_withdrawals_and_stops_are_kept(engine: str) -> None:
    """200 withdrawals, and stops among them, each with releases in flight on every host: every rule of `timeline` holds, by
    the answers and by the log alone."""
    measured = run(setting(engine), 200, seed=3, lanes=LANES, tell=quiet)
    assert measured.ok, measured.table()
    assert measured.facts["withdrawals raced"] >= 200
    # They did race: of some closings, one release came before and another after.
    assert measured.facts["of these with a permit and a refusal"] >= 20, measured.table()


@full
@both_here
@pytest.mark.timeout(400)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_server_that_does_not_look_again_is_found_out(engine: str) -> None:
    """With the second look left out (`planted`), some release stands above a withdrawal: by the answers, and by the log."""
    measured = run(setting(engine, "tests.load.planted"), 40, seed=3, lanes=LANES, tell=quiet)
    assert [each for each in measured.findings if each.startswith("report ") and "above" in each], measured.table()
    assert [each for each in measured.findings if each.startswith("by the log: report ")]


def opened(*changes: Change, releases: tuple[Release, ...] = ()) -> list[str]:
    """What a report that was agreed to at index 10 (sent 1.0, acknowledged 2.0) has to complain about."""
    first = Change(CONSENT, True, 10, 1.0, 2.0)
    return list(Timeline("r", [first, *changes], list(releases)).breaches())


WITHDRAWN = Change(CONSENT, False, 20, 5.0, 6.0)
STOPPED = Change(STOP, False, 20, 5.0, 6.0)


@pytest.mark.parametrize("closing", [WITHDRAWN, STOPPED])
@pytest.mark.parametrize(
    ("release", "breach"),
    [
        (Release(4.9, 7.0, 19), None),
        (Release(4.9, 7.0, None), None),
        (Release(4.9, 7.0, 21), "above"),
        (Release(6.1, 7.0, 19), "acknowledged"),
        (Release(6.1, 7.0, None), None),
        (Release(3.0, 4.0, None), "refused"),
        (Release(3.0, 4.0, 15), None),
        (Release(0.5, 4.0, 9), "above"),
    ],
)
def test_each_rule_is_told_apart(closing: Change, release: Release, breach: str | None) -> None:
    """What races may end either way; what comes above an acknowledged closing, or is asked for after it, may not."""
    found = opened(closing, releases=(release,))
    assert (found == []) if breach is None else any(breach in each for each in found)


def test_what_is_opened_again_is_open() -> None:
    """Between the sending and the acknowledgement of an opening both outcomes are right, after it only a release."""
    again = Change(CONSENT, True, 30, 8.0, 9.0)
    for release in (Release(8.1, 8.5, None), Release(8.1, 9.5, 31), Release(9.1, 9.5, 35)):
        assert opened(WITHDRAWN, again, releases=(release,)) == []
    assert opened(WITHDRAWN, again, releases=(Release(9.1, 9.5, None),))
    assert opened(WITHDRAWN, again, releases=(Release(8.1, 9.5, 25),))
