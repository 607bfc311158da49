"""`exchange directory …`: the verified directory, and proposals on their way from signer to signer."""

from pathlib import Path

import click

from exchange.client.acts import submit as submit_all
from exchange.client.cli.app import App, table
from exchange.client.cli.directory_signing import cosign_command, found_command, propose_group
from exchange.client.cli.options import FILE, asks, common, unlocks
from exchange.client.cli.server_option import told_server
from exchange.client.cli.types import BODY, HASH
from exchange.client.errors import NotEnrolledError, UsageError, WordsDifferError
from exchange.client.pins import load_pins, save_pins
from exchange.client.proposals import read_proposal
from exchange.client.sync import Synced, offline
from exchange.client.verify_directory import verify_all
from keys.directory_kinds import read_kind
from keys.directory_root import Root
from keys.encoding import b64u
from keys.replay_directory import Directory
from keys.replay_export import export_values
from keys.words import fingerprint_words, words_match


@click.group()
def directory() -> None:
    """Who takes part, and with which keys: verified on this machine."""


directory.add_command(found_command)
directory.add_command(cosign_command)
directory.add_command(propose_group)


@directory.command("submit")
@unlocks
@click.argument("file", type=FILE)
def submit(app: App, file: Path) -> None:
    """Hand in a proposal that everyone has signed."""
    proposal = read_proposal(app.read(file))
    if any(isinstance(read_kind(statement), Root) for statement in proposal.statements):
        raise UsageError("a founding is handed to the operator", detail="flask init --root")
    places = submit_all(app.session, proposal)
    entries = [{"hash": b64u(digest), "index": index} for digest, index in places]
    app.done({"entries": entries, "size": app.session.directory.size}, app.text("client.submitted", count=len(places)))


@directory.command("sync")
@unlocks
@click.option("--server", metavar="URL|FILE")
@click.option("--exchange", type=HASH, metavar="HASH")
@click.option("--root", type=FILE, metavar="FILE")
def sync(app: App, server: str | None, exchange: bytes | None, root: Path | None) -> None:
    """Fetch and verify what is new in the directory."""
    told_server(app, server, exchange, root)
    found = app.session.sync()
    _tell_verified(app, found)
    values = {
        "added": found.added,
        "exchange": b64u(found.directory.exchange),
        "new": list(found.newly_seen),
        "root": b64u(found.directory.log_root),
        "size": found.directory.size,
        "witnessed": False,
    }
    app.done(values, [app.text("client.new_body", organisation=name, words=_words(found.directory, name))
                      for name in found.newly_seen])


@directory.command("verify")
@unlocks
def verify(app: App) -> None:
    """Fetch the whole directory and verify it from its first statement, trusting nothing kept here."""
    found = app.session.sync(afresh=True)
    _tell_verified(app, found)
    seats = verify_all(app.session)
    app.done(
        {"root": b64u(found.directory.log_root), "seats": seats, "size": found.directory.size, "witnessed": False},
        app.text("client.verified_all", count=found.directory.size),
    )


@directory.command("list")
@common
@click.option("--members", is_flag=True)
def list_bodies(app: App, members: bool) -> None:
    """List the participating bodies, as last verified on this machine."""
    found = _held(app).directory
    own = _own(app, found)
    compared = _compared(app)
    rows = [[app.text(f"client.column.{name}") for name in ("body", "kind", "epoch", "members", "office", "compared")]]
    for body in found.organisations:
        rows.append(
            [
                ("* " if body.id == own else "  ") + body.id,
                app.word("kind", body.kind),
                str(body.epoch.number) if body.epoch is not None else "-",
                str(len(body.officers)),
                body.audit_office or "-",
                app.text("client.yes") if body.id in compared else app.text("client.no"),
            ]
        )
    lines = table(rows)
    for body in found.organisations:
        lines.append(f"{body.id}: {' '.join(fingerprint_words(body.added))}")
        if members:
            lines += [_member(app, found, officer) for officer in body.officers]
    app.done(export_values(found), [*lines, app.text("client.own_body_marked")] if own else lines)


@directory.command("fingerprint")
@common
@click.argument("organisation", type=BODY, metavar="BODY")
def fingerprint(app: App, organisation: str) -> None:
    """Show the eleven words of a body, to compare with that body by another channel."""
    found = _held(app).directory
    words = _words(found, organisation)
    compared = organisation in _compared(app)
    values = {
        "compared": compared,
        "fingerprint": b64u(found.organisation(organisation).added),
        "organisation": organisation,
        "words": words,
    }
    app.done(values, [words, app.text("client.compared" if compared else "client.not_compared")])


@directory.command("pin")
@asks
@common
@click.argument("organisation", type=BODY, metavar="BODY")
@click.option("--words", metavar="WORDS")
def pin(app: App, organisation: str, words: str | None) -> None:
    """Note that the eleven words of a body were compared with that body, by another channel."""
    found = _held(app).directory
    added = found.organisation(organisation).added
    if words is None:
        app.confirm(app.text("client.ask.compared", organisation=organisation, words=_words(found, organisation)))
    elif not words_match(words, added):
        raise WordsDifferError("the words are not this body's", organisation=organisation)
    with app.home.lock():
        pins = load_pins(app.home)
        if pins.directory is None:
            raise NotEnrolledError("nothing has been verified here yet")
        save_pins(app.home, pins.with_directory(pins.directory.with_compared(organisation)))
    app.done(
        {"compared": True, "organisation": organisation}, app.text("client.pinned", organisation=organisation)
    )


def _held(app: App) -> Synced:
    """Return the directory as last verified here; fetched when there is none."""
    return offline(app.home) or app.session.synced


def _tell_verified(app: App, found: Synced) -> None:
    app.say("client.signed_by_both", count=found.directory.size)
    app.say("client.unwitnessed")


def _own(app: App, found: Directory) -> str | None:
    officer = app.own_officer()
    return next((record.organisation for record in found.officers if record.id == officer), None)


def _compared(app: App) -> frozenset[str]:
    pins = load_pins(app.home).directory
    return pins.compared if pins is not None else frozenset()


def _words(found: Directory, organisation: str) -> str:
    return " ".join(found.fingerprint(organisation))


def _member(app: App, found: Directory, officer: bytes) -> str:
    mark = app.text("client.focal_point") if found.is_focal_point(officer) else ""
    return f"    {b64u(officer)} {mark}".rstrip()
