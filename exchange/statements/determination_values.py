"""What a determination's value may be, fact by fact, and which values open (docs/spec/statements.md, section 9)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from exchange.statements import words
from exchange.statements.form import WHEN
from keys import fields
from keys.errors import MalformedError

ORIGINATOR_DECISION: Final = "originator_decision"
# Standing alone: whether a body's transmissions need a second officer's approval.
APPROVAL: Final = "approval"
# What ends a standing permit and leaves every report that went by it as it is; never the end of a denial.
END: Final = "end"
OVERRIDE: Final = "override"

_DECISION: Final[fields.Schema] = {
    "actions": fields.list_of(fields.one_of(*words.ACTIONS), least=1, distinct=True),
    "effect": fields.one_of(*words.EFFECTS, END),
    "grantee": fields.nullable(fields.organisation),
    "kinds": fields.nullable(fields.list_of(fields.name, least=1, most=64, ordered=True)),
    "organisation": fields.organisation,
    "parts": fields.nullable(fields.list_of(fields.ID8, least=1, distinct=True)),
    "states": fields.nullable(fields.list_of(fields.state, least=1, most=256, ordered=True)),
    "valid_from": fields.nullable(WHEN),
    "valid_to": fields.nullable(WHEN),
}
# A case provided for by the treaty, with the vote that decided on it and the day by which the State was heard.
_OVERRIDE: Final[fields.Schema] = {
    "case": fields.one_of(*words.OVERRIDES),
    "heard_on": fields.day,
    "vote": fields.an_object(
        {
            "abstaining": fields.integer(0, 1_000),
            "against": fields.integer(0, 1_000),
            "for": fields.integer(0, 1_000),
            "members": fields.integer(1, 1_000),
            "on": fields.day,
        }
    ),
}
_VALUES: Final[Mapping[str, fields.Checker]] = {
    # One object of `originator_decisions` of the case file format; standing, it may also end the permit before it.
    ORIGINATOR_DECISION: fields.an_object(_DECISION),
    # OPCAT art. 16(1): the report is relevant for this mechanism, which thereby receives it by statute.
    "relevance": fields.an_object({"organisation": fields.organisation, "relevant": fields.boolean}),
    # OPCAT art. 16(4), ECPT art. 10(2); null ends it.
    "override": fields.nullable(fields.an_object(_OVERRIDE)),
    "publication": fields.boolean,
    # A person at risk: see it at once, for 72 hours.
    "emergency": fields.nullable(
        fields.an_object({"at": fields.time, "to": fields.list_of(fields.organisation, least=1, most=64, ordered=True)})
    ),
    # An event an embargo waits for; null says that it did not happen after all.
    "event": fields.an_object({"name": fields.name, "on": fields.nullable(fields.day)}),
    "tier_free": fields.boolean,
    # A second officer sees every transmission first.
    APPROVAL: fields.boolean,
}
_OPENS: Final[Mapping[str, Callable[[Any], bool]]] = {
    ORIGINATOR_DECISION: lambda value: value["effect"] == "permit",
    "relevance": lambda value: value["relevant"] is True,
    "override": lambda value: value is not None,
    "publication": lambda value: value is True,
    "emergency": lambda value: value is not None,
    "event": lambda value: value["on"] is not None,
    "tier_free": lambda value: value is True,
    APPROVAL: lambda value: value is False,
}

FACTS: Final = tuple(_VALUES)


def check_value(fact: str, value: object) -> None:
    """Hold a value to its fact's form; MalformedError, also for a fact that is not in the list."""
    checker = _VALUES.get(fact)
    if checker is None:
        raise MalformedError("an unknown fact")
    checker(value)
    if fact == ORIGINATOR_DECISION and isinstance(value, dict):
        if value["effect"] == "permit" and value["grantee"] is None:
            raise MalformedError("field 'grantee': a permit names its grantee")
    if fact == OVERRIDE and isinstance(value, dict):
        _check_override(value)


def opens(fact: str, value: Any) -> bool:
    """Whether a value already checked can open a gate; True for whatever is not known to close."""
    closes = _OPENS.get(fact)
    return closes is None or closes(value)


def _check_override(value: dict[str, Any]) -> None:
    """Hold a case to the treaty: enough of the members, and the State heard by the day of the vote (ISO days compare)."""
    vote = value["vote"]
    if vote["for"] + vote["against"] + vote["abstaining"] > vote["members"]:
        raise MalformedError("field 'vote': more votes than members")
    part, whole, enough = words.MAJORITIES[value["case"]]
    have, need = vote["for"] * whole, vote["members"] * part
    if have < need or (have == need and not enough):
        raise MalformedError("field 'vote': not the majority that the treaty asks for")
    if value["heard_on"] > vote["on"]:
        raise MalformedError("field 'heard_on': the State is heard before the vote")
