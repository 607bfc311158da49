"""`exchange stop`, `lift`, `grant`, `decide`, `pending`, `confirm` and `explain`."""

from pathlib import Path
from typing import Any

import click

from exchange.client import inquiries, pending, publications, recalls, report_acts
from exchange.client.cli import standing as standings
from exchange.client.cli.app import App
from exchange.client.cli.describe_explanation import explanation_lines
from exchange.client.cli.describe_statement import check_recipients, describe
from exchange.client.cli.describe_timeline import timeline_lines
from exchange.client.cli.options import FILE, asks, unlocks
from exchange.client.cli.reading import REPORT, reader_lines, reader_values
from exchange.client.cli.types import BODY, SHIELD, Moment
from exchange.client.cli.wording import moment
from exchange.client.errors import ClientError, UsageError
from exchange.client.readers import readers as find_readers
from exchange.client.report_acts import Decision
from exchange.client.statements_out import Posted
from exchange.ledger.errors import LedgerError
from exchange.statements import words
from exchange.statements.determination_values import END
from exchange.statements.publication import Publication
from exchange.transparency.errors import TransparencyError
from keys.encoding import b64u, format_time
from keys.errors import KeysError
from policies.vocabulary import KINDS


def posted_lines(app: App, posted: Posted) -> list[str]:
    """Say what became of a statement."""
    name = b64u(posted.statement.hash)
    if posted.stored is None:
        return [app.text("report.waits", count=posted.needs, hash=name)]
    return [app.text("report.entry", n=posted.stored.ticket.n, index=posted.stored.ticket.index)]


@click.command("stop")
@unlocks
@click.argument("report", type=REPORT)
@click.option("--no-proof", is_flag=True, default=False)
def stop(app: App, report: str, no_proof: bool) -> None:
    """Stop a report at once, and then prove who was given its key before: nobody, or whom. One person is enough."""
    posted = report_acts.stop(app.session, report)
    # The stop stands from here on, whatever becomes of the proof, which waits for the log in public.
    app.say("report.stopped_now")
    values: dict[str, Any] = {"report": report, **posted.to_json(), "readers": None, "proof_failed": None}
    lines = posted_lines(app, posted)
    if not no_proof:
        proof, more = _proof(app, report)
        values.update(proof)
        lines += more
    app.done(values, lines)


def _proof(app: App, report: str) -> tuple[dict[str, Any], list[str]]:
    """Return who was given a key before the stop, and the words for it; or why that could not be proven now."""
    try:
        found = find_readers(app.session, report)
    except (ClientError, KeysError, LedgerError, TransparencyError) as error:
        lines = [app.text("report.proof_failed", code=error.code, report=report)]
        return {"proof_failed": error.code}, lines
    lines = reader_lines(app, found)
    if found.others:
        lines.append(app.text("report.recall_them", report=report))
    return {"readers": reader_values(found)}, lines


@click.command("lift")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--recalls", "of_recalls", is_flag=True, default=False)
def lift(app: App, report: str, of_recalls: bool) -> None:
    """Propose to lift the stop of a report, or with --recalls its recalls; a second officer confirms it."""
    app.confirm(app.text("report.ask.lift_recalls" if of_recalls else "report.ask.lift", report=report))
    posted = (recalls if of_recalls else report_acts).lift(app.session, report)
    lines = [line for one in posted for line in posted_lines(app, one)]
    app.done({"report": report, "statements": [one.to_json() for one in posted]}, lines)


@click.command("grant")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--to", "to", required=True, type=BODY, metavar="BODY")
@click.option("--part", "parts", multiple=True, metavar="PART|LANGUAGE")
def grant(app: App, report: str, to: str, parts: tuple[str, ...]) -> None:
    """Name a further addressee of a report; a second officer confirms it."""
    app.confirm(app.text("report.ask.grant", report=report, bodies=to))
    posted = report_acts.grant(app.session, report, to, parts)
    app.done({"report": report, **posted.to_json()}, posted_lines(app, posted))


