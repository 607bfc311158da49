"""`exchange authority …`: who may sign for a State, under which treaty."""

from datetime import datetime
from pathlib import Path

import click

from exchange.client.cli.app import App
from exchange.client.cli.joint import propose
from exchange.client.cli.options import FILE, unlocks
from exchange.client.cli.types import BODY, FROM, OFFICER, TO
from keys.directory_authority import AuthorityAdd
from keys.directory_submission import Submission


@click.group()
def authority() -> None:
    """Who may sign for a State."""


@authority.command("add")
@unlocks
@click.argument("organisation", type=BODY, metavar="state:XX")
@click.option("--treaty", required=True, metavar="TREATY")
@click.option("--officer", type=OFFICER, required=True, metavar="MEMBER")
@click.option("--from", "valid_from", type=FROM, metavar="TIME")
@click.option("--to", "valid_to", type=TO, metavar="TIME")
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE")
def add(
    app: App,
    organisation: str,
    treaty: str,
    officer: bytes,
    valid_from: datetime | None,
    valid_to: datetime | None,
    output: Path,
) -> None:
    """Propose that a member of a State's authority may sign for it; founders of two bodies sign."""
    session = app.session
    session.require_founder()
    link = session.directory.link("organisation", organisation, session.now())
    sign = session.directory.officer(officer).sign
    values = AuthorityAdd(link, organisation, treaty, officer, sign, valid_from or session.now(), valid_to)
    statement = values.statement().signed_by(session.officer.sign)
    AuthorityAdd.read(statement.body)
    propose(app, Submission((statement,)), output)
