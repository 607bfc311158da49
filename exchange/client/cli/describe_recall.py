"""A recall as people and programs read it: what is asked back, by when, and what each body answered."""

from typing import Any

from exchange.client.cli.app import App, table
from exchange.client.cli.wording import NONE, moment, word
from exchange.client.recall_checks import Held
from exchange.client.recalls import Asked, Recalled
from keys.encoding import b64u, format_time


def shown(app: App, each: Recalled, held: Held | None = None) -> dict[str, Any]:
    """Return a recall as JSON values; `contradicted_by` are entries, None where the log was not asked."""
    today = app.session.now().date()
    value = each.value
    return {
        "report": value.report,
        "owner": each.signer.organisation,
        "recall": b64u(each.stored.statement.hash),
        "part": None if value.part is None else b64u(value.part),
        "reason": value.reason,
        "instrument": None if value.instrument is None else b64u(value.instrument),
        "reply_by": None if value.reply_by is None else value.reply_by.isoformat(),
        "time": format_time(value.stamp.time),
        "entry": {"n": each.stored.ticket.n, "index": each.stored.ticket.index},
        "lifted": each.lifted is not None,
        "outstanding": len(each.open),
        "overdue": each.overdue(today),
        "asked": [_asked(one, held) for one in each.asked],
        "untold": [{"organisation": body, "part": b64u(part)} for body, part in each.untold],
    }


def _asked(one: Asked, held: Held | None) -> dict[str, Any]:
    last = one.last
    against = None if held is None else list(held.contradicted.get((one.organisation, one.part), ()))
    return {
        "organisation": one.organisation,
        "part": b64u(one.part),
        "answer": None if last is None else last.value.answer,
        "answered": None if last is None else format_time(last.value.link.time),
        "answers": [each.value.answer for each in one.answers],
        "contradicted_by": against,
    }


def described(app: App, each: Recalled, held: Held | None = None) -> list[str]:
    """Say in a few lines what is recalled by whom and why, by when an answer is due, and what each body answered."""
    value = each.value
    what = app.text("recall.all_of_it") if value.part is None else app.text("recall.one_part", part=b64u(value.part))
    head = app.text(
        "recall.head",
        report=value.report,
        what=what,
        owner=each.signer.organisation,
        moment=moment(each.stored.entered),
        reason=word(app, "recall_reason", value.reason),
    )
    lines = [head]
    if value.reply_by is not None:
        overdue = each.overdue(app.session.now().date())
        lines.append("  " + app.text("recall.was_due" if overdue else "recall.due", day=value.reply_by.isoformat()))
    if each.lifted is not None:
        lines.append("  " + app.text("recall.lifted"))
    if each.asked:
        rows = [[app.text(f"report.column.{c}") for c in ("body", "part")] + [app.text("recall.column")]]
        rows += [[one.organisation, b64u(one.part), _said(app, each, one)] for one in each.asked]
        lines += ["  " + line for line in table(rows)]
    for one in each.asked:
        against = () if held is None else held.contradicted.get((one.organisation, one.part), ())
        if against:
            entries = ", ".join(str(index) for index in against)
            lines.append("  " + app.text("recall.contradicted", body=one.organisation, entries=entries))
    if each.untold:
        bodies = ", ".join(sorted({body for body, _part in each.untold}))
        lines.append("  " + app.text("recall.untold", bodies=bodies))
    if each.signer.organisation != app.session.organisation and each.open:
        lines.append("  " + app.text("recall.answer_with", report=value.report))
    return lines


def _said(app: App, each: Recalled, one: Asked) -> str:
    if one.last is None:
        return NONE if each.lifted is not None else app.text("recall.outstanding")
    return f"{word(app, 'recall_answer', one.last.value.answer)} ({moment(one.last.stored.entered)})"
