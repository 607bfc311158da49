"""Statements of every label: what parses prints back the same; a changed payload gives only the room's errors."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.statements import (
    consent,
    determination,
    grant,
    lift,
    publication,
    publication_withdrawal,
    recall,
    recall_answer,
    receipt,
    registry,
    release_request,
    report_header,
    stop,
)
from keys.errors import KeysError, MalformedError, UnknownVersionError
from keys.statement import new
from tests.unit.statements import cast

CASES: list[tuple[Any, Any]] = [
    (consent, cast.RECORD),
    (consent, cast.event("granted", b"p" * 32)),
    (determination, cast.DETERMINATION),
    (grant, cast.GRANT),
    (lift, cast.LIFT),
    (recall, cast.RECALL),
    (recall_answer, cast.ANSWER),
    (publication, cast.PUBLICATION),
    (publication_withdrawal, cast.PUBLICATION_WITHDRAWAL),
    (receipt, cast.RECEIPT),
    (release_request, cast.REQUEST),
    (report_header, cast.HEADER_VALUE),
    (stop, cast.STOP),
]
ODD = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(max_size=50)
    | st.sampled_from(["", "A" * 43, "AAAAAAAAAAA", "2026-01-01", "2026-01-01T00:00:00Z", "state:XA", "un-spt", "XA"])
    | st.lists(st.text(max_size=4), max_size=9)
    | st.dictionaries(st.sampled_from(["kind", "parameter", "report", "header", "a"]), st.text(max_size=4), max_size=2)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a JSON value, the value itself left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, inner in items for place in [(*path, name), *places(inner, (*path, name))]]


def put(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    for name in path[:-1]:
        value = value[name]
    value[path[-1]] = odd


@given(st.sampled_from(CASES), st.data(), ODD)
def test_a_changed_payload_is_refused_or_prints_back(case: tuple[Any, Any], data: st.DataObject, odd: Any) -> None:
    """One value anywhere in the payload is replaced by another of any type."""
    module, good = case
    body = module.build(good).body
    put(body, data.draw(st.sampled_from(places(body))), odd)
    text = new(module.LABEL, body).signed_by(cast.key("anna")).text
    try:
        value, statement = registry.parse(text)
    except MalformedError:
        return
    assert statement.text == text
    assert module.build(value).payload == statement.payload


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_no_statement_of_ours(data: bytes) -> None:
    """Nothing but the room's root comes out of any parser."""
    with pytest.raises(KeysError):
        registry.parse(data)
    for module, _ in CASES:
        with pytest.raises(KeysError):
            module.parse(data)


@given(st.from_regex(r"exchange/[a-z]{1,10}(-[a-z]{1,10})?/v[1-9]", fullmatch=True))
def test_labels_outside_the_table_are_unknown(label: str) -> None:
    """Never skipped, never guessed."""
    if label in registry.READERS:
        return
    with pytest.raises(UnknownVersionError):
        registry.parse(new(label, {}).signed_by(cast.key("anna")).text)
