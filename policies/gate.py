"""What a gate is, and what it can answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Given = TypeVar("Given")


@dataclass(frozen=True)
class Verdict:
    """A gate's answer where it has one: permit or withhold, with the reason; `ends`: when a permit is known to end."""

    permits: bool
    reason: str
    ends: datetime | None = None


@dataclass(frozen=True)
class Gate(Generic[Given]):
    """One gate of the procedure.

    `step` is its number in `docs/spec/consent.md` and ranks refusals; `basis` is its legal basis, `title_en` and
    `title_fr` say what it asks; `test` answers, or returns None for the next gate to be asked.
    """

    id: str
    step: int
    basis: str
    title_en: str
    title_fr: str
    test: Callable[[Given], Verdict | None]


def permit(reason: str, ends: datetime | None = None) -> Verdict:
    """The verdict that opens."""
    return Verdict(True, reason, ends)


def withhold(reason: str) -> Verdict:
    """The verdict that closes."""
    return Verdict(False, reason)
