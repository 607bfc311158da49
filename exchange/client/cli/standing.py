"""`exchange decide --standing` and `exchange standing`: what goes to whom without being asked again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import click

from exchange.client import standing as standings
from exchange.client.cli.app import App
from exchange.client.cli.options import unlocks
from exchange.client.cli.wording import NONE, moment, words
from exchange.client.errors import UsageError
from exchange.client.statements_out import Posted
from exchange.statements.determination import StandingScope
from exchange.statements.standing import PERMIT, Standing
from keys.encoding import b64u, format_time

APPROVAL: Final = ("on", "off")


def decide(
    app: App,
    effect: str,
    kinds: Sequence[str],
    states: Sequence[str],
    grantee: str | None,
    actions: Sequence[str],
    start: datetime | None,
    end: datetime | None,
) -> Posted:
    """Ask, and sign a standing decision; UsageError where a permit does not say what goes to whom."""
    if effect == PERMIT:
        for given, option in ((kinds, "--kind"), (states, "--state"), (grantee, "--to")):
            if not given:
                raise UsageError(f"a standing decision says what goes to whom: {option}", detail=option)
    session = app.session
    scope = StandingScope(session.organisation, _sorted(kinds), _sorted(states))
    app.confirm(
        app.text(
            f"report.ask.standing_{effect}",
            kinds=words(app, "kind", scope.kinds),
            states=words(app, "state", scope.states),
            body=grantee or app.text("report.any"),
        )
    )
    return standings.decide(
        session,
        effect,
        scope,
        grantee,
        tuple(actions),
        None if start is None else format_time(start),
        None if end is None else format_time(end),
    )


def require_approval(app: App, answer: str) -> Posted:
    """Ask, and sign whether every transmission of this body is approved by a second person ("on" or "off")."""
    app.confirm(app.text(f"report.ask.approval_{answer}"))
    return standings.require_approval(app.session, answer == APPROVAL[0])


@click.command("standing")
@unlocks
def standing(app: App) -> None:
    """List the standing decisions of this officer's body that are in force, every signature and entry verified."""
    session = app.session
    session.sync()
    decisions = standings.fetch(session)
    found = decisions.in_force
    lines = [app.text("report.standing.approval")] if decisions.approval else []
    values = {"standing": [_values(each) for each in found], "approval": decisions.approval}
    app.done(values, [*lines, *_lines(app, found)])


def _lines(app: App, found: Sequence[Standing]) -> Iterator[str]:
    if not found:
        yield app.text("report.standing.none")
    for each in found:
        effect = "report.standing.permit" if each.effect == PERMIT else "report.standing.deny"
        yield app.text(
            effect,
            kinds=words(app, "kind", each.kinds),
            states=words(app, "state", each.states),
            body=each.grantee or app.text("report.any"),
        )
        until = moment(each.valid_to) if each.valid_to else NONE
        since = moment(each.valid_from or format_time(each.signed))
        yield "  " + app.text("report.standing.period", start=since, end=until, hash=b64u(each.statement))


def _values(each: Standing) -> dict[str, Any]:
    return {
        "decision": b64u(each.statement),
        "signed": format_time(each.signed),
        "effect": each.effect,
        "organisation": each.grantee,
        "kinds": None if each.kinds is None else list(each.kinds),
        "states": None if each.states is None else list(each.states),
        "actions": list(each.actions),
        "valid_from": each.valid_from,
        "valid_to": each.valid_to,
    }


def _sorted(values: Sequence[str]) -> tuple[str, ...] | None:
    return tuple(sorted(set(values))) or None
