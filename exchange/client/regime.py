"""What the rules of confidentiality say of a report before anything is decided: its regime, and defaults of its kind.

The data of `policies/regimes` is the same on both sides; the server holds a header to it again. Nothing here decides.
"""

from collections.abc import Sequence

from exchange.client.report_errors import RegimeUnknownError
from policies import regimes
from policies.errors import BodyWithoutRegime, RegimeError


def regime_of(originators: Sequence[str]) -> str:
    """Return the regime ("R1" to "R5") of what these bodies made; RegimeUnknownError where one of them transmits none."""
    try:
        return regimes.document_regime(originators)
    except BodyWithoutRegime as error:
        named = ", ".join(originators)
        raise RegimeUnknownError("no regime is laid down for an originator", organisation=named) from error


def default_tier(originators: Sequence[str], kind: str) -> str:
    """Return the tier of a document of a kind where nobody names one; RegimeUnknownError."""
    try:
        return regimes.default_tier(originators, kind)
    except BodyWithoutRegime as error:
        raise RegimeUnknownError(
            "no regime is laid down for an originator", organisation=", ".join(originators)
        ) from error


def default_class(originators: Sequence[str], kind: str) -> int | None:
    """Return the class ordinal of a document of a kind where nobody names one; None for a kind they do not issue."""
    try:
        return regimes.default_class(originators, kind)
    except (BodyWithoutRegime, RegimeError):
        return None
