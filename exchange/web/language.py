"""Which of our languages this reader wants: the one chosen on a page, else the browser's or client's preference."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import g, has_request_context, request, session

from exchange.texts import LANGUAGES, best_language, say

SESSION_KEY: Final = "language"
MACHINE_PATHS: Final = ("/api/", "/oauth/", "/log/", "/logs/")


def for_machines() -> bool:
    """True when the request is a program's: it gets a problem document, no session and no form token."""
    return request.path.startswith(MACHINE_PATHS)


def language() -> str:
    """Return "en" or "fr" for the current request; English outside one."""
    if not has_request_context():
        return LANGUAGES[0]
    if g.get("spoken") in LANGUAGES:
        return str(g.spoken)
    chosen = None if for_machines() else session.get(SESSION_KEY)
    if chosen in LANGUAGES:
        return str(chosen)
    return best_language(request.headers.get("Accept-Language", ""))


@contextmanager
def spoken(tongue: str) -> Iterator[None]:
    """Within it this request speaks one of our languages: for a page that says the same in both."""
    before = g.get("spoken")
    g.spoken = tongue
    try:
        yield
    finally:
        g.spoken = before


def choose(tongue: str) -> None:
    """Remember a reader's choice in their session; anything but one of our languages is ignored."""
    if tongue in LANGUAGES:
        session[SESSION_KEY] = tongue


def text(key: str, **values: object) -> str:
    """Return the catalogue's text in the current reader's language; the template global `text`."""
    return say(key, language(), **values)
