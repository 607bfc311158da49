"""The form on paper: what it refuses, what it says, and its reference code."""

import json
from typing import Any

import pytest

from exchange.client.paper_pdf import pdf_of
from exchange.client.report_errors import PaperFontError
from exchange.notes import form as forms
from exchange.notes import lists, mapping, model, reference
from exchange.notes.blocks import Box, Code, Paper, Text, as_text
from exchange.notes.errors import (
    CodeTypingError,
    MalformedNoteError,
    NotOnFormError,
    OtherCodeError,
    UnfinishedNoteError,
)
from exchange.notes.layout import papers_of
from exchange.reference.names import HERE, state
from exchange.texts import LANGUAGES

ID = "AAAAAAAAAAAAAAAAAAAAAA"
DAY = "2026-03-01"


def finished(kind: str = "agreement-standing", **changes: Any) -> dict[str, Any]:
    """A finished form of a kind that declares."""
    form = model.model(kind, "XA")
    specific = form["rows"][0]["scope"] == "document"
    named = ["D1"] if specific else ["visit_report"]
    row = {**form["rows"][0], "bodies": ["un-spt"], "named": named}
    row["actions"] = row["actions"] or ["view", "download"]
    more = {"request": {"reply_by": "2026-06-01"}, "limits": {"limits": [ID]}}.get(kind, {})
    return forms.check({**form, "rows": [row], **more, **changes})


def of_row(**changes: Any) -> dict[str, Any]:
    """A finished form whose one statement has these changes."""
    form = finished()
    return forms.check({**form, "rows": [{**form["rows"][0], **changes}]})


def instrument(**changes: Any) -> dict[str, Any]:
    """The instrument of a finished form, with changes to its one provision."""
    body = mapping.instrument_of(finished(), DAY)
    return {**body, "provisions": [{**body["provisions"][0], **changes}]}


@pytest.mark.parametrize("kind", lists.DECLARING)
def test_each_declaring_form_is_its_instrument_and_back(kind: str) -> None:
    """Form to instrument to form is the same form, and the same day."""
    form = finished(kind)
    assert mapping.form_of(mapping.instrument_of(form, DAY)) == (form, DAY)


@pytest.mark.parametrize("kind", lists.KINDS)
def test_a_model_has_gaps_and_no_code(kind: str) -> None:
    """A model can be read and printed, and says nothing yet."""
    form = forms.read(forms.pretty(model.model(kind, "XA")))
    with pytest.raises(UnfinishedNoteError):
        reference.code_of(form)
    for paper in papers_of(form, LANGUAGES):
        assert not [block for block in paper.blocks if isinstance(block, Code)]


@pytest.mark.parametrize(
    "form",
    [
        of_row(actions=[]),
        of_row(bodies=[]),
        of_row(bodies=None),
        of_row(named=[]),
        of_row(named=["press_release"]),
        of_row(scope="all"),
        of_row(adopted_from="2026-01-01"),
        of_row(purposes=[]),
        of_row(valid_from="2026-02-01", valid_to="2026-01-01"),
        of_row(embargo_rule="first"),
        of_row(actions=["publish"]),
        finished(rows=[]),
        finished(reply_by="2026-06-01"),
        finished(span="specific"),
        finished(replaces=[ID], limits=[ID]),
        finished("limits", limitations=[model.limitation("view_only")]),
        finished("limits", limits=[]),
        finished(limitations=[model.limitation("parts_only")]),
        finished(limitations=[model.limitation("embargo_until")]),
        finished(limitations=[model.limitation("view_only"), model.limitation("view_only")]),
        finished(limitations=[{"day": None, "event": "published", "kind": "retain_until", "names": []}]),
    ],
)
def test_a_form_with_a_gap_or_a_contradiction_has_no_code(form: dict[str, Any]) -> None:
    """Nobody ticked whom, what or which; or boxes exclude each other; or another form is the one for it."""
    with pytest.raises(UnfinishedNoteError):
        reference.code_of(form)
    with pytest.raises(UnfinishedNoteError):
        mapping.instrument_of(form, DAY)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (instrument(valid_to="2026-03-01T12:00:00Z"), "provisions[0].valid_to"),
        (instrument(scope_ref="press_release"), "rows[0].named"),
        (instrument(scope_ref=None), "rows[0].named"),
        (instrument(grantees=[]), "rows[0].bodies"),
        (instrument(time_scope="future", adopted_to="2026-01-01"), "rows[0].adopted"),
        (instrument(embargo_event="something_else"), "embargo_event"),
        ({**instrument(), "authority_competent": False}, "authority_competent"),
        ({**instrument(), "evidence": "2f4a1c9e-0000-4000-8000-000000000000"}, "evidence"),
        ({**instrument(), "received_on": "2026-03-01T00:00:00Z"}, "received_on"),
        ({**instrument(), "conditions": ["view_only", "view_only"]}, "view_only"),
        ({**instrument(), "conditions": [{"kind": "embargo_until", "parameter": "own_event"}]}, "embargo_until"),
        ({**instrument(), "provisions": []}, "rows"),
        ({**instrument(), "provisions": instrument()["provisions"] * 9}, "rows"),
    ],
)
def test_what_has_no_box_is_refused(body: dict[str, Any], field: str) -> None:
    """And the field is named: nothing is dropped on the way to paper."""
    with pytest.raises(NotOnFormError, match=field.replace("[", r"\[")):
        mapping.form_of(body)


