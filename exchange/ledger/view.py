"""Views of an entry: four a leaf, 1,024 bytes each, alike for every kind of event, and who gets which.

Slots, in this order: the owner's audit office, the actor's audit office, the owner, the actor's body; dummies fill up.
There are two builders and no third. An ordinary act and a permit: every reader holds the whole entry, an audit office
also the keys of the other three views. A withholding: the actor's office and body hold what was asked and the outward
answer; the owner's office alone (for an id without a report: the host's) holds the entry and the other keys.
"""

import hashlib
import secrets
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exchange.ledger.chain import TAG_BYTES
from exchange.ledger.chain_writer import Turn
from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.errors import BadViewError, ClosedViewError, WrongBuilderError
from exchange.ledger.values import Value
from exchange.ledger.view_body import BODY_BYTES, KEY_BYTES, MAX_SIGNATURES, AnyBody, Dummy, ViewBody
from keys.statement import Statement

VIEW_BYTES: Final = TAG_BYTES + BODY_BYTES + 16
SLOTS: Final = 4
OWNER_OFFICE, ACTOR_OFFICE, OWNER, ACTOR_BODY = range(SLOTS)
OFFICES: Final = (OWNER_OFFICE, ACTOR_OFFICE)

# Each key seals one view and is never used again (it depends on c_i and on com), so the nonce may be constant.
_NONCE: Final = bytes(12)


def seal_view(tag: bytes, key: bytes, body: AnyBody) -> bytes:
    """Return tag (16) || AES-256-GCM(key, zero nonce) of the body: 1,024 bytes. A key must never seal twice."""
    return tag + AESGCM(key).encrypt(_NONCE, body.encode(), None)


