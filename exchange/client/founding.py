"""Founding an exchange: from what `flask prepare` printed and the founders' cards to a `root` for all founders to sign."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client.cards import Card
from exchange.client.errors import ServerDiffersError, UsageError
from exchange.client.home import Home
from exchange.client.pins import load_pins
from exchange.client.server_file import Server, load_server, safe_url, save_server
from keys import fields
from keys.directory_root import LOGS, LogKeys, Root
from keys.directory_submission import Submission
from keys.encoding import unb64u
from keys.errors import MalformedError
from keys.identity import Officer
from keys.suite import USE_SEAL, key_id

_LOG: Final[fields.Schema] = {"ed25519": fields.text(2048), "mldsa44": fields.text(2048), "n": fields.integer(1)}
_HALVES: Final[fields.Schema] = {
    "instance": fields.text(100),
    "lock_key": fields.an_object({"id": fields.HASH, "public": fields.text(2048)}),
    "logs": fields.an_object({name: fields.an_object(_LOG) for name in LOGS}),
    "url": fields.text(300),
}


@dataclass(frozen=True)
class Halves:
    """A server's public halves, as its operator handed them over: name, address, log keys, lock key (1,216 bytes)."""

    instance: str
    url: str
    logs: dict[str, LogKeys]
    lock: bytes

    @property
    def lock_key(self) -> bytes:
        """The lock key's id."""
        return key_id(USE_SEAL, self.lock)

    def server(self, exchange: bytes | None) -> Server:
        """Return what a home keeps of it."""
        logs = {name: {"ed25519": log.ed25519, "mldsa44": log.mldsa44} for name, log in self.logs.items()}
        return Server(self.url, exchange, self.instance, logs)


def read_halves(data: bytes) -> Halves:
    """Return what `server.json` says; MalformedError, UrlUnsafeError. Its keys are checked where `root` is read."""
    try:
        body: Any = json.loads(data)
    except ValueError as error:
        raise MalformedError("not what flask prepare writes") from error
    checked = fields.check(body, _HALVES)
    lock = unb64u(checked["lock_key"]["public"])
    if key_id(USE_SEAL, lock) != unb64u(checked["lock_key"]["id"]):
        raise MalformedError("the lock key is not the one its id names")
    logs = {name: LogKeys(log["n"], log["ed25519"], log["mldsa44"]) for name, log in checked["logs"].items()}
    return Halves(checked["instance"], safe_url(checked["url"]), logs, lock)


def found(
    halves: Halves, founders: Sequence[tuple[str, Card]], host: str, quorum: int, officer: Officer, now: datetime
) -> Submission:
    """Return the proposal of `root`, signed by this founder. `founders` are (body, card), this officer among them.

    MalformedError for a quorum or founders that `root` does not permit (docs/spec/directory.md, section 3).
    """
    if officer.id not in {card.officer for _, card in founders}:
        raise UsageError("this officer is not among the founders", detail="--founder")
    root = Root(
        time=now,
        nonce=secrets.token_bytes(16),
        instance=halves.instance,
        host=host,
        quorum=quorum,
        founders=tuple(card.founder(body) for body, card in founders),
        logs=halves.logs,
        lock_key=halves.lock_key,
    )
    statement = root.statement()
    Root.read(statement.body)
    keys = {kid: public for _, card in founders for kid, public in card.keys.items()}
    return Submission((statement.signed_by(officer.sign),), {**keys, halves.lock_key: halves.lock})


def check_halves(halves: Halves, root: Root) -> None:
    """ServerDiffersError unless `root` names exactly the server whose operator handed over these halves."""
    if (root.instance, root.lock_key) != (halves.instance, halves.lock_key) or dict(root.logs) != halves.logs:
        raise ServerDiffersError("root names another instance or other keys than server.json")


def remember(home: Home, server: Server) -> None:
    """Keep what a person was told of the server and the exchange.

    Once a directory was verified, its exchange stays (ServerDiffersError): another one is another home's.
    """
    with home.lock():
        known = load_server(home)
        pinned = load_pins(home).directory
        if pinned is not None and server.exchange not in (None, pinned.exchange):
            raise ServerDiffersError("this home belongs to another exchange")
        save_server(
            home,
            Server(
                server.url or known.url,
                server.exchange or known.exchange,
                server.instance or known.instance,
                server.logs or known.logs,
            ),
        )
