"""`exchange consent today`: one page in both languages, and the file by which anyone with a directory can verify it."""

import json
from pathlib import Path
from typing import Any

import click

from exchange.client import today
from exchange.client.cli.app import App
from exchange.client.cli.describe_instrument import describe
from exchange.client.cli.options import FILE, unlocks
from exchange.client.cli.types import StateCode
from exchange.client.cli.wording import moment, word
from exchange.client.errors import UsageError
from exchange.client.paper_pdf import pdf_of
from exchange.client.today import Verified


@click.command("today")
@unlocks
@click.option("--state", type=StateCode(), metavar="XA")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--check", "file", type=FILE, metavar="FILE")
def today_command(app: App, state: str | None, output: Path | None, file: Path | None) -> None:
    """Make the page of what a State has agreed to today, or verify one from its file."""
    if file is not None:
        if output is not None or state is not None:
            raise UsageError("a page is made or checked", detail="--check")
        _check(app, file)
        return
    own = app.session.organisation
    state = state or (own.removeprefix("state:") if own.startswith("state:") else None)
    if state is None or output is None:
        raise UsageError("which State, and where the page goes", detail="--state, -o")
    found = today.fetch(app.session, state)
    beside = output.with_suffix(".json")
    app.write(output, pdf_of(found.papers, found.value["code"]))
    app.write(beside, json.dumps(found.value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
    lines = [app.text("today.written", path=output, form=beside), app.text("today.code", code=found.value["code"])]
    app.done({**_values(found), "page": str(output), "form": str(beside)}, [*lines, *_checked(app, found)])


def _check(app: App, file: Path) -> None:
    found = today.verify(app.session, today.read(app.read(file)))
    facts = found.value["facts"]
    lines = [app.text("today.code", code=found.value["code"]), *_checked(app, found)]
    for (instrument, body), item in zip(found.terms, facts["authorisations"], strict=True):
        # In this program's own words, to be compared with what is on the paper.
        lines += [
            "",
            instrument,
            *describe(app, body),
            app.text("consent.stands", status=word(app, "status", item["status"])),
        ]
    app.done(_values(found), [*lines, "", app.text("today.ends", at=moment(facts["at"]))])


def _checked(app: App, found: Verified) -> list[str]:
    lines = [app.text("today.checked", count=found.statements)]
    if found.unproven:
        lines.append(app.text("today.unproven", count=found.unproven))
    return lines


def _values(found: Verified) -> dict[str, Any]:
    return {
        "code": found.value["code"],
        "facts": found.value["facts"],
        "statements": found.statements,
        "unproven": found.unproven,
    }
