"""The rule on leaks finds registry hosts, machine paths and folders outside the project.

The planted words are put together from pieces, for this file is under the rule too.
"""

import pytest

from house_rules import leaks
from house_rules.tree import Source

PLANTED = [
    "see https://" + "pypi" + ".org/simple",
    '"resol' + 'ved": "https://registry.' + 'npmjs.org/x.tgz"',
    "--find" + "-links wheels",
    "cd /wo" + "rk/main",
    "HOME=/ro" + "ot/.config",
    "facts in ../" + "shared/domain",
    "a file in /sha" + "red/design/x.md",
]
HARMLESS = [
    "flask init --root root.jws",
    "urls of ours: /api/v1/reports, /log/audit/1/checkpoint",
    "data lives in ./instance/work/spool",
    "frameworks/roots/homes",
    "a shared/common key",
]


@pytest.mark.parametrize("line", PLANTED)
def test_a_planted_leak_is_found(line: str) -> None:
    """In any text file, with its line."""
    assert [b.line for b in leaks.check([Source("docs/x.md", f"fine\n{line}\n")])] == [2]


@pytest.mark.parametrize("line", HARMLESS)
def test_ordinary_words_are_left_alone(line: str) -> None:
    """URLs of the exchange and relative paths are no leak."""
    assert list(leaks.check([Source("docs/x.md", line)])) == []
