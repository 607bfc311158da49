"""`exchange identity …`: this officer's keys, which never leave this machine."""

import base64
from pathlib import Path

import click

from exchange.client.cards import own_card, write_card
from exchange.client.cli.app import App
from exchange.client.cli.options import FILE, unlocks
from exchange.client.cli.types import BODY
from exchange.client.errors import UsageError
from exchange.client.identity import change_passphrase, load_identity, load_profile, make_identity, named
from keys.encoding import b64u
from keys.passphrase import MAX_MEMORY, MIN_MEMORY, Cost


@click.group()
def identity() -> None:
    """This officer's keys."""


@identity.command("new")
@unlocks
@click.option("--name", default="", metavar="TEXT")
@click.option("--memory-mib", type=click.IntRange(MIN_MEMORY // 1024, MAX_MEMORY // 1024), default=256)
def new(app: App, name: str, memory_mib: int) -> None:
    """Make this officer's keys."""
    phrase = app.passphrase(new=True)
    officer, code = make_identity(app.home, phrase, name, Cost(memory=memory_mib * 1024))
    app.say("client.identity.made", path=app.home.root)
    spelled = base64.b32encode(code).decode("ascii").rstrip("=")
    stop = "-".join(spelled[at : at + 4] for at in range(0, len(spelled), 4))
    values = {"officer": b64u(officer.id), "stop_code": stop}
    app.done(
        values,
        [
            app.text("client.identity.officer", officer=b64u(officer.id)),
            app.text("client.identity.stop_code", code=stop),
        ],
    )


@identity.command("show")
@unlocks
@click.option("--card", is_flag=True)
@click.option("--organisation", type=BODY, metavar="BODY")
@click.option("-o", "--output", type=FILE, metavar="FILE")
def show(app: App, card: bool, organisation: str | None, output: Path | None) -> None:
    """Show who this home's officer is; with --card, write the card that others name them by."""
    if card:
        _card(app, organisation, output)
        return
    if organisation is not None or output is not None:
        raise UsageError("only a card names a body and a file", detail="--card")
    file, profile = load_identity(app.home), load_profile(app.home)
    values = {
        "name": profile.name,
        "officer": b64u(file.officer),
        "seal": b64u(file.seal_key_id),
        "sign": b64u(file.sign_key_id),
    }
    app.done(
        values,
        [
            app.text("client.identity.officer", officer=values["officer"]),
            app.text("client.identity.sign_key", value=values["sign"]),
            app.text("client.identity.seal_key", value=values["seal"]),
        ],
    )


def _card(app: App, organisation: str | None, output: Path | None) -> None:
    if output is None:
        raise UsageError("a card is written to a file", detail="-o")
    officer, profile = app.officer, load_profile(app.home)
    app.write(output, write_card(officer, own_card(officer, profile, organisation)))
    who = named(officer, profile)
    values = {"card": str(output), "officer": b64u(who.officer), "sign": b64u(who.sign)}
    app.done(values, app.text("client.identity.card", path=output))


@identity.command("change-passphrase")
@unlocks
@click.option("--new-passphrase-file", type=FILE, metavar="FILE")
@click.option("--memory-mib", type=click.IntRange(MIN_MEMORY // 1024, MAX_MEMORY // 1024), default=256)
def change(app: App, new_passphrase_file: Path | None, memory_mib: int) -> None:
    """Lock the same keys with another passphrase."""
    old = app.passphrase()
    load_identity(app.home).unlock(old)
    question = app.text("client.ask.new_passphrase")
    fresh = app.secret(question, new_passphrase_file, "--new-passphrase-file", new=True)
    change_passphrase(app.home, old, fresh, Cost(memory=memory_mib * 1024))
    app.done({"changed": True}, app.text("client.identity.changed"))
