"""Asking the server what it decides and lists: boxes, the access matrix, explanations. Nothing here opens anything."""

from collections.abc import Iterator
from typing import Any, Final

from exchange.client.register import CONSENTS
from exchange.client.report_view import REPORTS
from exchange.client.session import Session
from keys.errors import MalformedError

_MOST_PAGES: Final = 10_000
_CLOSING_PAGES: Final = 20


def box(session: Session, name: str) -> Iterator[dict[str, Any]]:
    """Yield the reports of a box ("inbox", "sent"), newest first, page after page; MalformedError."""
    after: str | None = None
    for _page in range(_MOST_PAGES):
        params = {"box": name} if after is None else {"box": name, "after": after}
        answer = session.http.get(REPORTS, params)
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise MalformedError("a box is a list of reports")
        yield from items
        after = answer.get("next")
        if not after:
            return


def matrix(session: Session, report: str) -> dict[str, Any]:
    """Return the owner's matrix: {parts, recipients, cells}, each cell with its exact reason."""
    return _object(session.http.get(f"{REPORTS}/{report}/access"))


def timeline(session: Session, report: str, purpose: str) -> dict[str, Any]:
    """Return what opened, narrowed and closed a report, and when: for its owner and the audit offices; MalformedError."""
    answer = _object(session.http.get(f"{REPORTS}/{report}/access", {"purpose": purpose, "timeline": "true"}))
    return _object(answer.get("timeline"))


def explain(
    session: Session,
    report: str,
    *,
    body: str | None = None,
    action: str | None = None,
    purpose: str | None = None,
    at: str | None = None,
) -> dict[str, Any]:
    """Return why a body may or may not do something with a report; the owner gets the exact reason, others theirs alone."""
    asked = {"for": body, "action": action, "purpose": purpose, "at": at}
    params = {name: value for name, value in asked.items() if value is not None}
    return _object(session.http.get(f"{REPORTS}/{report}/explain", params))


def closing(session: Session, instrument: str, event: str) -> tuple[list[dict[str, Any]], bool]:
    """Return which of this body's reports would close or open, and for whom, if an event were recorded now, and whether all
    of its reports were looked at: the newest four thousand are. MalformedError."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    for _page in range(_CLOSING_PAGES):
        params = {"event": event} if after is None else {"event": event, "after": after}
        answer = _object(session.http.get(f"{CONSENTS}/{instrument}/closing", params))
        items = answer.get("items")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise MalformedError("what closes is a list of reports")
        found += items
        after = answer.get("next")
        if not after:
            return found, True
    return found, False


def today(session: Session) -> dict[str, Any]:
    """Return what waits for this officer: {now, arrived, due, recalls, second_signature, states}; MalformedError."""
    return _object(session.http.get("/api/v1/today"))


def coverage(session: Session, kind: str, purpose: str) -> dict[str, Any]:
    """Return whose reports of a kind may go to whom today: {bodies, states: [{state, cells}]}; MalformedError."""
    return _object(session.http.get("/api/v1/coverage", {"kind": kind, "purpose": purpose}))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("an answer is an object")
    return value
