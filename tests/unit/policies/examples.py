"""Short ways to facts for the tests of this room: the shown case with a few keys changed."""

from policies.case_file import parse_case


def case_of(**keys):
    """The shown case with these keys in place of its own."""
    return parse_case({"id": "T", "expect": {"outcome": "PERMIT", "reason": "P_CONSENT"}, **keys})


def facts_of(**keys):
    """The facts of the shown case with these keys in place of its own."""
    return case_of(**keys).facts


def instrument_of(*events, **keys):
    """An instrument of the shown case with these events, each (type, at, by) or a dictionary."""
    made = [event if isinstance(event, dict) else dict(zip(("type", "at", "by"), event, strict=True)) for event in events]
    return facts_of(instruments=[{"id": "I1", "events": made, **keys}]).instruments[0]
