"""The form as data: one JSON object, checked and put into its one spelling (docs/spec/notes.md).

Boxes have no order, so every list is put into the order of the form. A form may have gaps while it is being filled in;
`check_finished` says whether it can be signed: then it has a reference code, and is the same as an instrument or an event.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from exchange.notes import lists
from exchange.notes.errors import MalformedNoteError, UnfinishedNoteError
from exchange.statements import words
from keys import fields
from keys.encoding import canonical
from keys.errors import KeysError

VERSION: Final = "exchange/note/v1"
MOST_BYTES: Final = 65536

_NAME: Final = fields.text(120, least=1)
_NAMES: Final = fields.list_of(_NAME, most=lists.NAMES, distinct=True)
_DAY: Final = fields.nullable(fields.day)


def _boxes(allowed: Sequence[str]) -> fields.Checker:
    return fields.list_of(fields.one_of(*allowed), distinct=True)


_ROW: Final[fields.Schema] = {
    "actions": _boxes(lists.ACTIONS),
    "adopted": fields.one_of(*lists.ADOPTED),
    "adopted_from": _DAY,
    "adopted_to": _DAY,
    "agrees": fields.boolean,
    "bodies": fields.nullable(fields.list_of(fields.organisation, most=lists.NAMES, distinct=True)),
    "embargo_event": fields.nullable(fields.one_of(*lists.EVENTS)),
    "embargo_rule": fields.one_of(*lists.RULES),
    "embargo_until": _DAY,
    "languages": fields.nullable(fields.list_of(fields.name, most=lists.NAMES, distinct=True)),
    "named": _NAMES,
    "purposes": fields.nullable(_boxes(lists.PURPOSES)),
    "scope": fields.one_of(*lists.SCOPES),
    "valid_from": _DAY,
    "valid_to": _DAY,
    "variants": fields.nullable(_boxes(lists.VARIANTS)),
}
_LIMITATION: Final[fields.Schema] = {
    "day": _DAY,
    "event": fields.nullable(fields.one_of(*lists.EVENTS)),
    "kind": fields.one_of(*lists.LIMITATIONS),
    "names": fields.list_of(_NAME, most=lists.LIMITATION_NAMES, distinct=True),
}
_HEAD: Final[fields.Schema] = {
    "kind": fields.one_of(*lists.KINDS),
    "note": fields.one_of(VERSION),
    "reference": fields.nullable(fields.text(200, least=1)),
    "state": fields.state,
}
_DECLARING: Final[fields.Schema] = {
    **_HEAD,
    "limitations": fields.list_of(fields.an_object(_LIMITATION), most=len(lists.LIMITATIONS)),
    "limits": fields.list_of(fields.ID16, most=lists.NAMES, distinct=True),
    "paper": fields.one_of(*lists.PAPERS),
    "replaces": fields.list_of(fields.ID16, most=lists.NAMES, distinct=True),
    "reply_by": _DAY,
    "rows": fields.list_of(fields.an_object(_ROW), most=lists.ROWS),
    "span": fields.one_of(*lists.SPANS),
    "undertaking": fields.nullable(_NAME),
}
_ENDING: Final[fields.Schema] = {
    **_HEAD,
    "authorisation": fields.nullable(fields.ID16),
    "effective": _DAY,
}
_ACKNOWLEDGING: Final[fields.Schema] = {
    **_HEAD,
    "acknowledges": fields.one_of(*lists.DECLARING[1:], *lists.ENDING),
    "authorisation": fields.nullable(fields.ID16),
    "object_by": _DAY,
    "received_on": _DAY,
}
# In a row and in a limitation: lists whose order is that of the form, and lists in the order of their letters.
_ORDERS: Final[Mapping[str, Sequence[str]]] = {
    "actions": lists.ACTIONS,
    "purposes": lists.PURPOSES,
    "variants": lists.VARIANTS,
}
_SORTED: Final = ("bodies", "languages", "named", "names")


def read(data: bytes) -> dict[str, Any]:
    """Return the form in a file; MalformedNoteError for anything else. A key that stands twice is refused."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once) if len(data) <= MOST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise MalformedNoteError("not a JSON file") from error
    return check(value)


