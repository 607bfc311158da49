"""The directory's leaves as this home keeps them: `directory/leaves.json`, and what they replayed to.

A cache proves nothing by itself: it counts as far as the pins say, and only if its leaves hash to the pinned root. If it
does not, it is as if there were none, and everything is fetched and verified anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from exchange.client.home import LEAVES, REPLAYED, Home
from keys import fields
from keys.encoding import b64u, canonical, format_time, parse_object, parse_time, unb64u
from keys.errors import KeysError
from keys.merkle_head import tree_head
from keys.replay import LoggedLeaf, replay
from keys.replay_directory import Directory
from keys.replay_export import export_json
from keys.replay_import import import_json
from keys.replay_pins import Pins

ENTRY: Final[fields.Schema] = {"text": fields.anything, "time": fields.time}
MOST_LEAVES: Final = 1_000_000
_FILE: Final[fields.Schema] = {
    "entries": fields.list_of(fields.an_object(ENTRY), most=MOST_LEAVES),
    "keys": fields.mapping_of(fields.HASH, fields.text(2048), most=MOST_LEAVES),
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Cached:
    """Verified leaves, the public bytes of the keys they name, and the directory they make."""

    leaves: list[LoggedLeaf] = field(default_factory=list)
    keys: Mapping[bytes, bytes] = field(default_factory=dict)
    directory: Directory | None = None


def load_cache(home: Home, pins: Pins | None) -> Cached:
    """Return what is kept up to the pinned size; an empty cache when it is missing, damaged, or not what is pinned."""
    data = home.read(LEAVES)
    if data is None or pins is None:
        return Cached()
    try:
        body = fields.check(parse_object(data, limit=None), _FILE)
        leaves = [LoggedLeaf(item["text"].encode("ascii"), parse_time(item["time"])) for item in body["entries"]]
        leaves = leaves[: pins.size]
        if len(leaves) != pins.size or tree_head(leaf.text for leaf in leaves) != pins.root:
            return Cached()
        keys = {unb64u(kid): unb64u(public) for kid, public in body["keys"].items()}
        directory = _replayed(home, pins) or replay(leaves, keys.get, leaves[-1].logged)
    except (KeysError, AttributeError, UnicodeEncodeError):
        return Cached()
    return Cached(leaves, keys, directory)


def save_cache(home: Home, cached: Cached) -> None:
    """Keep leaves and directory; the caller writes the pins afterwards, which makes them count."""
    body: dict[str, Any] = {
        "entries": [{"text": leaf.text.decode("ascii"), "time": format_time(leaf.logged)} for leaf in cached.leaves],
        "keys": {b64u(kid): b64u(public) for kid, public in cached.keys.items()},
        "version": 1,
    }
    home.write(LEAVES, canonical(body, limit=None))
    if cached.directory is not None:
        home.write(REPLAYED, export_json(cached.directory))


def _replayed(home: Home, pins: Pins) -> Directory | None:
    """Return the replayed directory as kept, if it is the pinned one: it saves replaying thousands of leaves."""
    data = home.read(REPLAYED)
    if data is None:
        return None
    try:
        directory = import_json(data)
    except KeysError:
        return None
    same = (directory.exchange, directory.size, directory.log_root) == (pins.exchange, pins.size, pins.root)
    return directory if same else None
