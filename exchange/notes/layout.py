"""A form as a paper: every box it could have ticked, in the words of the United Nations and the Council of Europe.

A paper says exactly what its form says: what is not on it is not in the form, and every box can be read back from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exchange.notes import form as forms
from exchange.notes import lists, reference
from exchange.notes.blocks import Block, Box, Code, Heading, Line, Paper, Text, day, word
from exchange.notes.errors import UnfinishedNoteError
from exchange.reference import names
from exchange.texts import say

_KEEPS_FRONT = ("request", "acknowledgement")


def papers_of(form: Mapping[str, Any], languages: Sequence[str]) -> list[Paper]:
    """Return a checked form as one paper a language; a form with gaps as a model to be filled in, without a code."""
    try:
        code: str | None = reference.code_of(form)
    except UnfinishedNoteError:
        code = None
    return [_paper(form, language, code) for language in languages]


def title_of(form: Mapping[str, Any], language: str) -> str:
    """Return the title of a form's paper."""
    return say(f"note.title.{form['kind'].replace('-', '_')}", language, state=_state(form, language))


def _paper(form: Mapping[str, Any], language: str, code: str | None) -> Paper:
    title = title_of(form, language)
    kind = form["kind"]
    blocks: list[Block] = [
        Heading(title, 1),
        Text(say(f"note.opening.{kind.replace('-', '_')}", language, state=_state(form, language))),
        Line(say("note.line.reference", language), form["reference"]),
        Line(say("note.line.date", language)),
    ]
    if kind in lists.DECLARING:
        blocks += _declaring(form, language)
    else:
        blocks += _about(form, language)
    blocks += [Heading(say("note.head.know", language)), *(Text(text) for text in _to_know(kind, language))]
    blocks += _closing(kind, language)
    blocks += _code(form, language, code)
    return Paper(language, title, tuple(blocks))


def _declaring(form: Mapping[str, Any], language: str) -> Iterator[Block]:
    if form["kind"] == "request":
        yield Line(say("note.line.reply_by", language), _day(language, form["reply_by"]))
    yield Heading(say("note.head.paper", language))
    yield from _boxes(language, "form", lists.PAPERS, [form["paper"]])
    yield Heading(say("note.head.span", language))
    yield from _boxes(language, "standing", lists.SPANS, [form["span"]])
    yield Heading(say("note.head.relation", language))
    yield Box(not (form["replaces"] or form["limits"]), say("note.box.adds", language))
    for name in ("replaces", "limits"):
        yield Box(bool(form[name]), f"{say(f'note.box.{name}', language)} {', '.join(form[name])}".rstrip())
    for number, row in enumerate(form["rows"], start=1):
        yield from _row(row, number, language)
    yield Heading(say("note.head.limitations", language))
    held = {item["kind"]: item for item in form["limitations"]}
    for kind in lists.LIMITATIONS:
        yield Box(kind in held, _limitation(kind, held.get(kind), language))
    yield Line(say("note.line.undertaking", language), form["undertaking"])


def _row(row: Mapping[str, Any], number: int, language: str) -> Iterator[Block]:
    yield Heading(say("note.head.row", language, number=number))
    yield Box(row["agrees"], say("note.box.agrees", language))
    yield Box(not row["agrees"], say("note.box.agrees_not", language))
    yield Heading(say("note.head.documents", language), 3)
    yield from _documents(row, language)
    yield Heading(say("note.head.adopted", language), 3)
    for value in lists.ADOPTED:
        span = "" if value != "between" else _span(language, row["adopted_from"], row["adopted_to"])
        yield Box(row["adopted"] == value, f"{say(f'note.adopted.{value}', language)} {span}".rstrip())
    yield Heading(say("note.head.bodies", language), 3)
    for body in row["bodies"] or ():
        yield Box(True, names.body(body, language).full + f" ({body})")
    if not row["agrees"]:
        yield Box(row["bodies"] is None, say("note.box.any_body", language))
    if row["bodies"] is not None and not row["bodies"]:
        yield Line(say("note.line.bodies", language))
    yield Heading(say("note.head.actions" if row["agrees"] else "note.head.actions_not", language), 3)
    yield from _boxes(language, "action", lists.ACTIONS, row["actions"])
    yield Heading(say("note.head.purposes", language), 3)
    unsaid = "note.box.any_purpose" if row["agrees"] else "note.box.every_purpose"
    yield Box(row["purposes"] is None, say(unsaid, language))
    yield from _boxes(language, "purpose", lists.PURPOSES, row["purposes"] or ())
    yield Heading(say("note.head.versions", language), 3)
    yield Box(row["languages"] is None, say("note.box.any_language", language))
    yield Box(
        row["languages"] is not None, f"{say('note.box.languages', language)} {', '.join(row['languages'] or ())}"
    )
    yield Box(row["variants"] is None, say("note.box.any_variant", language))
    yield from _boxes(language, "variant", lists.VARIANTS, row["variants"] or ())
    yield Heading(say("note.head.period", language), 3)
    yield Line(say("note.line.from", language), _day(language, row["valid_from"]))
    yield Line(say("note.line.until", language), _last(language, row["valid_to"]))
    yield Line(say("note.line.embargo", language), _embargo(row, language))


