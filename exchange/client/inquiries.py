"""Asking the server what it decides and lists: boxes, the access matrix, explanations. Nothing here opens anything."""

from collections.abc import Iterator
from typing import Any, Final

from exchange.client.report_view import REPORTS
from exchange.client.session import Session
from keys.errors import MalformedError

_MOST_PAGES: Final = 10_000


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


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("an answer is an object")
    return value
