"""Sealing a report: the one place where a file, its key and its recipients meet, and they part again before it returns.

`seal` encrypts each part once, into the spool, and wraps its key for every recipient; `rewrap` makes new envelopes over
the same ciphertext. What leaves is ciphertext, digests and envelopes; the content keys stay behind, sealed to the
officer who sent them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from exchange.sealing import content, descriptors, envelope, manifest
from exchange.sealing.content import Progress, no_progress
from exchange.sealing.deposit import check_recipients
from exchange.sealing.descriptor import LinkDescriptor, PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import Descriptors, HeaderLists
from exchange.sealing.envelope import EnvelopePlace, LockedEnvelope, SealTo
from exchange.sealing.errors import RecipientError, SealingError, SourceChangedError
from exchange.sealing.manifest import Manifest
from exchange.sealing.package import Package
from exchange.sealing.spool import SpoolWriter
from keys.recipient import wrap


@dataclass(frozen=True)
class PartToSeal:
    """A file to be sealed and what its descriptor says; `open` gives the file anew, `manifest.part` its local name."""

    manifest: Manifest
    open: Callable[[], BinaryIO] = field(repr=False)
    states: Sequence[str]
    language: str
    variant: str = "original"
    personal_data: bool = False
    regime: str | None = None


@dataclass(frozen=True)
class Recipient:
    """A body, its epoch and its key of that epoch; `parts`: the local names it may have, None for all."""

    organisation: str
    epoch: int
    key: SealTo
    parts: frozenset[str] | None = None


@dataclass(frozen=True)
class SealRequest:
    """All that a report is sealed from. Owner and originators must be among the recipients, for every part.

    `lock_key`: the exchange's; `keep_for`: the officer's own, to which the content keys are sealed in the spool.
    """

    owner: str
    originators: Sequence[str]
    parts: Sequence[PartToSeal]
    recipients: Sequence[Recipient]
    lock_key: SealTo
    keep_for: SealTo
    links: Sequence[LinkDescriptor] = ()


@dataclass(frozen=True)
class Sealed:
    """A sealed report before its header is signed: `lists` go into the header, the rest beside it."""

    report: bytes
    owner: str
    originators: tuple[str, ...]
    descriptors: Descriptors
    lists: HeaderLists
    manifests: Mapping[bytes, bytes]
    envelopes: Mapping[bytes, LockedEnvelope]

    def package(self, header: bytes, extras: Mapping[str, bytes] | None = None) -> Package:
        """Return the package without parts, under the signed header's text."""
        return Package(header, self.descriptors, self.manifests, self.envelopes, extras or {})


@dataclass(frozen=True)
class _Terms:
    """What holds for every part of a report."""

    report: bytes
    owner: str
    originators: Sequence[str]
    lock_key: SealTo
    links: Sequence[LinkDescriptor]


@dataclass(frozen=True)
class _KeyedPart:
    """A sealed part with its content key: lives inside this module's functions alone."""

    descriptor: PartDescriptor
    key: bytes = field(repr=False)


def seal(request: SealRequest, writer: SpoolWriter, progress: Progress = no_progress) -> Sealed:
    """Seal every part into the spool and return the rest of the deposit; memory does not grow with the files.

    `progress` gets plaintext bytes done, padding included. Raises RecipientError before anything is read, where the
    recipients are not permitted; SourceChangedError, ManifestError, FileNameError, DiskFullError, DiskError; BadKeyError
    of `keys` for a recipient's key that is not acceptable. Whoever opened the writer abandons it then.
    """
    names = [part.manifest.part for part in request.parts]
    if not names or len(set(names)) != len(names):
        raise SealingError("a report has no part, or two of one local name")
    ids = {name: content.new_part_id() for name in names}
    pairs = _pairs(request.recipients, ids)
    _check(pairs, frozenset(ids.values()), request.owner, request.originators)
    for part in request.parts:
        manifest.encode(part.manifest)
    manifests: dict[bytes, bytes] = {}
    keyed: list[_KeyedPart] = []
    for part in request.parts:
        sealed, sealed_manifest = _seal_part(request, part, ids[part.manifest.part], writer, progress)
        keyed.append(sealed)
        manifests[sealed.descriptor.id] = sealed_manifest
    terms = _Terms(writer.report, request.owner, request.originators, request.lock_key, request.links)
    return _finish(terms, keyed, pairs, manifests)


