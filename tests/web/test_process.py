"""What a serving process does once, and again and again."""

import logging
import threading
from pathlib import Path

import pytest

from exchange.config import Config
from exchange.web.feature import Background, Feature
from exchange.web.process import Process
from exchange.web.services import Services
from tests.web.support import make_config


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """Return a container that holds the settings alone."""
    services = Services()
    services.put(Config, make_config(tmp_path))
    return services


def test_start_runs_once_in_order(services: Services) -> None:
    """Features start in their order, once a process, however many requests come first at once."""
    seen: list[str] = []
    features = [Feature(name, start=lambda _services, name=name: seen.append(name)) for name in ("low", "high")]
    process = Process(services, features, background=False)
    threads = [threading.Thread(target=process.start) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["low", "high"]


def test_a_failed_start_is_tried_again(services: Services) -> None:
    """A process that did not recover serves nothing, and the next request tries anew."""
    attempts: list[int] = []

    def start(_services: Services) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError

    process = Process(services, [Feature("x", start=start)], background=False)
    with pytest.raises(OSError):
        process.start()
    process.start()
    process.start()
    assert len(attempts) == 2


def test_background_goes_on_after_a_failure_and_stops(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    """One failure is logged by place, without what it failed on, and the next turn comes; stopping ends the thread."""
    turns: list[int] = []
    enough = threading.Event()

    def run(_services: Services) -> None:
        turns.append(1)
        if len(turns) >= 3:
            enough.set()
        raise ValueError("planted-secret")

    caplog.set_level(logging.ERROR)
    job = Background("publish", lambda _config: 0, run)
    process = Process(services, [Feature("x", background=(job,))], background=True)
    process.start()
    assert enough.wait(10)
    process.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "exchange-publish"]
    assert "publish failed" in caplog.text and "planted-secret" not in caplog.text


def test_without_background_no_thread_starts(services: Services) -> None:
    """Commands and tests stay without threads."""
    before = threading.active_count()
    Process(services, [Feature("x", background=(Background("b", lambda _c: 1, lambda _s: None),))], background=False).start()
    assert threading.active_count() == before


def test_a_pinned_service_stands(services: Services) -> None:
    """What a test pins is not replaced by wiring; what nobody made is named."""
    pinned = Services({dict: {"pinned": 1}})
    pinned.put(dict, {})
    assert pinned.get(dict) == {"pinned": 1}
    with pytest.raises(LookupError, match="Config"):
        pinned.get(Config)
