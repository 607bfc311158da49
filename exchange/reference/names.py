"""What people read for a State's code and a body's id, in English and French.

`states.json` follows United Nations usage; `mechanisms.json` names the bodies that are known by name. A code or id that
stands in neither (a fictional State, a new body) still gets words from its own form, so nothing is ever left unnamed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent

# Forms for ids of which no name is on file; `{place}` is a State, `{rest}` what follows the prefix.
_FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "state": "State {rest}",
        "authority": "Competent authority ({place})",
        "npm": "National preventive mechanism (NPM), {place}",
        "nhri": "National human rights institution (NHRI), {place}",
        "audit": "Audit office {rest}",
        "other": "Participating body {rest}",
    },
    "fr": {
        "state": "État {rest}",
        "authority": "Autorité compétente ({place})",
        "npm": "Mécanisme national de prévention (MNP), {place}",
        "nhri": "Institution nationale des droits de l'homme (INDH), {place}",
        "audit": "Service d'audit {rest}",
        "other": "Organe participant {rest}",
    },
}
_NATIONAL: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"npm": "NPM {rest}", "nhri": "NHRI {rest}", "audit": "Audit {rest}"},
    "fr": {"npm": "MNP {rest}", "nhri": "INDH {rest}", "audit": "Audit {rest}"},
}


@dataclass(frozen=True)
class Name:
    """A name, its short form, the note that must stand under it, and whether a source confirms it in this language."""

    full: str
    short: str
    note: str | None = None
    confirmed: bool = True


def state(code: str, language: str) -> Name:
    """Return the name of a State or other entity by its two-letter code; a fictional one is called by its code."""
    row = _states().get(code)
    if row is None:
        name = _FORMS[language]["state"].format(rest=code)
        return Name(name, name)
    name = row[f"name_{language}"]
    return Name(name, name, row.get(f"note_{language}"))


def codes() -> tuple[str, ...]:
    """Return the codes of all States and other entities that have a name here, in the order of the file."""
    return tuple(_states())


def body(organisation: str, language: str) -> Name:
    """Return the name of a body, of a State's authority (`state:XA`) or of an audit office by its id in the directory."""
    if organisation.startswith("state:"):
        return _authority(organisation.removeprefix("state:"), language)
    kind, _, rest = organisation.partition("-")
    short = _NATIONAL[language].get(kind, "").format(rest=rest.upper()) or organisation
    row = _bodies().get(organisation)
    if row is not None:
        known = short if kind in _NATIONAL[language] else row["abbreviation"]
        return Name(row[f"name_{language}"], known, None, f"name_{language}" not in row["unverified"])
    if kind in ("npm", "nhri") and len(rest) == 2:
        place = state(rest.upper(), language)
        return Name(_FORMS[language][kind].format(place=place.full), short, place.note)
    form = "audit" if kind == "audit" and rest else "other"
    shown = rest.upper() if form == "audit" else organisation
    return Name(_FORMS[language][form].format(rest=shown), short)


def _authority(code: str, language: str) -> Name:
    place = state(code, language)
    return Name(_FORMS[language]["authority"].format(place=place.full), place.short, place.note)


@cache
def _states() -> Mapping[str, Mapping[str, str]]:
    return {row["code"]: row for row in _read("states.json")["states"]}


@cache
def _bodies() -> Mapping[str, Mapping[str, Any]]:
    return {row["id"]: row for row in _read("mechanisms.json")["bodies"]}


def _read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))
