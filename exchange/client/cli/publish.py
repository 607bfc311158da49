"""`exchange publish`, `unpublish`, `publications`, `treaty-case` and `made-public`: what is public, and on which basis."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from exchange.client import publications
from exchange.client.cli.app import App, table
from exchange.client.cli.describe_publication import case_lines
from exchange.client.cli.options import FILE, asks, common, unlocks
from exchange.client.cli.reading import REPORT
from exchange.client.cli.report_acts import posted_lines
from exchange.client.cli.types import HASH, OFFICER, Moment
from exchange.client.cli.wording import moment, word
from exchange.client.errors import UsageError
from exchange.client.publications import Proposal
from exchange.client.statements_out import Posted
from exchange.statements import publication, words
from keys.encoding import b64u

_DAY = Moment()
_VOTES = click.IntRange(0, 1_000)


@click.command("publish")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--file", "file", type=FILE, required=True, metavar="FILE")
@click.option("--basis", type=click.Choice(words.PUBLICATION_BASES), required=True)
@click.option("--agreement", "agreements", multiple=True, type=OFFICER, metavar="AUTHORISATION")
@click.option("--statement", type=HASH, metavar="HASH")
@click.option("--part", "parts", multiple=True, metavar="PART|LANGUAGE")
@click.option("--language", metavar="LANGUAGE")
@click.option("--variant", type=click.Choice(words.VARIANTS), default="original")
@click.option("--name", metavar="NAME")
@click.option("--comments", type=FILE, metavar="FILE")
@click.option("--comments-language", metavar="LANGUAGE")
def publish(
    app: App,
    report: str,
    file: Path,
    basis: str,
    agreements: tuple[bytes, ...],
    statement: bytes | None,
    parts: tuple[str, ...],
    language: str | None,
    variant: str,
    name: str | None,
    comments: Path | None,
    comments_language: str | None,
) -> None:
    """Propose to publish a plain file of a report; a second officer confirms it with the same file at hand."""
    app.confirm(app.text("publish.ask.propose", name=file.name))
    wanted = Proposal(
        data=app.read(file),
        ending=_ending(file),
        basis=basis,
        agreements=agreements,
        statement=statement,
        parts=parts,
        language=language,
        variant=variant,
        name=name,
        comments=None if comments is None else app.read(comments),
        comments_ending="" if comments is None else _ending(comments),
        comments_language=comments_language,
    )
    posted = publications.propose(app.session, report, wanted)
    files = publication.read(posted.statement).files
    lines = [app.text("publish.proposed", name=each.name, digest=each.sha256.hex()) for each in files.values()]
    lines.append(app.text("publish.second", hash=b64u(posted.statement.hash), name=files[words.RENDITION].name))
    named = {role: {"name": each.name, "sha256": each.sha256.hex(), "size": each.size} for role, each in files.items()}
    app.done({"report": report, "files": named, **posted.to_json()}, lines)


@click.command("unpublish")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.argument("name", type=HASH, metavar="PUBLICATION")
def unpublish(app: App, report: str, name: bytes) -> None:
    """Take a publication off the page at once. One person is enough."""
    app.confirm(app.text("publish.ask.withdraw", publication=b64u(name)))
    posted = publications.withdraw(app.session, report, name)
    app.done({"report": report, **posted.to_json()}, [app.text("publish.withdrawn"), *posted_lines(app, posted)])


@click.command("publications")
@common
def list_publications(app: App) -> None:
    """List what is published: neither an account nor a key is needed."""
    items = list(publications.published(app.public_http))
    head = [app.text(f"publish.column.{c}") for c in ("id", "owner", "kind", "states", "published", "state", "sha256")]
    rows = [
        [
            str(item.get("id", "")),
            str(item.get("owner", "")),
            word(app, "kind", item.get("kind")),
            ", ".join(str(state) for state in item.get("states") or ()),
            moment(item.get("published")),
            app.text("publish.column.gone" if item.get("withdrawn") else "publish.column.stands"),
            ", ".join(str(file.get("sha256")) for file in item.get("files") or () if isinstance(file, dict)),
        ]
        for item in items
    ]
    app.done({"publications": items}, table([head, *rows]) if rows else [app.text("publish.none")])


@click.command("treaty-case")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--case", type=click.Choice(words.OVERRIDES))
@click.option("--for", "votes_for", type=_VOTES, metavar="NUMBER")
@click.option("--against", "votes_against", type=_VOTES, metavar="NUMBER")
@click.option("--abstaining", type=_VOTES, metavar="NUMBER")
@click.option("--members", type=_VOTES, metavar="NUMBER")
@click.option("--voted-on", type=_DAY, metavar="DATE")
@click.option("--heard-on", type=_DAY, metavar="DATE")
@click.option("--end", is_flag=True, default=False)
def treaty_case(
    app: App,
    report: str,
    case: str | None,
    votes_for: int | None,
    votes_against: int | None,
    abstaining: int | None,
    members: int | None,
    voted_on: datetime | None,
    heard_on: datetime | None,
    end: bool,
) -> None:
    """State a case provided for by the treaty, with its vote and the hearing of the State; a second officer confirms it."""
    given = (case, votes_for, votes_against, abstaining, members, voted_on, heard_on)
    if end != all(each is None for each in given) or (not end and None in given):
        raise UsageError("a case is stated whole, or ended", detail="--case … --heard-on | --end")
    value = None
    if voted_on is not None and heard_on is not None:
        vote = {"abstaining": abstaining, "against": votes_against, "for": votes_for, "members": members}
        value = {"case": case, "heard_on": _day(heard_on), "vote": {**vote, "on": _day(voted_on)}}
        for line in case_lines(app, value):
            app.line(line)
    app.confirm(app.text("publish.ask.case"))
    posted = publications.state_case(app.session, report, value)
    app.done({"report": report, **posted.to_json()}, posted_lines(app, posted))


@click.command("made-public")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--part", "parts", multiple=True, metavar="PART|LANGUAGE")
@click.option("--end", is_flag=True, default=False)
def made_public(app: App, report: str, parts: tuple[str, ...], end: bool) -> None:
    """State that the State itself made a report, or parts of it, public; a second officer confirms it."""
    app.confirm(app.text("publish.ask.elsewhere"))
    posted = publications.state_public(app.session, report, parts, not end)
    _done_all(app, report, posted)


def _done_all(app: App, report: str, posted: Iterable[Posted]) -> None:
    posted = list(posted)
    lines = [line for one in posted for line in posted_lines(app, one)]
    app.done({"report": report, "statements": [one.to_json() for one in posted]}, lines)


def _ending(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _day(value: datetime) -> str:
    return value.date().isoformat()
