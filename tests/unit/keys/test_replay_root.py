"""The founding act: every founder signs it, and it is spelled in one way."""

from dataclasses import replace
from typing import Any

import pytest

from keys.directory_root import Root
from keys.errors import KeysError
from keys.replay import with_statements
from keys.statement import Statement
from tests.unit.keys.directory_breaches import changed, sign
from tests.unit.keys.directory_builder import Founding


@pytest.fixture
def world() -> Founding:
    """An exchange with five founders of three bodies."""
    return Founding(founders=(("coe-cpt", 2), ("un-spt", 2), ("un-office", 1)))


def test_root_needs_every_founder(world: Founding) -> None:
    """A founding act that one founder has not signed is pending, and a founder named twice is refused."""
    values = world.root
    statement = sign(values.statement(), *world.founders[:-1])
    twice = replace(values, founders=(*values.founders, values.founders[0]))
    for root, code in ((statement, "signers_missing"), (sign(twice.statement(), *world.founders), "duplicate_officer")):
        with pytest.raises(KeysError) as caught:
            with_statements(None, [root], values.time, world.public.get)
        assert caught.value.code == code


def _root(world: Founding, **other: Any) -> Statement:
    return sign(changed(world.root.statement(), **other), *world.founders)


@pytest.mark.parametrize(
    "other",
    [
        {"quorum": 1},
        {"quorum": 6},
        {"subject": "Exchange.example"},
        {"subject": "other.example"},
        {"witnesses": ["one"]},
        {"nonce": "AAAA"},
        {"host": "state:xa"},
        {"prev": None},
        {"founders": []},
    ],
)
def test_root_is_spelled_in_one_way(world: Founding, other: dict[str, Any]) -> None:
    """A quorum of one or over the founders, another name than the logs', witnesses or extra fields are malformed."""
    with pytest.raises(KeysError) as caught:
        with_statements(None, [_root(world, **other)], world.root.time, world.public.get)
    assert caught.value.code == "malformed"


def test_founders_of_a_single_body_found_nothing() -> None:
    """An exchange has two bodies from the first day: otherwise one could admit whom it likes."""
    with pytest.raises(KeysError) as caught:
        Founding(founders=(("coe-cpt", 3),))
    assert caught.value.code == "malformed"


@pytest.mark.parametrize("damage", ["name", "hash", "base64", "algorithm", "length"])
def test_log_keys_are_checked_as_signed_note_spells_them(world: Founding, damage: str) -> None:
    """A log key of another log, with a wrong hash, in other letters, of another algorithm or length is malformed."""
    logs = world.root.statement().body["logs"]
    name, short, data = logs["audit"]["ed25519"].split("+", 2)
    logs["audit"]["ed25519"] = {
        "name": f"{name}0+{short}+{data}",
        "hash": f"{name}+{'0' * 8}+{data}",
        "base64": f"{name}+{short}+{data}=",
        "algorithm": logs["audit"]["mldsa44"],
        "length": f"{name}+{short}+{data[:-4]}",
    }[damage]
    with pytest.raises(KeysError) as caught:
        Root.read(changed(world.root.statement(), logs=logs).body)
    assert caught.value.code == "malformed"
