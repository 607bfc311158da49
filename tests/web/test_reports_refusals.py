"""What a registration refuses by rule: each case has its code, and leaves nothing behind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exchange.sealing import envelope as envelopes
from exchange.sealing import package as packages
from exchange.sealing.descriptor import LinkDescriptor
from exchange.sealing.envelope import LockedEnvelope, SealTo
from exchange.sealing.package import Package
from exchange.sealing.seal import Recipient
from keys.seat_open import SealKey
from tests.unit.keys.directory_builder import seed
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, make_report, part


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeWorld]:
    """A founded exchange for all tests here: what is refused leaves nothing behind, so they do not disturb each other."""
    made = ExchangeWorld(tmp_path_factory.mktemp("refusals") / "world")
    yield made
    made.close()


HEADERS: list[tuple[dict[str, Any], int, str]] = [
    ({"originators": ("coe-cpt", "un-spt")}, 422, "originators_joint"),
    ({"originators": ("un-spt",)}, 422, "owner_not_originator"),
    ({"owner": "un-spt", "originators": ("un-spt",)}, 403, "signer_other_body"),
    ({"kind": "shopping_list"}, 422, "kind_unknown"),
    ({"kind": "working_document"}, 422, "kind_not_exchanged"),
    ({"kind": "art20_report"}, 422, "kind_not_exchanged"),
    ({"tier": "evidence"}, 422, "kind_not_exchanged"),
    ({"regime": "R3"}, 422, "regime_wrong"),
    ({"regime": "R5"}, 422, "regime_wrong"),
    ({"adopted_on": None}, 422, "adopted_on_wrong"),
    ({"adopted_on": date(2026, 4, 1)}, 422, "adopted_on_wrong"),
    ({"tier": "evidence", "kind": "note_verbale"}, 422, "recipient_not_permitted"),
    ({"links": None}, 422, "descriptor_mismatch"),
    ({"recipients": None}, 422, "descriptor_mismatch"),
]


@pytest.mark.parametrize(("changes", "status", "code"), HEADERS)
def test_headers(world: ExchangeWorld, tmp_path: Path, changes: dict[str, Any], status: int, code: str) -> None:
    """A header that declares what the rules refuse."""
    made = make_report(world, tmp_path)
    made.send()
    size = world.size()
    filled = tuple(sorted(bytes([n] * 32) for n in range(16)))
    given = {
        name: filled if value is None and name in ("links", "recipients") else value for name, value in changes.items()
    }
    answer = made.register(made.signed(**given))
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert "reports:report:register" not in world.acts("coe-cpt", since=size)
    assert made.register().status_code == 201


def test_a_body_without_a_regime_transmits_nothing(world: ExchangeWorld, tmp_path: Path) -> None:
    """An audit office receives its entries and sends no documents."""
    made = make_report(world, tmp_path, owner="audit-cpt", recipients=["un-spt"])
    made.send()
    answer = made.register()
    assert (answer.status_code, answer.json["code"]) == (403, "no_regime")


def test_a_parts_regime(world: ExchangeWorld, tmp_path: Path) -> None:
    """A part may be stricter than its document, never laxer."""
    lax = make_report(world, tmp_path, owner="npm-xa", parts=[part(regime="R5")], kind="npm_visit_report", regime="R4")
    lax.send()
    answer = lax.register()
    assert (answer.status_code, answer.json["code"]) == (422, "regime_wrong")
    strict = make_report(
        world, tmp_path, owner="npm-xa", parts=[part(regime="R1")], kind="npm_visit_report", regime="R4"
    )
    strict.send()
    assert strict.register().status_code == 201


def test_recipients_the_directory_does_not_have(world: ExchangeWorld, tmp_path: Path) -> None:
    """A body that is not in it, and one that is there without a key yet."""
    stranger = SealTo(SealKey(seed("stranger")).public)
    made = make_report(world, tmp_path, recipients=[Recipient("un-srt", 1, stranger)])
    made.send()
    answer = made.register()
    assert (answer.status_code, answer.json["code"]) == (422, "recipient_unknown")
    world.submit(world.founding.add_organisation("un-srt", "mechanism"))
    assert made.register().json["code"] == "recipient_unknown"


def test_recipients_under_another_key(world: ExchangeWorld, tmp_path: Path) -> None:
    """The right epoch with another key, another epoch with the right key, the owner's own included."""
    other = SealTo(SealKey(seed("stranger")).public)
    right = SealTo(world.founding.epoch_keys["un-spt", 1].public)
    for wrong in (Recipient("un-spt", 1, other), Recipient("un-spt", 2, right)):
        made = make_report(world, tmp_path, recipients=[wrong])
        made.send()
        answer = made.register()
        assert (answer.status_code, answer.json["code"]) == (409, "stale_epoch")


