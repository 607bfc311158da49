"""How pages write things: dates, periods, sizes, names. For templates, in the reader's language (`docs/spec/server.md`).

Every time is UTC and says so. A period that ends at midnight is shown by its last day, "inclusive", as diplomatic notes
write it; a Name with a note (Kosovo*) puts the note under the page.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup, escape

from exchange.reference import names
from exchange.reference.names import Name
from exchange.texts import LANGUAGES, has, say
from exchange.web.language import language, text

_UNITS: Final = {"en": ("bytes", "KiB", "MiB", "GiB"), "fr": ("octets", "Kio", "Mio", "Gio")}
_STEP: Final = 1024


def day(value: date) -> Markup:
    """Return "4 July 2025" as a <time>; of a datetime its day in UTC."""
    when = value.astimezone(UTC).date() if isinstance(value, datetime) else value
    return _time(when.isoformat(), _day(when))


def moment(value: datetime) -> Markup:
    """Return "2 March 2026, 09:05 UTC" as a <time>."""
    when = value.astimezone(UTC)
    return _time(when.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{_day(when.date())}, {_hour(when)} UTC")


def until(end: datetime) -> Markup:
    """Return "until 31 December 2026 inclusive" for a period that has ended at the instant `end`."""
    when = end.astimezone(UTC)
    if when.time() == time():
        last = when.date() - timedelta(days=1)
        return _with_time("page.until_day", day=_time(last.isoformat(), _day(last)))
    return _with_time("page.until_moment", moment=moment(when))


def until_value(value: str) -> Markup:
    """Return the end of a period as statements write it: a day includes itself, an instant does not."""
    if len(value) == len("2026-12-31"):
        last = date.fromisoformat(value)
        return until(datetime.combine(last + timedelta(days=1), time(), UTC))
    return until(datetime.fromisoformat(value))


def when_value(value: str) -> Markup:
    """Return a day or an instant as statements write it."""
    return day(date.fromisoformat(value)) if len(value) == len("2026-12-31") else moment(datetime.fromisoformat(value))


def number(value: int) -> str:
    """Return a whole number with the language's separators."""
    return str(format_decimal(value, locale=language()))


def size(octets: int) -> str:
    """Return a size in binary units: "1.5 MiB", "1,5 Mio"."""
    amount, unit = float(octets), 0
    units = _UNITS[language()]
    while amount >= _STEP and unit < len(units) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{format_decimal(round(amount, 1), locale=language())} {units[unit]}"


def listed(items: Iterable[object]) -> Markup:
    """Return "a, b and c"; each item is escaped unless it is Markup."""
    parts = [escape(item) for item in items]
    if len(parts) < 2:
        return parts[0] if parts else Markup("")
    joint = Markup(" {} ").format(text("page.and"))
    return Markup(", ").join(parts[:-1]) + joint + parts[-1]


def word(group: str, value: str) -> str:
    """Return what people read for a word of a closed list (`word.<group>.<value>`); a value without one as it is."""
    key = f"word.{group}.{value}"
    return say(key, language()) if has(key) else value


def language_name(tag: str) -> str:
    """Return the name of a BCP 47 tag's language, "French" or "français"; the tag itself where nothing knows it."""
    base = tag.partition("-")[0]
    name = Locale.parse(language()).languages.get(base)
    return tag if name is None else str(name)


def capital(value: str) -> str:
    """Return the text with its first letter in upper case, for what begins a line or a cell."""
    return value[:1].upper() + value[1:]


def state_name(code: str) -> str:
    """Return the name of a State or other entity; its note comes under the page."""
    return _noted(names.state(code, language())).full


def body_name(organisation: str) -> str:
    """Return the full name of a body or of a State's authority; its note comes under the page."""
    return _noted(names.body(organisation, language())).full


def body_short(organisation: str) -> str:
    """Return the short form of a body's name, "SPT"."""
    return _noted(names.body(organisation, language())).short


def is_confirmed(organisation: str) -> bool:
    """Whether a source confirms the name shown for a body in this language."""
    return names.body(organisation, language()).confirmed


def footnotes() -> list[str]:
    """Return the notes of the names shown so far, each once, for the foot of the page."""
    return list(dict.fromkeys(g.get("footnotes", [])))


def local_path(candidate: str) -> str | None:
    """Return `candidate` if it is a path of this site and nothing else could be read into it; None otherwise."""
    safe = candidate.startswith("/") and not candidate.startswith(("//", "/\\"))
    return candidate if safe and candidate.isascii() and candidate.isprintable() and "\\" not in candidate else None


def register(app: Flask) -> None:
    """Give the templates of `app` these functions, and `asset` for what stands in exchange/static."""
    digests = {path.name: _digest(path) for path in sorted(Path(app.static_folder or "").glob("*.*"))}

    def asset(name: str) -> str:
        """The address of a file in `static`, with its content's digest, so that browsers may keep it for good."""
        return url_for("static", filename=name, v=digests.get(name))

    def here() -> str:
        """The path of this page, where the language switch comes back to."""
        return request.full_path.rstrip("?")

    shown: dict[str, Any] = {
        function.__name__: function
        for function in (
            day, moment, until, until_value, when_value, number, size, listed, word, language_name, capital,
            state_name, body_name, body_short, is_confirmed, footnotes, asset, here, member, can_switch,
        )
    }  # fmt: skip
    app.jinja_env.globals.update(shown, LANGUAGES=LANGUAGES)
    filters = {
        "word_of": lambda value, group: word(group, value),
        "lower_first": lambda value: value[:1].lower() + value[1:],
        "state_name": state_name,
    }
    app.jinja_env.filters.update(filters, body_name=body_name, body_short=body_short)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def member() -> Any:
    """Return who is signed in, if this request has found that out already; else None.

    Error pages must not ask the database who is signed in: it may be the database that failed.
    """
    user = g.get("_login_user")
    return user.who if user is not None and user.is_authenticated else None


def can_switch() -> bool:
    """Whether the language can be switched here: the page is one to come back to, and sessions work."""
    return request.method == "GET" and current_app.secret_key is not None


def _noted(name: Name) -> Name:
    if name.note is not None:
        g.setdefault("footnotes", []).append(name.note)
    return name


def _time(stamp: str, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(stamp, words)


def _day(value: date) -> str:
    if language() == "fr":
        first = "1er" if value.day == 1 else str(value.day)
        return f"{first} {format_date(value, 'MMMM y', locale='fr')}"
    return str(format_date(value, "d MMMM y", locale="en"))


def _with_time(key: str, **values: Markup) -> Markup:
    # The catalogue's text is ours, and the values are escaped already.
    return Markup(text(key, **values))  # noqa: S704


def _hour(value: datetime) -> str:
    return f"{value.hour} h {value.minute:02}" if language() == "fr" else f"{value:%H:%M}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
