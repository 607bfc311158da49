"""From JSON to facts and back: one table of records, read strictly, printed in one spelling.

A key left out takes the value shown in the format, at every depth; an item of a list takes what the first shown item has.
With `complete`, nothing may be left out: that is how facts are read outside of case files, where a default could open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from policies import case_shown, facts
from policies.case_shown import SHOWN
from policies.errors import CaseDuplicateId, CaseMissingKey, CaseUnknownKey, CaseValue, FactsError
from policies.times import looks_like_time, read_day, read_end, read_instant, show_instant

# What ids name differs from case to case, so no id has a default.
ID = "id"


def _refs(value: Any) -> Any:
    return (value,) if isinstance(value, str) else () if value is None else _tuple(value)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _withdrawn(value: Any) -> Any:
    return value if isinstance(value, bool) else read_instant(value)


def _happenings(value: Any) -> Any:
    if not isinstance(value, dict):
        raise FactsError("document_events is not an object")
    return {name: read_instant(at) for name, at in value.items()}


def _or_null(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_INSTANT, _DAY, _END = _or_null(read_instant), _or_null(read_day), _or_null(read_end)
# A field is read in the same way wherever it occurs; one that is not named here is taken as it is, a list as a tuple.
_READ: Mapping[str, Callable[[Any], Any]] = {
    "adopted_on": _DAY, "adopted_from": _DAY, "adopted_to": _DAY, "valid_to": _END, "withdrawn": _withdrawn,
    "scope_ref": _refs, "document_events": _happenings,
    **dict.fromkeys(
        ("valid_from", "embargo_until", "held_until", "received_on", "reply_by", "at", "effective", "on"), _INSTANT
    ),
}


def _condition(value: Any) -> Any:
    """A limitation given by its name alone, or by name and parameter, as an object with both."""
    if isinstance(value, str):
        return {"kind": value, "parameter": None}
    return {"parameter": None, **value} if isinstance(value, dict) else value


def _parameter(record: dict[str, Any]) -> dict[str, Any]:
    kind, value = record["kind"], record["parameter"]
    if kind == "retain_until":
        value = read_end(value)
    elif kind == "embargo_until" and isinstance(value, str) and looks_like_time(value):
        value = read_instant(value)
    return {"kind": kind, "parameter": _tuple(value)}


def _recipient(value: Any) -> Any:
    """A statutory recipient of everything, given by its name alone, as an object."""
    return {"organisation": value, "parts": None} if isinstance(value, str) else value


@dataclass(frozen=True)
class Record:
    """How one record is read: the class it makes, the values shown, the keys without one, and the records within."""

    makes: Callable[..., Any]
    shown: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    lists: Mapping[str, "Record"] = field(default_factory=dict)
    objects: Mapping[str, "Record"] = field(default_factory=dict)
    before: Callable[[Any], Any] = lambda value: value
    after: Callable[[dict[str, Any]], dict[str, Any]] = lambda record: record

    @property
    def keys(self) -> set[str]:
        """Every key the record knows."""
        return set(self.shown) | set(self.required)


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != ID}


_DOCUMENT, _INSTRUMENT = SHOWN["document"], SHOWN["instruments"][0]
EVENT = Record(facts.Event, _INSTRUMENT["events"][0])
INSTRUMENT = Record(
    facts.Instrument,
    _shown(_INSTRUMENT),
    (ID,),
    lists={
        "provisions": Record(facts.Provision, _INSTRUMENT["provisions"][0]),
        "conditions": Record(
            facts.Condition, required=("kind", "parameter"), before=_condition, after=_parameter
        ),
        "events": EVENT,
    },
)
DOCUMENT = Record(
    facts.Document,
    _shown(_DOCUMENT),
    (ID,),
    lists={
        "parts": Record(facts.Part, _shown(_DOCUMENT["parts"][0]), (ID,)),
        "statutory_recipients": Record(
            facts.StatutoryRecipient, required=case_shown.STATUTORY_RECIPIENT_KEYS, before=_recipient
        ),
    },
    objects={"emergency": Record(facts.Emergency, required=case_shown.EMERGENCY_KEYS)},
)
FACTS = Record(
    facts.Facts,
    {key: value for key, value in SHOWN.items() if key not in ("id", "title", "now", "expect")},
    lists={
        "originator_decisions": Record(facts.OriginatorDecision, SHOWN["originator_decisions"][0]),
        "instruments": INSTRUMENT,
        "person_consents": Record(
            facts.PersonConsent, case_shown.PERSON_CONSENT_SHOWN, case_shown.PERSON_CONSENT_KEYS
        ),
        "successions": Record(facts.Succession, required=case_shown.SUCCESSION_KEYS),
    },
    objects={"request": Record(facts.Request, SHOWN["request"]), "document": DOCUMENT},
)


def take(value: Any, at: str, shown: Mapping[str, Any], required: tuple[str, ...], complete: bool) -> dict[str, Any]:
    """The object `value` with what is left out filled in. Raises CaseValue, CaseUnknownKey or CaseMissingKey."""
    if not isinstance(value, dict):
        raise CaseValue(f"{at} is not an object")
    known = set(shown) | set(required)
    for key in value:
        if key not in known:
            raise CaseUnknownKey(f"{at} has an unknown key: {key!r:.60}")
    for key in sorted(known) if complete else required:
        if key not in value and (complete or key not in shown):
            raise CaseMissingKey(f"{at} lacks a key: {key!r}")
    return {**shown, **value}


def read(record: Record, value: Any, at: str, complete: bool = False) -> Any:
    """The facts that JSON `value` tells, read as `record` says; `at` is where it stands, for messages.

    Raises CaseUnknownKey, CaseMissingKey, CaseDuplicateId or CaseValue.
    """
    given = take(record.before(value), at, record.shown, record.required, complete)
    made: dict[str, Any] = {}
    for key, raw in given.items():
        here = f"{at}.{key}" if at else key
        if key in record.lists:
            made[key] = _read_list(record.lists[key], raw, here, complete)
        elif key in record.objects:
            made[key] = None if raw is None else read(record.objects[key], raw, here, complete)
        else:
            made[key] = _read_value(key, raw, here)
    try:
        return record.makes(**record.after(made))
    except FactsError as error:
        raise CaseValue(f"{at or 'case'}: {error}") from None


def _read_list(record: Record, raw: Any, at: str, complete: bool) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise CaseValue(f"{at} is not a list")
    items = tuple(read(record, item, f"{at}[{index}]", complete) for index, item in enumerate(raw))
    if ID in record.required:
        seen: set[str] = set()
        for item in items:
            if item.id in seen:
                raise CaseDuplicateId(f"{at} has an id twice: {item.id!r:.60}")
            seen.add(item.id)
    return items


def _read_value(key: str, raw: Any, at: str) -> Any:
    try:
        return _READ.get(key, _tuple)(raw)
    except FactsError as error:
        raise CaseValue(f"{at}: {error}") from None


def show(value: Any) -> Any:
    """Facts as JSON, complete and in the one spelling that `read` gives back unchanged; a `ref` is not part of it."""
    if isinstance(value, facts.Condition):
        return value.kind if value.parameter is None else {"kind": value.kind, "parameter": show(value.parameter)}
    if isinstance(value, datetime):
        return show_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [show(item) for item in value]
    if isinstance(value, Mapping):
        return {name: show(item) for name, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: show(getattr(value, name)) for name in value.__dataclass_fields__ if name != "ref"}
    return value