def open_view(view: bytes, key: bytes) -> bytes:
    """Return the 992 bytes inside a view; ClosedViewError for another key or any changed byte."""
    if len(view) != VIEW_BYTES:
        raise BadViewError(f"a view has {VIEW_BYTES} bytes")
    try:
        return AESGCM(key).decrypt(_NONCE, view[TAG_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise ClosedViewError("a view does not open with this key") from error


def views_hash(views: Sequence[bytes]) -> bytes:
    """Return vw: SHA-256 over the SHA-256 of the four views."""
    return hashlib.sha256(b"".join(hashlib.sha256(view).digest() for view in views)).digest()


@dataclass(frozen=True)
class Readers:
    """The bodies that read an entry, by slot; None where there is none. An audit office is a body like others."""

    owner_office: str | None = None
    actor_office: str | None = None
    owner: str | None = None
    body: str | None = None

    @classmethod
    def of(cls, entry: Entry, offices: Mapping[str, str], host_office: str | None) -> "Readers":
        """Return who reads an entry, from its own fields `owner` and `body`.

        `offices` gives each body's audit office, by the directory; a body that named none has none, and its slot a
        dummy. The office of the host named in `root` stands for that of a missing owner in a withholding (an unknown
        id) and in an act without a body (padding, an operator's act, a sign-in of nobody we know); of an act that has
        an owner and no body it stands for the office of the body.
        """
        owner, body = (_text(entry.fields.get(name)) for name in ("owner", "body"))
        if owner is not None:
            owner_office = offices.get(owner)
        else:
            owner_office = host_office if body is None or entry.act.views == "partial" else None
        if body is not None:
            actor_office = offices.get(body)
        else:
            actor_office = host_office if owner is not None else None
        return cls(owner_office, actor_office, owner, body)

    def among(self, bodies: Container[str]) -> "Readers":
        """Return these readers without those that have no chain (a body whose first epoch is still to come)."""
        kept = [reader if reader in bodies else None for reader in self.slots]
        return Readers(*kept)

    @property
    def slots(self) -> tuple[str | None, ...]:
        """The readers in the order of the slots."""
        return (self.owner_office, self.actor_office, self.owner, self.body)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class Views:
    """The four sealed views of one leaf, in the order of the slots."""

    sealed: tuple[bytes, ...] = field(repr=False)

    @property
    def vw(self) -> bytes:
        """The hash that stands in the leaf."""
        return views_hash(self.sealed)


def kept_signatures(statement: Statement) -> tuple[bytes, ...]:
    """Return the signatures of a statement that a view keeps: the first four in the statement's order, by key id."""
    return tuple(signature.value for signature in statement.signatures[:MAX_SIGNATURES])


def full_views(entry: Entry, readers: Readers, turn: Turn, signatures: Sequence[bytes] = ()) -> Views:
    """Seal the views of an ordinary act or a permit.

    `signatures` are those of the client's statement or request, 64 bytes each, at most four.
    Raises WrongBuilderError for a withholding, NoChainError for a reader without a chain, EntryTooLargeError.
    """
    if entry.act.views != "full":
        raise WrongBuilderError(f"act '{entry.act.tag}' has partial views")
    shown: list[Entry | PartialEntry | None] = [None if reader is None else entry for reader in readers.slots]
    return _seal(entry, readers.slots, shown, turn, signatures, OFFICES)


def partial_views(entry: Entry, readers: Readers, turn: Turn, signatures: Sequence[bytes] = ()) -> Views:
    """Seal the views of a withholding; for an unknown id the owner's office is the host's, and nothing else differs.

    The owner's own slot holds a dummy: its office has the reason, and the requester's side cannot tell. Raises as
    `full_views`, WrongBuilderError for an act with full views.
    """
    if entry.act.views != "partial":
        raise WrongBuilderError(f"act '{entry.act.tag}' has full views")
    part = entry.partial(entry.act.visible)
    slots = (readers.owner_office, readers.actor_office, None, readers.body)
    shown: list[Entry | PartialEntry | None] = [part] * SLOTS
    shown[OWNER_OFFICE] = entry
    shown = [what if reader is not None else None for what, reader in zip(shown, slots, strict=True)]
    return _seal(entry, slots, shown, turn, signatures, (OWNER_OFFICE,))


def check_size(entry: Entry, signatures: Sequence[bytes] = ()) -> None:
    """Refuse an entry that would not fit a view with the other views' keys beside it.

    Raises EntryTooLargeError, and BadViewError for signatures that a view does not hold: before any secret is drawn.
    """
    others = (bytes(KEY_BYTES),) * (SLOTS - 1)
    ViewBody(entry, others, tuple(signatures)).encode()
    if entry.act.views == "partial":
        ViewBody(entry.partial(entry.act.visible), (), tuple(signatures)).encode()


def views_for(entry: Entry, readers: Readers, turn: Turn, signatures: Sequence[bytes] = ()) -> Views:
    """Seal the views of an entry by the builder its act names."""
    builder = partial_views if entry.act.views == "partial" else full_views
    return builder(entry, readers, turn, signatures)


def _seal(
    entry: Entry,
    slots: Sequence[str | None],
    shown: Sequence[Entry | PartialEntry | None],
    turn: Turn,
    signatures: Sequence[bytes],
    with_keys: Container[int],
) -> Views:
    """Seal four views: `shown` by slot, None a dummy; the slots in `with_keys` hold the keys of the other three."""
    tags: list[bytes] = []
    keys: list[bytes] = []
    for reader in slots:
        if reader is None:
            tags.append(secrets.token_bytes(TAG_BYTES))
            keys.append(secrets.token_bytes(32))
        else:
            secret = turn.next_view_secret(reader)
            tags.append(secret.tag)
            keys.append(secret.key(entry.com))
    sealed = []
    for slot, what in enumerate(shown):
        body: AnyBody = Dummy()
        if what is not None:
            others = tuple(key for i, key in enumerate(keys) if i != slot) if slot in with_keys else ()
            body = ViewBody(what, others, tuple(signatures))
        sealed.append(seal_view(tags[slot], keys[slot], body))
    return Views(tuple(sealed))
