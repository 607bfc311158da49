"""Bundles: whole or not at all, and one spelling."""

import pytest

from exchange.ledger.bundle import Stored, build_bundle, bundle_count, parse_bundle
from exchange.ledger.errors import BadBundleError
from exchange.ledger.leaf import SuccessorLeaf


def built(log, entries=2):
    """The bytes of a bundle with a chain and some entries."""
    for _ in range(entries):
        log.append()
    return build_bundle(0, log.stored)


def test_a_bundle_parses_back(log):
    """Leaves, views and chains come back in order and print the same again."""
    data = built(log)
    bundle = parse_bundle(data)
    assert bundle.leaves == tuple(item.leaf for item in log.stored)
    assert [row.views for row in bundle.rows] == [item.views for item in log.stored]
    assert bundle.rows[0].chain == log.stored[0].chain
    again = [Stored(row.leaf.data, row.views, row.chain) for row in bundle.rows]
    assert build_bundle(0, again) == data


def test_its_size_depends_on_the_number_of_leaves_and_seals_alone(log):
    """73 and 4,096 bytes a leaf whatever happened; lp, epoch and 1,168 bytes a seal."""
    data = built(log, 3)
    seals = sum(2 + len(body) + 4 + 1168 for body in log.epochs)
    assert len(data) == 25 + 8 + 2 + 4 * (73 + 4096) + 16 + 4 + 4 + seals


def test_a_successor_leaf_has_neither_views_nor_seals(log):
    """0x03 stands alone."""
    data = build_bundle(256, [Stored(SuccessorLeaf(60, bytes(range(32)), bytes(32)).data)])
    assert parse_bundle(data).first == 256 and parse_bundle(data).rows[0].views == ()


def test_bundles_are_counted_by_256():
    """The last one may be short, none is empty."""
    assert [bundle_count(size) for size in (0, 1, 256, 257, 65536)] == [0, 1, 1, 2, 256]


@pytest.mark.parametrize(
    ("first", "change"),
    [
        (0, lambda s: []),
        (1, lambda s: s),
        (-256, lambda s: s),
        (0, lambda s: s * 100),
        (0, lambda s: [Stored(s[1].leaf)]),
        (0, lambda s: [Stored(s[1].leaf, s[1].views[:3])]),
        (0, lambda s: [Stored(s[1].leaf, (b"", *s[1].views[1:]))]),
        (0, lambda s: [Stored(s[0].leaf)]),
        (0, lambda s: [Stored(s[0].leaf, s[1].views, s[0].chain)]),
        (0, lambda s: [Stored(s[1].leaf[:-1], s[1].views)]),
    ],
    ids=["empty", "first 1", "first below 0", "300", "no views", "3 views", "short view", "no seals", "both", "leaf"],
)
def test_what_cannot_be_a_bundle_is_not_built(log, first, change):
    """The server refuses to hand out what a client would refuse to read."""
    built(log)
    with pytest.raises(BadBundleError):
        build_bundle(first, change(log.stored))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: b"",
        lambda d: b"x" + d[1:],
        lambda d: d[:-1],
        lambda d: d + b"\0",
        lambda d: d[:32] + b"\1" + d[33:],
        lambda d: d[:33] + b"\0\0" + d[35:],
        lambda d: d[:33] + b"\1\1" + d[35:],
        lambda d: d[:35] + b"\x07" + d[36:],
        lambda d: d[: 35 + 3 * 73] + b"\1" + d[36 + 3 * 73 :],
        lambda d: d.replace(b"\0\x09audit-cpt", b"\0\x09audit cpt"),
        lambda d: d.replace(b"\0\x09audit-cpt", b"\0\x09audit-spu"),
        lambda d: d.replace(b"\0\x09audit-cpt", b"\0\x09audit-cp\xff"),
    ],
    ids=[
        "empty",
        "label",
        "cut",
        "longer",
        "first",
        "no leaves",
        "257 leaves",
        "leaf kind",
        "views of a chain",
        "body's name",
        "order of bodies",
        "not ASCII",
    ],
)
def test_damaged_bytes_are_a_typed_error(log, change):
    """One defect each."""
    data = built(log)
    assert change(data) != data
    with pytest.raises(BadBundleError):
        parse_bundle(change(data))


def test_the_error_names_the_leaf(log):
    """Whoever tampered with a leaf's form is told which one it was."""
    data = built(log)
    with pytest.raises(BadBundleError, match="leaf 2"):
        parse_bundle(data[: 35 + 146] + b"\x09" + data[36 + 146 :])
