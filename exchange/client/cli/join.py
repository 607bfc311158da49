"""`exchange join`: asking to join a body, under an invitation of its focal point."""

from pathlib import Path

import click

from exchange.client.cli.app import App
from exchange.client.cli.options import FILE, unlocks
from exchange.client.cli.server_option import halves_or_url
from exchange.client.founding import remember
from exchange.client.identity import load_profile
from exchange.client.joining import request, send
from exchange.client.server_file import Server
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.invitation import parse_invitation


@click.command("join")
@unlocks
@click.argument("invitation", type=FILE, metavar="FILE", required=False)
@click.option("--server", metavar="URL|FILE")
def join(app: App, invitation: Path | None, server: str | None) -> None:
    """Ask to join a participating body, under an invitation (a file, or asked for)."""
    text = app.secret(app.text("client.ask.invitation"), invitation, "exchange join FILE")
    try:
        invited = parse_invitation(text)
    except UnicodeError as error:
        raise MalformedError("not an invitation") from error
    halves, url = halves_or_url(app, server) if server is not None else (None, None)
    told = halves.server(invited.root) if halves is not None else Server(url, invited.root)
    remember(app.home, told)
    officer, profile = app.officer, load_profile(app.home)
    # Any public answer brings the server's time: the request must not carry a wrong clock's.
    http = app.public_http
    http.get("/api/v1/instance", public=True)
    joining = request(app.home, officer, profile, invited, app.clock.now())
    send(http, officer, profile, invited, joining)
    values = {"officer": b64u(officer.id), "organisation": invited.organisation, "statement": b64u(joining.statement.hash)}
    app.done(values, app.text("client.join_asked", organisation=invited.organisation, officer=b64u(officer.id)))
