"""What is published, as pages for anyone: a list, and each publication with its files and how to check them."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from exchange.publications.rows import PublicView
from exchange.web.services import service, unit_of_work

blueprint = Blueprint("publications_pages", __name__)


@blueprint.get("/publications")
def show_list() -> str:
    """List what is published, newest first."""
    _navigation()
    with unit_of_work() as uow:
        shown, after = service(PublicView).page(uow, request.args.get("after") or None)
    return render_template("publications.html", publications=shown, next=after)


@blueprint.get("/publications/<publication>")
def show_one(publication: str) -> str:
    """Show one publication: what it is, its files with their SHA-256, or since when they are off the page."""
    _navigation()
    with unit_of_work() as uow:
        shown = service(PublicView).show(uow, publication)
    return render_template("publication.html", publication=shown)


def _navigation() -> None:
    # Asked only so that members find their navigation; the pages are the same for everyone.
    current_user.is_authenticated  # noqa: B018
