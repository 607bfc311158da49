"""`exchange consent …`: the register of States' agreements, as this officer's body keeps it."""

from pathlib import Path
from typing import Any

import click

from exchange.client import asked, consents, instrument_file, register
from exchange.client.cli.app import App, table
from exchange.client.cli.consent_events import INSTRUMENT, commands, compared_lines
from exchange.client.cli.describe_instrument import describe
from exchange.client.cli.meter import Bar
from exchange.client.cli.options import FILE, asks, unlocks
from exchange.client.cli.report_acts import posted_lines
from exchange.client.cli.today import today_command
from exchange.client.cli.transmit import REPORT_FILE
from exchange.client.cli.wording import moment, word
from exchange.client.errors import UsageError
from exchange.client.register import Shown
from keys.encoding import b64u


@click.group()
def consent() -> None:
    """What States have agreed to: authorisations, their evidence and their history."""


@consent.command("record")
@asks
@unlocks
@click.argument("file", type=FILE)
@click.option("--evidence", type=REPORT_FILE, metavar="FILE")
@click.option("--evidence-language", default="en", metavar="TAG")
@click.option("--replaces", multiple=True, type=INSTRUMENT, metavar="ID")
@click.option("--limits", multiple=True, type=INSTRUMENT, metavar="ID")
@click.option("--answers", type=INSTRUMENT, metavar="ID")
@click.option("--adds", is_flag=True, default=False)
def record(
    app: App,
    file: Path,
    evidence: Path | None,
    evidence_language: str,
    replaces: tuple[bytes, ...],
    limits: tuple[bytes, ...],
    answers: bytes | None,
    adds: bool,
) -> None:
    """Record what a State declared, with the evidence; another focal point confirms it."""
    body = _body(app, file, (replaces, limits), answers, adds)
    app.session.require_focal_point()
    _ask(app, body)
    recorded = consents.record(
        app.session, body, adds=adds, evidence=evidence, language=evidence_language, meter=Bar(app)
    )
    values = {
        "instrument": recorded.instrument,
        "evidence": None if recorded.evidence is None else recorded.evidence.report,
        **recorded.posted.to_json(),
    }
    lines = [app.text("consent.recorded", id=recorded.instrument), *posted_lines(app, recorded.posted)]
    app.done(values, lines)


@consent.command("sign")
@asks
@unlocks
@click.argument("file", type=FILE)
@click.option("--replaces", multiple=True, type=INSTRUMENT, metavar="ID")
@click.option("--limits", multiple=True, type=INSTRUMENT, metavar="ID")
@click.option("--answers", type=INSTRUMENT, metavar="ID")
@click.option("--adds", is_flag=True, default=False)
def sign(
    app: App,
    file: Path,
    replaces: tuple[bytes, ...],
    limits: tuple[bytes, ...],
    answers: bytes | None,
    adds: bool,
) -> None:
    """Sign an authorisation as the State's own authority: it stands at once."""
    body = _body(app, file, (replaces, limits), answers, adds)
    _ask(app, body)
    recorded, granted = consents.sign_as_state(app.session, body, adds=adds)
    values = {"instrument": recorded.instrument, "recorded": recorded.posted.to_json(), "granted": granted.to_json()}
    lines = [app.text("consent.signed", id=recorded.instrument, state=body["state"])]
    app.done(values, [*lines, *posted_lines(app, recorded.posted), *posted_lines(app, granted)])


def _body(
    app: App, file: Path, named: tuple[tuple[bytes, ...], tuple[bytes, ...]], answers: bytes | None, adds: bool
) -> dict[str, Any]:
    """Read a file, with what the options say of it: `named` are the authorisations it replaces and limits."""
    replaces, limits = ([b64u(each) for each in ids] for ids in named)
    if adds and (replaces or limits):
        raise UsageError("--adds goes with neither --replaces nor --limits", detail="--adds")
    body = instrument_file.read(app.read(file))
    return instrument_file.related(body, replaces, limits, None if answers is None else b64u(answers))


def _ask(app: App, body: dict[str, Any]) -> None:
    for line in [*describe(app, body), *compared_lines(app, asked.terms_against(app.session, body))]:
        app.line(line)
    app.confirm(app.text("consent.ask.record"))


for _command in commands():
    consent.add_command(_command)


consent.add_command(today_command)


@consent.command("list")
@unlocks
@click.option("--state", metavar="XA")
def list_command(app: App, state: str | None) -> None:
    """List the authorisations this body keeps, or, for a State, that are its own."""
    found = register.listed(app.session, state)
    rows = [[app.text(f"consent.column.{c}") for c in ("id", "state", "status", "reference", "received", "keeper")]]
    for item in found:
        rows.append(
            [
                item.id,
                item.state,
                word(app, "status", item.status),
                str(item.terms.get("reference") or "-"),
                moment(item.terms.get("received_on")),
                item.recorded_by,
            ]
        )
    app.done({"instruments": [item.raw for item in found]}, table(rows) if found else [app.text("consent.none")])


@consent.command("show")
@unlocks
@click.argument("instrument", type=INSTRUMENT, metavar="ID")
def show(app: App, instrument: bytes) -> None:
    """Show what an authorisation says and how it stands, with every signature and entry verified."""
    shown = register.show(app.session, b64u(instrument))
    lines = describe(app, shown.record.value.body)
    lines.append(app.text("consent.stands", status=word(app, "status", shown.listed.status)))
    app.done(_values(shown), [*lines, *_history(app, shown)])


@consent.command("history")
@unlocks
@click.argument("instrument", type=INSTRUMENT, metavar="ID")
def history(app: App, instrument: bytes) -> None:
    """Show who recorded what about an authorisation, and when."""
    shown = register.show(app.session, b64u(instrument))
    app.done(_values(shown), _history(app, shown))


def _history(app: App, shown: Shown) -> list[str]:
    rows = [[app.text(f"consent.column.{c}") for c in ("entry", "time", "event", "body", "officer", "effective")]]
    for event in shown.events:
        effective = None if event.value.is_record else event.value.body["effective"]
        by = (
            app.text("consent.by_state", body=event.signer.organisation)
            if event.by_state
            else event.signer.organisation
        )
        rows.append(
            [
                f"{event.stored.ticket.index}{'' if event.proven else ' *'}",
                moment(event.stored.entered),
                word(app, "event", event.value.event),
                by,
                b64u(event.signer.officer),
                moment(effective),
            ]
        )
    lines = table(rows)
    if any(not event.proven for event in shown.events):
        lines.append(app.text("consent.not_public_yet"))
    return [*lines, app.text("consent.verified", count=len(shown.events))]


def _values(shown: Shown) -> dict[str, Any]:
    events = [
        {
            "event": event.value.event,
            "entry": {"n": event.stored.ticket.n, "index": event.stored.ticket.index},
            "body": event.signer.organisation,
            "officer": b64u(event.signer.officer),
            "by_state": event.by_state,
            "proven": event.proven,
            "statement": b64u(event.stored.statement.hash),
        }
        for event in shown.events
    ]
    return {**shown.listed.raw, "events_verified": events}
