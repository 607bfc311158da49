"""Errors of the room `access`: what a requester is told, and statements that were sent to the wrong address.

What is withheld is a decision, not an error, inside this room; it leaves as `WithheldError` so that every refusal takes the
one way to its answer (`exchange.web.problems`), with nothing in it that depends on what was asked for.
"""


class AccessError(Exception):
    """Root of everything this room raises."""

    code: str = "access_failed"


class WithheldError(AccessError):
    """What was asked for is withheld; `code` is the N_ code that is all the requester learns (docs/spec/access.md)."""

    def __init__(self, outward: str) -> None:
        super().__init__("withheld")
        self.code = outward


class BeforeReportError(AccessError):
    """An explanation for an instant at which the report had not been transmitted yet."""

    code = "before_report"


class RangeBeyondError(AccessError):
    """A range of a part's content that begins after its end."""

    code = "range_beyond"


class StatementElsewhereError(AccessError):
    """A header or a release-request was sent to /statements: each has an address of its own."""

    code = "statement_elsewhere"


class NothingBesideError(AccessError):
    """Something lies beside a statement that takes nothing beside it."""

    code = "statement_beside"


class RecallInstrumentError(AccessError):
    """A recall that names an agreement which is not in the register, or of no State that the report concerns."""

    code = "recall_instrument"
