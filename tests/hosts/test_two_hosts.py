"""Two hosts of one exchange on PostgreSQL, each with workers of its own: they share a database, pieces and logs, nothing else.

One host's clock is an hour ahead of the other's (`ahead.py`). Nothing may come of it.
"""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from exchange.logs.places import DIRECTORY
from keys.encoding import parse_time
from tests import postgres
from tests.hosts.machines import API, Machines, running, until
from tests.hosts.test_many_workers import START, TOKENS, Load, entries_of

pytestmark = [
    pytest.mark.full("Debian's postgresql"),
    pytest.mark.xdist_group("hosts"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Return an exchange of two hosts with two workers each; the second host is an hour ahead."""
    folder = tmp_path_factory.mktemp("hosts")
    cluster, name = postgres.cluster(), postgres.name_of(folder)
    cluster.create(name)
    settings = {"EXCHANGE_WORKERS": "2", "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "2"}
    with running(folder, cluster.url(name), hosts=2, apps=("wsgi", "tests.hosts.ahead"), **settings) as made:
        yield made
    cluster.drop(name)


def test_a_token_of_one_is_good_at_the_other(machines: Machines) -> None:
    """Assertions, tokens and their ends go by the database's clock, whichever host is asked."""
    for given, used in ((0, 1), (1, 0)):
        token = machines.token(machines.officer(given), given)
        answer = machines.ask(used, "GET", f"{API}/account", token)
        assert answer.status_code == 200, answer.text


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
    assert 2 <= len(sizes) <= lasted / 2 + 2, "once in two seconds, not once in each of four processes"
    moments = [moment for _size, moment in dict.fromkeys(seen)]
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments[1:]))
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
