"""`pins.json`: the newest directory and the newest audit log this home has verified, so that no server can go back.

The directory's part is a pin file of `keys.replay_pins`; the audit log's is number, size and root. Writing this file is the
commit point of a sync: caches are written before it, and count only as far as it says.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from exchange.client.errors import HomeDamagedError
from exchange.client.home import PINS, Home
from exchange.transparency.merkle import TreeHead
from keys import fields
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import KeysError
from keys.replay_pins import Pins

_AUDIT: Final[fields.Schema] = {"n": fields.integer(1), "root": fields.HASH, "size": fields.integer(0)}
_FILE: Final[fields.Schema] = {
    "audit": fields.nullable(fields.an_object(_AUDIT)),
    "directory": fields.nullable(fields.anything),
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class AuditPin:
    """The newest audit log seen: its number, and the head of a checkpoint that both its keys signed."""

    n: int
    head: TreeHead


@dataclass(frozen=True)
class HomePins:
    """Both pins; None where nothing has been seen yet."""

    directory: Pins | None = None
    audit: AuditPin | None = None

    def with_directory(self, pins: Pins) -> "HomePins":
        """Return these pins with another directory."""
        return replace(self, directory=pins)

    def with_audit(self, pin: AuditPin) -> "HomePins":
        """Return these pins with another audit log."""
        return replace(self, audit=pin)


def load_pins(home: Home) -> HomePins:
    """Return the home's pins, none for a new home.

    HomeDamagedError for a damaged file: it is never taken for a new home, or a server could start anew with it.
    """
    data = home.read(PINS)
    if data is None:
        return HomePins()
    try:
        body = fields.check(parse_object(data, limit=None), _FILE)
        directory = body["directory"]
        pins = None if directory is None else Pins.from_json(canonical(directory, limit=None))
    except KeysError as error:
        raise HomeDamagedError("pins.json is not as it was written", path=home.path(PINS)) from error
    audit = body["audit"]
    if audit is None:
        return HomePins(pins)
    return HomePins(pins, AuditPin(audit["n"], TreeHead(audit["size"], unb64u(audit["root"]))))


def save_pins(home: Home, pins: HomePins) -> None:
    """Keep the pins."""
    audit = pins.audit
    body: dict[str, Any] = {
        "audit": None
        if audit is None
        else {"n": audit.n, "root": b64u(audit.head.root), "size": audit.head.size},
        "directory": None if pins.directory is None else parse_object(pins.directory.to_json(), limit=None),
        "version": 1,
    }
    home.write(PINS, canonical(body, limit=None))
