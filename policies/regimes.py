"""What differs by treaty and body, as data that lawyers review: `regimes/*.toml`, read strictly and never guessed.

A regime file says which bodies it is for, which kinds of documents they issue, whether those are exchanged and on whose
consent, who receives them by statute, which cases the treaty provides for, and who may ask for publication. A body that no
file names has no regime and cannot transmit. A file that contradicts the gates is an error, not a choice.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from policies import vocabulary as words
from policies.errors import BodyWithoutRegime, RegimeError

FOLDER = Path(__file__).parent / "regimes"

GATED, NEVER, FREE = "gated", "never", "free"
CONSENTS = ("state", "originator", "person", "none")
_FILE_KEYS = {"id", "regime", "title_en", "title_fr", "treaty", "bodies", "source", "unverified", "publication", "kinds",
              "statutory", "cases"}
_KIND_KEYS = {"exchange", "consent", "default_class", "source", "unverified"}
_STATUTORY_KEYS = {"recipient_en", "recipient_fr", "when_en", "when_fr", "source"}
_CASE_KEYS = {"override", "by_en", "by_fr", "opens_en", "opens_fr", "source"}
_PUBLICATION_KEYS = {"asked_by_en", "asked_by_fr", "partial_en", "partial_fr", "source"}


@dataclass(frozen=True)
class Kind:
    """One kind of document under a regime. `unverified`: no source that was read shows the rule; check before relying."""

    name: str
    exchange: str
    consent: str
    default_class: int
    source: str
    unverified: bool


@dataclass(frozen=True)
class Regime:
    """One regime file. `statutory`, `cases` and `publication` are told to people; the gates read the facts of a case."""

    id: str
    regime: str
    title_en: str
    title_fr: str
    treaty: str
    bodies: tuple[str, ...]
    source: str
    unverified: bool
    publication: Mapping[str, str]
    kinds: Mapping[str, Kind]
    statutory: tuple[Mapping[str, str], ...]
    cases: tuple[Mapping[str, str], ...]

    def covers(self, body: str) -> bool:
        """Whether the regime is for a body: named by its id, or by a prefix that ends in `*`."""
        return any(body.startswith(name[:-1]) if name.endswith("*") else body == name for name in self.bodies)


@cache
def regimes() -> tuple[Regime, ...]:
    """Every regime of the exchange, in the order of file names. Raises RegimeError."""
    return load(FOLDER)


def load(folder: Path) -> tuple[Regime, ...]:
    """The regimes in a folder. Raises RegimeError for an empty folder, a file that does not parse, a body named twice."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise RegimeError(f"no regime in folder: {str(folder)!r}")
    found = tuple(_read(path) for path in files)
    seen: set[str] = set()
    for regime in found:
        for body in regime.bodies:
            if body in seen:
                raise RegimeError(f"a body has two regimes: {body!r}")
            seen.add(body)
    return found


def regime_of(body: str) -> Regime:
    """The regime of a body. Raises BodyWithoutRegime: such a body cannot transmit."""
    for regime in regimes():
        if regime.covers(body):
            return regime
    raise BodyWithoutRegime(f"no regime for body: {body!r:.60}")


def document_regime(originators: Sequence[str]) -> str:
    """The regime, R1 to R5, of a document that these bodies made: the strictest of theirs, R1 before R2 and so on.

    Raises BodyWithoutRegime if one of them has none, or there is none of them.
    """
    if not originators:
        raise BodyWithoutRegime("no regime without an originator")
    return min(regime_of(body).regime for body in originators)


def default_class(originators: Sequence[str], kind: str) -> int:
    """The class ordinal of a document of a kind where nobody sets one: the highest among its originators' regimes.

    Raises BodyWithoutRegime, or RegimeError where none of them issues that kind.
    """
    known = [regime.kinds[kind] for regime in map(regime_of, originators) if kind in regime.kinds]
    if not known:
        raise RegimeError(f"no regime of its originators knows the kind: {kind!r:.60}")
    return max(each.default_class for each in known)


