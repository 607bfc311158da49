"""Descriptors and the header's lists: salted, filled, sorted; checked whole by the server, and in part by a reader."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from exchange.sealing import descriptors
from exchange.sealing.descriptor import LinkDescriptor, PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import Descriptors, HeaderLists, Salted
from exchange.sealing.errors import DescriptorError, DescriptorMismatchError
from exchange.sealing.pieces import sealed_size
from keys.encoding import b64u, canonical

PART = PartDescriptor(
    id=bytes(8),
    states=("XA", "XB"),
    language="fr",
    variant="original",
    personal_data=False,
    regime="R1",
    size=sealed_size(65_536),
    pieces=1,
    root=bytes(32),
    commitment=bytes(32),
    manifest=bytes(32),
)
RECIPIENT = RecipientDescriptor("un-spt", 1, bytes(32), bytes(8), bytes(32))
LINK = LinkDescriptor("responds_to", "abcdef00-0000-4000-8000-000000000001")


def made(recipients: int = 3) -> Descriptors:
    """Return descriptors of two parts, some recipients and a link."""
    return descriptors.of(
        [descriptors.salted(PART), descriptors.salted(replace(PART, id=bytes([1] * 8), language="en"))],
        [descriptors.salted(replace(RECIPIENT, epoch=n + 1)) for n in range(recipients)],
        [descriptors.salted(LINK)],
    )


def test_a_digest_is_that_of_the_specification() -> None:
    """SHA-256(label || lp(list name) || JSON [salt, descriptor]), spelled here by hand for a link."""
    salt = bytes(range(32))
    text = b'["' + b64u(salt).encode() + b'",{"relation":"responds_to","report":"' + LINK.report.encode() + b'"}]'
    expected = hashlib.sha256(b"exchange/descriptor/v1\0" + b"\0\x05links" + text).digest()
    assert Salted(salt, LINK).digest == expected


@pytest.mark.parametrize(("real", "filled"), [(0, 8), (1, 8), (8, 8), (9, 16), (17, 24)])
def test_lists_are_filled_to_the_next_multiple_of_eight(real: int, filled: int) -> None:
    """The number of recipients shows only in steps of eight; the fillers are new each time."""
    every = made(real)
    one, two = descriptors.fill(every), descriptors.fill(every)
    assert len(one.recipients) == filled
    assert list(one.recipients) == sorted(set(one.recipients))
    assert len(set(one.recipients) & set(two.recipients)) == real
    descriptors.check_all(one, every)


def test_descriptors_print_and_parse_back() -> None:
    """The wire form, and the header's lists through its payload."""
    every = made()
    lists = descriptors.fill(every)
    assert descriptors.parse(every.wire) == every
    assert HeaderLists.from_header({"owner": "coe-cpt", **lists.to_json()}) == lists


def test_a_reader_checks_what_it_was_shown_and_nothing_more() -> None:
    """A subset holds; a descriptor with a changed value, a changed salt, or put into another list does not."""
    every = made()
    lists = descriptors.fill(every)
    shown = Descriptors(every.parts[:1], every.recipients[1:2])
    descriptors.check_shown(lists, shown)
    changed = every.parts[0]
    for other in (
        Descriptors((Salted(changed.salt, replace(changed.value, personal_data=True)),)),
        Descriptors((Salted(bytes(32), changed.value),)),
        replace(shown, links=(descriptors.salted(LINK),)),
    ):
        with pytest.raises(DescriptorMismatchError):
            descriptors.check_shown(lists, other)


def test_the_server_refuses_a_list_filled_further_than_its_descriptors_need() -> None:
    """More digests than the rule gives for what the server holds: hidden descriptors or surplus fillers."""
    every = made(9)
    lists = descriptors.fill(every)
    with pytest.raises(DescriptorMismatchError):
        descriptors.check_all(lists, replace(every, recipients=()))
    surplus = tuple(sorted((*lists.links, *(bytes([n] * 32) for n in range(8)))))
    with pytest.raises(DescriptorMismatchError):
        descriptors.check_all(replace(lists, links=surplus), every)


