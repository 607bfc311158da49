"""`exchange directory found`, `cosign` and `propose`: statements that several people sign."""

from pathlib import Path

import click

from exchange.client.cards import Card, own_card, read_card
from exchange.client.cli.app import App
from exchange.client.cli.joint import lines_of, member_directory, propose, signed_lines, values_of
from exchange.client.cli.options import FILE, asks, unlocks
from exchange.client.cli.server_option import halves_or_url
from exchange.client.cli.types import BODY, OFFICER
from exchange.client.errors import OwnKeysError, UsageError
from exchange.client.founding import check_halves, found, read_halves, remember
from exchange.client.identity import load_profile, named
from exchange.client.proposals import check_proposal, cosign, missing, read_proposal, write_proposal
from exchange.client.server_file import Server
from keys.directory_bodies import FocalPoints, OrganisationAdd
from keys.directory_kinds import Kind
from keys.directory_root import Root
from keys.directory_submission import Submission
from keys.encoding import b64u


@click.command("found")
@unlocks
@click.option("--server", type=FILE, required=True, metavar="FILE")
@click.option("--host", type=BODY, required=True, metavar="BODY")
@click.option("--founder", "founders", multiple=True, required=True, metavar="[BODY=]CARD")
@click.option("--organisation", type=BODY, metavar="BODY")
@click.option("--quorum", type=click.IntRange(2, 64), default=2)
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE")
def found_command(
    app: App, server: Path, host: str, founders: tuple[str, ...], organisation: str | None, quorum: int, output: Path
) -> None:
    """Propose the founding of an exchange on a server that its operator has prepared."""
    halves = read_halves(app.read(server))
    cards = [_founder(app, spelled) for spelled in founders]
    officer = app.officer
    if officer.id not in {card.officer for _, card in cards}:
        own = organisation or host
        cards.insert(0, (own, own_card(officer, load_profile(app.home), own)))
    proposal = found(halves, cards, host, quorum, officer, app.clock.now())
    for line in lines_of(app, proposal):
        app.line(line)
    remember(app.home, halves.server(proposal.statements[0].hash))
    app.write(output, write_proposal(proposal))
    left = missing(proposal, None)
    values = {**values_of(proposal, output, left), "exchange": b64u(proposal.statements[0].hash)}
    app.done(values, app.text("client.proposal.left", count=left, path=output))


@click.command("cosign")
@asks
@unlocks
@click.argument("file", type=FILE)
@click.option("--server", metavar="URL|FILE")
@click.option("-o", "--output", type=FILE, metavar="FILE")
def cosign_command(app: App, file: Path, server: str | None, output: Path | None) -> None:
    """Show what a proposal says, and sign it."""
    proposal = read_proposal(app.read(file))
    found_root = any(statement.typ.startswith("exchange/directory-root/") for statement in proposal.statements)
    known = None if found_root else member_directory(app)
    signed, kinds = cosign(proposal, app.officer, known)
    for kind in kinds:
        _check_own(app, kind)
    if known is not None:
        check_proposal(signed, known, app.session.now(), app.session.keys.get, complete=False)
        app.say("client.proposal.checked")
    elif found_root:
        check_proposal(signed, None, app.clock.now(), lambda kid: None, complete=False)
    else:
        app.say("client.proposal.not_checked")
    for line in lines_of(app, proposal):
        app.line(line)
    if server is not None:
        _tell_server(app, server, kinds)
    app.confirm(app.text("client.ask.sign"))
    _learn_exchange(app, server, proposal, kinds)
    target = output or file
    app.write(target, write_proposal(signed))
    left = missing(signed, known)
    app.done(values_of(signed, target, left), signed_lines(app, target, left, kinds))


@click.group("propose")
def propose_group() -> None:
    """Propose statements that have no command of their own."""


@propose_group.command("focal-points")
@unlocks
@click.argument("officers", nargs=-1, required=True, type=OFFICER, metavar="MEMBER...")
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE")
def focal_points(app: App, officers: tuple[bytes, ...], output: Path) -> None:
    """Propose the complete new list of the focal points of this officer's body; two focal points sign it."""
    session = app.session
    body = session.require_focal_point()
    link = session.directory.link("organisation", body, session.now())
    statement = FocalPoints(link, body, officers).statement().signed_by(session.officer.sign)
    FocalPoints.read(statement.body)
    propose(app, Submission((statement,)), output)


def _founder(app: App, spelled: str) -> tuple[str, Card]:
    """Return body and card of `CARD` or `BODY=CARD`."""
    body, separator, path = spelled.partition("=")
    card = read_card(app.read(Path(path if separator else spelled)))
    organisation = BODY.convert(body, None, None) if separator else card.organisation
    if organisation is None:
        raise UsageError("a card that names no body", detail=f"--founder BODY={spelled}")
    return organisation, card


def _check_own(app: App, kind: Kind) -> None:
    """Whoever signs as named in a statement signs for exactly their own keys; OwnKeysError."""
    who = named(app.officer, load_profile(app.home))
    if isinstance(kind, OrganisationAdd):
        same = [officer for officer in kind.focal_points if officer.officer == who.officer]
        if any(officer != who for officer in same):
            raise OwnKeysError("the proposal has other keys for this officer")
    elif isinstance(kind, Root):
        for founder in kind.founders:
            if founder.officer == who.officer and (founder.sign, founder.seal, founder.stop) != (
                who.sign,
                who.seal,
                who.stop,
            ):
                raise OwnKeysError("the proposal has other keys for this officer")


def _tell_server(app: App, server: str, kinds: list[Kind]) -> None:
    """A founder who has the operator's server.json signs for exactly that server."""
    halves, _url = halves_or_url(app, server)
    for kind in kinds:
        if isinstance(kind, Root) and halves is not None:
            check_halves(halves, kind)
            app.say("client.proposal.server_right", instance=halves.instance)


def _learn_exchange(app: App, server: str | None, proposal: Submission, kinds: list[Kind]) -> None:
    """A proposal came from a person, outside the server: who signs it knows from then on which exchange is meant."""
    halves, url = halves_or_url(app, server) if server is not None else (None, None)
    exchange: bytes | None = None
    for kind in kinds:
        if isinstance(kind, Root):
            exchange = proposal.statements[0].hash
        elif isinstance(kind, OrganisationAdd) and app.officer.id in {o.officer for o in kind.focal_points}:
            exchange = kind.link.exchange
    if halves is not None:
        remember(app.home, halves.server(exchange))
    elif url is not None or exchange is not None:
        remember(app.home, Server(url, exchange))