def rewrap(
    sealed: Package,
    report: bytes,
    keys: Mapping[bytes, bytes],
    owner: str,
    originators: Sequence[str],
    recipients: Mapping[bytes, Sequence[Recipient]],
    lock_key: SealTo,
) -> Sealed:
    """Wrap the content keys (by part id) anew over the same ciphertext and manifests: other epochs, another lock key.

    `recipients`: by part id. Every salt, digest and envelope is new, so the header must be signed anew.
    """
    parts = [salted.value for salted in sealed.descriptors.parts]
    if {part.id for part in parts} != keys.keys():
        raise SealingError("the content keys are not those of the report's parts")
    keyed = [_KeyedPart(part, keys[part.id]) for part in parts]
    pairs = [(recipient, part) for part, listed in recipients.items() for recipient in listed]
    _check(pairs, frozenset(keys), owner, originators)
    links = [salted.value for salted in sealed.descriptors.links]
    return _finish(_Terms(report, owner, originators, lock_key, links), keyed, pairs, sealed.manifests)


def wrap_for(
    report: bytes, owner: str, part: PartDescriptor, key: bytes, recipient: Recipient, lock_key: SealTo
) -> tuple[RecipientDescriptor, LockedEnvelope]:
    """Wrap a part's content key to one recipient and lock it: for a header, or for a later grant."""
    place = EnvelopePlace(
        report, owner, part.commitment, part.id, recipient.organisation, recipient.epoch, recipient.key.key_id
    )
    inner = envelope.wrap_key(key, place, recipient.key)
    named = RecipientDescriptor(
        recipient.organisation, recipient.epoch, place.key_id, part.id, envelope.envelope_hash(inner)
    )
    return named, envelope.lock(inner, report, part.id, recipient.organisation, lock_key)


def _pairs(recipients: Sequence[Recipient], ids: Mapping[str, bytes]) -> list[tuple[Recipient, bytes]]:
    pairs: list[tuple[Recipient, bytes]] = []
    for recipient in recipients:
        wanted = recipient.parts if recipient.parts is not None else ids.keys()
        if unknown := sorted(wanted - ids.keys()):
            raise RecipientError(f"a recipient is named for the part '{unknown[0]}', which the report does not have")
        pairs += [(recipient, ids[name]) for name in sorted(wanted)]
    return pairs


def _check(
    pairs: Sequence[tuple[Recipient, bytes]], parts: frozenset[bytes], owner: str, originators: Sequence[str]
) -> None:
    """Check recipients before any work is done, by descriptors whose envelopes do not exist yet."""
    named = [RecipientDescriptor(r.organisation, r.epoch, r.key.key_id, part, bytes(32)) for r, part in pairs]
    check_recipients(parts, named, owner, originators)


def _seal_part(
    request: SealRequest, part: PartToSeal, part_id: bytes, writer: SpoolWriter, progress: Progress
) -> tuple[_KeyedPart, bytes]:
    key = content.new_content_key()
    context = content.part_context(writer.report, part_id)
    try:
        source = part.open()
    except OSError as error:
        # Its size was read before, so it was there.
        raise SourceChangedError("the file can no longer be opened") from error
    with source, writer.part(part_id) as sink:
        done = content.seal_content(source, part.manifest.size, key, context, sink, progress)
    writer.keep_hashes(part_id, done.hashes)
    kept_info = envelope.kept_key_info(writer.report, part_id, request.keep_for.key_id)
    writer.keep_key(part_id, wrap(request.keep_for.public, key, kept_info))
    sealed_manifest = manifest.seal(part.manifest, key, writer.report, part_id)
    descriptor = PartDescriptor(
        id=part_id,
        states=tuple(sorted(set(part.states))),
        language=part.language,
        variant=part.variant,
        personal_data=part.personal_data,
        regime=part.regime,
        size=done.layout.size,
        pieces=done.layout.count,
        root=done.root,
        commitment=done.commitment,
        manifest=manifest.sealed_hash(sealed_manifest),
    )
    return _KeyedPart(descriptor, key), sealed_manifest


def _finish(
    terms: _Terms,
    keyed: Sequence[_KeyedPart],
    pairs: Sequence[tuple[Recipient, bytes]],
    manifests: Mapping[bytes, bytes],
) -> Sealed:
    by_id = {part.descriptor.id: part for part in keyed}
    named: list[RecipientDescriptor] = []
    envelopes: dict[bytes, LockedEnvelope] = {}
    for recipient, part_id in pairs:
        part = by_id[part_id]
        descriptor, locked = wrap_for(
            terms.report, terms.owner, part.descriptor, part.key, recipient, terms.lock_key
        )
        named.append(descriptor)
        envelopes[descriptor.envelope] = locked
    every = descriptors.of(
        (descriptors.salted(part.descriptor) for part in keyed),
        (descriptors.salted(recipient) for recipient in named),
        (descriptors.salted(link) for link in terms.links),
    )
    lists = descriptors.fill(every)
    return Sealed(terms.report, terms.owner, tuple(terms.originators), every, lists, manifests, envelopes)