def spelled(change: dict[str, Any] | None = None, **lists: Any) -> bytes:
    """Return a wire form with one part whose fields are changed, or with whole lists replaced."""
    body = {**PART.to_json(), **(change or {})}
    return canonical({"parts": [[b64u(bytes(32)), body]], "recipients": [], "links": [], **lists}, limit=None)


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"states": ["XB", "XA"]},
        {"states": ["XA", "XA"]},
        {"states": ["xa"]},
        {"language": "FR"},
        {"language": ""},
        {"variant": "summary"},
        {"personal_data": 0},
        {"regime": "R6"},
        {"pieces": 2},
        {"size": 100_000},
        {"id": b64u(bytes(9))},
        {"root": b64u(bytes(31))},
        {"commitment": None},
    ],
)
def test_a_part_that_is_not_in_form_is_refused(change: dict[str, Any]) -> None:
    """Unknown fields, unsorted or unknown values, a size that no padded file gives, pieces that do not go with it."""
    descriptors.parse(spelled())
    with pytest.raises(DescriptorError):
        descriptors.parse(spelled(change))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        spelled() + b" ",
        spelled(more=[]),
        spelled(links={}),
        spelled(links=[[b64u(bytes(32))]]),
        spelled(links=[[b64u(bytes(31)), LINK.to_json()]]),
        spelled(links=[[b64u(bytes(32)), {**LINK.to_json(), "relation": "cites"}]]),
        spelled(links=[[b64u(bytes(32)), {**LINK.to_json(), "report": LINK.report.upper()}]]),
        spelled(links=[[b64u(bytes(32)), LINK.to_json()]] * 2),
        spelled(recipients=[[b64u(bytes(32)), {**RECIPIENT.to_json(), "epoch": 0}]]),
        spelled(recipients=[[b64u(bytes(32)), {**RECIPIENT.to_json(), "organisation": "UN SPT"}]]),
        b"[" * 100_000,
        b" " * (2**20 + 1),
    ],
)
def test_any_other_wire_form_is_refused(data: bytes) -> None:
    """Another spelling, missing or unknown lists, bad salts, values not in form, duplicates, depth, size."""
    with pytest.raises(DescriptorError):
        descriptors.parse(data)


def test_descriptors_out_of_order_are_refused() -> None:
    """There is one order, so there is one spelling."""
    body = made().to_json()
    body["parts"].reverse()
    with pytest.raises(DescriptorError):
        descriptors.from_json(body)


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        [b64u(bytes([n] * 32)) for n in range(7)],
        [b64u(bytes([n] * 32)) for n in range(9)],
        [b64u(bytes([n] * 32)) for n in reversed(range(8))],
        [b64u(bytes(32))] * 8,
        [b64u(bytes([n] * 31)) for n in range(8)],
        list(range(8)),
        "x" * 8,
    ],
)
def test_a_header_list_that_is_not_in_form_is_refused(listed: object) -> None:
    """Missing, short, unfilled, unsorted, repeated, of wrong length or type."""
    lists: dict[str, Any] = descriptors.fill(made()).to_json()
    with pytest.raises(DescriptorError):
        HeaderLists.from_header({**lists, "recipients": listed})


def test_a_caller_is_shown_what_is_theirs_alone() -> None:
    """Only permitted parts, with them only one's own recipient descriptors; a link only where both ends may be seen."""
    other = descriptors.salted(replace(RECIPIENT, organisation="npm-xa", part=bytes([1] * 8)))
    every = made()
    every = descriptors.of(every.parts, [*every.recipients, other], every.links)
    lists = descriptors.fill(every)
    shown = descriptors.shown_to(every, {bytes([1] * 8)}, "npm-xa")
    assert [s.value.language for s in shown.parts] == ["en"]
    assert shown.recipients == (other,)
    assert shown.links == ()
    assert descriptors.shown_to(every, {bytes(8)}, "npm-xa", [LINK.report]).recipients == ()
    assert descriptors.shown_to(every, {bytes(8)}, "un-spt", [LINK.report]).links == every.links
    descriptors.check_shown(lists, shown)
    assert descriptors.parse(shown.wire) == shown


def test_a_part_is_found_by_its_id() -> None:
    """And an unknown id finds none."""
    assert made().part(bytes(8)) == PART
    assert made().part(b"12345678") is None


def test_more_than_a_mebibyte_of_descriptors_has_no_wire_form() -> None:
    """A bound of the format, far above what a header can name."""
    many = descriptors.of([descriptors.salted(PART)], [descriptors.salted(RECIPIENT) for _ in range(6_000)])
    with pytest.raises(DescriptorError):
        _ = many.wire
