"""Words of closed lists, times and reasons as people read them, in their language."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from exchange.client.cli.app import App
from exchange.texts import has, say
from keys.encoding import parse_time
from keys.errors import KeysError

NONE: Final = "-"


def word(app: App, table: str, value: object) -> str:
    """Return the catalogue's word for a value of a closed list (`word.action.view`), or the value itself."""
    if value is None:
        return NONE
    name = str(value).replace("-", "_").replace(".", "_")
    key = f"word.{table}.{name}"
    return say(key, app.language) if has(key) else str(value)


def words(app: App, table: str, values: Iterable[object] | None) -> str:
    """Return the words of several values, or the word for "any" where there is no limit."""
    if values is None:
        return app.text("report.any")
    found = [word(app, table, value) for value in values]
    return ", ".join(found) if found else app.text("report.none")


def moment(value: object) -> str:
    """Return a time as people read it, UTC: "2026-03-10 12:00 UTC"; what is no time as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    try:
        return parse_time(value).strftime("%Y-%m-%d %H:%M UTC")
    except KeysError:
        return NONE if value is None else str(value)


def sentence(app: App, answer: Mapping[str, Any]) -> str:
    """Return the reason of a decision as a sentence: the server's, in the language it was asked in, with its code."""
    text, code = answer.get("sentence"), answer.get("reason")
    if isinstance(text, str) and text:
        return f"{text} ({code})" if code else text
    if isinstance(code, str) and has(f"error.{code}"):
        return f"{say(f'error.{code}', app.language)} ({code})"
    return NONE if code is None else str(code)
