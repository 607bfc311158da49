"""The operator's commands: `flask --app wsgi prepare | init | upgrade | fsck | serve`. Rooms add their own.

Each ends with exit 0, or 1 after a refusal on standard error that names the fix; none prints a secret.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask, current_app

from exchange import wiring
from exchange.config import Config
from exchange.db import Database
from exchange.migrations.run import is_current, upgrade
from exchange.texts import code_of
from exchange.web.errors import NotPreparedError
from exchange.web.failures import places
from exchange.web.feature import Check, Founding
from exchange.web.operator import told
from exchange.web.services import EXTENSION, Services, services
from exchange.web.serving import check_connections, public_halves, serve_forever
from keys.custody import FileCustody
from keys.errors import CustodyExistsError

CONFIG = "exchange_config"


def register(app: Flask, config: Config) -> None:
    """Give `app` the operator's commands."""
    app.extensions[CONFIG] = config
    for command in (prepare, init, upgrade_command, fsck, serve):
        app.cli.add_command(command)


def _config() -> Config:
    config: Config = current_app.extensions[CONFIG]
    return config


@click.command("prepare")
@click.option("--name", required=True, help="the host name that the logs' origins begin with, for ever")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="write the public halves here")
@told
def prepare(name: str, output: Path | None) -> None:
    """Make this instance's keys and its database, and print their public halves for the founding.

    Run again with the same name, it keeps the keys, finishes what was interrupted and prints the same.
    """
    config = _config()
    try:
        custody = FileCustody.create(config.custody_file, name)
    except CustodyExistsError:
        custody = FileCustody.load(config.custody_file)
        if custody.instance != name:
            raise
    database = wiring.open_database(config, wiring.SystemClock())
    upgrade(database)
    database.dispose()
    text = json.dumps(public_halves(custody, config), indent=2, sort_keys=True) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="ascii")
        click.echo(f"prepared {name}: give {output} to the founders")


@click.command("init")
@click.option("--root", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@told
def init(root: Path) -> None:
    """Record the founding: the root statement, signed by every founder."""
    found = _prepared().get(Founding).found(root.read_bytes())
    click.echo(f"founded: root {found}")


@click.command("upgrade")
@told
def upgrade_command() -> None:
    """Bring the database's tables to this version's."""
    database = _prepared().get(Database)
    upgrade(database)
    click.echo("the database is current")


@click.command("fsck")
@told
def fsck() -> None:
    """Check everything this instance stores; print each finding, exit 1 when there is one."""
    container = _prepared()
    found = 0 if is_current(container.get(Database)) else 1
    if found:
        click.echo("database: the tables are not this version's: run `flask --app wsgi upgrade`")
    for feature in wiring.FEATURES:
        for check in feature.checks:
            for finding in _findings(check, container):
                found += 1
                click.echo(f"{feature.name}/{check.name}: {finding}")
    click.echo("sound" if not found else f"{found} finding(s)")
    if found:
        sys.exit(1)


def _findings(check: Check, container: Services) -> Iterator[str]:
    """What a check finds; a check that cannot go on is a finding too, and the others still run."""
    try:
        yield from check.run(container)
    except Exception as error:
        code = code_of(error)
        yield f"could not be checked: {places(error)}" if code is None else f"{code}: {error}"


@click.command("serve")
@told
def serve() -> None:
    """Serve this instance at EXCHANGE_HOST and EXCHANGE_PORT: EXCHANGE_WORKERS processes of EXCHANGE_THREADS threads."""
    config = _config()
    database = _prepared().get(Database)
    try:
        if not is_current(database):
            raise NotPreparedError("the database is not this version's: run `flask --app wsgi upgrade`")
        check_connections(database, config)
    finally:
        database.dispose()  # gunicorn forks: no connection of this process may live on in another
    click.echo(f"serving {config.public_url}")
    serve_forever(current_app._get_current_object(), config)  # type: ignore[attr-defined]


def _prepared() -> Services:
    if EXTENSION not in current_app.extensions:
        raise NotPreparedError("this instance is not prepared: run `flask --app wsgi prepare --name HOST -o server.json`")
    return services()
