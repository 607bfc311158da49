"""`exchange deposit`: seals a report on this machine, sends it, and goes on where it was interrupted."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from exchange.client.cli.app import App
from exchange.client.cli.checks import confirmed
from exchange.client.cli.meter import Bar
from exchange.client.cli.options import unlocks
from exchange.client.cli.types import BODY
from exchange.client.deposit import Transmitted, transmit
from exchange.client.deposit_plan import CLASSES, PartPlan, Plan, check, completed, parse_part
from exchange.client.documents.looking import REMARKS, Remark
from exchange.client.errors import UsageError
from exchange.statements import words
from keys import fields
from keys.encoding import b64u
from keys.errors import KeysError
from policies.vocabulary import KINDS

_HOLD = re.compile(r"([1-9][0-9]{0,4})([mhd])", re.ASCII)
_MINUTES = {"m": 1, "h": 60, "d": 1440}
REPORT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Hold(click.ParamType[int]):
    """A span such as 30m, 2h or 1d."""

    name = "hold"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return minutes."""
        if isinstance(value, int):
            return value
        match = _HOLD.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r}: 30m, 2h, 1d", param, ctx)
        return int(match[1]) * _MINUTES[match[2]]


class Day(click.ParamType[date]):
    """A calendar day."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date."""
        if isinstance(value, date):
            return value
        try:
            return fields.parse_date(value)
        except KeysError:
            self.fail(f"{value!r}: YYYY-MM-DD", param, ctx)


@click.command("deposit")
@unlocks
@click.argument("files", nargs=-1, type=REPORT_FILE, metavar="FILE...")
@click.option("--part", "specs", multiple=True, metavar="id=p1,file=F,state=XA,language=fr,...")
@click.option("--to", "to", multiple=True, type=BODY, metavar="BODY")
@click.option("--state", "states", multiple=True, metavar="XA")
@click.option("--language", metavar="TAG")
@click.option("--kind", required=True, type=click.Choice(KINDS), metavar="KIND")
@click.option("--adopted-on", required=True, type=Day(), metavar="DATE")
@click.option("--tier", type=click.Choice(words.TIERS))
@click.option("--title", metavar="TEXT")
@click.option("--note", metavar="TEXT")
@click.option("--reference", metavar="TEXT")
@click.option("--visit", metavar="ID")
@click.option("--originator", "originators", multiple=True, type=BODY, metavar="BODY")
@click.option("--source-label", metavar="TEXT")
@click.option("--class", "classification", type=click.Choice(tuple(CLASSES)))
@click.option("--responds-to", metavar="REPORT")
@click.option("--hold", type=Hold(), metavar="30m")
@click.option("--without", "without", multiple=True, type=BODY, metavar="BODY")
@click.option("--needs-approval", "needs_approval", is_flag=True, default=False)
@click.option("--yes-anyway", "anyway", multiple=True, type=click.Choice(REMARKS), metavar="CHECK")
@click.option("--again", is_flag=True, default=False)
def deposit(
    app: App,
    files: tuple[Path, ...],
    specs: tuple[str, ...],
    to: tuple[str, ...],
    states: tuple[str, ...],
    language: str | None,
    kind: str,
    adopted_on: date,
    tier: str | None,
    title: str | None,
    note: str | None,
    reference: str | None,
    visit: str | None,
    originators: tuple[str, ...],
    source_label: str | None,
    classification: str | None,
    responds_to: str | None,
    hold: int | None,
    without: tuple[str, ...],
    needs_approval: bool,
    anyway: tuple[str, ...],
    again: bool,
) -> None:
    """Seal a report on this machine and transmit it; run the same command again to go on after an interruption."""
    plan = Plan(
        parts=_parts(files, specs, states, language),
        to=tuple(dict.fromkeys(to)),
        kind=kind,
        adopted_on=adopted_on,
        tier=tier,
        title=title,
        note=note,
        reference=reference,
        visit=visit,
        originators=originators,
        source_label=source_label,
        class_ordinal=None if classification is None else CLASSES[classification],
        responds_to=responds_to,
        hold=hold,
        without=tuple(dict.fromkeys(without)),
        needs_approval=needs_approval,
    )
    remarks = confirmed(app, check(plan), anyway)
    done = transmit(app.session, plan, Bar(app), again=again)
    app.done(_values(done, remarks), _lines(app, plan, done))


def _values(done: Transmitted, remarks: Sequence[Remark]) -> dict[str, Any]:
    sent = done.sent
    return {
        "report": sent.report,
        "header": b64u(sent.header),
        "entry": {"n": sent.n, "index": sent.index},
        "parts": sorted(b64u(part) for part in sent.keys),
        "new": done.new,
        "remarks": [remark.to_json() for remark in remarks],
        "standing": [
            {"organisation": each.organisation, "decisions": [b64u(decision.statement) for decision in each.decisions]}
            for each in done.also
        ],
        "proposed": [posted.to_json() for posted in done.proposed],
    }


def _lines(app: App, plan: Plan, done: Transmitted) -> list[str]:
    sent = done.sent
    lines = [app.text("report.transmitted" if done.new else "report.transmitted_before", report=sent.report)]
    if plan.needs_approval:
        lines = [app.text("report.draft.waits" if done.proposed else "report.draft.proposed_before", report=sent.report)]
    lines.append(app.text("report.entry", n=sent.n, index=sent.index))
    if plan.hold is not None and done.new:
        lines.append(app.text("report.held_for", count=plan.hold))
    return lines


def _parts(
    files: tuple[Path, ...], specs: tuple[str, ...], states: tuple[str, ...], language: str | None
) -> tuple[PartPlan, ...]:
    """Return the parts of the short form (FILE…) or of the full one (--part …); UsageError for both or neither."""
    if bool(files) == bool(specs):
        raise UsageError("either FILE... or --part", detail="FILE... | --part")
    parts = [PartPlan(f"p{n}", file, (), "") for n, file in enumerate(files, 1)]
    parts += [parse_part(spec, n) for n, spec in enumerate(specs, 1)]
    return completed(parts, states, language)