def _documents(row: Mapping[str, Any], language: str) -> Iterator[Block]:
    by_kind = row["scope"] == "kind"
    yield Box(row["scope"] == "all", say("note.box.all", language))
    for kind in lists.DOCUMENTS:
        yield Box(by_kind and kind in row["named"], word(language, "kind", kind))
    for scope in ("visit", "document", "part"):
        named = ", ".join(row["named"]) if row["scope"] == scope else ""
        yield Box(row["scope"] == scope, f"{say(f'note.box.{scope}', language)} {named}".rstrip())


def _limitation(kind: str, item: Mapping[str, Any] | None, language: str) -> str:
    said = word(language, "limitation", kind)
    if item is None:
        return said
    if item["names"]:
        group = {"purpose_limitation": "purpose"}.get(kind, "")
        shown = ", ".join(word(language, group, name) if group else name for name in item["names"])
    elif item["event"]:
        shown = word(language, "embargo_event", item["event"])
    else:
        shown = _day(language, item["day"]) or ""
    return f"{said}{say('page.colon', language)} {shown}" if shown else said


def _about(form: Mapping[str, Any], language: str) -> Iterator[Block]:
    yield Line(say("note.line.authorisation", language), form["authorisation"])
    if form["kind"] == lists.ACKNOWLEDGEMENT:
        yield Heading(say("note.head.acknowledges", language))
        for kind in (*lists.DECLARING[1:], *lists.ENDING):
            yield Box(form["acknowledges"] == kind, say(f"note.acknowledges.{kind.replace('-', '_')}", language))
        yield Line(say("note.line.received_on", language), _day(language, form["received_on"]))
        yield Line(say("note.line.object_by", language), _last(language, form["object_by"]))
        return
    yield Box(form["effective"] is None, say("note.box.at_once", language))
    yield Box(
        form["effective"] is not None,
        f"{say('note.box.from_day', language)} {_day(language, form['effective']) or ''}".rstrip(),
    )


def _to_know(kind: str, language: str) -> list[str]:
    keys = {"request": ("silence", "withdraw"), "withdrawal": ("lawful",), "objection": ("objected",)}
    keys["acknowledgement"] = ("wrong", "withdraw")
    return [say(f"note.know.{key}", language) for key in keys.get(kind, ("nothing_else", "withdraw"))]


def _closing(kind: str, language: str) -> Iterator[Block]:
    yield Heading(say("note.head.signature", language))
    yield Line(say("note.line.body" if kind in _KEEPS_FRONT else "note.line.authority", language))
    yield Line(say("note.line.place", language))
    yield Line(say("note.line.signature", language))


def _code(form: Mapping[str, Any], language: str, code: str | None) -> Iterator[Block]:
    yield Heading(say("note.head.code", language))
    if code is None:
        yield Text(say("note.code.none", language))
        return
    yield Code(code, forms.text(form))
    yield Text(say("note.code.how", language))


def _boxes(language: str, group: str, values: Sequence[str], ticked: Sequence[str]) -> Iterator[Block]:
    for value in values:
        yield Box(value in ticked, word(language, group, value))


def _span(language: str, first: str | None, last: str | None) -> str:
    parts = [say("note.from_day", language, day=_day(language, first)) if first else "", _last(language, last) or ""]
    return " ".join(part for part in parts if part)


def _embargo(row: Mapping[str, Any], language: str) -> str | None:
    event = row["embargo_event"]
    parts = [_day(language, row["embargo_until"]), word(language, "embargo_event", event) if event else None]
    return f" {word(language, 'embargo_rule', row['embargo_rule'])} ".join(part for part in parts if part) or None


def _day(language: str, value: str | None) -> str | None:
    return None if value is None else day(language, value)


def _last(language: str, value: str | None) -> str | None:
    return None if value is None else say("note.until_day", language, day=day(language, value))


def _state(form: Mapping[str, Any], language: str) -> str:
    name = names.state(form["state"], language)
    return name.full if name.note is None else f"{name.full} ({name.note})"
