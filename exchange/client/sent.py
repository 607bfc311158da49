"""What this home has transmitted: per report the fingerprint of its plan, its header and its kept content keys.

The keys are sealed to the officer who sent, as they were in the spool: a later grant needs them, and nobody else can use
them. Titles, names and files are not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exchange.client.errors import HomeDamagedError
from exchange.client.home import Home
from exchange.client.report_errors import KeyNotKeptError
from exchange.client.session import Session
from exchange.sealing.unseal.content import open_kept_key
from keys import fields
from keys.encoding import b64u, canonical, parse_object, parse_uuid, unb64u
from keys.errors import KeysError

SENT: Final = "sent"

_KEPT: Final = fields.mapping_of(fields.ID8, fields.text(4096), most=4096)
_FILE: Final[fields.Schema] = {
    "fingerprint": fields.HASH,
    "header": fields.HASH,
    "index": fields.integer(0),
    "keys": _KEPT,
    "n": fields.integer(1),
    "report": fields.uuid,
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Sent:
    """A report that the server has. `header`: the hash; (n, index): its entry; `keys`: sealed content keys by part id."""

    report: str
    fingerprint: bytes
    header: bytes
    n: int
    index: int
    keys: Mapping[bytes, bytes]

    def content_key(self, session: Session, part: bytes) -> bytes:
        """Return a part's content key, opened with the officer's own; KeyNotKeptError, EnvelopeError."""
        sealed = self.keys.get(part)
        if sealed is None:
            raise KeyNotKeptError("no key of this part is kept here")
        return open_kept_key(sealed, parse_uuid(self.report), part, session.officer.seal)


def save(home: Home, sent: Sent) -> None:
    """Keep it durably."""
    body: dict[str, Any] = {
        "fingerprint": b64u(sent.fingerprint),
        "header": b64u(sent.header),
        "index": sent.index,
        "keys": {b64u(part): b64u(sealed) for part, sealed in sent.keys.items()},
        "n": sent.n,
        "report": sent.report,
        "version": 1,
    }
    home.write(f"{SENT}/{sent.report}.json", canonical(body, limit=None))


def load(home: Home, report: str) -> Sent | None:
    """Return what is kept of a report, None when it was not sent from here; HomeDamagedError."""
    data = home.read(f"{SENT}/{report}.json")
    if data is None:
        return None
    try:
        body = fields.check(parse_object(data, limit=None), _FILE)
        keys = {unb64u(part): unb64u(sealed) for part, sealed in body["keys"].items()}
    except KeysError as error:
        raise HomeDamagedError("a record of what was sent is not as written", path=home.path(SENT)) from error
    return Sent(body["report"], unb64u(body["fingerprint"]), unb64u(body["header"]), body["n"], body["index"], keys)


def required(home: Home, report: str) -> Sent:
    """As `load`; KeyNotKeptError when the report was not sent from this home."""
    found = load(home, report)
    if found is None:
        raise KeyNotKeptError("the report was sent from another machine")
    return found


def find(home: Home, fingerprint: bytes) -> Sent | None:
    """Return what was sent by the same plan, None when nothing was."""
    for name in home.names(SENT):
        found = load(home, name.removesuffix(".json"))
        if found is not None and found.fingerprint == fingerprint:
            return found
    return None