@pytest.mark.parametrize(
    ("recipients", "changes"),
    [
        (["audit-cpt"], {}),
        (["state:XA"], {"kind": "reprisals_allegation"}),
        (["state:XA"], {"tier": "alert"}),
        (["un-spt"], {"tier": "evidence", "kind": "note_verbale"}),
        (["audit-un"], {"tier": "evidence", "kind": "note_verbale"}),
    ],
)
def test_recipients_that_may_never_be(
    world: ExchangeWorld, tmp_path: Path, recipients: list[str], changes: dict[str, Any]
) -> None:
    """Audit offices read no report, a State learns of no allegation, evidence goes to no third body."""
    made = make_report(world, tmp_path, recipients=recipients, **changes)
    made.send()
    answer = made.register()
    assert (answer.status_code, answer.json["code"]) == (422, "recipient_not_permitted")


def test_evidence_goes_to_state_and_audit_office(world: ExchangeWorld, tmp_path: Path) -> None:
    """The States of the part and the owner's own audit office are its recipients."""
    made = make_report(world, tmp_path, recipients=["state:XA", "audit-cpt"], tier="evidence", kind="note_verbale")
    made.send()
    assert made.register().status_code == 201
    foreign = make_report(
        world, tmp_path, parts=[part(states=["XB"])], recipients=["state:XA"], tier="evidence", kind="note_verbale"
    )
    foreign.send()
    assert foreign.register().json["code"] == "recipient_not_permitted"


def _drop_manifest(package: Package) -> Package:
    return replace(package, manifests={})


def _swap_envelopes(package: Package) -> Package:
    first, second = package.envelopes
    swapped = {first: package.envelopes[second], second: package.envelopes[first]}
    return replace(package, envelopes=swapped)


def _damage_envelope(package: Package) -> Package:
    first = next(iter(package.envelopes))
    locked = package.envelopes[first]
    damaged = LockedEnvelope(locked.lock_key, locked.sealed[:-1] + bytes([locked.sealed[-1] ^ 1]))
    return replace(package, envelopes={**package.envelopes, first: damaged})


def _more_members(package: Package) -> Package:
    return replace(package, extras={"statements": b"x"})


def _fewer_descriptors(package: Package) -> Package:
    return replace(package, descriptors=replace(package.descriptors, recipients=package.descriptors.recipients[:1]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_drop_manifest, "deposit_incomplete"),
        (_swap_envelopes, "envelope_mismatch"),
        (_damage_envelope, "envelope_mismatch"),
        (_more_members, "report_incomplete"),
        (_fewer_descriptors, "deposit_incomplete"),
    ],
)
def test_packages_that_do_not_belong_together(
    world: ExchangeWorld, tmp_path: Path, change: Callable[[Package], Package], code: str
) -> None:
    """Manifests, envelopes and descriptors other than the header's."""
    made = make_report(world, tmp_path)
    made.send()
    answer = made.register(change(made.package))
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert made.register().status_code == 201


def test_an_envelope_for_another_place(world: ExchangeWorld, tmp_path: Path) -> None:
    """An envelope whose inside is right and whose lock was made for another part does not come off."""
    made = make_report(world, tmp_path, parts=[part("p1"), part("p2", language="fr")])
    made.send()
    one, two = made.parts
    named = [each.value for each in made.package.descriptors.recipients if each.value.part == one]
    lock = SealTo(world.founding.lock.public)
    wrong = envelopes.lock(bytes(1_168), bytes(16), two, "un-spt", lock)
    package = replace(made.package, envelopes={**made.package.envelopes, named[0].envelope: wrong})
    assert made.register(package).json["code"] == "envelope_mismatch"


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_damaged_packages(world: ExchangeWorld, tmp_path: Path, cut: int) -> None:
    """Nothing, a byte, a beginning, all but the last byte: no package."""
    made = make_report(world, tmp_path)
    data = packages.to_bytes(made.package)
    answer = made.register(data[:cut] if cut >= 0 else data[:-1])
    assert (answer.status_code, answer.json["code"]) == (422, "package_malformed")
    flipped = bytearray(data)
    flipped[40] ^= 1
    assert made.register(bytes(flipped)).status_code == 422


def test_an_unknown_version(world: ExchangeWorld, tmp_path: Path) -> None:
    """A header of a version this build does not know."""
    made = make_report(world, tmp_path)
    statement = made.header
    later = type(statement)("exchange/report-header/v2", statement.payload).signed_by(made.officer.sign)
    answer = made.register(replace(made.package, header=later.text))
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_version")


def test_a_link_to_another_report(world: ExchangeWorld, tmp_path: Path) -> None:
    """A response names what it responds to; the server keeps the descriptor whether or not it knows that report."""
    link = LinkDescriptor("responds_to", "11111111-2222-4333-8444-555555555555")
    made = make_report(world, tmp_path, links=[link])
    made.send()
    assert made.register().status_code == 201
    assert world.fsck() == []


def test_sentences_in_both_languages(world: ExchangeWorld, tmp_path: Path) -> None:
    """The refusal is told in the reader's language."""
    made: Made = make_report(world, tmp_path)
    headers = {**world.token(made.officer), "Accept-Language": "fr"}
    data = packages.to_bytes(made.package)
    answer: Any = world.client.post("/api/v1/reports", data=data, headers=headers)
    assert answer.json["title"].startswith("Des morceaux du contenu")
