"""A replayed directory goes to JSON and back, and a cache that contradicts itself is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from keys.encoding import canonical, parse_json
from keys.errors import KeysError, MalformedError
from keys.replay import replay
from keys.replay_export import export_json, export_values
from keys.replay_import import import_json
from tests.unit.keys.directory_builder import START, Founding


@pytest.fixture(scope="module")
def world() -> Founding:
    """A directory in which every field is used."""
    world = Founding.started()
    person = world.enrol("coe-cpt")
    world.epoch("coe-cpt")
    world.leave(person, n=1, size=9)
    world.mandate(world.focal_points("un-spt")[1], valid_from=START, valid_to=START + timedelta(days=900))
    world.authority("state:XA", "OPCAT", valid_to=START + timedelta(days=100))
    return world


def test_a_cache_gives_back_the_same_directory(world: Founding) -> None:
    """What is exported imports as an equal directory, in one spelling, and replay goes on from it."""
    data = export_json(world.directory)
    again = import_json(data)
    assert again == world.directory
    assert export_json(again) == data
    half = import_json(export_json(replay(world.leaves[:9], world.public.get, world.now)))
    assert replay(world.leaves[9:], world.public.get, world.now, start=half) == world.directory


def test_the_export_shows_what_a_person_looks_for(world: Founding) -> None:
    """Bodies with their eleven words, officers with their end, authorities with their period."""
    values = export_values(world.directory)
    bodies = {body["id"]: body for body in values["organisations"]}
    assert bodies["coe-cpt"]["fingerprint"] == " ".join(world.directory.fingerprint("coe-cpt"))
    assert [epoch["number"] for epoch in bodies["coe-cpt"]["epochs"]] == [1, 2, 3]
    assert [o["ended"] for o in values["officers"] if o["ended"]] == [{"index": 22, "n": 1, "size": 9}]
    assert [a["treaty"] for a in values["authorities"]] == ["ECPT", "OPCAT"]
    assert values["size"] == world.directory.size


def _without_officers(values: dict[str, Any]) -> None:
    values["officers"] = []


def _another_root(values: dict[str, Any]) -> None:
    values["root"]["quorum"] = 3


def _another_size(values: dict[str, Any]) -> None:
    values["size"] += 1


def _another_log_root(values: dict[str, Any]) -> None:
    values["log_root"] = values["exchange"]


def _a_key_twice(values: dict[str, Any]) -> None:
    values["officers"][0]["seal"] = values["officers"][1]["seal"]
    values["officers"][0]["sign"] = values["officers"][1]["sign"]


def _an_epoch_missing(values: dict[str, Any]) -> None:
    next(body for body in values["organisations"] if body["id"] == "coe-cpt")["epochs"].pop(0)


def _another_fingerprint(values: dict[str, Any]) -> None:
    values["organisations"][0]["fingerprint"] = values["organisations"][1]["fingerprint"]


def _an_unknown_office(values: dict[str, Any]) -> None:
    values["organisations"][0]["audit_office"] = "audit-xb"


def _a_seat_for_nobody(values: dict[str, Any]) -> None:
    values["organisations"][0]["epochs"][0]["officers"].append("A" * 22)


def _an_authority_who_is_nobody(values: dict[str, Any]) -> None:
    values["authorities"][0]["officer"] = "A" * 22


def _an_unknown_field(values: dict[str, Any]) -> None:
    values["more"] = 1


@pytest.mark.parametrize(
    "damage",
    [
        _without_officers,
        _another_root,
        _another_size,
        _another_log_root,
        _a_key_twice,
        _an_epoch_missing,
        _another_fingerprint,
        _an_unknown_office,
        _a_seat_for_nobody,
        _an_authority_who_is_nobody,
        _an_unknown_field,
    ],
)
def test_a_cache_that_contradicts_itself_is_refused(world: Founding, damage: Callable[[dict[str, Any]], None]) -> None:
    """A damaged cache is malformed, so a client replays anew; it never yields a directory with holes."""
    values = parse_json(export_json(world.directory), limit=None)
    damage(values)
    with pytest.raises(MalformedError):
        import_json(canonical(values, limit=None))


def test_a_cache_of_another_version_is_told_apart(world: Founding) -> None:
    """A cache written by a later build is an unknown version, not damage."""
    values = {**parse_json(export_json(world.directory), limit=None), "version": 2}
    with pytest.raises(KeysError) as caught:
        import_json(canonical(values, limit=None))
    assert caught.value.code == "unknown_version"
