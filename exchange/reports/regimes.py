"""What registration and facts ask of the regimes (`policies.regimes`): every answer for a body or kind unknown there is no.

The files say in words who receives by statute; which kinds of document these words are about stands here, with its source.
"""

from typing import Final

from policies import regimes
from policies.errors import BodyWithoutRegime
from policies.regimes import FREE, NEVER, Kind, Regime

STATE_LIFTED: Final = "R1"

# ECPT art. 8(5) and 10(1), OPCAT art. 16(1): what follows a visit goes to the State visited. In the other regimes a State
# receives what the body itself sends it.
_TO_THE_STATE: Final = frozenset(
    {"visit_report", "preliminary_observations", "immediate_observation", "npm_advisory_report_state"}
)
# OPCAT art. 16(1): and, if relevant, to the national preventive mechanism. The ECPT knows no such recipient.
_TO_THE_NATIONAL_BODY: Final = frozenset({"visit_report", "preliminary_observations", "npm_advisory_report_npm"})
_OPCAT: Final = "opcat"


def regime_of(organisation: str) -> str | None:
    """Return the regime, R1 to R5, of what a body made; None: it transmits no documents."""
    found = _find(organisation)
    return None if found is None else found.regime


def kind_of(organisation: str, kind: str) -> Kind | None:
    """Return what is laid down for a kind of document of a body; None for a kind that the body does not issue."""
    found = _find(organisation)
    return None if found is None else found.kinds.get(kind)


def is_exchanged(kind: Kind) -> bool:
    """Whether documents of this kind go to other bodies at all."""
    return kind.exchange != NEVER


def is_free(organisation: str, kind: str) -> bool:
    """Whether a body's documents of a kind are non-confidential by their nature."""
    found = kind_of(organisation, kind)
    return found is not None and found.exchange == FREE


def state_by_statute(organisation: str, kind: str) -> bool:
    """Whether the treaty sends a body's documents of this kind to the State concerned."""
    found = _find(organisation)
    return found is not None and found.regime == STATE_LIFTED and bool(found.statutory) and kind in _TO_THE_STATE


def national_body_by_statute(organisation: str, kind: str) -> bool:
    """Whether the treaty sends them to the national preventive mechanism too, where the body finds it relevant."""
    found = _find(organisation)
    return found is not None and found.id == _OPCAT and kind in _TO_THE_NATIONAL_BODY


def partial_publication(organisation: str) -> bool:
    """Whether a body may publish all or part once the State made a part public: OPCAT art. 16(2), no rule of the ECPT."""
    found = _find(organisation)
    return found is not None and found.id == _OPCAT


def overrides(organisation: str) -> frozenset[str]:
    """Return the cases provided for by the treaty that a body may state: values of the fact `override`."""
    found = _find(organisation)
    return frozenset() if found is None else frozenset(case["override"] for case in found.cases)


def _find(organisation: str) -> Regime | None:
    try:
        return regimes.regime_of(organisation)
    except BodyWithoutRegime:
        return None
