"""`exchange today` and `coverage`, and what an event would close, told before it is confirmed."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from exchange.client import inquiries
from exchange.client.cli.app import App, table
from exchange.client.cli.options import unlocks
from exchange.client.cli.wording import NONE, moment, word
from exchange.client.errors import ClientError
from exchange.statements import words
from policies.vocabulary import KINDS

# What takes away; of any other event nothing has to be known before.
_CLOSING = ("withdrawn", "suspended", "disputed")


def tell_closing(app: App, instrument: str, event: str) -> dict[str, Any]:
    """Tell, on standard error, which of this body's reports an event would close, and return it as {closing}.

    What closes must never wait: where the answer cannot be had now, that is said, and the act goes on.
    """
    if event not in _CLOSING:
        return {}
    try:
        items, whole = inquiries.closing(app.session, instrument, event)
    except ClientError as error:
        app.say("outlook.unknown", code=error.code)
        return {"closing": None}
    closed = [each for each in items if each.get("closes")]
    if closed:
        app.say("outlook.closes", count=len(closed))
    else:
        app.say("outlook.closes_none")
    for each in items:
        for key, list_name in (("outlook.line", "closes"), ("outlook.opens", "opens")):
            bodies = _bodies(each.get(list_name))
            if bodies:
                kind, reference = word(app, "kind", each.get("kind")), each.get("reference") or NONE
                app.say(key, report=each.get("report"), kind=kind, reference=reference, bodies=bodies)
    if not whole:
        app.say("outlook.only_newest")
    return {"closing": items}


def _bodies(listed: Any) -> str:
    found: Iterable[Mapping[str, Any]] = listed if isinstance(listed, list) else ()
    return ", ".join(str(each.get("organisation")) for each in found)


@click.command("coverage")
@unlocks
@click.option("--kind", type=click.Choice(KINDS), default="visit_report")
@click.option("--purpose", type=click.Choice(words.PURPOSES), default="follow_up")
def coverage(app: App, kind: str, purpose: str) -> None:
    """Say whose reports may go to whom today: States by bodies, from the authorisations this body keeps."""
    found = inquiries.coverage(app.session, kind, purpose)
    bodies = [str(each) for each in found.get("bodies", [])]
    rows = [[app.text("outlook.state"), *bodies]]
    for each in found.get("states", []):
        rows.append([str(each.get("state")), *(_cell(app, cell) for cell in each.get("cells", []))])
    app.done(found, table(rows) if len(rows) > 1 else [app.text("outlook.none")])


def _cell(app: App, cell: Mapping[str, Any]) -> str:
    if cell.get("outcome") != "PERMIT":
        return app.text("outlook.cannot", reason=cell.get("reason"))
    end = cell.get("not_after")
    return app.text("outlook.can") if end is None else f"{app.text('outlook.can')} < {moment(end)}"


@click.command("today")
@unlocks
def today(app: App) -> None:
    """Say what arrived, what is due, what waits for your second signature, and what waits for which State."""
    found = inquiries.today(app.session)
    lines = []
    for name, line in _LISTS:
        listed = [each for each in found.get(name, []) if isinstance(each, dict)]
        lines.append(app.text(f"outlook.today.{name}" if listed else f"outlook.today.{name}_none"))
        lines += [f"  {said}" for each in listed for said in line(app, each)]
    app.done(found, lines)


def _signature(app: App, each: Mapping[str, Any]) -> list[str]:
    named = word(app, "statement", each.get("label")) if each.get("what") == "statement" else each.get("state")
    return [f"{named} {each.get('reference') or ''} ({moment(each.get('since'))})", f"  {each.get('command')}"]


def _due(app: App, each: Mapping[str, Any]) -> list[str]:
    over = app.text("outlook.today.over") if each.get("over") else ""
    return [f"{each.get('state')} {each.get('reference') or NONE}: {moment(each.get('reply_by'))} {over}".rstrip(),
            f"  {each.get('command')}"]  # fmt: skip


def _recall(app: App, each: Mapping[str, Any]) -> list[str]:
    over = app.text("outlook.today.over") if each.get("over") else ""
    by = "" if each.get("reply_by") is None else str(each.get("reply_by"))
    bodies = ", ".join(str(body) for body in each.get("from", []))
    return [f"{each.get('report')} {bodies} {by} {over}".rstrip(), f"  {each.get('command')}"]


def _arrived(app: App, each: Mapping[str, Any]) -> list[str]:
    said = app.text("report.available" if each.get("available") else "report.not_available")
    kind = word(app, "kind", each.get("kind"))
    lines = [f"{each.get('report')} {kind}, {each.get('reference') or NONE}, {each.get('owner')}: {said}"]
    return [*lines, f"  {each['command']}"] if each.get("command") else lines


def _waiting(app: App, each: Mapping[str, Any]) -> list[str]:
    lines = [str(each.get("state"))]
    for one in each.get("waiting", []):
        lines += [f"  {one.get('reference') or one.get('report')}, {one.get('organisation')}: {one.get('sentence')}",
                  f"    {one.get('command')}"]  # fmt: skip
    return lines


_LISTS = (
    ("second_signature", _signature),
    ("due", _due),
    ("recalls", _recall),
    ("arrived", _arrived),
    ("states", _waiting),
)
