"""Form and instrument are the same thing twice (docs/spec/notes.md): each box is one value of a provision or limitation.

`instrument_of(form, day)` and `form_of(instrument)` undo each other. An instrument that says what has no box (a time of the
day, a limitation twice, a document kind that is not printed) is refused, never shortened.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from exchange.notes import form as forms
from exchange.notes import lists
from exchange.notes.errors import MalformedNoteError, NotOnFormError, UnfinishedNoteError
from exchange.statements import instrument as instruments
from exchange.statements import words
from keys.errors import MalformedError

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# A box of a row and the field of a provision that says the same in the same words.
_SAME: Final = (
    "actions", "adopted_from", "adopted_to", "embargo_event", "embargo_rule", "embargo_until", "languages", "purposes",
    "scope", "valid_from", "valid_to", "variants",
)  # fmt: skip
_EVENTS: Final[Mapping[str, str]] = {"withdrawal": "withdrawn", "objection": "disputed"}


def instrument_of(form: Mapping[str, Any], received_on: str) -> dict[str, Any]:
    """Return the instrument that a finished form declares, received on a day ("2026-03-01").

    UnfinishedNoteError where the form has gaps or declares nothing; MalformedNoteError for another day than a day.
    """
    forms.check_finished(form)
    if form["kind"] not in lists.DECLARING:
        raise UnfinishedNoteError("field 'kind'")
    body = {
        "amends": form["limits"],
        "authority_competent": True,
        "conditions": [_condition(item) for item in form["limitations"]],
        "evidence": None,
        "form": form["paper"],
        "kind": form["span"],
        "provisions": [_provision(row) for row in form["rows"]],
        "received_on": received_on,
        "reference": form["reference"],
        "reply_by": form["reply_by"],
        "state": form["state"],
        "supersedes": form["replaces"],
        "undertaking": form["undertaking"],
    }
    try:
        return instruments.check(body)
    except MalformedError as error:
        raise MalformedNoteError(str(error)) from error


def form_of(instrument: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the finished form that declares a checked instrument, and the day it was received.

    NotOnFormError names what the form has no box for.
    """
    _boxed("authority_competent", instrument["authority_competent"])
    _boxed("evidence", instrument["evidence"] is None)
    rows = [_row(f"provisions[{n}]", item) for n, item in enumerate(instrument["provisions"])]
    value = {
        "kind": forms.kind_of(instrument["kind"], instrument["reply_by"], instrument["amends"], rows),
        "limitations": [_limitation(item) for item in instrument["conditions"]],
        "limits": instrument["amends"],
        "note": forms.VERSION,
        "paper": instrument["form"],
        "reference": instrument["reference"],
        "replaces": instrument["supersedes"],
        "reply_by": _day("reply_by", instrument["reply_by"]),
        "rows": rows,
        "span": instrument["kind"],
        "state": instrument["state"],
        "undertaking": instrument["undertaking"],
    }
    received = _day("received_on", instrument["received_on"])
    try:
        # Checked twice: into the order of the form, by which its kind is told, and then as what it came to.
        form = forms.check(value)
        form["kind"] = forms.kind_of(form["span"], form["reply_by"], form["limits"], form["rows"])
        forms.check_finished(form)
    except (MalformedNoteError, UnfinishedNoteError) as error:
        raise NotOnFormError(str(error)) from error
    return form, str(received)


def event_of(form: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Return what a finished note of withdrawal or objection records: (authorisation, event, the day it takes effect)."""
    forms.check_finished(form)
    if form["kind"] not in _EVENTS:
        raise UnfinishedNoteError("field 'kind'")
    return form["authorisation"], _EVENTS[form["kind"]], form["effective"]


def _provision(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _SAME},
        "effect": "permit" if row["agrees"] else "deny",
        "grantees": row["bodies"],
        "scope_ref": row["named"] or None,
        "time_scope": row["adopted"],
    }


def _row(place: str, provision: Mapping[str, Any]) -> dict[str, Any]:
    named = provision["scope_ref"]
    permits = provision["effect"] == "permit"
    # What a provision without a time scope covers (docs/spec/consent.md, section 3), said by a box.
    unsaid = "future" if permits and provision["scope"] in ("all", "kind") else "all"
    for name in ("adopted_from", "adopted_to", "embargo_until", "valid_from", "valid_to"):
        _day(f"{place}.{name}", provision[name])
    return {
        **{name: provision[name] for name in _SAME},
        "adopted": provision["time_scope"] or unsaid,
        "agrees": permits,
        "bodies": provision["grantees"],
        "named": [] if named is None else [named] if isinstance(named, str) else named,
    }


def _condition(item: Mapping[str, Any]) -> Any:
    kind = item["kind"]
    if kind in words.LIST_CONDITIONS:
        return {"kind": kind, "parameter": item["names"]}
    if kind in words.DATED_CONDITIONS:
        return {"kind": kind, "parameter": item["day"] or item["event"]}
    return kind


def _limitation(condition: Any) -> dict[str, Any]:
    if isinstance(condition, str):
        return {"day": None, "event": None, "kind": condition, "names": []}
    kind, parameter = condition["kind"], condition["parameter"]
    if isinstance(parameter, list):
        return {"day": None, "event": None, "kind": kind, "names": parameter}
    if parameter in lists.EVENTS:
        return {"day": None, "event": parameter, "kind": kind, "names": []}
    return {"day": _day(kind, parameter), "event": None, "kind": kind, "names": []}


def _day(field: str, value: str | None) -> str | None:
    """The day as the paper has it; a time of the day has no box."""
    _boxed(field, value is None or _DAY.fullmatch(value) is not None)
    return value


def _boxed(field: str, holds: bool) -> None:
    if not holds:
        raise NotOnFormError(f"field '{field}'")
