"""A file that describes an authorisation: an instrument of docs/spec/consent.md, without `id` and `events`.

In a case file a key left out takes the value shown there, which suits tests. Here a State's word is written down: whatever
widens what it opens (effect, scope, grantees, actions, the day it was received) must stand in the file; only what narrows
nothing and adds nothing may be left out.
"""

import json
from typing import Any, Final

from exchange.client.errors import UsageError
from exchange.client.report_errors import InstrumentFileError
from exchange.statements import instrument
from keys.errors import MalformedError

RELATIONS: Final = ("amends", "supersedes")

_LEFT_OUT: Final = {
    "amends": [],
    "authority_competent": True,
    "conditions": [],
    "evidence": None,
    "form": "note_verbale",
    "reference": None,
    "reply_by": None,
    "supersedes": [],
    "undertaking": None,
}
_PROVISION_LEFT_OUT: Final = {
    "adopted_from": None,
    "adopted_to": None,
    "embargo_event": None,
    "embargo_rule": "last",
    "embargo_until": None,
    "languages": None,
    "purposes": None,
    "scope_ref": None,
    "time_scope": None,
    "valid_from": None,
    "valid_to": None,
    "variants": None,
}


def read(data: bytes) -> dict[str, Any]:
    """Return the body of a record from a file's bytes; InstrumentFileError says which field is wrong or missing.

    The file is JSON as people write it, in any spacing; a key that stands twice is refused.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InstrumentFileError("not a JSON file", detail="JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("provisions"), list):
        raise InstrumentFileError("no authorisation with its provisions", detail="provisions")
    for name in ("id", "events"):
        if name in value:
            raise InstrumentFileError(f"'{name}' is given by the exchange", detail=name)
    provisions = [{**_PROVISION_LEFT_OUT, **item} if isinstance(item, dict) else item for item in value["provisions"]]
    body = {**_LEFT_OUT, **value, "provisions": provisions}
    try:
        return instrument.check(body)
    except MalformedError as error:
        raise InstrumentFileError(str(error), detail=str(error)) from error


def related(
    body: dict[str, Any], replaces: list[str], limits: list[str], answers: str | None = None
) -> dict[str, Any]:
    """Return the body with the authorisations it replaces and limits, and the request it answers, which the options name.

    UsageError where the file names them as well.
    """
    if (replaces or limits) and any(body[name] for name in RELATIONS):
        raise UsageError("the file names what it replaces or limits itself", detail="--replaces")
    if answers is not None and instrument.answers(body) is not None:
        raise UsageError("the file names the request it answers itself", detail="--answers")
    if not replaces and not limits and answers is None:
        return body
    changed = {**body, "supersedes": replaces, "amends": limits} if replaces or limits else dict(body)
    if answers is not None:
        changed[instrument.ANSWERS] = answers
    try:
        return instrument.check(changed)
    except MalformedError as error:
        raise UsageError("not the id of an authorisation", detail="--replaces") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
