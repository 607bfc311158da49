"""`exchange account …`: name and password for the pages in a browser, and notices by e-mail."""

from pathlib import Path
from typing import Any, Final

import click

from exchange.client.cli.app import App
from exchange.client.cli.options import FILE, unlocks
from exchange.client.errors import UsageError

_NOTICES: Final = "/api/v1/account/notices"


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


@account.command("notices")
@unlocks
@click.option("--address", metavar="ADDRESS")
@click.option("--stop", is_flag=True, default=False)
def notices(app: App, address: str | None, stop: bool) -> None:
    """Show, ask for, or end notices by e-mail that there is something to see, without content."""
    if stop and address is not None:
        raise UsageError("--stop goes without --address", detail="--stop")
    http = app.session.http
    if address is not None:
        http.put(_NOTICES, {"address": address, "language": app.language})
    elif stop:
        http.delete(_NOTICES)
    wish = http.get(_NOTICES)
    app.done(wish, app.text(f"client.notices.{_stage(wish)}", address=wish["address"] or ""))


@account.command("confirm-notices")
@unlocks
@click.option("--code-file", type=FILE, metavar="FILE")
def confirm_notices(app: App, code_file: Path | None) -> None:
    """Give back the code that was sent to your address: notices begin."""
    code = app.secret(app.text("client.ask.notices_code"), code_file, "--code-file")
    http = app.session.http
    http.post(f"{_NOTICES}/confirm", {"code": code})
    wish = http.get(_NOTICES)
    app.done(wish, app.text(f"client.notices.{_stage(wish)}", address=wish["address"] or ""))


def _stage(wish: dict[str, Any]) -> str:
    if wish["address"] is None:
        return "none" if wish["offered"] else "not_offered"
    return "confirmed" if wish["confirmed"] else "waiting"