@click.command("decide")
@asks
@unlocks
@click.argument("report", type=REPORT, required=False)
@click.option("--standing", is_flag=True, default=False)
@click.option("--effect", type=click.Choice((*words.EFFECTS, END)))
@click.option("--for", "--to", "grantee", type=BODY, metavar="BODY")
@click.option("--approval", type=click.Choice(standings.APPROVAL))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), metavar="KIND")
@click.option("--state", "states", multiple=True, metavar="XA")
@click.option("--action", "actions", multiple=True, type=click.Choice(words.ACTIONS), default=("view", "download"))
@click.option("--part", "parts", multiple=True, metavar="PART|LANGUAGE")
@click.option("--from", "--valid-from", "start", type=Moment(), metavar="DATE|TIME")
@click.option("--until", "--valid-to", "end", type=Moment(end=True), metavar="DATE|TIME")
def decide(
    app: App,
    report: str | None,
    standing: bool,
    effect: str | None,
    grantee: str | None,
    approval: str | None,
    kinds: tuple[str, ...],
    states: tuple[str, ...],
    actions: tuple[str, ...],
    parts: tuple[str, ...],
    start: Any,
    end: Any,
) -> None:
    """State this body's decision as originator, on one report or standing; a permit waits for a second officer."""
    if standing == (report is not None) or (standing and parts):
        raise UsageError("either REPORT or --standing", detail="REPORT | --standing")
    if approval is not None and (effect or grantee or kinds or states or not standing):
        raise UsageError("--standing --approval stands alone", detail="--standing --approval on|off")
    if standing:
        posted = (
            standings.require_approval(app, approval)
            if approval
            else standings.decide(app, effect or "permit", kinds, states, grantee, actions, start, end)
        )
        app.done(posted.to_json(), posted_lines(app, posted))
        return
    if effect not in words.EFFECTS or kinds or states or report is None:
        raise UsageError("a decision on one report: --effect permit or deny", detail="REPORT --effect permit|deny")
    body = grantee or app.text("report.any")
    app.confirm(app.text(f"report.ask.decide_{effect}", report=report, body=body))
    decision = Decision(
        effect,
        grantee,
        actions,
        parts or None,
        None if start is None else format_time(start),
        None if end is None else format_time(end),
    )
    posted = report_acts.decide(app.session, report, decision)
    app.done({"report": report, **posted.to_json()}, posted_lines(app, posted))


@click.command("pending")
@unlocks
def pending_command(app: App) -> None:
    """List the statements of this body that wait for a second officer."""
    session = app.session
    session.sync()
    found = pending.waiting(session)
    lines: list[str] = []
    for each in found:
        signed = ", ".join(b64u(officer) for officer in pending.signers(session, each))
        lines.append(app.text("report.pending", hash=each.hash, moment=moment(each.received), officers=signed))
        lines += [f"  {line}" for line in describe(app, each.value)]
    values = [
        {
            "hash": each.hash,
            "label": each.statement.typ,
            "received": format_time(each.received),
            "says": each.statement.body,
            "signed_by": [b64u(officer) for officer in pending.signers(session, each)],
        }
        for each in found
    ]
    app.done({"pending": values}, lines or [app.text("report.pending_none")])


@click.command("confirm")
@asks
@unlocks
@click.argument("name", metavar="HASH")
@click.option("--file", "file", type=FILE, metavar="FILE")
@click.option("--comments", type=FILE, metavar="FILE")
def confirm(app: App, name: str, file: Path | None, comments: Path | None) -> None:
    """Show a statement that waits in plain words, and sign it as the second officer.

    A publication is confirmed with its files at hand, which are compared with what was signed, and sent.
    """
    session = app.session
    session.sync()
    found = pending.find(session, name.removeprefix(SHIELD))
    pending.signers(session, found)
    check_recipients(session, found.value)
    for line in describe(app, found.value):
        app.line(line)
    app.confirm(app.text("client.ask.sign"))
    if isinstance(found.value, Publication):
        given = {words.RENDITION: file, words.COMMENTS: comments}
        files = {role: app.read(path) for role, path in given.items() if path is not None}
        publications.send_files(session, found.statement, found.value, files)
        app.say("publish.checked", digest=found.value.rendition.sha256.hex())
    posted = pending.confirm(session, found)
    app.done(posted.to_json(), posted_lines(app, posted))


@click.command("explain")
@unlocks
@click.argument("report", type=REPORT)
@click.option("--for", "body", type=BODY, metavar="BODY")
@click.option("--action", type=click.Choice(words.ACTIONS), default="view")
@click.option("--purpose", type=click.Choice(words.PURPOSES), default="follow_up")
@click.option("--at", type=Moment(), metavar="TIME")
@click.option("--timeline", is_flag=True, default=False)
def explain(
    app: App, report: str, body: str | None, action: str, purpose: str, at: Any, timeline: bool
) -> None:
    """Say why something is available or not, now or at an earlier moment, and what would have to happen."""
    if timeline:
        told = inquiries.timeline(app.session, report, purpose)
        app.done(told, timeline_lines(app, told))
        return
    when = None if at is None else format_time(at)
    found = inquiries.explain(app.session, report, body=body, action=action, purpose=purpose, at=when)
    app.done(found, explanation_lines(app, found))
