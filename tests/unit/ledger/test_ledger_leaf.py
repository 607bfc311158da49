"""Leaves: three kinds, 73 bytes, whole minutes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from exchange.ledger.errors import BadLeafError
from exchange.ledger.leaf import ChainLeaf, EntryLeaf, SuccessorLeaf, minute_of, parse_leaf

A, B = bytes(range(32)), bytes(range(32, 64))


@pytest.mark.parametrize("kind", [EntryLeaf, ChainLeaf])
def test_a_leaf_has_73_bytes_and_parses_back(kind):
    """Kind, time and both halves stand where formats say, and come back."""
    leaf = kind(1_773_144_000, A, B)
    assert leaf.data == bytes([kind.kind]) + (1_773_144_000).to_bytes(8, "big") + A + B
    assert len(leaf.data) == 73
    assert parse_leaf(leaf.data) == leaf


def test_a_successor_ends_in_zeros():
    """0x03 has the hash of the last checkpoint and nothing else."""
    leaf = SuccessorLeaf(60, A, bytes(32))
    assert parse_leaf(leaf.data) == leaf and leaf.checkpoint == A
    with pytest.raises(BadLeafError):
        parse_leaf(bytes([3]) + leaf.data[1:72] + b"\1")


@pytest.mark.parametrize("time", [1, 59, 61, -60, 2**64 - 4, 253402300800])
def test_a_time_that_is_no_whole_minute_is_refused(time):
    """Seconds would tell who did what; times without an RFC 3339 spelling tell nothing."""
    with pytest.raises(BadLeafError):
        EntryLeaf(time, A, B)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(73),
        b"\x04" + bytes(72),
        EntryLeaf(60, A, B).data[:-1],
        EntryLeaf(60, A, B).data + b"\0",
        b"\x01" + (61).to_bytes(8, "big") + A + B,
    ],
    ids=["empty", "kind 0", "kind 4", "short", "long", "second"],
)
def test_other_bytes_are_no_leaf(data):
    """Anything but the one spelling is a typed error."""
    with pytest.raises(BadLeafError):
        parse_leaf(data)


def test_the_minute_of_a_moment_is_floored_in_any_zone():
    """12:00:59 in any zone is 12:00; a time without a zone is refused."""
    moment = datetime(2026, 3, 10, 12, 0, 59, 999999, tzinfo=UTC)
    assert minute_of(moment) == 1_773_144_000
    assert minute_of(moment.astimezone(timezone(timedelta(hours=5, minutes=30)))) == 1_773_144_000
    with pytest.raises(BadLeafError):
        minute_of(moment.replace(tzinfo=None))
