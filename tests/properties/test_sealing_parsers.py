"""Every parser of the sealing room: what parses prints back the same; arbitrary bytes give only the room's error."""

import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from exchange.sealing import container, descriptors, manifest, package, pieces
from exchange.sealing.descriptor import RELATIONS, VARIANTS, LinkDescriptor, PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import Descriptors, HeaderLists, Salted
from exchange.sealing.envelope import LockedEnvelope
from exchange.sealing.errors import FileNameError, SealingError
from exchange.sealing.file_name import check_file_name
from exchange.sealing.manifest import Manifest, Signer
from exchange.sealing.package import EXTRAS, Package

hashes = st.binary(min_size=32, max_size=32)
ids8 = st.binary(min_size=8, max_size=8)
plain_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
organisations = st.from_regex(r"[a-z0-9]{2,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True) | st.just("state:XA")
sizes = st.integers(0, 2**30).map(lambda size: pieces.sealed_size(pieces.padded_size(size)))
states = st.lists(st.sampled_from(["XA", "XB", "XC"]), unique=True).map(sorted)


@st.composite
def parts(draw: st.DrawFn) -> PartDescriptor:
    """Any part descriptor in form."""
    size = draw(sizes)
    return PartDescriptor(
        id=draw(ids8),
        states=tuple(draw(states)),
        language=draw(st.sampled_from(["en", "fr", "zh-hans"])),
        variant=draw(st.sampled_from(VARIANTS)),
        personal_data=draw(st.booleans()),
        regime=draw(st.sampled_from(["R1", "R5", None])),
        size=size,
        pieces=pieces.layout(size).count,
        root=draw(hashes),
        commitment=draw(hashes),
        manifest=draw(hashes),
    )


recipients = st.builds(RecipientDescriptor, organisations, st.integers(1, 2**32 - 1), hashes, ids8, hashes)
links = st.builds(LinkDescriptor, st.sampled_from(RELATIONS), st.uuids().map(str))


@st.composite
def described(draw: st.DrawFn) -> Descriptors:
    """Any descriptors in form."""
    return descriptors.of(
        draw(st.lists(st.builds(Salted, hashes, parts()), max_size=3, unique_by=lambda s: s.salt)),
        draw(st.lists(st.builds(Salted, hashes, recipients), max_size=10, unique_by=lambda s: s.salt)),
        draw(st.lists(st.builds(Salted, hashes, links), max_size=3, unique_by=lambda s: s.salt)),
    )


def safe(name: str) -> bool:
    """Whether a file name is one the room takes."""
    try:
        check_file_name(name)
    except FileNameError:
        return False
    return True


days = st.lists(st.dates(min_value=date(1990, 1, 1)).map(str), min_size=2, max_size=2).map(sorted)
profiles = st.dictionaries(st.sampled_from(["name", "post", "language"]), plain_text)
manifests = st.builds(
    Manifest,
    part=st.from_regex(r"[a-z0-9]{1,16}", fullmatch=True),
    title=plain_text,
    file_name=st.sampled_from(["report.pdf", "Rapport – 2025.odt", "报告.pdf"]) | plain_text.filter(safe),
    media_type=st.sampled_from(["application/pdf", "text/plain", "application/vnd.oasis.opendocument.text"]),
    size=st.integers(0, 2**40),
    visit_dates=st.none() | days.map(lambda pair: (pair[0], pair[1])),
    places=st.lists(plain_text, max_size=4).map(tuple),
    note=st.none() | plain_text.map(lambda text: text + "\nand more"),
    signer=st.none() | st.builds(Signer, st.binary(min_size=16, max_size=16), profiles, hashes),
)


@given(described())
def test_descriptors_print_and_parse_back(every: Descriptors) -> None:
    """The wire form, and the filled lists through a header's payload."""
    assert descriptors.parse(every.wire) == every
    lists = descriptors.fill(every)
    assert HeaderLists.from_header(lists.to_json()) == lists
    descriptors.check_all(lists, every)


@given(manifests)
def test_manifests_print_and_parse_back(made: Manifest) -> None:
    """Through the padded plain form."""
    data = manifest.encode(made)
    assert manifest.decode(data) == made
    assert len(data) % 1024 == 0


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """Any package without parts in form."""
    envelope = st.builds(LockedEnvelope, hashes, st.just(bytes(2_304)))
    sealed = st.integers(1, 3).map(lambda blocks: bytes(pieces.sealed_size(1024 * blocks)))
    return Package(
        header=draw(st.binary(max_size=100)),
        descriptors=draw(described()),
        manifests=draw(st.dictionaries(ids8, sealed, max_size=3)),
        envelopes=draw(st.dictionaries(hashes, envelope, max_size=3)),
        extras=draw(st.dictionaries(st.sampled_from(sorted(EXTRAS)), st.binary(max_size=50))),
    )


@given(packages())
def test_packages_print_and_parse_back(made: Package) -> None:
    """The same value, and the same bytes again."""
    data = package.to_bytes(made)
    again = package.read(io.BytesIO(data)).package
    assert again == made
    assert package.to_bytes(again) == data


@given(packages(), st.data())
def test_a_package_changed_anywhere_is_refused_or_prints_back_as_it_is(made: Package, data: st.DataObject) -> None:
    """Whatever one edit does, nothing but the room's error comes out, and nothing has two spellings."""
    whole = bytearray(package.to_bytes(made))
    place = data.draw(st.integers(0, len(whole) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "insert"])):
        case "flip":
            whole[place] ^= data.draw(st.integers(1, 255))
        case "cut":
            del whole[place : place + data.draw(st.integers(1, 50))]
        case _:
            whole[place:place] = data.draw(st.binary(min_size=1, max_size=50))
    try:
        found = package.read(io.BytesIO(bytes(whole))).package
    except SealingError:
        return
    assert package.to_bytes(found) == bytes(whole)


