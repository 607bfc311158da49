"""Which States a text names, in English or French: for comparing a report's words with the State it is transmitted about.

Names are those of `exchange.reference` with the short forms people write. A name that is also a person's (Jordan, Chad)
counts all the same: what comes of it is a question to the sender, never a decision.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Final

from exchange.reference import names

# Short forms that do not follow from the official name by dropping what stands in brackets or before "of".
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "GB": ("United Kingdom", "Royaume-Uni"),
    "KR": ("South Korea", "Corée du Sud"),
    "KP": ("North Korea", "Corée du Nord"),
    "LA": ("Laos",),
    "MD": ("Moldova", "Moldavie"),
    "PS": ("Palestine",),
    "RU": ("Russia", "Russie"),
    "SY": ("Syria", "Syrie"),
    "TR": ("Turkey", "Turquie"),
    "TZ": ("Tanzania", "Tanzanie"),
    "US": ("United States", "États-Unis"),
    "CZ": ("Czech Republic", "République tchèque"),
}
_BRACKETS: Final = re.compile(r"\s*\([^)]*\)|\*")


def named_in(text: str) -> Counter[str]:
    """Return how often each State or other entity is named, by its code."""
    found: Counter[str] = Counter()
    words = _codes()
    for match in _pattern().finditer(plain(text)):
        found[words[match[0]]] += 1
    return found


def plain(text: str) -> str:
    """Return a text as names are compared: without accents, in lower case, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())


@cache
def _codes() -> Mapping[str, str]:
    """Every spelling, as compared, with its code."""
    found: dict[str, str] = {}
    for code in names.codes():
        official = [names.state(code, language).full for language in ("en", "fr")]
        for name in (*official, *_ALSO.get(code, ())):
            for spelling in (name, _BRACKETS.sub("", name)):
                if len(spelling) > len("Oma"):
                    found[plain(spelling)] = code
    return found


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_codes(), key=lambda name: (-len(name), name))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
