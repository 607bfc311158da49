"""`exchange recall`, `answer-recall` and `recalls`: asking back what was sent, and saying what became of it."""

from datetime import date
from typing import Final

import click

from exchange.client import recall_checks, recalls
from exchange.client.cli.app import App
from exchange.client.cli.describe_recall import described, shown
from exchange.client.cli.options import asks, unlocks
from exchange.client.cli.reading import REPORT
from exchange.client.cli.report_acts import posted_lines
from exchange.client.cli.transmit import Day
from exchange.client.cli.types import Id
from exchange.client.cli.wording import word
from exchange.client.recall_checks import Held
from exchange.statements.recall import OF_AGREEMENT, REASONS
from exchange.statements.recall_answer import ANSWERS

INSTRUMENT: Final = Id(16)


@click.command("recall")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--part", metavar="PART|LANGUAGE")
@click.option("--reason", "ground", type=click.Choice(REASONS), default="stop", show_default=True)
@click.option("--instrument", "agreement", type=INSTRUMENT, metavar="ID")
@click.option("--reply-by", "reply_by", type=Day(), metavar="DATE")
def recall(
    app: App, report: str, part: str | None, ground: str, agreement: bytes | None, reply_by: date | None
) -> None:
    """Recall a report from all who were sent it: it closes at once, and each is asked what became of it."""
    app.confirm(app.text("report.ask.recall", report=report))
    session = app.session
    posted = recalls.recall(
        session, report, reason=ground, part=part, instrument=agreement, reply_by=reply_by
    )
    kept = "recall.closed_to_others" if ground in OF_AGREEMENT else "recall.closed"
    lines = [app.text(kept), *posted_lines(app, posted)]
    found = [each for each in recalls.of_report(session, report) if each.stored.statement.hash == posted.statement.hash]
    values = {"report": report, **posted.to_json(), "recalls": [shown(app, each) for each in found]}
    for each in found:
        told = sorted({one.organisation for one in each.asked})
        lines.append(app.text("recall.told", bodies=", ".join(told)) if told else app.text("recall.told_nobody"))
        left = sorted({body for body, _part in each.untold})
        lines += [app.text("recall.untold", bodies=", ".join(left))] if left else []
    app.done(values, [*lines, app.text("recall.follow", report=report)])


@click.command("answer-recall")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--answer", "said", type=click.Choice(ANSWERS), required=True)
@click.option("--part", metavar="PART")
def answer_recall(app: App, report: str, said: str, part: str | None) -> None:
    """Say what became of a report that was recalled; a later answer takes the place of an earlier one."""
    app.confirm(app.text("report.ask.answer", report=report, answer=word(app, "recall_answer", said)))
    posted = recalls.answer(app.session, report, said, part)
    lines = [line for one in posted for line in posted_lines(app, one)]
    values = {"report": report, "answer": said, "statements": [one.to_json() for one in posted]}
    app.done(values, [app.text("recall.answered"), *lines])


@click.command("recalls")
@unlocks
@click.argument("report", type=REPORT, required=False)
def recalls_command(app: App, report: str | None) -> None:
    """List recalls and what is outstanding, per body; of one report of our own, held against our entries of the log."""
    session = app.session
    session.sync()
    since = session.audit.pinned.size
    if report is None:
        found = [*recalls.listed(session, recalls.INBOX), *recalls.listed(session, recalls.SENT)]
    else:
        found = recalls.of_report(session, report)
    own = [each for each in found if each.signer.organisation == session.organisation]
    held = recall_checks.hold(session, own, since) if report is not None and own else None
    values = {
        "recalls": [shown(app, each, held) for each in found],
        "checked_up_to": None if held is None else held.size,
        "findings": [] if held is None else [{"index": f.index, "code": f.code} for f in held.findings],
        "hidden": [] if held is None else list(held.hidden),
    }
    lines = [line for each in found for line in described(app, each, held)]
    app.done(values, [*(lines or [app.text("recall.none")]), *_held_lines(app, held)])


def _held_lines(app: App, held: Held | None) -> list[str]:
    if held is None:
        return []
    hidden = [app.text("recall.answer_hidden") + f" ({index})" for index in held.hidden]
    if held.findings:
        lines = [*hidden, *(app.text("finding." + f.code) + f" ({f.index})" for f in held.findings)]
        return [*lines, app.text("report.readers.doubt", count=held.size)]
    return [*hidden, app.text("recall.held", count=held.size), app.text("client.unwitnessed")]
