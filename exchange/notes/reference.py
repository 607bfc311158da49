"""The reference code of a note: anyone who has the ticks can make it again (docs/spec/notes.md).

29 signs carry 143 bits of a SHA-256 over the form's one spelling, the thirtieth is a check: one wrong sign, or two that
changed places, never fit. Nothing in it is secret, and it identifies nobody.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from exchange.notes import form as forms
from exchange.notes.errors import CodeTypingError, OtherCodeError

# A prime number of signs, without those that are taken for others: I and L (1), O (0), U and V.
SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTWXYZ"
_BASE: Final = len(SIGNS)
_DATA: Final = 29
_GROUP: Final = 5
_LABEL: Final = b"exchange/note/code/v1\0"
_TAKEN_FOR: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "W", "V": "W"})


def code_of(form: Mapping[str, Any]) -> str:
    """Return the code of a finished form, in six groups of five; UnfinishedNoteError where it has gaps."""
    forms.check_finished(form)
    return code_for(_LABEL, forms.text(form))


def code_for(label: bytes, data: bytes) -> str:
    """Return the code of any bytes under a label of their own, which ends with a zero byte."""
    number = int.from_bytes(hashlib.sha256(label + data).digest(), "big")
    values = []
    for _ in range(_DATA):
        number, rest = divmod(number, _BASE)
        values.append(rest)
    signs = "".join(SIGNS[value] for value in (*values, _check(values)))
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))


def read_code(typed: str) -> str:
    """Return a code as it is printed, from what somebody typed; CodeTypingError for a slip.

    Letters of either size, with or without the lines and spaces between the groups; O reads as 0, I and L as 1.
    """
    signs = "".join(typed.upper().replace("-", " ").split()).translate(_TAKEN_FOR)
    if len(signs) != _DATA + 1 or any(sign not in SIGNS for sign in signs):
        raise CodeTypingError("not thirty signs of a reference code")
    values = [SIGNS.index(sign) for sign in signs]
    if values[-1] != _check(values[:-1]):
        raise CodeTypingError("a sign is wrong, or two have changed places")
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))


def check_code(typed: str, form: Mapping[str, Any]) -> str:
    """Return the code if it was made from this finished form; CodeTypingError, OtherCodeError, UnfinishedNoteError."""
    given, due = read_code(typed), code_of(form)
    if not hmac.compare_digest(given.encode(), due.encode()):
        raise OtherCodeError("a code that was made from other ticks")
    return due


def _check(values: list[int]) -> int:
    """The weights 1 to 29 differ modulo 31: a changed sign changes the sum, and so do two that changed places."""
    return sum(weight * value for weight, value in enumerate(values, start=1)) % _BASE
