"""`exchange inbox`, `sent`, `show`, `open` and `readers`: what arrived, what may be done with it, who got a key."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from exchange.client import inquiries, recalls
from exchange.client.cli.app import App, table
from exchange.client.cli.describe_recall import described, shown
from exchange.client.cli.meter import Bar
from exchange.client.cli.options import PATH, unlocks
from exchange.client.cli.wording import NONE, moment, sentence, word
from exchange.client.errors import ServerRefusal
from exchange.client.opening import OpenedPart, Wanted, open_report
from exchange.client.readers import Readers
from exchange.client.readers import readers as find_readers
from exchange.client.recalls import Recalled
from exchange.client.receipts import send_all
from exchange.client.report_view import ReportView, check_header, fetch
from exchange.statements import words
from keys import fields
from keys.encoding import b64u, format_time
from keys.errors import KeysError


class ReportId(click.ParamType[str]):
    """A report's id."""

    name = "report"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id in its spelling."""
        try:
            fields.uuid(value)
        except KeysError:
            self.fail(f"{value!r}", param, ctx)
        return str(value)


REPORT = ReportId()
NOT_FOUND: Final = 404
# What the table of the matrix shows; --json has every action.
SHOWN_ACTIONS = ("view", "download")


@click.command("inbox")
@unlocks
def inbox(app: App) -> None:
    """List the reports that arrived for this officer's body and that it may know of."""
    session = app.session
    send_all(session)
    # What is asked back comes first, also where the report itself is not available any more.
    asked = [each for each in recalls.listed(session, recalls.INBOX) if each.open]
    _box(app, "inbox", asked)


@click.command("sent")
@unlocks
def sent(app: App) -> None:
    """List the reports this officer's body has transmitted."""
    _box(app, "sent")


def _box(app: App, name: str, asked: Sequence[Recalled] = ()) -> None:
    items = list(inquiries.box(app.session, name))
    head = [app.text(f"report.column.{c}") for c in ("report", "owner", "kind", "reference", "adopted", "state")]
    rows = [
        [
            str(item.get("report", "")),
            str(item.get("owner", "")),
            word(app, "kind", item.get("kind")),
            str(item.get("reference") or NONE),
            str(item.get("adopted_on") or NONE),
            _state(app, item),
        ]
        for item in items
    ]
    lines = table([head, *rows]) if rows else [app.text(f"report.{name}_empty")]
    notices = [line for each in asked for line in described(app, each)]
    values: dict[str, Any] = {"items": items}
    if name == "inbox":
        values["recalls"] = [shown(app, each) for each in asked]
    app.done(values, [*notices, *([""] if notices else []), *lines])


def _state(app: App, item: dict[str, Any]) -> str:
    """Say in a few words how it stands with the parts of a listed report."""
    if item.get("stopped"):
        return app.text("report.is_stopped")
    parts = item.get("parts")
    listed = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return "; ".join(f"{part.get('language')}: {_available(app, part)}" for part in listed) or NONE


def _available(app: App, part: dict[str, Any]) -> str:
    """Say whether a part is available: to us, or, for the owner, to each body it was sent to, with the reason's code."""
    recipients = part.get("recipients")
    if not isinstance(recipients, list):
        return app.text("report.available" if part.get("view") else "report.not_available")
    told = [
        f"{r.get('organisation')} {app.text('report.available' if r.get('view') else 'report.not_available')}"
        f" ({r.get('reason')})"
        for r in recipients
        if isinstance(r, dict)
    ]
    return ", ".join(told) or app.text("report.none")


