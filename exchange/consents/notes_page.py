"""Checking the reference code of a note on paper, for anyone, without an account: what is given is compared and shown back.

It reads nothing of the exchange and keeps nothing. Code and ticks come in the body of a form, never in an address.
"""

from flask import Blueprint, render_template, request
from flask_login import current_user

from exchange.notes import form as forms
from exchange.notes import reference
from exchange.notes.blocks import Paper
from exchange.notes.errors import NotesError
from exchange.notes.layout import papers_of
from exchange.texts import sentence
from exchange.web.language import language
from exchange.web.limits import check_limit

blueprint = Blueprint("notes_pages", __name__)

LIMIT = "note-address"
UNPROCESSABLE = 422


@blueprint.get("/notes/check")
def show_check() -> str:
    """Show what is needed for a check."""
    # Asked only so that members find their navigation; the page is the same for everyone.
    current_user.is_authenticated  # noqa: B018
    return _page("", "")


@blueprint.post("/notes/check")
def check() -> str | tuple[str, int]:
    """Make the code again from the ticks given, and compare."""
    current_user.is_authenticated  # noqa: B018
    check_limit(LIMIT)
    code, typed = request.form.get("code", "")[:200], request.form.get("form", "")
    upload = request.files.get("file")
    given = (
        upload.read(forms.MOST_BYTES + 1) if upload is not None and upload.filename else typed.encode(errors="replace")
    )
    paper, due = None, None
    try:
        form = forms.read(given)
        paper, due = papers_of(form, [language()])[0], reference.code_of(form)
        reference.check_code(code, form)
    except NotesError as error:
        return _page(code, typed, problem=sentence(error.code, language()), paper=paper, due=due), UNPROCESSABLE
    return _page(code, typed, paper=paper, due=due)


def _page(
    code: str, typed: str, *, problem: str | None = None, paper: Paper | None = None, due: str | None = None
) -> str:
    return render_template("notes_check.html", code=code, typed=typed, problem=problem, paper=paper, due=due)
