"""Every label builds, parses, prints back, and refuses what it does not know."""

import json
from datetime import timedelta
from typing import Any

import pytest

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
from exchange.statements.form import Stamp
from keys.errors import MalformedError, UnknownVersionError
from keys.statement import Statement, new
from tests.unit.statements import cast

ALL: list[tuple[Any, Any]] = [
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
IDS = [f"{module.__name__.rpartition('.')[2]}-{n}" for n, (module, _) in enumerate(ALL)]


def body_of(module: Any, value: Any) -> dict[str, Any]:
    return module.build(value).body


def test_the_registry_knows_the_labels_of_this_build() -> None:
    """Each `exchange/<name>/v1`, and each module's own."""
    assert set(registry.READERS) == {
        f"exchange/{name}/v1"
        for name in (
            "report-header",
            "grant",
            "stop",
            "lift",
            "recall",
            "recall-answer",
            "release-request",
            "receipt",
            "consent",
            "determination",
            "publication",
            "publication-withdrawal",
        )
    }
    assert set(registry.READERS) == {module.LABEL for module, _ in ALL}


@pytest.mark.parametrize(("module", "value"), ALL, ids=IDS)
class TestEveryLabel:
    """What holds for each of them."""

    def test_what_is_built_parses_back(self, module: Any, value: Any) -> None:
        """The same values, and the same text again; through the module and through the registry."""
        signed = module.build(value).signed_by(cast.key("anna"))
        assert module.parse(signed.text) == (value, signed)
        assert registry.parse(signed.text) == (value, signed)
        assert module.build(value) == Statement(signed.typ, signed.payload)

    def test_an_unknown_field_is_malformed(self, module: Any, value: Any) -> None:
        """Nothing is skipped."""
        with pytest.raises(MalformedError, match="unknown field 'more'"):
            module.read(new(module.LABEL, {**body_of(module, value), "more": 1}))

    def test_each_field_is_needed_and_checked(self, module: Any, value: Any) -> None:
        """Left out, or of another type, it is malformed and named."""
        body = body_of(module, value)
        for name in body:
            with pytest.raises(MalformedError, match=name):
                module.read(new(module.LABEL, {k: v for k, v in body.items() if k != name}))
            with pytest.raises(MalformedError, match=name):
                module.read(new(module.LABEL, {**body, name: [[["odd"]]]}))

    def test_another_label_is_malformed_and_another_version_unknown(self, module: Any, value: Any) -> None:
        """The same payload under another name, and the same name in another version."""
        payload = body_of(module, value)
        with pytest.raises(MalformedError):
            module.read(new("exchange/other/v1", payload))
        with pytest.raises(MalformedError):
            module.parse(new("exchange/other/v1", payload).signed_by(cast.key("anna")).text)
        with pytest.raises(UnknownVersionError):
            module.parse(new(module.LABEL[:-1] + "2", payload).signed_by(cast.key("anna")).text)

    def test_a_value_out_of_form_is_not_built(self, module: Any, value: Any) -> None:
        """`build` holds to the same form as `read`: nothing can be signed that nobody would parse."""
        from dataclasses import replace

        name = "link" if hasattr(value, "link") else "stamp"
        head = getattr(value, name)
        with pytest.raises(MalformedError):
            module.build(replace(value, **{name: replace(head, exchange=b"short")}))


@pytest.mark.parametrize(
    "label",
    [
        "exchange/stop/v2",
        "exchange/undertaking/v1",
        "exchange/rewrap/v1",
        "exchange/directory-root/v1",
    ],
)
def test_a_label_that_is_not_built_is_an_error(label: str) -> None:
    """Never skipped: a later version, a label of formats that no code here knows, one of another room."""
    with pytest.raises(UnknownVersionError):
        registry.parse(new(label, {}).signed_by(cast.key("anna")).text)


def test_a_fresh_stamp_has_a_nonce_of_its_own() -> None:
    """Two statements of one second differ."""
    first, second = (Stamp.fresh(cast.NOW, cast.EXCHANGE) for _ in range(2))
    assert first.nonce != second.nonce
    assert len(first.nonce) == 16


def test_times_are_whole_seconds() -> None:
    """A fraction of a second is dropped when built."""
    from dataclasses import replace

    stamped = replace(cast.STOP, stamp=replace(cast.STAMP, time=cast.NOW + timedelta(microseconds=5)))
    assert stop.read(stop.build(stamped)) == cast.STOP


def test_no_payload_holds_a_word_that_only_recipients_may_know() -> None:
    """Titles, file names and true sizes stand in the sealed manifest; no header field has such a name."""
    names = set(json.loads(report_header.build(cast.HEADER_VALUE).payload))
    assert not names & {"title", "name", "file", "file_name", "size", "note", "places"}
