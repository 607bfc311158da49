"""The message catalogue, without Flask: what people read, in English and in French (docs/spec/server.md).

`exchange/translations/<language>/*.toml` are merged into one catalogue a language. A key is its path of table names,
"error.disk_full"; the file's name does not matter, so each room and each kind of page has a file of its own. A table of
`one` and `other` is a plural, chosen by the value `count`. `python -m exchange.texts check` compares the languages and
finds what is missing.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final

LANGUAGES: Final = ("en", "fr")
FOLDER: Final = Path(__file__).parent / "translations"
PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")

# Which counts take the form `one`. French says "0 pièce" and "1,5 pièce" with the singular (CLDR plural rules).
_IS_ONE: Final[Mapping[str, Callable[[float], bool]]] = {"en": lambda n: n == 1, "fr": lambda n: 0 <= n < 2}

Entry = str | dict[str, str]


class TextsError(Exception):
    """A key, language or value the catalogue does not have: a mistake in the program or the catalogue."""

    code: ClassVar[str] = "text_missing"


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """Return every entry of `language` by key; TextsError for an unknown language or an inconsistent folder."""
    if language not in LANGUAGES:
        raise TextsError(f"no language {language!r}")
    return read_folder(FOLDER / language)


def read_folder(folder: Path, *, strict: bool = False) -> dict[str, Entry]:
    """Return the merged entries of all TOML files in `folder`; TextsError for a malformed file.

    A key that stands twice is an error when `strict`, as in the check; a running program takes the first it finds.
    """
    merged: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TextsError(f"{folder.name}/{path.name} is not TOML: {error}") from error
        for key, entry in _entries(table, ""):
            if key in merged and strict:
                raise TextsError(f"{folder.name}/{path.name} has {key!r}, which another file has too")
            merged.setdefault(key, entry)
    if not merged:
        raise TextsError(f"no texts in {folder.name!r}")
    return merged


def _entries(table: Mapping[str, Any], prefix: str) -> list[tuple[str, Entry]]:
    found: list[tuple[str, Entry]] = []
    for name, value in table.items():
        key = prefix + name
        if isinstance(value, str):
            found.append((key, value))
        elif isinstance(value, dict) and set(value) == {"one", "other"}:
            found.append((key, value))
        elif isinstance(value, dict):
            found += _entries(value, key + ".")
        else:
            raise TextsError(f"{key!r} is neither a text nor a table")
    return found


def say(key: str, language: str, **values: object) -> str:
    """Return the text of `key` in `language` with its placeholders filled.

    A plural takes its form from the number `count`. TextsError when the key, the language or a placeholder's value is
    missing. Values are put in as they are: a template escapes the result, never the parts.
    """
    entry = catalogue(language).get(key)
    if entry is None:
        raise TextsError(f"no text {key!r} in {language!r}")
    if isinstance(entry, dict):
        count = values.get("count")
        if not isinstance(count, int | float):
            raise TextsError(f"the text {key!r} needs a count")
        entry = entry["one" if _IS_ONE[language](count) else "other"]

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise TextsError(f"the text {key!r} needs a value for {match[1]!r}")
        return str(values[match[1]])

    return PLACEHOLDER.sub(value, entry)


def has(key: str) -> bool:
    """True when the catalogue has `key`."""
    return key in catalogue(LANGUAGES[0])


def sentence(code: str, language: str) -> str:
    """Return the sentence for an error's `code`; a code without one gets the sentence of `internal`."""
    key = f"error.{code}"
    return say(key if has(key) else "error.internal", language)


def code_of(error: BaseException) -> str | None:
    """Return the stable code of one of our errors; None for anybody else's (SQLAlchemy's have a `code` of their own)."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) and has(f"error.{code}") else None


def best_language(accept: str) -> str:
    """Return the language an Accept-Language header (RFC 9110) prefers among ours; English when none is named."""
    best, best_quality = LANGUAGES[0], 0.0
    for item in accept.split(","):
        tag, _, parameter = item.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        match = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameter)
        quality = float(match[1]) if match else (0.0 if parameter else 1.0)
        if name in LANGUAGES and quality > best_quality:
            best, best_quality = name, quality
    return best


def main(arguments: list[str]) -> int:
    """Run `check`: print every finding, return 1 when there is one."""
    from exchange.translations.check import findings

    if arguments != ["check"]:
        print("usage: python -m exchange.texts check", file=sys.stderr)
        return 2
    found = findings()
    for finding in found:
        print(finding)
    if not found:
        print(f"texts: {len(catalogue(LANGUAGES[0]))} in {' and '.join(LANGUAGES)}, none missing")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
