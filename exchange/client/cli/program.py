"""The program `exchange`: the one place where a command line becomes a run, and an error a sentence and an exit code.

0 done, 1 refused or a check failed, 2 wrong usage, 3 network. With `--json` a failure is a problem document (RFC 9457) on
standard output; a person reads the sentence, and what to tell support, on standard error.
"""

import json
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import click

from exchange.client.cli.app import App
from exchange.client.cli.localise import localise
from exchange.client.cli.options import common, spellings
from exchange.client.cli.terminal import plain
from exchange.client.cli.types import shielded
from exchange.client.errors import ClientError, NetworkError, ServerRefusal
from exchange.texts import LANGUAGES, TextsError, say


class Exchange(click.Group):
    """The group `exchange`. Its `main` never lets an exception out."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> None:
        """Run a command line and exit."""
        app = App()
        words = shielded(list(sys.argv[1:] if args is None else args), set(spellings(self)))
        app.language = next((b for a, b in pairwise(words) if a == "--lang" and b in LANGUAGES), app.language)
        localise(self, app.language)
        try:
            super().main(words, prog_name or "exchange", standalone_mode=False, obj=app, **extra)
            code = 0
        except click.exceptions.Exit as ended:
            code = ended.exit_code
        except Exception as error:
            app.json = app.json or "--json" in words
            code = report(app, error)
        finally:
            app.close()
        sys.exit(code)


def report(app: App, error: Exception) -> int:
    """Say what went wrong, and return the exit code."""
    members: Mapping[str, Any]
    if isinstance(error, click.Abort):
        code, title, exit_code, members = "declined", app.text("error.declined"), 1, {}
    elif isinstance(error, click.ClickException):
        code, exit_code, members = "usage", 2, {"detail": error.format_message()}
        title = error.format_message()
        if isinstance(error, click.UsageError) and error.ctx is not None and not app.json:
            click.echo(error.ctx.get_usage(), err=True)
    else:
        code, title, exit_code, members = _of(app, error)
    if app.json:
        body = {**members, "type": f"/problems/{code}", "title": title, "code": code}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True))
    else:
        click.echo(plain(title), err=True)
        detail = members.get("detail")
        click.echo(plain(f"{code}: {detail}" if detail and detail != title else code), err=True)
    return exit_code


def _of(app: App, error: Exception) -> tuple[str, str, int, Mapping[str, Any]]:
    """Return code, sentence, exit code and further members of an error; a mistake of ours is `internal`."""
    code = getattr(error, "code", None)
    if not isinstance(code, str):
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
        # The exception's own text is not shown: it may quote what must stay secret.
        title = app.text("error.client_failed")
        return "client_failed", title, 1, {"detail": f"{type(error).__name__} at {where}"}
    values = error.values if isinstance(error, ClientError) else {}
    try:
        title = say(f"error.{code}", app.language, **values)
    except TextsError:
        title = ""
    members: dict[str, Any] = {}
    if isinstance(error, ServerRefusal):
        members = {**error.members, "status": error.status}
        title = title or error.title
        members.setdefault("detail", "the server refused")
    else:
        members = dict(getattr(error, "members", {}))
        members["detail"] = "; ".join([str(error), *getattr(error, "__notes__", [])])
    exit_code = error.exit_code if isinstance(error, ClientError) else 1
    if isinstance(error, NetworkError):
        exit_code = NetworkError.exit_code
    return code, title or app.text("error.client_failed"), exit_code, members


def program(commands: Iterable[click.Command]) -> Exchange:
    """Return the program with these commands, its help in English until a command line says otherwise."""

    @click.group(cls=Exchange, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
    @common
    def main(_app: App) -> None:
        """Transmit and read confidential reports of torture-prevention bodies."""

    for command in commands:
        main.add_command(command)
    localise(main, "en")
    return main
