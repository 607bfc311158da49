"""Options that many commands take, each written once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from exchange.client.cli.app import App
from exchange.texts import LANGUAGES

F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)


def _keeper(attribute: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return a callback that writes an option's value to the App, when it was given."""

    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None and value is not False:
            setattr(context.ensure_object(App), attribute, value)

    return keep


def _kept(name: str, attribute: str, **settings: Any) -> Callable[[F], F]:
    return click.option(name, expose_value=False, is_eager=True, callback=_keeper(attribute), **settings)


def common(command: F) -> F:
    """Give a command what all have: --home, --json, --lang, and the App as first argument."""
    command = click.pass_obj(command)  # type: ignore[assignment]
    command = _kept("--lang", "language", type=click.Choice(LANGUAGES))(command)
    command = _kept("--json", "json", is_flag=True, default=False)(command)
    return _kept("--home", "home_path", type=PATH, metavar="DIR")(command)


def unlocks(command: F) -> F:
    """Give a command that needs the officer's keys --passphrase-file beside the common options."""
    return common(_kept("--passphrase-file", "passphrase_file", type=FILE, metavar="FILE")(command))


def asks(command: F) -> F:
    """Give a command that asks for a yes the option --yes."""
    return _kept("--yes", "yes", is_flag=True, default=False)(command)


def spellings(command: click.Command) -> Iterator[str]:
    """Yield every spelling of an option at and below a command."""
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from spellings(below)
