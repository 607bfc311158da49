"""`exchange account …`: name and password for the pages in a browser."""

from pathlib import Path

import click

from exchange.client.cli.app import App
from exchange.client.cli.options import FILE, unlocks


@click.group()
def account() -> None:
    """Signing in to the pages."""


@account.command("set-password")
@unlocks
@click.option("--login-name", required=True, metavar="NAME")
@click.option("--password-file", type=FILE, metavar="FILE")
def set_password(app: App, login_name: str, password_file: Path | None) -> None:
    """Set the name and password this officer signs in to the pages with; open sessions end."""
    password = app.secret(app.text("client.ask.password"), password_file, "--password-file", new=True)
    app.session.http.put("/api/v1/account/password", {"login_name": login_name, "password": password})
    app.done({"login_name": login_name}, app.text("client.password_set", name=login_name))