@click.command("show")
@unlocks
@click.argument("report", type=REPORT)
def show(app: App, report: str) -> None:
    """Show a report: to its owner who may do what with it and why, to a recipient what is available now."""
    session = app.session
    session.sync()
    found = recalls.of_report(session, report)
    try:
        view = fetch(session, report)
    except ServerRefusal as refusal:
        # What was recalled is closed; that it is asked back, and what was answered, is ours to see all the same.
        if refusal.status != NOT_FOUND or not found:
            raise
        _show_recalled(app, report, found)
        return
    signers = check_header(session, view)
    header = view.header
    values: dict[str, Any] = {
        "report": report,
        "owner": header.owner,
        "kind": header.kind,
        "tier": header.tier,
        "regime": header.regime,
        "reference": header.reference,
        "adopted_on": None if header.adopted_on is None else header.adopted_on.isoformat(),
        "held_until": None if header.held_until is None else format_time(header.held_until),
        "stopped": view.stopped,
        "entry": {"n": view.stored.ticket.n, "index": view.stored.ticket.index},
        "signed_by": [b64u(signer.officer) for signer in signers],
        "parts": [_part_values(view, part) for part in view.parts],
        "available": True,
        "recalls": [shown(app, each) for each in found],
    }
    lines = [*_head_lines(app, view), *(line for each in found for line in described(app, each))]
    if header.owner == session.organisation:
        matrix = inquiries.matrix(session, report)
        values["access"] = matrix
        lines += ["", *_matrix_lines(app, view, matrix)]
    else:
        lines += ["", *_own_lines(app, view)]
    app.done(values, lines)


def _show_recalled(app: App, report: str, found: Sequence[Recalled]) -> None:
    values = {"report": report, "available": False, "recalls": [shown(app, each) for each in found]}
    lines = [line for each in found for line in described(app, each)]
    app.done(values, [app.text("report.not_available"), *lines])


def _part_values(view: ReportView, part: Any) -> dict[str, Any]:
    pairs = sorted(view.permitted.get(part.id, frozenset()))
    return {
        "part": b64u(part.id),
        "states": list(part.states),
        "language": part.language,
        "variant": part.variant,
        "personal_data": part.personal_data,
        "permitted": [list(pair) for pair in pairs],
    }


def _head_lines(app: App, view: ReportView) -> list[str]:
    header = view.header
    lines = [
        app.text("report.show.title", kind=word(app, "kind", header.kind), owner=header.owner, report=view.report),
        app.text("report.show.reference", reference=header.reference or NONE),
        app.text("report.show.adopted", day=header.adopted_on or NONE),
        app.text("report.show.entered", moment=moment(view.stored.entered), index=view.stored.ticket.index),
    ]
    if header.held_until is not None:
        lines.append(app.text("report.show.held", moment=moment(header.held_until)))
    if view.stopped:
        lines.append(app.text("report.show.stopped"))
    return [*lines, app.text("report.show.verified")]


def _own_lines(app: App, view: ReportView) -> list[str]:
    """Say what a recipient may do with each part now."""
    lines = []
    for part in view.parts:
        pairs = sorted(view.permitted.get(part.id, frozenset()))
        name = app.text("report.part", part=b64u(part.id), tongue=part.language, states=", ".join(part.states))
        lines.append(name)
        by_action: dict[str, list[str]] = {}
        for action, purpose in pairs:
            by_action.setdefault(action, []).append(word(app, "purpose", purpose))
        lines += [f"  {word(app, 'action', action)}: {', '.join(found)}" for action, found in by_action.items()]
        if not by_action:
            lines.append("  " + app.text("report.not_available"))
    return lines


def _matrix_lines(app: App, view: ReportView, found: dict[str, Any]) -> list[str]:
    """Say for each body and part whether it is available, and the exact reason."""
    languages = {b64u(part.id): part.language for part in view.parts}
    head = [app.text(f"report.column.{c}") for c in ("body", "part", "action", "outcome", "until", "reason")]
    rows = [head]
    for cell in found.get("cells", []):
        if cell.get("action") not in SHOWN_ACTIONS:
            continue
        part = str(cell.get("part"))
        rows.append(
            [
                str(cell.get("organisation")),
                languages.get(part, part),
                word(app, "action", cell.get("action")),
                app.text("report.available" if cell.get("outcome") == "PERMIT" else "report.not_available"),
                moment(cell.get("not_after")),
                sentence(app, cell),
            ]
        )
    return table(rows)