def check(value: object) -> dict[str, Any]:
    """Return a form, which may have gaps, in its one spelling; MalformedNoteError names the field."""
    kind = value.get("kind") if isinstance(value, dict) else None
    schema = _DECLARING if kind in lists.DECLARING else _ENDING if kind in lists.ENDING else _ACKNOWLEDGING
    try:
        checked = fields.check(value, schema)
        spelled = dict(checked)
        if kind in lists.DECLARING:
            spelled["rows"] = [_ordered(row) for row in checked["rows"]]
            limitations = [_ordered(item) for item in checked["limitations"]]
            spelled["limitations"] = sorted(limitations, key=lambda item: lists.LIMITATIONS.index(item["kind"]))
            spelled |= {name: sorted(checked[name]) for name in ("limits", "replaces")}
        canonical(spelled)
    except KeysError as error:
        raise MalformedNoteError(str(error)) from error
    return spelled


def text(form: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a checked form, canonical JSON: what its reference code is made from."""
    return canonical(dict(form))


def pretty(form: Mapping[str, Any]) -> bytes:
    """Return a form as people edit it; `read` reads it back."""
    return json.dumps(dict(form), ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def check_finished(form: Mapping[str, Any]) -> None:
    """UnfinishedNoteError, naming the field, where a checked form has a gap or boxes that exclude each other."""
    kind = form["kind"]
    if kind in lists.DECLARING:
        _check_declaring(form)
        return
    _need("authorisation", form["authorisation"] is not None)
    if kind == lists.ACKNOWLEDGEMENT:
        _need("received_on", form["received_on"] is not None)
        _need("object_by", form["object_by"] is not None and form["object_by"] >= form["received_on"])


def kind_of(span: str, reply_by: object, limits: object, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return which form says what these say: each content has one form, so that no paper can be read as another."""
    if reply_by is not None:
        return "request"
    if limits and not any(row["agrees"] for row in rows):
        return "limits"
    if all(row["agrees"] and row["actions"] == ["publish"] for row in rows):
        return "publication"
    return f"agreement-{span}"


def _check_declaring(form: Mapping[str, Any]) -> None:
    _need("rows", bool(form["rows"]))
    for index, row in enumerate(form["rows"]):
        _check_row(f"rows[{index}]", row)
    seen = [item["kind"] for item in form["limitations"]]
    for item in form["limitations"]:
        kind = item["kind"]
        by_name, dated = kind in words.LIST_CONDITIONS, kind in words.DATED_CONDITIONS
        _need(kind, seen.count(kind) == 1 and bool(item["names"]) == by_name)
        _need(kind, (item["day"] is not None or item["event"] is not None) == dated)
        _need(kind, item["event"] is None or (kind == "embargo_until" and item["day"] is None))
    due = kind_of(form["span"], form["reply_by"], form["limits"], form["rows"])
    _need("kind", form["kind"] == due)
    _need("limitations", not form["limitations"] or any(row["agrees"] for row in form["rows"]))
    _need("replaces", not set(form["replaces"]) & set(form["limits"]))


def _check_row(place: str, row: Mapping[str, Any]) -> None:
    _need(f"{place}.actions", bool(row["actions"]))
    _need(f"{place}.bodies", bool(row["bodies"]) or (row["bodies"] is None and not row["agrees"]))
    for name in ("languages", "purposes", "variants"):
        _need(f"{place}.{name}", row[name] is None or bool(row[name]))
    _need(f"{place}.named", bool(row["named"]) == (row["scope"] != "all"))
    _need(f"{place}.named", row["scope"] != "kind" or set(row["named"]) <= set(lists.DOCUMENTS))
    ends = (row["adopted_from"], row["adopted_to"])
    _need(f"{place}.adopted", row["adopted"] == "between" or ends == (None, None))
    for start, end in (ends, (row["valid_from"], row["valid_to"])):
        _need(place, start is None or end is None or start <= end)
    both = row["embargo_until"] is not None and row["embargo_event"] is not None
    _need(f"{place}.embargo_rule", both or row["embargo_rule"] == "last")


def _need(field: str, holds: bool) -> None:
    if not holds:
        raise UnfinishedNoteError(f"field '{field}'")


def _ordered(item: dict[str, Any]) -> dict[str, Any]:
    ordered = dict(item)
    for name, order in _ORDERS.items():
        if item.get(name) is not None and name in item:
            ordered[name] = sorted(item[name], key=order.index)
    for name in _SORTED:
        if item.get(name) is not None:
            ordered[name] = sorted(item[name])
    return ordered


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
