"""Form and instrument undo each other for every form there is; a form's parser reads back what it prints."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exchange.notes import form as forms
from exchange.notes import lists, mapping, reference
from exchange.notes.errors import CodeTypingError, MalformedNoteError, NotOnFormError
from exchange.notes.layout import papers_of
from exchange.statements import words
from keys.encoding import b64u

_DAYS = st.dates().map(lambda day: day.isoformat())
_IDS = st.lists(st.binary(min_size=16, max_size=16).map(b64u), max_size=2, unique=True)
_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


@st.composite
def rows(draw: st.DrawFn, agrees: bool | None = None, publish: bool = False) -> dict[str, Any]:
    """A statement that holds together."""
    yes = draw(st.booleans()) if agrees is None else agrees
    scope = draw(st.sampled_from(lists.SCOPES))
    named = {"all": st.just([]), "kind": _some(lists.DOCUMENTS)}.get(
        scope, st.lists(_NAMES, min_size=1, max_size=3, unique=True)
    )
    adopted = draw(st.sampled_from(lists.ADOPTED))
    spans = [sorted(draw(st.lists(_DAYS, min_size=2, max_size=2))) for _ in range(2)]
    cut = [[draw(st.sampled_from((day, None))) for day in span] for span in spans]
    ends = cut[0] if adopted == "between" else [None, None]
    until, event = draw(st.none() | _DAYS), draw(st.none() | st.sampled_from(lists.EVENTS))
    bodies = _some(("un-spt", "coe-cpt", "state:XB"))
    actions = draw(_some(lists.ACTIONS).filter(lambda found: found != ["publish"]))
    return {
        "actions": ["publish"] if publish else actions,
        "adopted": adopted,
        "adopted_from": ends[0],
        "adopted_to": ends[1],
        "agrees": yes,
        "bodies": draw(bodies if yes else st.none() | bodies),
        "embargo_event": event,
        "embargo_rule": draw(st.sampled_from(lists.RULES)) if until and event else "last",
        "embargo_until": until,
        "languages": draw(st.none() | _some(("en", "fr", "ru"))),
        "named": draw(named),
        "purposes": draw(st.none() | _some(lists.PURPOSES)),
        "scope": scope,
        "valid_from": cut[1][0],
        "valid_to": cut[1][1],
        "variants": draw(st.none() | _some(lists.VARIANTS)),
    }


@st.composite
def limitations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Limitations, each once."""
    found = []
    for kind in draw(st.lists(st.sampled_from(lists.LIMITATIONS), max_size=4, unique=True)):
        item: dict[str, Any] = {"day": None, "event": None, "kind": kind, "names": []}
        if kind in words.LIST_CONDITIONS:
            item["names"] = draw(st.lists(_NAMES, min_size=1, max_size=3, unique=True))
        elif kind == "retain_until" or (kind == "embargo_until" and draw(st.booleans())):
            item["day"] = draw(_DAYS)
        elif kind == "embargo_until":
            item["event"] = draw(st.sampled_from(lists.EVENTS))
        found.append(item)
    return found


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, Any]:
    """A finished form of any kind that declares."""
    kind = draw(st.sampled_from(lists.DECLARING))
    agrees = {"limits": False, "publication": True}.get(kind)
    found = draw(st.lists(rows(agrees=agrees, publish=kind == "publication"), min_size=1, max_size=3))
    replaces, limits = draw(_IDS), draw(_IDS)
    limits = [each for each in limits if each not in replaces]
    if kind == "limits":
        limits = limits or [b64u(b"x" * 16)]
        replaces = [each for each in replaces if each not in limits]
    elif kind != "request" and not any(row["agrees"] for row in found):
        limits = []
    span = {"agreement-standing": "standing", "agreement-specific": "specific"}.get(kind)
    return forms.check(
        {
            "kind": kind,
            "limitations": draw(limitations()) if any(row["agrees"] for row in found) else [],
            "limits": limits,
            "note": forms.VERSION,
            "paper": draw(st.sampled_from(lists.PAPERS)),
            "reference": draw(st.none() | _NAMES),
            "replaces": replaces,
            "reply_by": draw(_DAYS) if kind == "request" else None,
            "rows": found,
            "span": span or draw(st.sampled_from(lists.SPANS)),
            "state": draw(st.sampled_from(("XA", "FR"))),
            "undertaking": draw(st.none() | _NAMES),
        }
    )


@given(declarations(), _DAYS)
def test_form_to_instrument_to_form_is_the_same(form: dict[str, Any], received: str) -> None:
    """And the instrument is the same again: neither says more than the other."""
    instrument = mapping.instrument_of(form, received)
    again, day = mapping.form_of(instrument)
    assert (again, day) == (form, received)
    assert mapping.instrument_of(again, day) == instrument


@given(declarations())
def test_a_form_prints_and_reads_back(form: dict[str, Any]) -> None:
    """In either spelling, with the same code; and its paper can be laid out."""
    assert forms.read(forms.pretty(form)) == form == forms.read(forms.text(form))
    assert reference.read_code(reference.code_of(form)) == reference.code_of(form)
    assert papers_of(form, ["fr"])


@given(declarations(), st.sampled_from(("valid_to", "embargo_until", "grantees", "scope_ref", "evidence")), st.data())
def test_what_has_no_box_is_never_dropped(form: dict[str, Any], field: str, data: st.DataObject) -> None:
    """An instrument with something the form has no box for is refused."""
    body = mapping.instrument_of(form, "2026-03-01")
    odd = {"grantees": [], "scope_ref": "press_release"}.get(field, "2026-03-01T12:00:00Z")
    row = body["provisions"][0]
    if field == "evidence":
        body = {**body, "evidence": "2f4a1c9e-0000-4000-8000-000000000000"}
    else:
        changed = {**row, field: odd, **({"scope": "kind"} if field == "scope_ref" else {})}
        body = {**body, "provisions": [changed, *body["provisions"][1:]]}
    try:
        mapping.form_of(body)
    except NotOnFormError:
        return
    raise AssertionError(f"'{field}' was put on a form that has no box for it")


@given(st.binary() | st.text().map(str.encode))
def test_arbitrary_bytes_are_no_form(data: bytes) -> None:
    """Only by the room's own error."""
    try:
        forms.read(data)
    except MalformedNoteError:
        pass


@given(st.text())
def test_arbitrary_text_is_no_code(typed: str) -> None:
    """Only by the room's own error."""
    try:
        reference.read_code(typed)
    except CodeTypingError:
        pass
