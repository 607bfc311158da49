"""`exchange organisation …`: what focal points do for their body, and how founders let a body in."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from exchange.client import acts
from exchange.client.cards import read_card
from exchange.client.cli.app import App
from exchange.client.cli.joint import propose
from exchange.client.cli.options import FILE, asks, unlocks
from exchange.client.cli.types import BODY, FROM, OFFICER, TO
from exchange.client.errors import InvitationNotKeptError
from exchange.client.proposals import joined, read_proposal
from keys.directory_bodies import KINDS, OrganisationAdd
from keys.directory_officers import OfficerEnrol, PrivateMandate
from keys.directory_submission import Submission
from keys.encoding import b64u, format_time
from keys.invitation import JoinProofError


@click.group()
def organisation() -> None:
    """Participating bodies: their members and keys."""


@organisation.command("add")
@unlocks
@click.argument("organisation", type=BODY, metavar="BODY")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--state", metavar="XX")
@click.option("--focal-point", "cards", type=FILE, multiple=True, required=True, metavar="CARD")
@click.option("--with", "earlier", type=FILE, metavar="FILE")
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE")
def add(
    app: App,
    organisation: str,
    kind: str,
    state: str | None,
    cards: tuple[Path, ...],
    earlier: Path | None,
    output: Path,
) -> None:
    """Propose a new body with its first focal points; founders and those focal points sign."""
    session = app.session
    session.require_founder()
    named = [read_card(app.read(card)) for card in cards]
    link = session.directory.link("organisation", organisation, session.now())
    values = OrganisationAdd(link, organisation, kind, state, tuple(card.named for card in named))
    statement = values.statement().signed_by(session.officer.sign)
    OrganisationAdd.read(statement.body)
    keys = {kid: public for card in named for kid, public in card.keys.items()}
    proposal = Submission((statement,), keys)
    propose(app, proposal if earlier is None else joined(read_proposal(app.read(earlier)), proposal), output)


@organisation.command("invite")
@unlocks
@click.option("--days", type=click.IntRange(1, 30), default=7)
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE")
def invite(app: App, days: int, output: Path) -> None:
    """Make an invitation into this officer's body, to hand over outside the server."""
    # A minute less than the days asked for: the server's clock may be a little behind.
    expires = app.session.now() + timedelta(days=days) - timedelta(minutes=1)
    invitation = acts.invite(app.session, expires)
    app.write(output, invitation.text.encode("ascii") + b"\n", secret=True)
    values = {
        "expires": format_time(expires),
        "file": str(output),
        "invitation": b64u(invitation.code_hash),
        "organisation": invitation.organisation,
    }
    app.done(values, app.text("client.invited", organisation=invitation.organisation, path=output))


@organisation.command("approve")
@asks
@unlocks
@click.argument("officers", nargs=-1, type=OFFICER, metavar="[MEMBER...]")
def approve(app: App, officers: tuple[bytes, ...]) -> None:
    """Accept requests to join, and give the body new keys that the newcomers share. Without names, all of them."""
    accepted: list[tuple[acts.JoinRequest, OfficerEnrol]] = []
    for request in acts.requests(app.session):
        try:
            enrol = acts.check_request(app.session, request)
        except (InvitationNotKeptError, JoinProofError) as error:
            app.say("client.request_refused", invitation=b64u(request.invitation), reason=error.code)
            continue
        if officers and enrol.officer.officer not in officers:
            continue
        app.say("client.request_proven", officer=b64u(enrol.officer.officer), organisation=enrol.organisation)
        accepted.append((request, enrol))
    if not accepted:
        app.done({"enrolled": [], "epoch": None}, app.text("client.no_requests"))
        return
    app.confirm(app.text("client.ask.approve", count=len(accepted)))
    epoch = acts.approve(app.session, accepted)
    enrolled = [b64u(enrol.officer.officer) for _, enrol in accepted]
    values = {"enrolled": enrolled, "epoch": epoch}
    app.done(values, app.text("client.approved", count=len(enrolled), epoch=epoch))


@organisation.command("mandate")
@unlocks
@click.argument("officer", type=OFFICER, metavar="MEMBER")
@click.option("--role", required=True, metavar="WORD")
@click.option("--clearance", type=click.IntRange(0, 9))
@click.option("--exclude-state", "excluded", multiple=True, metavar="XX")
@click.option("--alternate", is_flag=True)
@click.option("--focal-point/--no-focal-point", default=None)
@click.option("--from", "valid_from", type=FROM, metavar="TIME")
@click.option("--to", "valid_to", type=TO, metavar="TIME")
def mandate(
    app: App,
    officer: bytes,
    role: str,
    clearance: int | None,
    excluded: tuple[str, ...],
    alternate: bool,
    focal_point: bool | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> None:
    """Say what a member may do for the body, and from when to when; a mandate only narrows."""
    session = app.session
    keeps = session.directory.is_focal_point(officer) if focal_point is None else focal_point
    private = PrivateMandate(role, clearance, tuple(sorted(set(excluded))), alternate)
    acts.mandate(session, officer, private, focal_point=keeps, valid_from=valid_from, valid_to=valid_to)
    app.done(
        {"focal_point": keeps, "officer": b64u(officer)}, app.text("client.mandate_given", officer=b64u(officer))
    )


@organisation.command("leave")
@asks
@unlocks
@click.argument("officer", type=OFFICER, metavar="MEMBER")
def leave(app: App, officer: bytes) -> None:
    """End a member's access, and give the body new keys without them, in one act."""
    app.confirm(app.text("client.ask.leave", officer=b64u(officer)))
    epoch, ended = acts.leave(app.session, officer)
    values = {"ended_at": {"n": ended.n, "size": ended.size}, "epoch": epoch, "officer": b64u(officer)}
    app.done(values, app.text("client.left", officer=b64u(officer), epoch=epoch, size=ended.size))


@organisation.command("rotate")
@unlocks
def rotate(app: App) -> None:
    """Give this officer's body new keys, shared by all its members. Also a new body's first keys."""
    epoch = acts.rotate(app.session)
    app.done({"epoch": epoch}, app.text("client.rotated", organisation=app.session.organisation, epoch=epoch))


@organisation.command("audit-office")
@unlocks
@click.argument("office", type=BODY, metavar="BODY")
def audit_office(app: App, office: str) -> None:
    """Name the audit office that reads the entries about this officer's body."""
    acts.audit_office(app.session, office)
    body = app.session.organisation
    app.done({"office": office, "organisation": body}, app.text("client.office", organisation=body, office=office))
