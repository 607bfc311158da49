"""`exchange audit …`: reading one's own entries of the log, exporting them, and verifying both logs."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from exchange.client.audit_reading import Reading, read_log
from exchange.client.cli.app import App, table
from exchange.client.cli.options import FILE, PATH, common, unlocks
from exchange.client.cli.reading import REPORT
from exchange.client.cli.types import Moment
from exchange.client.cli.wording import moment
from exchange.client.errors import FileFailedError
from exchange.client.log_copy import Verified, verify_offline, verify_online
from exchange.client.pins import load_pins
from exchange.client.report_errors import EntryUnknownError, LogTamperedError
from exchange.client.sync import offline as last_synced
from exchange.ledger.exports import FORMATS, export, row_of
from exchange.ledger.record import Record
from exchange.ledger.vocabulary import PADDING
from exchange.transparency.findings import Report
from exchange.transparency.merkle import TreeHead
from keys.directory_root import Root


@click.group()
def audit() -> None:
    """The log of who did what: read, exported and verified on this machine."""


@audit.command("list")
@unlocks
@click.option("--report", type=REPORT, metavar="REPORT")
@click.option("--act", metavar="TAG")
@click.option("--since", type=Moment(), metavar="DATE|TIME")
@click.option("--fillers", is_flag=True, default=False)
def list_command(app: App, report: str | None, act: str | None, since: datetime | None, fillers: bool) -> None:
    """List the entries this officer's body can read, and what was found wrong with the log."""
    reading = read_log(app.session)
    found = _filtered(reading.records, report, act, since, fillers)
    rows = [[app.text(f"audit.column.{c}") for c in ("entry", "time", "act", "body", "report", "reason")]]
    rows += [_row(app, record) for record in found]
    lines = table(rows) if found else [app.text("audit.none")]
    app.done({"entries": [row_of(r) for r in found], **_about(reading)}, [*lines, *_about_lines(app, reading)])


def _filtered(
    records: Sequence[Record], report: str | None, act: str | None, since: datetime | None, fillers: bool
) -> list[Record]:
    """Return the entries asked for; fillers, which mean nothing, only if they are."""
    return [
        record
        for record in records
        if (fillers or record.act.tag != PADDING)
        and (report is None or record.fields.get("report") == report)
        and (act is None or record.act.tag.startswith(act))
        and (since is None or record.moment >= since)
    ]


def _row(app: App, record: Record) -> list[str]:
    shown = record.fields
    return [
        str(record.index),
        moment(record.moment),
        app.text(record.act.text_key),
        str(shown.get("body", "-")),
        str(shown.get("report") or shown.get("instrument") or shown.get("subject") or "-"),
        str(shown.get("reason") or shown.get("code") or "-"),
    ]


def _about(reading: Reading) -> dict[str, Any]:
    """Return what a reading says of itself: size, findings, acts that nobody signed."""
    findings = [{"index": f.index, "code": f.code, "slot": f.slot, "detail": f.detail} for f in reading.findings]
    return {
        "size": reading.head.size,
        "findings": findings,
        "unsigned": list(reading.unsigned),
        "witnessed": False,
    }


def _about_lines(app: App, reading: Reading) -> list[str]:
    lines = [f"{f.index}: {app.text('finding.' + f.code)}" for f in reading.findings]
    lines += [f"{index}: {app.text('audit.unsigned')}" for index in reading.unsigned]
    lines.append(app.text("audit.read", count=reading.head.size))
    return [*lines, app.text("client.unwitnessed")]


@audit.command("show")
@unlocks
@click.argument("index", type=click.IntRange(0), metavar="ENTRY")
def show(app: App, index: int) -> None:
    """Show one entry, as far as this officer's body can read it."""
    reading = read_log(app.session)
    record = next((record for record in reading.records if record.index == index), None)
    if record is None:
        raise EntryUnknownError(f"entry {index} cannot be read here", index=index)
    values = {name: value for name, value in row_of(record).items() if value is not None}
    lines = [app.text(record.act.text_key), *(f"  {name}: {value}" for name, value in values.items())]
    if not record.full:
        lines.append(app.text("audit.partial"))
    app.done({"entry": values, **_about(reading)}, lines)


