"""`exchange consent confirm`, `withdraw`, `suspend` and the other events of an authorisation, each a command of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from exchange.client import asked, consents, recalls, register
from exchange.client.asked import Against
from exchange.client.cli.app import App
from exchange.client.cli.describe_instrument import describe
from exchange.client.cli.options import asks, unlocks
from exchange.client.cli.outlook import tell_closing
from exchange.client.cli.report_acts import posted_lines
from exchange.client.cli.types import Id
from exchange.client.cli.wording import word, words
from exchange.client.errors import ClientError
from exchange.client.recalls import Rested
from exchange.client.register import Shown
from exchange.client.statements_out import Posted
from keys import fields
from keys.encoding import b64u
from keys.errors import KeysError

INSTRUMENT = Id(16)
_CONFIRM = "confirm"

_SAID = {
    _CONFIRM: "Confirm an authorisation as the second focal point, after reading it.",
    "withdraw": "Record that the State has withdrawn its agreement; at once, or from a day on.",
    "suspend": "Suspend an authorisation at once. One person is enough.",
    "dispute": "Record that the State denies it: suspended at once.",
    "resume": "Put a suspended authorisation back in force; two people each record it.",
    "refuse": "Record that the State does not agree.",
    "request": "Record that the State was asked.",
    "defer": "Record that the State has deferred its answer.",
    "reject": "Reject a record that does not say what the State declared, instead of confirming it.",
    "invalidate": "Record the finding that an authorisation was void from the start, and list what rested on it.",
}
# After which a keeper has to look at what others did on this ground.
_ENDS = frozenset({"withdraw", "invalidate"})


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


def commands() -> Iterator[click.Command]:
    """Yield a command for each event that a person records."""
    for name, said in _SAID.items():
        yield click.command(name, help=said)(_event(name))


def _event(command: str) -> Callable[..., None]:
    """Return the command that records one kind of event of an authorisation."""

    @asks
    @unlocks
    @click.argument("instrument", type=INSTRUMENT, metavar="ID")
    @click.option("--effective", type=When(), metavar="DATE|TIME")
    @click.option("--reason", metavar="TEXT")
    def run(app: App, instrument: bytes, effective: str | None, reason: str | None) -> None:
        shown = register.show(app.session, b64u(instrument))
        _show_before(app, shown)
        against = asked.against_request(app.session, shown, effective) if command == _CONFIRM else None
        for line in compared_lines(app, against):
            app.line(line)
        event = consents.EVENTS[command] if against is None else against.event
        closing = tell_closing(app, shown.listed.id, event)
        app.confirm(app.text(f"consent.ask.{command}"))
        posted = consents.add_event(app.session, shown, event, effective=effective, reason=reason)
        rested = _rested(app, shown) if command in _ENDS else None
        _tell(app, shown, event, posted, _Beside(against, closing, command in _ENDS, rested))

    return run


@dataclass(frozen=True)
class _Beside:
    """What is told beside an event: how it compares with a request; of one that closes, what closes; of one that ends it,
    which reports rested on it."""

    against: Against | None
    closing: dict[str, Any]
    ends: bool
    rested: list[Rested] | None


def _rested(app: App, shown: Shown) -> list[Rested] | None:
    """Which reports of this body rested on an agreement that ended a moment ago; None where that is not known."""
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


def _show_before(app: App, shown: Shown) -> None:
    """Say what an authorisation says and how it stands, before anything is recorded of it."""
    for line in describe(app, shown.record.value.body):
        app.line(line)
    app.line(app.text("consent.stands", status=word(app, "status", shown.listed.status)))


def compared_lines(app: App, against: Against | None) -> list[str]:
    """Say how an answer compares with what the State was asked; nothing where it was asked nothing."""
    if against is None or against.request is None:
        return []
    lines = [app.text(f"consent.compared.{against.event}", id=against.request)]
    for name in ("narrower", "wider"):
        differs = getattr(against, name)
        if differs:
            lines.append(app.text(f"consent.compared.{name}", what=words(app, "difference", differs)))
    return lines


def _tell(app: App, shown: Shown, event: str, posted: Posted, beside: _Beside) -> None:
    values = {"instrument": shown.listed.id, "event": event, **beside.closing, **posted.to_json()}
    if beside.against is not None and beside.against.request is not None:
        values["compared"] = beside.against.to_json()
    if beside.ends:
        values["rested"] = None if beside.rested is None else [each.to_json() for each in beside.rested]
    for name in ("status", "head"):
        if name in posted.answer:
            values[name] = posted.answer[name]
    lines = [app.text("consent.event_done", event=word(app, "event", event), id=shown.listed.id)]
    app.done(values, [*lines, *posted_lines(app, posted), *_rested_lines(app, shown, beside.rested)])
