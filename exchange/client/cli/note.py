"""`exchange note …`: notes on paper for States that do not sign here themselves. Nothing of it asks the server."""

import json
from pathlib import Path
from typing import Any

import click

from exchange.client import instrument_file
from exchange.client.cli.app import App
from exchange.client.cli.consent_events import INSTRUMENT, When
from exchange.client.cli.options import FILE, common
from exchange.client.cli.types import BODY, StateCode
from exchange.client.errors import UsageError
from exchange.client.paper_pdf import pdf_of
from exchange.notes import form as forms
from exchange.notes import lists, mapping, model, reference
from exchange.notes.blocks import as_text
from exchange.notes.errors import UnfinishedNoteError
from exchange.notes.layout import papers_of
from exchange.texts import LANGUAGES
from exchange.texts import say as say_in
from keys.encoding import b64u

COMMANDS = {"withdrawn": "withdraw", "disputed": "dispute"}


class Languages(click.ParamType[tuple[str, ...]]):
    """One or more of our languages, joined by commas."""

    name = "languages"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the languages, each once."""
        if isinstance(value, tuple):
            return value
        found = tuple(dict.fromkeys(str(value).split(",")))
        if not set(found) <= set(LANGUAGES):
            self.fail(f"{value!r}", param, ctx)
        return found


@click.group()
def note() -> None:
    """Notes on paper, for States that do not sign here themselves: models, what a note says, its reference code."""


@note.command("new")
@common
@click.option("--kind", type=click.Choice(lists.KINDS))
@click.option("--state", type=StateCode(), metavar="XA")
@click.option("--form", "file", type=FILE, metavar="FILE")
@click.option("--instrument", type=FILE, metavar="FILE")
@click.option("--document", "documents", multiple=True, type=click.Choice(lists.DOCUMENTS))
@click.option("--to", "bodies", multiple=True, type=BODY, metavar="BODY")
@click.option("--action", "actions", multiple=True, type=click.Choice(lists.ACTIONS))
@click.option("--purpose", "purposes", multiple=True, type=click.Choice(lists.PURPOSES))
@click.option("--limitation", "limitations", multiple=True, type=click.Choice(lists.LIMITATIONS[:7]))
@click.option("--reference", "number", metavar="TEXT")
@click.option("--reply-by", type=When(), metavar="DATE")
@click.option("--replaces", multiple=True, type=INSTRUMENT, metavar="ID")
@click.option("--limits", multiple=True, type=INSTRUMENT, metavar="ID")
@click.option("--authorisation", type=INSTRUMENT, metavar="ID")
@click.option("--acknowledges", type=click.Choice((*lists.DECLARING[1:], *lists.ENDING)))
@click.option("--received", type=When(), metavar="DATE")
@click.option("--object-by", type=When(), metavar="DATE")
@click.option("--effective", type=When(), metavar="DATE")
@click.option("--language", "languages", type=Languages(), default=",".join(LANGUAGES), metavar="TAGS")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def new(app: App, languages: tuple[str, ...], output: Path, **given: Any) -> None:
    """Make a note as a PDF, with its form beside it; where something is not said yet, a model to fill in."""
    form = _form(app, given)
    try:
        code = reference.code_of(form)
    except UnfinishedNoteError:
        code = None
    papers = papers_of(form, languages)
    beside = output.with_suffix(".json")
    app.write(output, pdf_of(papers, code or say_in("note.code.none", languages[0])))
    app.write(beside, forms.pretty(form))
    values = {
        "form": str(beside),
        "paper": str(output),
        "kind": form["kind"],
        "code": code,
        "finished": code is not None,
    }
    lines = [app.text("note.say.written", path=output, form=beside)]
    said = "note.say.model" if code is None else "note.say.code"
    lines.append(app.text(said, form=beside, path=output, code=code))
    app.done(values, lines)


@note.command("read")
@common
@click.argument("file", type=FILE)
@click.option("--received", type=When(), metavar="DATE")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def read(app: App, file: Path, received: str | None, output: Path | None) -> None:
    """Turn a form into the file that records it: its reference code, and what it declares."""
    form = forms.read(app.read(file))
    code = reference.code_of(form)
    if form["kind"] not in lists.DECLARING:
        _read_event(app, form, code)
        return
    if received is None:
        raise UsageError("a declaration acts from the day it was received", detail="--received")
    body = mapping.instrument_of(form, received)
    text = json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if output is not None:
        app.write(output, text.encode())
    lines = [*as_text(papers_of(form, [app.language])), "", app.text("note.say.code", code=code)]
    lines.append(app.text("note.say.record", day=received, path=output or "FILE"))
    app.done(
        {"code": code, "kind": form["kind"], "instrument": body}, lines if output is not None else [*lines, "", text]
    )


def _read_event(app: App, form: dict[str, Any], code: str) -> None:
    lines = [*as_text(papers_of(form, [app.language])), "", app.text("note.say.code", code=code)]
    if form["kind"] == lists.ACKNOWLEDGEMENT:
        app.done({"code": code, "kind": form["kind"], "event": None}, [*lines, app.text("note.say.nothing")])
        return
    authorisation, event, effective = mapping.event_of(form)
    option = "" if effective is None else f" --effective {effective}"
    lines.append(app.text("note.say.event", command=COMMANDS[event], id=authorisation, effective=option))
    found = {"instrument": authorisation, "event": event, "effective": effective}
    app.done({"code": code, "kind": form["kind"], "event": found}, lines)


@note.command("check")
@common
@click.argument("code")
@click.argument("file", type=FILE)
def check(app: App, code: str, file: Path) -> None:
    """Check that a reference code was made from these ticks, and show what they say."""
    form = forms.read(app.read(file))
    due = reference.check_code(code, form)
    lines = [app.text("note.say.fits"), "", *as_text(papers_of(form, [app.language]))]
    app.done({"code": due, "fits": True, "kind": form["kind"], "form": form}, lines)


def _form(app: App, given: dict[str, Any]) -> dict[str, Any]:
    """The form that a file holds, or that the options tick."""
    file, instrument = given.pop("file"), given.pop("instrument")
    if file is not None or instrument is not None:
        if any(value for value in given.values()) or (file is not None and instrument is not None):
            raise UsageError("a file says everything itself", detail="--form")
        if file is not None:
            return forms.read(app.read(file))
        return mapping.form_of(instrument_file.read(app.read(instrument)))[0]
    if given["kind"] is None or given["state"] is None:
        raise UsageError("which note, and for which State", detail="--kind --state")
    return forms.check(_ticked(given))


def _ticked(given: dict[str, Any]) -> dict[str, Any]:
    form = model.model(given["kind"], given["state"])
    said: dict[str, Any] = {
        "reference": given["number"],
        "reply_by": given["reply_by"],
        "replaces": [b64u(each) for each in given["replaces"]],
        "limits": [b64u(each) for each in given["limits"]],
        "limitations": [model.limitation(kind) for kind in dict.fromkeys(given["limitations"])],
        "authorisation": None if given["authorisation"] is None else b64u(given["authorisation"]),
        "acknowledges": given["acknowledges"],
        "received_on": given["received"],
        "object_by": given["object_by"],
        "effective": given["effective"],
    }
    in_row = {name: given[option] for name, option in (("named", "documents"), ("bodies", "bodies"))}
    in_row |= {name: given[name] for name in ("actions", "purposes")}
    said = {name: value for name, value in said.items() if value}
    in_row = {name: list(dict.fromkeys(value)) for name, value in in_row.items() if value}
    lost = [name for name in said if name not in form] + [name for name in in_row if "rows" not in form]
    if lost:
        raise UsageError("this note has no place for that", detail=lost[0].replace("_", "-"))
    form.update(said)
    if in_row:
        row = {**form["rows"][0], **in_row}
        form["rows"] = [{**row, "scope": "kind"} if "named" in in_row else row]
    return form