@audit.command("export")
@unlocks
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option("--report", type=REPORT, metavar="REPORT")
@click.option("--act", metavar="TAG")
@click.option("--since", type=Moment(), metavar="DATE|TIME")
@click.option("--fillers", is_flag=True, default=False)
@click.option("-o", "--output", type=FILE, metavar="FILE")
def export_command(
    app: App, form: str, report: str | None, act: str | None, since: datetime | None, fillers: bool, output: Path | None
) -> None:
    """Export the entries this officer's body can read."""
    reading = read_log(app.session)
    found = _filtered(reading.records, report, act, since, fillers)
    text = "".join(export(found, form))
    for line in _about_lines(app, reading):
        app.line(line)
    if output is not None:
        app.write(output, text.encode("utf-8"), secret=True)
        values = {"file": str(output), "entries": len(found), **_about(reading)}
        app.done(values, app.text("audit.exported", count=len(found), path=output))
    elif app.json:
        app.done({"text": text, "entries": len(found), **_about(reading)})
    else:
        click.echo(text, nl=False)


@audit.command("verify")
@common
@click.option("--offline", "copy", type=PATH, metavar="DIR")
@click.option("--passphrase-file", "passphrase", type=FILE, metavar="FILE")
def verify(app: App, copy: Path | None, passphrase: Path | None) -> None:
    """Verify both logs from their files: the server's, or with --offline a copy, without any key or network."""
    if passphrase is not None:
        app.passphrase_file = passphrase
    older: list[tuple[str, int]] = []
    if copy is None:
        found = verify_online(app.session)
    else:
        found, older = _offline(app, copy)
    lines = [line for name, report in found.reports.items() for line in _report_lines(app, name, report)]
    lines += [app.text("audit.verify.older", log=app.text(f"word.log.{name}"), count=size) for name, size in older]
    if not found.pinned:
        lines.append(app.text("audit.verify.own_policy"))
    if not found.ok:
        error = LogTamperedError("verification found something wrong", **_first(found))
        for line in lines:
            # A program finds the spots in the problem's detail, a person line by line.
            error.add_note(line.strip()) if app.json else app.line(line)
        raise error
    app.done(found.to_json(), [*lines, app.text("client.unwitnessed")])


def _offline(app: App, copy: Path) -> tuple[Verified, list[tuple[str, int]]]:
    """Verify a copy, with what this home has pinned if it has: neither a passphrase nor a network is needed.

    Returns also the logs of which this home has seen more than the copy holds, and how much.
    """
    root, known = _pinned(app)
    try:
        found = verify_offline(copy, root, known)
    except OSError as error:
        raise FileFailedError(f"cannot be read: {error.strerror}", path=copy) from error
    sizes = {name: report.head.size for name, report in found.reports.items() if report.head is not None}
    return found, [(name, head.size) for name, head in known.items() if sizes.get(name, 0) < head.size]


def _pinned(app: App) -> tuple[Root | None, dict[str, TreeHead]]:
    if not app.home_path.is_dir():
        return None, {}
    found = last_synced(app.home)
    if found is None:
        return None, {}
    known = {"directory": TreeHead(found.directory.size, found.directory.log_root)}
    pin = load_pins(app.home).audit
    if pin is not None:
        known["audit"] = pin.head
    return found.directory.root, known


def _report_lines(app: App, name: str, report: Report) -> list[str]:
    size = 0 if report.head is None else report.head.size
    title = app.text(f"word.log.{name}")
    if report.ok:
        return [app.text("audit.verify.good", log=title, count=size)]
    lines = [app.text("audit.verify.bad", log=title, count=len(report.findings) + report.more)]
    for finding in report.findings:
        spot = finding.place if finding.leaves is None else _spot(app, finding.place, finding.leaves)
        lines.append(f"  {spot}: {finding.code}: {finding.detail}")
    return lines


def _spot(app: App, place: str, leaves: tuple[int, int]) -> str:
    first, last = leaves
    return app.text("audit.verify.spot", place=place, first=first, last=last)


def _first(found: Verified) -> dict[str, Any]:
    """Return the first spot, for the sentence."""
    for name, report in found.reports.items():
        for finding in report.findings:
            return {"log": name, "place": finding.place}
    return {"log": "-", "place": "-"}