def default_tier(originators: Sequence[str], kind: str) -> str:
    """The tier of a document of a kind where nobody sets one: free only if every originator's regime says so.

    Raises BodyWithoutRegime for an originator that has none.
    """
    if kind == words.ALERT_KIND:
        return "alert"
    known = [regime_of(body).kinds.get(kind) for body in originators]
    return "free" if known and all(each is not None and each.exchange == FREE for each in known) else "confidential"


def _read(path: Path) -> Regime:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegimeError(f"{path.name} cannot be read: {error}") from None
    _keys(raw, _FILE_KEYS, path.name)
    texts = {key: _text(raw, key, path.name) for key in ("id", "regime", "title_en", "title_fr", "treaty", "source")}
    if texts["regime"] not in words.REGIMES:
        raise RegimeError(f"{path.name} names no regime: {texts['regime']!r}")
    bodies = raw["bodies"]
    if not isinstance(bodies, list) or not bodies or not all(isinstance(body, str) and body for body in bodies):
        raise RegimeError(f"{path.name} bodies is not a list of texts")
    return Regime(
        **texts,
        bodies=tuple(bodies),
        unverified=_flag(raw, path.name),
        publication=_record(raw["publication"], _PUBLICATION_KEYS, f"{path.name} publication"),
        kinds=_kinds(raw["kinds"], texts["regime"], path.name),
        statutory=_records(raw["statutory"], _STATUTORY_KEYS, f"{path.name} statutory"),
        cases=_cases(raw["cases"], path.name),
    )


def _kinds(raw: Any, regime: str, where: str) -> dict[str, Kind]:
    if not isinstance(raw, dict):
        raise RegimeError(f"{where} kinds is not a table")
    found = {}
    for name, entry in raw.items():
        at = f"{where} {name}"
        _keys(entry, _KIND_KEYS, at)
        kind = Kind(name, _text(entry, "exchange", at), _text(entry, "consent", at), entry["default_class"],
                    _text(entry, "source", at), _flag(entry, at))
        if name not in words.KINDS:
            raise RegimeError(f"{at} is no kind of document")
        if kind.consent not in CONSENTS or type(kind.default_class) is not int or not 0 <= kind.default_class <= 3:
            raise RegimeError(f"{at} has no known consent or class")
        if kind.exchange != _exchange_by_the_gates(name, regime, kind.exchange):
            raise RegimeError(f"{at} contradicts the gates: {kind.exchange!r}")
        found[name] = kind
    return found


def _exchange_by_the_gates(name: str, regime: str, said: str) -> str:
    """What the gates make of a kind: never and free are theirs to say; where a tier can free it, the file may say so."""
    if name in words.NEVER_EXCHANGED:
        return NEVER
    if regime == "R5" and name in words.FREE_IN_R5:
        return FREE
    return said if said in (GATED, FREE) else GATED


def _cases(raw: Any, where: str) -> tuple[Mapping[str, str], ...]:
    found = _records(raw, _CASE_KEYS, f"{where} cases")
    for case in found:
        if case["override"] not in words.OVERRIDES:
            raise RegimeError(f"{where} knows no such case: {case['override']!r}")
    return found


def _records(raw: Any, keys: set[str], where: str) -> tuple[Mapping[str, str], ...]:
    if not isinstance(raw, list):
        raise RegimeError(f"{where} is not a list")
    return tuple(_record(entry, keys, where) for entry in raw)


def _record(raw: Any, keys: set[str], where: str) -> Mapping[str, str]:
    _keys(raw, keys, where)
    return {key: _text(raw, key, where) for key in sorted(keys)}


def _keys(raw: Any, keys: set[str], where: str) -> None:
    if not isinstance(raw, dict) or set(raw) != keys:
        given = set(raw) if isinstance(raw, dict) else set()
        raise RegimeError(f"{where} has other keys than it should: {sorted(given ^ keys)}")


def _text(raw: Mapping[str, Any], key: str, where: str) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value:
        raise RegimeError(f"{where} {key} is not a text")
    return value


def _flag(raw: Mapping[str, Any], where: str) -> bool:
    value = raw["unverified"]
    if not isinstance(value, bool):
        raise RegimeError(f"{where} unverified is not true or false")
    return value
