"""Whether a deposit belongs together: each way in which it does not has its error."""

from dataclasses import replace
from pathlib import Path

import pytest

from exchange.sealing import descriptors
from exchange.sealing.deposit import check_deposit
from exchange.sealing.descriptors import Descriptors, HeaderLists
from exchange.sealing.envelope import LockedEnvelope
from exchange.sealing.errors import DepositIncompleteError, DescriptorMismatchError, RecipientError, SealingError
from exchange.sealing.package import Package
from tests.unit.sealing.sealed_report import deposited


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Package, HeaderLists]:
    """A deposit that belongs together, and its header's lists."""
    spool, made = deposited(tmp_path)
    check_deposit(spool.package, made.lists, "coe-cpt", ["coe-cpt"])
    return spool.package, made.lists


def refused(package: Package, lists: HeaderLists, error: type[SealingError], owner: str = "coe-cpt") -> None:
    """Expect the check to raise exactly this error."""
    with pytest.raises(SealingError) as caught:
        check_deposit(package, lists, owner, ["coe-cpt"])
    assert type(caught.value) is error


def refilled(package: Package, every: Descriptors, error: type[SealingError]) -> None:
    """Expect the error for a deposit whose descriptors and header were both made anew: consistent, and yet wrong."""
    refused(replace(package, descriptors=every), descriptors.fill(every), error)


Sealed = tuple[Package, HeaderLists]


def test_descriptors_of_another_header(sealed: Sealed) -> None:
    """Foreign or changed descriptors are not in the header's lists."""
    package, lists = sealed
    changed = replace(package.descriptors.parts[0], salt=bytes(32))
    every = descriptors.of([changed, package.descriptors.parts[1]], package.descriptors.recipients)
    refused(replace(package, descriptors=every), lists, DescriptorMismatchError)


@pytest.mark.parametrize("drop", ["manifests", "envelopes"])
def test_a_missing_or_surplus_member(sealed: Sealed, drop: str) -> None:
    """A part without its manifest, a recipient without an envelope, and one more of either than is named."""
    package, lists = sealed
    held = dict(getattr(package, drop))
    first = next(iter(held))
    fewer = {key: value for key, value in held.items() if key != first}
    more = {**held, bytes(len(first)): held[first]}
    for changed in (fewer, more):
        refused(replace(package, **{drop: changed}), lists, DepositIncompleteError)


def test_manifests_of_two_parts_exchanged(sealed: Sealed) -> None:
    """Each manifest must be the one its own part's descriptor names."""
    package, lists = sealed
    one, two = package.manifests
    swapped = {one: package.manifests[two], two: package.manifests[one]}
    refused(replace(package, manifests=swapped), lists, DepositIncompleteError)


def test_a_part_described_twice_and_none_at_all(sealed: Sealed) -> None:
    """One id with two descriptors would mean two roots for one name; a report has at least one part."""
    package, _ = sealed
    first = package.descriptors.parts[0]
    twice = descriptors.of([first, descriptors.salted(replace(first.value, language="es"))], package.descriptors.recipients)
    refilled(package, twice, DepositIncompleteError)
    refilled(package, descriptors.of([]), DepositIncompleteError)


def test_recipients_that_do_not_fit_the_parts(sealed: Sealed) -> None:
    """A recipient of a part that is not there, two of one envelope."""
    package, _ = sealed
    every = package.descriptors
    foreign = descriptors.salted(replace(every.recipients[0].value, part=bytes(8), envelope=bytes(32)))
    refilled(package, descriptors.of(every.parts, [*every.recipients, foreign]), DepositIncompleteError)
    shared = descriptors.salted(replace(every.recipients[0].value, organisation="npm-xa"))
    refilled(package, descriptors.of(every.parts, [*every.recipients, shared]), DepositIncompleteError)


def test_recipients_that_are_not_permitted(sealed: Sealed) -> None:
    """One body twice for a part, one body with two epochs, and an owner who is no recipient."""
    package, lists = sealed
    every = package.descriptors
    first = every.recipients[0].value
    again = descriptors.salted(replace(first, envelope=bytes(32)))
    locked = {**package.envelopes, bytes(32): LockedEnvelope(bytes(32), bytes(2_304))}
    twice = descriptors.of(every.parts, [*every.recipients, again])
    refilled(replace(package, envelopes=locked), twice, RecipientError)
    others = [s for s in every.recipients if s.value != first]
    refilled(package, descriptors.of(every.parts, [*others, descriptors.salted(replace(first, epoch=9))]), RecipientError)
    refused(package, lists, RecipientError, owner="npm-xa")
