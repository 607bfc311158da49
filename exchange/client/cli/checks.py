"""Remarks about the files of a transmission: said in plain words, and each confirmed before anything is sealed."""

import sys
from collections.abc import Collection
from typing import Final

from exchange.client.cli.app import App
from exchange.client.deposit_plan import Plan
from exchange.client.documents.looking import AUTHOR_NAMES, OTHER_STATE, Remark, about
from exchange.client.report_errors import RemarksError
from exchange.reference import names

OPTION: Final = "--yes-anyway"


def confirmed(app: App, plan: Plan, anyway: Collection[str]) -> list[Remark]:
    """Return the remarks about a plan's files, once each is confirmed: by its name in `anyway`, or by the person asked.

    RemarksError where there is nobody to ask; DeclinedError for a no; FileFailedError.
    """
    remarks = [each for part in plan.parts for each in about(part.file, part.states, part.title or plan.title)]
    for remark in remarks:
        app.line(sentence(app, remark))
    left = list(dict.fromkeys(remark.name for remark in remarks if remark.name not in anyway))
    if left and not sys.stdin.isatty():
        raise RemarksError([remark.to_json() for remark in remarks], left)
    for name in left:
        app.confirm(app.text("report.check.ask", name=app.text(f"report.check.name.{_key(name)}")))
    return remarks


def sentence(app: App, remark: Remark) -> str:
    """Return a remark in plain words."""
    shown = remark.names
    if remark.name == OTHER_STATE:
        shown = tuple(names.state(code, app.language).full for code in remark.names)
    key = f"report.check.{_key(remark.name)}"
    if remark.name in (AUTHOR_NAMES, OTHER_STATE):
        return app.text(key, file=remark.file, names="; ".join(shown))
    return app.text(key, file=remark.file, count=remark.count)


def _key(name: str) -> str:
    return name.replace("-", "_")
