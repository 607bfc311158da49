"""Who takes part: bodies with their fingerprints, key generations and audit offices. Never who works where."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template
from flask_login import login_required

from exchange.directory.snapshots import Snapshots
from exchange.web.services import service, unit_of_work
from exchange.web.showing import body_name
from keys.replay_records import Organisation
from keys.words import fingerprint_words

blueprint = Blueprint("directory_pages", __name__)

# In this order on the page; a kind of body that is not named here comes last.
_KINDS = ("mechanism", "secretariat", "npm", "nhri", "court", "state", "audit")


@dataclass(frozen=True)
class Body:
    """A body with the words that people compare."""

    record: Organisation
    words: Sequence[str]


@blueprint.get("/directory")
@login_required
def show_bodies() -> str:
    """List every participating body, by kind."""
    with unit_of_work() as uow:
        directory = service(Snapshots).required(uow)
    bodies = [Body(record, fingerprint_words(record.added)) for record in directory.organisations]
    ordered = sorted(bodies, key=lambda body: (_place(body.record.kind), body_name(body.record.id)))
    groups = [(kind, list(group)) for kind, group in groupby(ordered, key=lambda body: body.record.kind)]
    return render_template("directory.html", groups=groups, host=directory.host, size=directory.size)


def _place(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
