"""The audit log as this home pins it: whatever the server proves about it is held to one and the same history.

Used wherever an answer carries a checkpoint of the audit log: releases, tickets, the end of an officer's keys. Without
witnesses a checkpoint is "unwitnessed": both of the log's own keys signed it, and nobody else has seen this history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.client.errors import AuditForkedError, AuditOlderError, ServerRefusal
from exchange.client.home import ALARMS, Home
from exchange.client.http import Http
from exchange.client.pins import AuditPin, load_pins, save_pins
from exchange.client.sync import log_keys
from exchange.transparency.errors import ProofError
from exchange.transparency.log_keys import SignedHead
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead
from exchange.transparency.paths import verify_consistency, verify_inclusion
from keys import fields
from keys.directory_root import Root
from keys.encoding import unb64u
from keys.errors import MalformedError

LOG: Final = "audit"
HEAD: Final = "/api/v1/audit/head"
PROOF: Final = "/api/v1/audit/proof"
_HASHES: Final = fields.list_of(fields.HASH, most=128)


@dataclass(frozen=True)
class AuditHead:
    """A checkpoint of audit/n that both its keys signed, consistent with everything this home has seen of that log."""

    n: int
    signed: SignedHead

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self.signed.checkpoint.size

    def check_leaf(self, leaf_hash: bytes, index: int, inclusion: Sequence[bytes]) -> None:
        """Check that the leaf with this RFC 6962 hash stands at `index` of this log; ProofError when it does not."""
        verify_inclusion(leaf_hash, index, self.size, inclusion, self.signed.checkpoint.root)


class AuditLog:
    """The pinned audit log of one home."""

    def __init__(self, home: Home, root: Root) -> None:
        """Serve the log that `root` names."""
        self._home = home
        self._keys = log_keys(root, LOG)
        self._n = root.logs[LOG].n

    @property
    def pinned(self) -> TreeHead:
        """The newest head seen; the empty tree when nothing has been. Its size is the `audit_size` or `from` of a request."""
        pin = load_pins(self._home).audit
        return pin.head if pin is not None and pin.n == self._n else TreeHead(0, EMPTY_ROOT)

    def accept(self, note: bytes | str, consistency: Sequence[bytes], since: TreeHead) -> AuditHead:
        """Verify a signed checkpoint and make it the pin if it is newer.

        `since` is what was `pinned` when the request was made, `consistency` the proof from its size; none is due from the
        empty tree. 1. Both log keys signed it (errors of `exchange.transparency`). 2. It is not smaller than `since`
        (AuditOlderError). 3. It continues `since` (AuditForkedError). What was signed is kept as evidence of 2 and 3.
        """
        data = note.encode("utf-8", "surrogatepass") if isinstance(note, str) else note
        signed = self._keys.verify(data)
        found = signed.checkpoint.head
        with self._home.lock():
            try:
                _check(found, since, consistency)
                pin = self.pinned
                if pin.size == found.size and pin.root != found.root:
                    raise AuditForkedError("the audit log signed two histories of one size")
            except (AuditForkedError, AuditOlderError) as error:
                self._home.write(f"{ALARMS}/{error.code}-{found.size}.checkpoint", data)
                raise
            # Where another command has moved the pin since the request, this proof does not start at it: the pin stays,
            # and the next request is held to it.
            if pin == since and pin.size < found.size:
                save_pins(self._home, load_pins(self._home).with_audit(AuditPin(self._n, found)))
        return AuditHead(self._n, signed)

    def head(self, http: Http) -> AuditHead:
        """Fetch and verify the newest checkpoint the server gives. Raises as `accept`, and what `Http` raises."""
        since = self.pinned
        body = _ask(http, HEAD, {"from": since.size})
        return self.accept(_text(body, "checkpoint"), hashes(body, "consistency"), since)

    def prove(self, http: Http, leaf_hash: bytes, index: int) -> AuditHead:
        """Fetch and verify the proof that a leaf stands at `index`; ProofError, and as `head`."""
        since = self.pinned
        body = _ask(http, PROOF, {"index": index, "from": since.size})
        found = self.accept(_text(body, "checkpoint"), hashes(body, "consistency"), since)
        found.check_leaf(leaf_hash, index, hashes(body, "inclusion"))
        return found


def _ask(http: Http, address: str, params: dict[str, str | int]) -> Any:
    try:
        return http.get(address, params)
    except ServerRefusal as refusal:
        if refusal.code == "log_range":
            raise AuditOlderError("the server's audit log has fewer entries than were seen here") from refusal
        raise


def _check(found: TreeHead, since: TreeHead, consistency: Sequence[bytes]) -> None:
    if found.size < since.size:
        raise AuditOlderError(f"an audit log of {found.size} entries after one of {since.size}")
    if since.size == 0:
        return
    try:
        verify_consistency(since.size, since.root, found.size, found.root, consistency)
    except ProofError as error:
        raise AuditForkedError("the audit log does not continue what was seen before") from error


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise MalformedError(f"an answer about the audit log without '{name}'")
    return value


def hashes(body: Any, name: str) -> list[bytes]:
    """Return the list of 32-byte hashes an answer has under `name`, none where it has none; MalformedError."""
    value = body.get(name, []) if isinstance(body, dict) else None
    _HASHES(value)
    return [unb64u(item) for item in value or []]