@given(st.binary(max_size=3_000))
def test_arbitrary_bytes_give_only_the_rooms_error(data: bytes) -> None:
    """Packages, containers, descriptors, manifests, locked envelopes."""
    for parse in (
        package.from_bytes,
        lambda raw: container.read_members(io.BytesIO(raw)),
        descriptors.parse,
        manifest.decode,
        LockedEnvelope.parse,
    ):
        try:
            parse(data)
        except SealingError:
            continue
        raise AssertionError("arbitrary bytes were taken")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({name: json_values for name in ("parts", "recipients", "links")}))
def test_arbitrary_json_gives_only_the_rooms_error(body: dict[str, object]) -> None:
    """Descriptors, a header's lists and a manifest from any JSON values."""
    for parse in (descriptors.from_json, HeaderLists.from_header, manifest.from_json):
        try:
            parse(body)
        except SealingError:
            continue


@given(st.text(max_size=30))
def test_a_file_name_is_taken_or_refused_and_a_taken_one_is_one_plain_name(name: str) -> None:
    """What is taken has no separator and stays what it is when it is joined to a folder."""
    if safe(name):
        assert "/" not in name and "\\" not in name and name not in (".", "..")
        assert name.strip() == name


@given(st.integers(0, 2**41))
def test_a_size_has_a_layout_exactly_when_a_padded_file_gives_it(size: int) -> None:
    """Layout refuses, or its pieces make up the size and padding the inside changes nothing."""
    try:
        found = pieces.layout(size)
    except SealingError:
        return
    last = found.count - 1
    assert found.offset(last) + found.length(last) == size
    assert 0 < found.length(last) <= pieces.FIRST_PIECE_BYTES
    assert pieces.padded_size(pieces.opened_size(size)) == pieces.opened_size(size)


@given(st.integers(0, 2**40).map(pieces.padded_size))
def test_every_padded_file_has_a_layout(padded: int) -> None:
    """The other way round: nothing that sealing makes is refused."""
    found = pieces.layout(pieces.sealed_size(padded))
    assert found.count == padded // 2**20 + 1
