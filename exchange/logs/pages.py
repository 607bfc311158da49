"""Both logs in public: their sizes and checkpoints, by which keys they sign, and how anyone verifies them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask_login import current_user

from exchange.logs.places import LOGS, LogPlaces, N
from exchange.logs.services import STOPPED, Logs
from exchange.web.services import service

blueprint = Blueprint("logs_pages", __name__)


@dataclass(frozen=True)
class LogShown:
    """One log: size and time of the checkpoint that stands in public (None while there is none), and its keys by name."""

    name: str
    n: int
    size: int | None
    signed: datetime | None
    stopped: bool
    origin: str
    keys: tuple[tuple[str, str], ...]


@blueprint.get("/verification")
def show_logs() -> str:
    """Show both logs to anyone: everything here is public."""
    # Asked only so that members find their navigation; the page is the same for everyone.
    current_user.is_authenticated  # noqa: B018
    return render_template("logs.html", logs=[_shown(name) for name in LOGS])


def _shown(name: str) -> LogShown:
    signed = service(Logs).published(name)
    public = service(LogPlaces).place(name).keys.public
    keys = tuple(
        (algorithm, f"{vkey.name}+{vkey.key_id.hex()}")
        for algorithm, vkey in (("Ed25519", public.ed25519), ("ML-DSA-44", public.mldsa44))
    )
    return LogShown(
        name,
        N,
        None if signed is None else signed.size,
        None if signed is None else datetime.fromtimestamp(signed.time, UTC),
        service(Logs).state(name) == STOPPED,
        public.ed25519.name,
        keys,
    )
