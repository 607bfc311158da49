"""Whether views say what their slot must say: one's own, and, for an audit office, the other three."""

import hmac
from collections.abc import Iterator, Mapping, Sequence

from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.errors import LedgerError
from exchange.ledger.record import Finding
from exchange.ledger.view import ACTOR_BODY, OFFICES, OWNER, OWNER_OFFICE, SLOTS, open_view
from exchange.ledger.view_body import AnyBody, Dummy, ViewBody, parse_view_body


def check_place(index: int, slot: int, reader: str, body: ViewBody) -> Iterator[Finding]:
    """Yield what is wrong with a view of `reader` that opened and rebuilt its leaf.

    1. Its form is the one its act gives this slot. 2. It holds the other views' keys exactly where an audit office must.
    3. In the owner's slot the entry names the reader as owner, in the actor's body's slot as body.
    """
    entry = body.entry
    partial = entry.act.views == "partial"
    if partial and slot != OWNER_OFFICE:
        if slot == OWNER or not _as_prescribed(body):
            yield Finding(index, "view_misplaced", slot, "form")
    elif not body.full:
        yield Finding(index, "view_misplaced", slot, "form")
    due = slot == OWNER_OFFICE if partial else slot in OFFICES
    if due and not body.keys:
        yield Finding(index, "keys_missing", slot)
    if not due and body.keys:
        yield Finding(index, "keys_misplaced", slot)
    name = {OWNER: "owner", ACTOR_BODY: "body"}.get(slot)
    if name is not None and name in entry.act.fields and entry.fields.get(name) != reader:
        yield Finding(index, "view_misplaced", slot, f"field '{name}' names another body")


def check_others(
    index: int, slot: int, views: Sequence[bytes], com: bytes, own_key: bytes, own: ViewBody
) -> Iterator[Finding]:
    """Yield what is wrong with the other three views of a leaf, read with the keys an audit office's view holds.

    Each must open and be a dummy, or say, byte for byte, what its slot's view of this entry must say.
    """
    if not own.keys:
        return
    others = [other for other in range(SLOTS) if other != slot]
    keys = dict(zip(others, own.keys, strict=True)) | {slot: own_key}
    for other in others:
        try:
            inside = open_view(views[other], keys[other])
            if not any(inside) or inside == _due(other, keys, own):
                continue
            fault = _difference(other, parse_view_body(inside), own, com)
        except LedgerError as error:
            yield Finding(index, "other_view_closed", other, error.code)
            continue
        yield Finding(index, "other_view_differs", other, fault)


def _due(slot: int, keys: Mapping[int, bytes], own: ViewBody) -> bytes | None:
    """Return what the view in a slot must hold inside, if it is no dummy; None where there must be a dummy."""
    entry = own.entry
    if not isinstance(entry, Entry):
        return None
    partial = entry.act.views == "partial"
    if partial and slot == OWNER:
        return None
    others = tuple(keys[other] for other in range(SLOTS) if other != slot)
    with_keys = slot == OWNER_OFFICE or (slot in OFFICES and not partial)
    what = entry.partial(entry.act.visible) if partial and slot != OWNER_OFFICE else entry
    return ViewBody(what, others if with_keys else (), own.signatures).encode()


def _difference(slot: int, body: AnyBody, own: ViewBody, com: bytes) -> str:
    """Say in what a view that is not as due differs."""
    if isinstance(body, Dummy) or not hmac.compare_digest(body.entry.com, com):
        return "another entry"
    if body.signatures != own.signatures:
        return "other signatures"
    partial = own.entry.act.views == "partial"
    if partial and slot == OWNER:
        return "no view is due there"
    if partial and slot != OWNER_OFFICE:
        if not _same_part(body, own.entry):
            return "not the part that is due there"
    elif not isinstance(body.entry, Entry):
        return "not the whole entry"
    return "other keys"


def _same_part(body: ViewBody, entry: Entry | PartialEntry) -> bool:
    """Whether a partial view shows exactly the part of the entry that is due to the requester's side."""
    return isinstance(entry, Entry) and body.entry.values == entry.partial(entry.act.visible).values


def _as_prescribed(body: ViewBody) -> bool:
    """Whether a partial view shows nothing beyond what its act lets the requester's side see, and all of the ask."""
    entry = body.entry
    if isinstance(entry, Entry):
        return False
    shown = set(entry.fields)
    return shown <= entry.act.visible and (entry.act.required & entry.act.visible) <= shown
