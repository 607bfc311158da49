"""The rules on shape find what they are there to find, and nothing at the limit itself."""

from house_rules import shape
from house_rules.tree import Source


def test_an_assert_outside_tests_is_found() -> None:
    """`assert` in a room breaks the rule; in a test it does not."""
    text = "def f(x):\n    assert x\n"
    assert [b.line for b in shape.check_asserts([Source("keys/suite.py", text)])] == [2]
    assert list(shape.check_asserts([Source("tests/unit/keys/test_suite.py", text)])) == []


def test_a_file_called_utils_is_found() -> None:
    """Neither a file nor a folder of that name may stand."""
    found = [Source("exchange/utils.py", ""), Source("exchange/utils/times.py", ""), Source("exchange/times.py", "")]
    assert [b.path for b in shape.check_names(found)] == ["exchange/utils.py", "exchange/utils/times.py"]


def test_a_package_that_re_exports_is_found() -> None:
    """Relative or absolute, at the top of an `__init__`; an import inside a function re-exports nothing."""
    bad = ["from .suite import Suite\n", "from keys.suite import Suite\n", "import exchange.db\n"]
    for text in bad:
        assert [b.line for b in shape.check_packages([Source("keys/__init__.py", text)])] == [1]
    good = "from typing import Any\n\ndef create_app():\n    from exchange.wiring import build\n    return build()\n"
    assert list(shape.check_packages([Source("exchange/__init__.py", good)])) == []


def test_a_file_past_400_lines_is_found() -> None:
    """400 lines pass, 401 do not."""
    assert list(shape.check_sizes([Source("keys/a.py", "x = 1\n" * 400)])) == []
    assert len(list(shape.check_sizes([Source("keys/a.py", "x = 1\n" * 401)]))) == 1


def test_a_function_past_60_lines_is_found() -> None:
    """60 lines with the `def` pass, 61 do not; a generated migration may be longer."""
    fits = "def f():\n" + "    x = 1\n" * 59
    assert list(shape.check_sizes([Source("keys/a.py", fits)])) == []
    assert len(list(shape.check_sizes([Source("keys/a.py", fits + "    x = 1\n")]))) == 1
    assert list(shape.check_sizes([Source("exchange/migrations/versions/0001.py", fits + "    x = 1\n")])) == []
