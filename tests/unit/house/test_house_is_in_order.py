"""The project keeps its own house rules, sockets beyond loopback are blocked, and what a run leaves out is named."""

import socket
from pathlib import Path

import pytest

from house_rules.__main__ import RULES
from house_rules.tree import sources
from tests.selection import left_out

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}")
def test_the_project_keeps_the_rule(rule) -> None:
    """Every file git tracks or would track."""
    assert [str(breach) for breach in rule(list(sources(ROOT)))] == []


def test_the_rules_see_the_project() -> None:
    """A rule over no files would hold for ever."""
    seen = {source.top for source in sources(ROOT) if source.is_product}
    assert seen == {"exchange", "keys", "policies", "wsgi.py"}


def test_a_socket_beyond_loopback_is_blocked() -> None:
    """TEST-NET-1 is never routed, so even unblocked this would reach nobody."""
    with socket.socket() as outward, pytest.raises(UserWarning, match=r"192\.0\.2\.1"):
        outward.connect(("192.0.2.1", 80))


def test_what_a_run_leaves_out_is_read_from_the_marks(tmp_path: Path) -> None:
    """A mark's argument is what the test needs; the same file and need are named once."""
    tests = tmp_path / "tests"
    tests.mkdir()
    mark = "@pytest.mark." + "full('Node')\n"
    (tests / "test_a.py").write_text(f"import pytest\n{mark}def test_x(): ...\n{mark}def test_y(): ...\n")
    (tests / "test_b.py").write_text("def test_z(): ...\n")
    assert left_out(tests, "full") == [("tests/test_a.py", "Node")]
