"""The rules on documentation find the dependency, setting, error code and command that nobody wrote about."""

from pathlib import Path

import click

from exchange.translations.check import error_codes
from house_rules import commands, documented
from house_rules.tree import Source

DOCS = Source(
    "docs/reference.md", "`seal_damaged` is said when …; set EXCHANGE_HOME to …; `exchange identity new` makes it"
)


def test_a_dependency_without_a_row_is_found() -> None:
    """PyPI's and npm's, extras and comments read rightly; a mention outside the table is no row."""
    found = [
        Source("requirements.in", "Flask>=3.1,<3.2\n# a comment\n"),
        Source("requirements-dev.in", "-r requirements.in\ncoverage[toml]\n"),
        Source("package.json", '{"devDependencies": {"hpke": "^1", "left": "1"}}'),
        Source(documented.DEPENDENCIES, "| `flask` | web | … |\n| `hpke` | … | … |\nleft is fine\n"),
    ]
    assert [b.says.split()[0] for b in documented.check_dependencies(found)] == ["coverage", "left"]


def test_an_error_code_nobody_explains_is_found(tmp_path: Path) -> None:
    """Codes are read from the classes of the rooms, plain or annotated; one that docs/ does not name is a breach."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/errors.py").write_text(
        'class A(Exception):\n    code = "seal_damaged"\nclass BError(A):\n    code: str = "seal_lost"\n'
    )
    codes = error_codes(tmp_path)
    assert sorted(codes) == ["seal_damaged", "seal_lost"]
    assert [b.says.split()[2] for b in documented.check_codes([DOCS], codes)] == ["seal_lost"]


def test_a_setting_nobody_explains_is_found() -> None:
    """Environment names are read from config.py and the client; reason codes are no settings."""
    text = 'HOME = "EXCHANGE_HOME"\nx = env["BLOB_URL"]\ny = "W_NO_CONSENT"\n'
    found = [Source("exchange/config.py", text), Source("exchange/reports/services.py", 'x = "NOT_READ"\n'), DOCS]
    assert [b.line for b in documented.check_settings(found)] == [2]


def test_a_command_nobody_explains_is_found() -> None:
    """The whole spelling counts: `identity newer` does not document `identity new`, hidden commands need no word."""
    group = click.Group("exchange")
    identity = click.Group("identity")
    group.add_command(identity)
    identity.add_command(click.Command("new"))
    identity.add_command(click.Command("show"))
    group.add_command(click.Command("debug", hidden=True))
    spelled = list(commands.leaves(group, "exchange"))
    assert spelled == ["exchange identity new", "exchange identity show"]
    assert commands.undocumented(spelled, DOCS.text) == ["exchange identity show"]
    assert commands.undocumented(["exchange identity new"], "exchange identity newer") == ["exchange identity new"]