def test_ticks_have_no_order() -> None:
    """The same boxes in another order are the same form with the same code."""
    one, two = of_row(actions=["download", "view"]), of_row(actions=["view", "download"])
    assert one == two
    assert reference.code_of(one) == reference.code_of(two)


def test_an_event_on_paper() -> None:
    """Withdrawal and objection name the authorisation, the event and the day."""
    form = forms.check({**model.model("withdrawal", "XA"), "authorisation": ID, "effective": "2026-05-01"})
    assert mapping.event_of(form) == (ID, "withdrawn", "2026-05-01")
    form = forms.check({**model.model("objection", "XA"), "authorisation": ID})
    assert mapping.event_of(form) == (ID, "disputed", None)
    for other in (form, finished()):
        with pytest.raises(UnfinishedNoteError):
            mapping.instrument_of(other, DAY) if other is form else mapping.event_of(other)


def test_an_acknowledgement_gives_time_to_object() -> None:
    """The day for objections is not before the day of receipt."""
    head = {**model.model("acknowledgement", "XA"), "authorisation": ID, "received_on": DAY}
    assert reference.code_of(forms.check({**head, "object_by": "2026-04-01"}))
    with pytest.raises(UnfinishedNoteError):
        reference.code_of(forms.check({**head, "object_by": "2026-02-01"}))


def test_every_slip_of_one_sign_and_every_exchange_of_two_is_noticed() -> None:
    """The check sign fails for each of them; spaces, size of letters and O, I, L do not matter."""
    code = reference.code_of(finished())
    signs = code.replace("-", "")
    assert reference.read_code(f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} ") == code
    for place, sign in enumerate(signs):
        for other in reference.SIGNS.replace(sign, ""):
            with pytest.raises(CodeTypingError):
                reference.read_code(signs[:place] + other + signs[place + 1 :])
        for further in range(place + 1, len(signs)):
            if signs[further] == sign:
                continue
            changed = [*signs]
            changed[place], changed[further] = changed[further], changed[place]
            with pytest.raises(CodeTypingError):
                reference.read_code("".join(changed))


def test_a_code_of_other_ticks_does_not_fit() -> None:
    """Changing one box changes the code."""
    code = reference.code_of(finished())
    assert reference.check_code(code, finished()) == code
    with pytest.raises(OtherCodeError):
        reference.check_code(code, of_row(actions=["view"]))


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"\xff", b'{"kind": "limits", "kind": "limits"}', b"[" * 100000, b"9" * 70000]
)
def test_what_is_no_form_is_refused(data: bytes) -> None:
    """By its one error."""
    with pytest.raises(MalformedNoteError):
        forms.read(data)


@pytest.mark.parametrize("kind", lists.KINDS)
def test_papers_in_both_languages_say_the_same_ticks(kind: str) -> None:
    """Box by box, in the same order, and the PDF is tagged, titled and the same each time."""
    form = finished(kind) if kind in lists.DECLARING else forms.check({**model.model(kind, "XA"), "authorisation": ID})
    english, french = papers_of(form, LANGUAGES)
    ticks = [[block.ticked for block in paper.blocks if isinstance(block, Box)] for paper in (english, french)]
    assert ticks[0] == ticks[1]
    assert as_text([english]) != as_text([french])
    drawn = pdf_of([english, french], "foot")
    assert drawn == pdf_of([english, french], "foot")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Marked true", b"/ParentTree", b"/Lang (fr)", b"/FontFile2"):
        assert mark in drawn


def test_the_font_covers_every_state_and_french() -> None:
    """Both languages' names of every State can be printed; what the font lacks is refused, not left out."""
    codes = [row["code"] for row in json.loads((HERE / "states.json").read_text())["states"]]
    names = [state(code, language).full for code in codes for language in LANGUAGES]
    letters = "éèêëàâäùûüôöîïçœæÉÈÊËÀÂÙÛÔÎÏÇŒÆ«»–’…"
    assert pdf_of([Paper("fr", "x", (Text(" ".join(names) + letters),))], "foot")
    with pytest.raises(PaperFontError):
        pdf_of([Paper("fr", "x", (Text("Женева"),))], "foot")
