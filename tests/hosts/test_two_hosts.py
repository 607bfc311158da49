"""Two hosts of one exchange on PostgreSQL, each with workers of its own: they share a database, pieces and logs, nothing else.

One host's clock is an hour ahead of the other's (`ahead.py`). Nothing may come of it.
"""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from exchange.db import Database
from exchange.engines.engine import open_engine
from exchange.logs.places import DIRECTORY, LOGS
from exchange.logs.services import STOPPED, Logs
from keys.encoding import parse_time
from tests.hosts.asking import START, TOKENS, Load, entries_of
from tests.hosts.machines import API, Machines, database_of, running, until
from tests.load.hosts import Host

pytestmark = [
    pytest.mark.full("Debian's postgresql"),
    pytest.mark.sqlite("it brings its own PostgreSQL"),
    pytest.mark.timeout(300),
]

HOUR = 3_600
# Seconds between two public checkpoints.
PAUSE = 3


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Return an exchange of two hosts with two workers each; the second host is an hour ahead."""
    folder = tmp_path_factory.mktemp("hosts")
    settings = {"EXCHANGE_WORKERS": "2", "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": str(PAUSE)}
    with database_of(folder) as url, running(folder, url, hosts=2, apps=("wsgi", "tests.hosts.ahead"), **settings) as made:
        yield made


def test_a_token_of_one_is_good_at_the_other(machines: Machines) -> None:
    """Assertions, tokens and their ends go by the database's clock, whichever host is asked."""
    for given, used in ((0, 1), (1, 0)):
        token = machines.token(machines.officer(given), given)
        answer = machines.ask(used, "GET", f"{API}/account", token)
        assert answer.status_code == 200, answer.text


def test_a_session_of_one_is_one_of_the_other(machines: Machines) -> None:
    """Signed in at the host that is ahead, at home on both; signed out on one, a stranger to both."""
    person, password = machines.officer(2), "quatre chevaux gris"
    account = {"login_name": "anna", "password": password}
    answer = machines.ask(0, "PUT", f"{API}/account/password", machines.token(person, 1), json=account)
    assert answer.status_code == 204, answer.text
    for at in (0, 1):
        with machines.browser() as browser:
            assert browser.page(0, "/account").status_code == 302
            assert browser.sign_in(at, "anna", password).status_code == 303
            pages = [browser.page(host, "/account") for host in (0, 1, 0, 1)]
            assert [page.status_code for page in pages] == [200] * 4 and "anna" in pages[1 - at].text
            assert browser.sign_out(1 - at).status_code == 303
            assert [browser.page(host, "/account").status_code for host in (0, 1)] == [302, 302]


def test_both_tell_the_same_time(machines: Machines) -> None:
    """What clients set their clock by is the database's clock, not a host's."""
    for _ in range(3):
        told = [parse_time(machines.ask(host, "GET", f"{API}/instance").headers["Exchange-Time"]) for host in (0, 1)]
        assert abs((told[1] - told[0]).total_seconds()) <= 2


def test_both_publish_and_no_checkpoint_goes_back(machines: Machines) -> None:
    """Under load from both, the public size only grows, and its time too; it moves once in the time set, over all processes;
    both hosts show the same files; indices are dense, and no view's key was used twice."""
    began = machines.public_size(0)
    seen = [began]
    start = time.monotonic()
    with Load(machines, 6, hosts=2) as load:
        while time.monotonic() - start < 10:
            seen.append(machines.public_size(len(seen) % 2))
            time.sleep(0.05)
    lasted = time.monotonic() - start
    assert load.refused == [] and load.broken == [] and len(load.given) > 50
    assert seen == sorted(seen)
    now = machines.clock().timestamp()
    assert all(moment <= now + 2 for _size, moment in seen), "no checkpoint from the host that is ahead is from the future"
    sizes = [size for size, _moment in dict.fromkeys(seen)]
    assert all(size % 16 == 0 for size in sizes)
    # Times are whole seconds, so two that are three apart may be a little more than two seconds apart in truth.
    assert 2 <= len(sizes) <= lasted / (PAUSE - 1) + 2, "once in three seconds, not once in each of four processes"
    moments = [moment for _size, moment in dict.fromkeys(seen)]
    assert all(later - earlier >= PAUSE - 1 for earlier, later in pairwise(moments[1:]))
    machines.check_log()
    assert entries_of(machines, TOKENS) >= len(load.given)
    assert entries_of(machines, START) >= 4


def test_a_restart_of_one_goes_on_where_the_other_is(machines: Machines) -> None:
    """A host that starts signs nothing older than the other did, and reads nothing the other has not published."""
    before = machines.public_size(0)
    machines.hosts[1].stop()
    machines.token(machines.officer(1), 0)
    machines.hosts[1].start()
    until(lambda: machines.public_size(1) > before)
    until(lambda: machines.public_size(0) == machines.public_size(1))
    assert machines.public_size(0, DIRECTORY) == machines.public_size(1, DIRECTORY)
    for host in machines.hosts:
        assert host.operator("fsck") == (0, "sound\n")


def test_another_custody_file_signs_nothing(machines: Machines, tmp_path: Path) -> None:
    """A third host with keys of its own stops both logs for itself, and overwrites nothing that the others published."""
    first = machines.hosts[0]
    shared = Path(first.environment["EXCHANGE_SHARED"]) / "logs"
    policies = {name: (shared / name).read_bytes() for name in ("policy", "policy-ed25519")}
    stranger = Host(tmp_path, {n: first.environment[n] for n in first.environment if n.startswith("EXCHANGE_")})
    stranger.environment |= {
        "EXCHANGE_INSTANCE": str(tmp_path / "instance"),
        "EXCHANGE_PORT": str(stranger.port),
        "DATABASE_URL": first.environment["DATABASE_URL"],
    }
    code, said = stranger.operator("prepare", "--name", "other.example", "-o", str(tmp_path / "halves.json"))
    assert code == 0, said
    third = Machines(machines.founded, [stranger]).services_of(0)
    third.get(Logs).recover()
    third.get(Database).dispose()
    assert [third.get(Logs).state(log) for log in LOGS] == [STOPPED, STOPPED]
    assert machines.asks_token(machines.officer(0), 0).status_code == 200
    code, said = stranger.operator("fsck")
    assert code == 1 and "does not verify" in said
    assert {name: (shared / name).read_bytes() for name in policies} == policies


def test_a_host_that_asks_for_too_many_connections_is_refused(machines: Machines, tmp_path: Path) -> None:
    """`flask serve` says what to lower before PostgreSQL says it to a reader."""
    first = machines.hosts[0]
    greedy = Host(tmp_path, {})
    greedy.environment = first.environment | {"EXCHANGE_WORKERS": "8", "EXCHANGE_THREADS": "64"}
    code, said = greedy.operator("serve")
    assert code == 1 and "EXCHANGE_THREADS" in said and "max_connections" in said


def test_the_database_has_a_clock_of_its_own(machines: Machines) -> None:
    """The engine tells a time that no host's clock moves."""
    engine = open_engine(machines.hosts[1].environment["DATABASE_URL"], 2)
    with engine.reader() as connection:
        told = engine.now(connection)
    engine.engine.dispose()
    assert told is not None and abs(told.timestamp() - machines.clock().timestamp()) < HOUR / 2
