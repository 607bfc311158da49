"""The public page that makes a note's reference code again: for anyone, and it knows nothing but what it is given."""

from flask_openapi import OpenAPI

from exchange.notes import form as forms
from exchange.notes import model, reference
from tests.web.exchange_world import ExchangeWorld
from tests.web.fill import Browser

ID = "AAAAAAAAAAAAAAAAAAAAAA"
FORM = forms.check({**model.model("withdrawal", "XA"), "authorisation": ID, "reference": "<b>NV 7</b>"})
CODE = reference.code_of(FORM)


def sent(world: ExchangeWorld, language: str = "en", **fields: str) -> tuple[int, str]:
    """Send the form without an account; the status and the page."""
    answer = Browser(world, language).send("/notes/check", "/notes/check", **fields)
    return answer.status_code, answer.text


def test_anyone_can_check_a_code(world: ExchangeWorld) -> None:
    """The page shows the form's words beside its code, in the reader's language, and escapes what it was given."""
    for language, title in (("en", "withdrawal"), ("fr", "retrait")):
        status, page = sent(world, language, code=CODE.lower(), form=forms.pretty(FORM).decode())
        assert status == 200 and title in page and ID in page
        assert "<b>NV 7" not in page and "&lt;b&gt;NV 7" in page


def test_a_slip_and_another_code_are_told_apart(world: ExchangeWorld) -> None:
    """A slip of the pen, a code of other ticks, no form, a form with a gap: each has its sentence."""
    text = forms.text(FORM).decode()
    other = reference.code_of(forms.check({**FORM, "effective": "2026-05-01"}))
    gap = forms.text(forms.check({**FORM, "authorisation": None})).decode()
    for code, form, said in (
        (CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), text, "has a slip"),
        (other, text, "was not made from these ticks"),
        (CODE, "nothing", "not a form that can be read"),
        (CODE, gap, "has a gap"),
    ):
        status, page = sent(world, code=code, form=form)
        assert status == 422 and said in page


def test_nothing_of_it_stands_in_an_address(world: ExchangeWorld) -> None:
    """The page takes its values in the body alone: values in an address change nothing."""
    plain = Browser(world).get("/notes/check")
    asked = Browser(world).get(f"/notes/check?code={CODE}&form=x")
    assert plain.status_code == asked.status_code == 200
    assert f'value="{CODE}"' not in asked.text and ">x</textarea>" not in asked.text


def test_a_form_without_its_token_is_refused(world: ExchangeWorld) -> None:
    """Like every form of these pages."""
    app: OpenAPI = world.app
    answer = app.test_client().post("/notes/check", data={"code": CODE}, headers={"Host": "localhost:8443"})
    assert answer.status_code == 400
