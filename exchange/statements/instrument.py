"""The body of a `recorded` consent statement: an instrument of a State, without its id and its events.

The fields are those of the case file format (docs/spec/consent.md), none left out, with four of our own: `evidence`
(a report's id, or null), `form`, `reference`, and `answers`, the request this is the State's answer to, which is left out
where it answers none. What an instrument means is for policy to say; here it is held to form.
"""

from collections.abc import Mapping
from typing import Any, Final

from exchange.statements import words
from exchange.statements.form import WHEN
from keys import fields
from keys.errors import MalformedError

_LANGUAGE: Final = fields.name
_WORDS: Final = fields.list_of(fields.text(120, least=1), least=1, most=64, distinct=True)

_PROVISION: Final[fields.Schema] = {
    "actions": fields.list_of(fields.one_of(*words.ACTIONS), least=1, distinct=True),
    "adopted_from": fields.nullable(fields.day),
    "adopted_to": fields.nullable(fields.day),
    "effect": fields.one_of(*words.EFFECTS),
    "embargo_event": fields.nullable(fields.name),
    "embargo_rule": fields.one_of("first", "last"),
    "embargo_until": fields.nullable(WHEN),
    "grantees": fields.nullable(fields.list_of(fields.organisation, most=256, distinct=True)),
    "languages": fields.nullable(fields.list_of(_LANGUAGE, least=1, most=32, distinct=True)),
    "purposes": fields.nullable(fields.list_of(fields.one_of(*words.PURPOSES), least=1, distinct=True)),
    "scope": fields.one_of(*words.SCOPES),
    "scope_ref": fields.nullable(fields.any_of(fields.text(120, least=1), _WORDS)),
    "time_scope": fields.nullable(fields.one_of(*words.TIME_SCOPES)),
    "valid_from": fields.nullable(WHEN),
    "valid_to": fields.nullable(WHEN),
    "variants": fields.nullable(fields.list_of(fields.one_of(*words.VARIANTS), least=1, distinct=True)),
}
_CONDITION: Final = fields.any_of(
    fields.one_of(*words.PLAIN_CONDITIONS),
    fields.an_object({"kind": fields.one_of(*words.LIST_CONDITIONS), "parameter": _WORDS}),
    fields.an_object({"kind": fields.one_of("embargo_until"), "parameter": fields.any_of(WHEN, fields.name)}),
    fields.an_object({"kind": fields.one_of("retain_until"), "parameter": WHEN}),
)
SCHEMA: Final[fields.Schema] = {
    "amends": fields.list_of(fields.ID16, most=64, distinct=True),
    "authority_competent": fields.boolean,
    "conditions": fields.list_of(_CONDITION, most=64),
    "evidence": fields.nullable(fields.uuid),
    "form": fields.one_of(*words.FORMS),
    "kind": fields.one_of("standing", "specific"),
    "provisions": fields.list_of(fields.an_object(_PROVISION), most=64),
    "received_on": WHEN,
    "reference": fields.nullable(fields.text(200, least=1)),
    "reply_by": fields.nullable(WHEN),
    "state": fields.state,
    "supersedes": fields.list_of(fields.ID16, most=64, distinct=True),
    "undertaking": fields.nullable(fields.text(120, least=1)),
}
ANSWERS: Final = "answers"
_ANSWERS: Final[fields.Schema] = {ANSWERS: fields.ID16}
# Fields of a record that policy does not read.
OWN_FIELDS: Final = (ANSWERS, "evidence", "form", "reference")


def check(body: object) -> dict[str, Any]:
    """Return an instrument's JSON values when they are in form; MalformedError names the field."""
    if isinstance(body, dict) and ANSWERS in body:
        fields.check({ANSWERS: body[ANSWERS]}, _ANSWERS)
        check({name: value for name, value in body.items() if name != ANSWERS})
        return body
    instrument = fields.check(body, SCHEMA)
    for index, provision in enumerate(instrument["provisions"]):
        if provision["effect"] == "permit" and provision["grantees"] is None:
            raise MalformedError(f"field 'provisions[{index}].grantees': a permit names its grantees")
    return instrument


def grantees(instrument: dict[str, Any]) -> frozenset[str]:
    """Return the bodies that some provision of a checked instrument permits something: they benefit from it.

    But for publication alone: who publishes receives nothing by it. It is the State's request to the body that made the
    report, which records it itself; for others' reports its record is not heard (docs/spec/access.md).
    """
    permits = (p for p in instrument["provisions"] if p["effect"] == "permit" and p["actions"] != ["publish"])
    return frozenset(body for provision in permits for body in provision["grantees"])


def answers(instrument: Mapping[str, Any]) -> str | None:
    """Return the id of the request that a checked instrument answers; None where it answers none."""
    named = instrument.get(ANSWERS)
    return named if isinstance(named, str) else None


def read_by_policy(instrument: Mapping[str, Any]) -> dict[str, Any]:
    """Return what policy reads of a checked instrument: an answer that stands takes the place of the request it answers."""
    values = {name: value for name, value in instrument.items() if name not in OWN_FIELDS}
    named = answers(instrument)
    if named is not None and named not in values["supersedes"]:
        values["supersedes"] = [*values["supersedes"], named]
    return values