@click.command("open")
@unlocks
@click.argument("report", type=REPORT)
@click.option("--part", metavar="PART|LANGUAGE")
@click.option("--action", type=click.Choice(("view", "download", "print")), default="view")
@click.option("--purpose", required=True, type=click.Choice(words.PURPOSES))
@click.option("-o", "--output", required=True, type=PATH, metavar="DIR")
def open_command(app: App, report: str, part: str | None, action: str, purpose: str, output: Path) -> None:
    """Open a report: fetch it, ask for its key, verify in nine steps, decrypt, acknowledge receipt."""
    session = app.session
    session.sync()
    found = open_report(session, Wanted(report, action, purpose, output, part), Bar(app))
    values = {"report": report, "parts": [_opened_values(one) for one in found], "witnessed": False}
    lines: list[str] = []
    for one in found:
        lines += _opened_lines(app, one)
    app.done(values, [*lines, app.text("client.unwitnessed")])


def _opened_values(one: OpenedPart) -> dict[str, Any]:
    manifest, released = one.opened.manifest, one.opened.released
    return {
        "part": b64u(one.part.id),
        "language": one.part.language,
        "file": str(one.opened.path),
        "title": manifest.title,
        "media_type": manifest.media_type,
        "size": manifest.size,
        "entry": {"n": released.n, "index": released.index},
        "receipt": b64u(one.opened.receipt.hash),
        "steps": list(range(1, 10)),
    }


def _opened_lines(app: App, one: OpenedPart) -> list[str]:
    """Say the nine steps that were verified, and where the file lies."""
    manifest, released = one.opened.manifest, one.opened.released
    values = {
        "officer": ", ".join(b64u(signer.officer) for signer in one.signers) or NONE,
        "body": ", ".join(dict.fromkeys(signer.organisation for signer in one.signers)) or NONE,
        "index": released.index,
        "n": released.n,
        "count": one.part.pieces,
        "size": manifest.size,
        "file": one.opened.path,
        "title": manifest.title,
    }
    lines = [app.text("report.part_heading", tongue=one.part.language, title=manifest.title)]
    lines += [f"  {number}. " + app.text(f"report.step.{number}", **values) for number in range(1, 10)]
    return [*lines, app.text("report.opened_as", file=one.opened.path)]


@click.command("readers")
@unlocks
@click.argument("report", type=REPORT)
def readers(app: App, report: str) -> None:
    """Say who was given a report's key, from the owner's own entries in the log, read whole and verified."""
    found = find_readers(app.session, report)
    app.done(reader_values(found), reader_lines(app, found))


def reader_values(found: Readers) -> dict[str, Any]:
    """Return who was given a key, and whether that is all, as JSON values."""
    return {
        "report": found.report,
        "releases": [release.to_json() for release in found.releases],
        "nobody_else": found.nobody,
        "up_to": found.size,
        "stopped_at": found.stopped_at,
        "findings": [{"index": f.index, "code": f.code, "detail": f.detail} for f in found.doubts],
        "witnessed": False,
    }


def reader_lines(app: App, found: Readers) -> list[str]:
    """Say who was given a key, and that these are all; or what is wrong, so that nothing is proven."""
    lines = []
    if found.releases:
        head = [
            app.text(f"report.column.{c}") for c in ("entry", "time", "body", "officer", "action", "purpose", "receipt")
        ]
        rows = [
            [
                str(r.index),
                moment(r.moment),
                r.body,
                r.officer,
                word(app, "action", r.action),
                word(app, "purpose", r.purpose),
                moment(r.received),
            ]
            for r in found.releases
        ]
        lines += table([head, *rows])
    lines += [app.text("finding." + f.code) + f" ({f.index})" for f in found.doubts]
    if found.doubts:
        lines.append(app.text("report.readers.doubt", count=found.size))
    elif found.others:
        lines.append(app.text("report.readers.complete", count=found.size, last=found.size - 1))
    else:
        lines.append(app.text("report.readers.nobody", count=found.size, last=found.size - 1))
    if found.stopped_at is not None:
        lines.append(app.text("report.readers.stopped", index=found.stopped_at))
    return [*lines, app.text("client.unwitnessed")]
