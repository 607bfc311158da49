"""`exchange consent …`: the register of States' agreements, as this officer's body keeps it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from exchange.client import consents, instrument_file, recalls, register
from exchange.client.cli.app import App, table
from exchange.client.cli.describe_instrument import describe
from exchange.client.cli.meter import Bar
from exchange.client.cli.options import FILE, asks, unlocks
from exchange.client.cli.outlook import tell_closing
from exchange.client.cli.report_acts import posted_lines
from exchange.client.cli.today import today_command
from exchange.client.cli.transmit import REPORT_FILE
from exchange.client.cli.types import Id
from exchange.client.cli.wording import moment, word
from exchange.client.errors import ClientError, UsageError
from exchange.client.recalls import Rested
from exchange.client.register import Shown
from exchange.client.statements_out import Posted
from keys import fields
from keys.encoding import b64u
from keys.errors import KeysError

INSTRUMENT = Id(16)


class When(click.ParamType[str]):
    """A day or a time, as a statement carries it."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text."""
        try:
            fields.any_of(fields.day, fields.time)(value)
        except KeysError:
            self.fail(f"{value!r}: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SSZ", param, ctx)
        return str(value)


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
@click.option("--adds", is_flag=True, default=False)
def record(
    app: App,
    file: Path,
    evidence: Path | None,
    evidence_language: str,
    replaces: tuple[bytes, ...],
    limits: tuple[bytes, ...],
    adds: bool,
) -> None:
    """Record what a State declared, with the evidence; another focal point confirms it."""
    body = _body(app, file, replaces, limits, adds)
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
@click.option("--adds", is_flag=True, default=False)
def sign(app: App, file: Path, replaces: tuple[bytes, ...], limits: tuple[bytes, ...], adds: bool) -> None:
    """Sign an authorisation as the State's own authority: it stands at once."""
    body = _body(app, file, replaces, limits, adds)
    _ask(app, body)
    recorded, granted = consents.sign_as_state(app.session, body, adds=adds)
    values = {"instrument": recorded.instrument, "recorded": recorded.posted.to_json(), "granted": granted.to_json()}
    lines = [app.text("consent.signed", id=recorded.instrument, state=body["state"])]
    app.done(values, [*lines, *posted_lines(app, recorded.posted), *posted_lines(app, granted)])


def _body(app: App, file: Path, replaces: tuple[bytes, ...], limits: tuple[bytes, ...], adds: bool) -> dict[str, Any]:
    if adds and (replaces or limits):
        raise UsageError("--adds goes with neither --replaces nor --limits", detail="--adds")
    body = instrument_file.read(app.read(file))
    return instrument_file.related(body, [b64u(i) for i in replaces], [b64u(i) for i in limits])


def _ask(app: App, body: dict[str, Any]) -> None:
    for line in describe(app, body):
        app.line(line)
    app.confirm(app.text("consent.ask.record"))


def _event(command: str) -> Callable[..., None]:
    """Return the command that records one kind of event of an authorisation."""

    @asks
    @unlocks
    @click.argument("instrument", type=INSTRUMENT, metavar="ID")
    @click.option("--effective", type=When(), metavar="DATE|TIME")
    @click.option("--reason", metavar="TEXT")
    def run(app: App, instrument: bytes, effective: str | None, reason: str | None) -> None:
        shown = register.show(app.session, b64u(instrument))
        for line in describe(app, shown.record.value.body):
            app.line(line)
        app.line(app.text("consent.stands", status=word(app, "status", shown.listed.status)))
        event = consents.EVENTS[command]
        closing = tell_closing(app, shown.listed.id, event)
        app.confirm(app.text(f"consent.ask.{command}"))
        posted = consents.add_event(app.session, shown, event, effective=effective, reason=reason)
        rested = _rested(app, shown) if command == "withdraw" else None
        _tell(app, shown, event, posted, rested, closing)

    return run


def _rested(app: App, shown: Shown) -> list[Rested] | None:
    """Which reports of this body rested on an agreement that was withdrawn a moment ago; None where that is not known."""
    try:
        return recalls.rested(app.session, shown.listed.id)
    except (ClientError, KeysError) as error:
        app.say("recall.rested_failed", code=error.code)
        return None


def _rested_lines(app: App, shown: Shown, rested: list[Rested] | None) -> list[str]:
    lines = [app.text("recall.rested", count=len(rested))] if rested else []
    for each in rested or ():
        bodies = ", ".join(sorted({body for _part, bodies in each.parts for body in bodies}))
        lines.append("  " + app.text("recall.rested_one", report=each.report, bodies=bodies, id=shown.listed.id))
    return lines


def _tell(
    app: App, shown: Shown, event: str, posted: Posted, rested: list[Rested] | None, closing: dict[str, Any]
) -> None:
    values = {"instrument": shown.listed.id, "event": event, **closing, **posted.to_json()}
    if event == "withdrawn":
        values["rested"] = None if rested is None else [each.to_json() for each in rested]
    for name in ("status", "head"):
        if name in posted.answer:
            values[name] = posted.answer[name]
    lines = [app.text("consent.event_done", event=word(app, "event", event), id=shown.listed.id)]
    app.done(values, [*lines, *posted_lines(app, posted), *_rested_lines(app, shown, rested)])


_SAID = {
    "confirm": "Confirm an authorisation as the second focal point, after reading it.",
    "withdraw": "Record that the State has withdrawn its agreement; at once, or from a day on.",
    "suspend": "Suspend an authorisation at once. One person is enough.",
    "dispute": "Record that the State denies it: suspended at once.",
    "resume": "Put a suspended authorisation back in force; two people each record it.",
    "refuse": "Record that the State does not agree.",
    "request": "Record that the State was asked.",
    "defer": "Record that the State has deferred its answer.",
}
for _name, _help in _SAID.items():
    consent.add_command(click.command(_name, help=_help)(_event(_name)))


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
