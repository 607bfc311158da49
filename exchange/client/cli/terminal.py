"""What may reach a person's terminal: text, and nothing that moves the cursor or turns the direction of writing.

Titles, notes and reasons come from other machines. One that could rewrite the lines above it would let somebody see other
words than those they sign.
"""

import unicodedata
from typing import Final

_KEPT: Final = frozenset("\n\t\u200c\u200d")
# Control and format characters, lone surrogates, and the two separators that break a line.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """Return the text with every character that a terminal obeys, rather than shows, replaced."""
    if text.isprintable():
        return text
    return "".join(_INSTEAD if c not in _KEPT and unicodedata.category(c) in _UNSAFE else c for c in text)
