"""What every operator's command shares: errors told as sentences, in the operator's language, and exit 1."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast

import click
from flask.cli import with_appcontext

from exchange.texts import best_language, code_of, sentence

P = ParamSpec("P")


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Run `command` in the application's context; say every typed error of a room on standard error and exit 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Exception as error:
            code = code_of(error)
            if code is None:
                raise
            click.echo(f"{sentence(code, operator_language())}\n{code}: {error}", err=True)
            sys.exit(1)

    return cast(Callable[P, None], with_appcontext(run))


def operator_language() -> str:
    """Return the language of the operator's locale: `LANG` reads "fr_CH.UTF-8", a command has no Accept-Language."""
    return best_language(os.environ.get("LANG", "").partition(".")[0].replace("_", "-"))
