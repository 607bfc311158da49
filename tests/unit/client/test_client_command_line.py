"""The command line: errors become sentences and exit codes, help speaks both languages, nothing drags the server in."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from exchange.client.cli.app import App, language_of, table
from exchange.client.cli.localise import localise
from exchange.client.cli.main import main, report
from exchange.client.cli.options import spellings
from exchange.client.cli.types import OFFICER, SHIELD, shielded
from exchange.client.errors import (
    ClientError,
    DeclinedError,
    InputMissingError,
    NetworkError,
    SeatMissingError,
    ServerRefusal,
)
from exchange.texts import LANGUAGES, has, say
from keys.encoding import b64u
from keys.errors import WrongPassphraseError


def commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command and group, by the key of its help."""
    yield path or "exchange", command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, f"{path}_{name}".strip("_").replace("-", "_"))


def test_every_command_and_option_has_help_in_both_languages() -> None:
    """What --help shows comes from the catalogue, whatever the language."""
    lacking = []
    for path, command in commands(main):
        if not has(f"help.{path}"):
            lacking.append(path)
        for parameter in command.params:
            keys = (f"help.option.{path}.{parameter.name}", f"help.option.{parameter.name}")
            if isinstance(parameter, click.Option) and not any(has(key) for key in keys):
                lacking.append(f"{path} --{parameter.name}")
    assert lacking == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_shown_in_the_persons_language(language: str) -> None:
    """By option, whatever the environment says."""
    try:
        other = LANGUAGES[1 - LANGUAGES.index(language)]
        for words in (["--lang", language, "directory", "sync"], ["directory", "sync", "--lang", language]):
            shown = CliRunner().invoke(main, [*words, "--help"], env={"EXCHANGE_LANG": other})
            assert shown.exit_code == 0 and say("help.directory_sync", language) in " ".join(shown.stdout.split())
    finally:
        localise(main, "en")


def test_every_command_takes_home_json_and_language() -> None:
    """Whatever else it takes."""
    for path, command in commands(main):
        if not isinstance(command, click.Group):
            assert {"--home", "--json", "--lang"} <= set(spellings(command)), path


def test_the_client_drags_no_server_in() -> None:
    """A process that has loaded every command has no web framework, no database and no server room in memory."""
    check = (
        "import sys, exchange.client.cli.main\n"
        "bad = {'flask', 'sqlalchemy', 'werkzeug', 'authlib', 'alembic', 'gunicorn', 'exchange.web', 'exchange.db',"
        " 'exchange.config', 'exchange.wiring', 'exchange.directory', 'exchange.logs'}\n"
        "print(sorted(bad & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (WrongPassphraseError("x"), "wrong_passphrase", 1),
        (SeatMissingError("x", organisation="un-spt"), "seat_missing", 1),
        (NetworkError("x", url="https://a.example"), "network_failed", 3),
        (InputMissingError("x", option="--yes"), "input_missing", 2),
        (ServerRefusal("stale_epoch", 409, "Veraltet", {"a": 1}), "stale_epoch", 1),
        (ServerRefusal("a_later_code", 409, "From a later server", {}), "a_later_code", 1),
        (click.UsageError("no such option"), "usage", 2),
        (click.Abort(), "declined", 1),
        (DeclinedError("x"), "declined", 1),
        (ClientError("x"), "client_failed", 1),
        (RuntimeError("a secret"), "client_failed", 1),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_become_sentences_and_exit_codes(
    error: Exception, code: str, exit_code: int, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people on standard error, as a problem document with --json; an unknown exception never shows its text."""
    app = App({"EXCHANGE_LANG": language})
    assert report(app, error) == exit_code
    told = capsys.readouterr()
    assert told.out == "" and code in told.err and "a secret" not in told.err and "{" not in told.err
    app.json = True
    assert report(app, error) == exit_code
    told = capsys.readouterr()
    assert told.err == "" and f'"code": "{code}"' in told.out and "a secret" not in told.out


def test_an_id_that_looks_like_an_option_is_none() -> None:
    """One in 64 ids begins with a hyphen: it is still an id, and options stay options."""
    officer = b"\xfb" + bytes(15)
    spelled = b64u(officer)
    assert spelled.startswith("-")
    words = shielded(["organisation", "leave", spelled, "--yes", "-h"], set(spellings(main)))
    assert words == ["organisation", "leave", SHIELD + spelled, "--yes", "-h"]
    assert OFFICER.convert(words[2], None, None) == officer
    with pytest.raises(click.BadParameter):
        OFFICER.convert("short", None, None)


def test_languages_come_from_locales() -> None:
    """The spellings that systems use; English for all that is neither."""
    assert [language_of(text) for text in ("fr_CH.UTF-8", "fr", "en_GB", "C.UTF-8", "", "de_DE")] == [
        "fr", "fr", "en", "en", "en", "en"
    ]  # fmt: skip


def test_rows_become_a_table() -> None:
    """Columns line up; nothing trails."""
    assert table([["a", "bb"], ["ccc", ""]]) == ["a    bb", "ccc"]
