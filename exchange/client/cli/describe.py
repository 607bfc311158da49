"""What a directory statement says, in plain words: shown before anyone signs it."""

from exchange.client.cli.app import App
from keys.directory_authority import AuditOffice, AuthorityAdd
from keys.directory_bodies import EpochAdd, FocalPoints, OrganisationAdd
from keys.directory_kinds import Kind
from keys.directory_officers import OfficerEnrol, OfficerLeave
from keys.directory_root import Root
from keys.encoding import b64u, format_time
from keys.words import fingerprint_words


def describe(app: App, kind: Kind) -> list[str]:
    """Return the lines that say what this statement does, in the person's language."""
    if isinstance(kind, Root):
        return _root(app, kind)
    if isinstance(kind, OrganisationAdd):
        return _organisation(app, kind)
    if isinstance(kind, AuthorityAdd):
        return [
            app.text(
                "client.signs.authority_add",
                officer=b64u(kind.officer),
                state=kind.organisation.removeprefix("state:"),
                treaty=kind.treaty,
                start=format_time(kind.valid_from),
                end=app.text("client.no_end") if kind.valid_to is None else format_time(kind.valid_to),
            )
        ]
    if isinstance(kind, FocalPoints):
        lines = [app.text("client.signs.focal_points", organisation=kind.organisation)]
        return lines + [f"  {b64u(officer)}" for officer in kind.focal_points]
    if isinstance(kind, EpochAdd):
        text = app.text("client.signs.epoch", organisation=kind.organisation, number=kind.epoch, seats=kind.seat_count)
        return [text]
    if isinstance(kind, AuditOffice):
        return [app.text("client.signs.audit_office", organisation=kind.organisation, office=kind.office)]
    if isinstance(kind, OfficerEnrol):
        return [
            app.text("client.signs.enrol", officer=b64u(kind.officer.officer), organisation=kind.organisation)
        ]
    if isinstance(kind, OfficerLeave):
        return [app.text("client.signs.leave", officer=b64u(kind.officer), organisation=kind.organisation)]
    return [app.text("client.signs.mandate", officer=b64u(kind.officer), organisation=kind.organisation)]


def _root(app: App, root: Root) -> list[str]:
    exchange = b64u(root.statement().hash)
    lines = [app.text("client.signs.root", instance=root.instance, host=root.host, count=root.quorum)]
    lines += [
        "  " + app.text("client.signs.founder", officer=b64u(founder.officer), organisation=founder.organisation)
        for founder in root.founders
    ]
    words = " ".join(fingerprint_words(root.statement().hash))
    lines.append("  " + app.text("client.signs.exchange", exchange=exchange))
    return [*lines, "  " + app.text("client.signs.exchange_words", words=words)]


def _organisation(app: App, add: OrganisationAdd) -> list[str]:
    kind = app.word("kind", add.kind)
    if add.state is None:
        lines = [app.text("client.signs.organisation", organisation=add.organisation, kind=kind)]
    else:
        text = app.text("client.signs.organisation_of", organisation=add.organisation, kind=kind, state=add.state)
        lines = [text]
    lines += [
        "  " + app.text("client.signs.first_focal_point", officer=b64u(named.officer)) for named in add.focal_points
    ]
    fingerprint = " ".join(_words(add))
    lines.append("  " + app.text("client.signs.fingerprint", words=fingerprint))
    return [*lines, "  " + app.text("client.signs.exchange", exchange=b64u(add.link.exchange))]


def _words(add: OrganisationAdd) -> tuple[str, ...]:
    return fingerprint_words(add.statement().hash)
