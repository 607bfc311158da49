"""A progress bar on standard error; nothing where nobody watches, or with --json and no terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from exchange.client.cli.app import App
from exchange.client.progress import Advance


class Bar:
    """Shows each stage of sealing, sending, fetching and opening (`exchange.client.progress.Meter`)."""

    def __init__(self, app: App) -> None:
        """Take the App, whose language the stages are named in."""
        self._app = app

    @contextmanager
    def stage(self, key: str, total: int) -> Iterator[Advance]:
        """Show one stage; without a terminal its name alone, so that a log says what took the time."""
        label = self._app.text(key)
        if not sys.stderr.isatty():
            self._app.line(label)
            yield lambda _count: None
            return
        with click.progressbar(length=max(total, 1), label=label, file=sys.stderr) as bar:
            yield bar.update
