"""Fetching and verifying the directory: no server is believed about who takes part, or with which keys.

The steps are those of docs/spec/client.md, section 3. Nothing is kept unless all of them hold, and the pins are written
last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from exchange.client.cache import ENTRY, MOST_LEAVES, Cached, load_cache, save_cache
from exchange.client.errors import ServerDiffersError, ServerRefusal
from exchange.client.home import ALARMS, CHECKPOINT, Home
from exchange.client.http import Http
from exchange.client.pins import load_pins, save_pins
from exchange.client.server_file import Server, load_server, save_server
from exchange.client.telling import Teller
from exchange.transparency.errors import ProofError
from exchange.transparency.log_keys import LogPublicKeys, SignedHead
from exchange.transparency.paths import verify_consistency
from keys import fields
from keys.directory_kinds import read_kind
from keys.directory_root import Root
from keys.encoding import parse_time, unb64u
from keys.errors import MalformedError
from keys.merkle_head import Frontier
from keys.replay import LoggedLeaf, replay
from keys.replay_directory import Directory
from keys.replay_errors import BesideMismatchError, DirectoryForkedError, DirectoryOlderError, PinError
from keys.replay_pins import Pins, check_pins, root_of
from keys.statement import parse
from keys.suite import SIGN_PUBLIC_BYTES, USE_SEAL, USE_SIGN, key_id

LOG: Final = "directory"
ADDRESS: Final = "/api/v1/directory"
_ANSWER: Final[fields.Schema] = {
    "checkpoint": fields.anything,
    "consistency": fields.list_of(fields.HASH, most=128),
    "entries": fields.list_of(fields.an_object(ENTRY), most=MOST_LEAVES),
    "keys": fields.mapping_of(fields.HASH, fields.text(2048), most=MOST_LEAVES),
    "size": fields.integer(1),
}


@dataclass(frozen=True)
class Synced:
    """A directory verified as far as this home can: with whom the log shares this history, only witnesses could say.

    `added` counts the statements that were new; `head` is the signed checkpoint they end in.
    """

    directory: Directory
    keys: Mapping[bytes, bytes]
    leaves: list[LoggedLeaf]
    head: SignedHead
    added: int
    newly_seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Answer:
    size: int
    checkpoint: bytes
    consistency: list[bytes]
    leaves: list[LoggedLeaf]
    keys: dict[bytes, bytes]


def sync(
    home: Home,
    http: Http,
    now: Callable[[], datetime],
    teller: Teller,
    *,
    accept: Callable[[Directory], None] = lambda directory: None,
    afresh: bool = False,
) -> Synced:
    """Fetch what is new in the directory and verify it all; `afresh` fetches and replays everything from the first leaf.

    `now` is asked after the answer has come, which may have corrected the clock. `accept` refuses, by raising, a directory
    that is right but not this officer's.

    Raises ExchangeUnknownError when nothing outside the server named the exchange; the errors of `keys.replay`;
    DirectoryOlderError, DirectoryForkedError, FingerprintChangedError: the server shows another history than before, and
    what it signed is kept under `alarms/`; ServerDiffersError; the errors of `exchange.transparency` for a checkpoint that
    does not verify; and what `Http` raises.
    """
    with home.lock():
        server, pins = load_server(home), load_pins(home)
        exchange = server.pinned
        cached = Cached() if afresh else load_cache(home, pins.directory)
        answer = _fetch(http, len(cached.leaves), pins.directory)
        root = _root(exchange, cached, answer)
        head = _verified_head(root, answer)
        try:
            _check_history(cached, answer, head)
            directory = replay(answer.leaves, {**cached.keys, **answer.keys}.get, now(), start=cached.directory)
            leaves = [*cached.leaves, *answer.leaves]
            kept = check_pins(pins.directory, directory, root_of(leaves))
        except PinError as error:
            _keep_evidence(home, error.code, answer)
            raise
        complete = _checked_server(server, directory)
        accept(directory)
        if complete != server:
            save_server(home, complete)
        keys = {**cached.keys, **answer.keys}
        if answer.leaves or kept != pins.directory:
            save_cache(home, Cached(leaves, keys, directory))
            home.write(CHECKPOINT, answer.checkpoint)
            save_pins(home, pins.with_directory(kept))
    before = pins.directory.organisations if pins.directory is not None else {}
    seen = tuple(body.id for body in directory.organisations if body.id not in before)
    found = Synced(directory, keys, leaves, head, directory.size - (pins.directory.size if pins.directory else 0), seen)
    teller.say("client.synced", count=directory.size, added=found.added)
    return found


def offline(home: Home) -> Synced | None:
    """Return the directory as last verified, from this home alone; None where there is none or its cache is lost."""
    pins = load_pins(home)
    cached = load_cache(home, pins.directory)
    note = home.read(CHECKPOINT)
    if cached.directory is None or note is None:
        return None
    head = directory_log_keys(cached.directory).verify(note)
    if head.checkpoint.head != (cached.directory.size, cached.directory.log_root):
        return None  # a sync was cut off between the checkpoint and the pins
    return Synced(cached.directory, cached.keys, cached.leaves, head, 0)


def directory_log_keys(directory: Directory) -> LogPublicKeys:
    """Return both keys of the directory log, as `root` names them."""
    return log_keys(directory.root, LOG)


def log_keys(root: Root, name: str) -> LogPublicKeys:
    """Return both keys of a log ("directory" or "audit"), as `root` names them."""
    log = root.logs[name]
    return LogPublicKeys.parse(log.ed25519, log.mldsa44)


def _fetch(http: Http, since: int, pins: Pins | None) -> _Answer:
    """Step 1: what is new since the leaves held here, in form."""
    try:
        body = fields.check(http.get(ADDRESS, {"from": since}), _ANSWER)
    except ServerRefusal as refusal:
        if refusal.code == "directory_range":
            raise DirectoryOlderError("the server has fewer statements than were verified here") from refusal
        raise
    size, entries = body["size"], body["entries"]
    if size < since or (pins is not None and size < pins.size):
        raise DirectoryOlderError(f"a directory of {size} statements after a larger one")
    if len(entries) != size - since or not all(isinstance(item["text"], str) for item in entries):
        raise MalformedError("the statements are not as many as the size says")
    if not isinstance(body["checkpoint"], str):
        raise MalformedError("a checkpoint is a text")
    return _Answer(
        size,
        body["checkpoint"].encode("utf-8", "surrogatepass"),
        [unb64u(value) for value in body["consistency"]],
        [LoggedLeaf(item["text"].encode("utf-8", "surrogatepass"), parse_time(item["time"])) for item in entries],
        _keys(body["keys"]),
    )


def _keys(given: Mapping[str, str]) -> dict[bytes, bytes]:
    """Step 2: public bytes are those their ids name."""
    found = {}
    for kid, text in given.items():
        public = unb64u(text)
        use = USE_SIGN if len(public) == SIGN_PUBLIC_BYTES else USE_SEAL
        if key_id(use, public) != unb64u(kid):
            raise BesideMismatchError("a public key is not the one its id names")
        found[unb64u(kid)] = public
    return found


def _root(exchange: bytes, cached: Cached, answer: _Answer) -> Root:
    """Step 3: the first leaf is the `root` whose hash this home was given outside the server."""
    if cached.directory is not None:
        if cached.directory.exchange != exchange:
            raise DirectoryForkedError("what is kept here is the directory of another exchange")
        return cached.directory.root
    statement = parse(answer.leaves[0].text)
    kind = read_kind(statement)
    if not isinstance(kind, Root) or statement.hash != exchange:
        raise DirectoryForkedError("the server shows the directory of another exchange")
    return kind


def _verified_head(root: Root, answer: _Answer) -> SignedHead:
    """Step 4: the checkpoint is of this log, of this size, and signed by both its keys."""
    head = log_keys(root, LOG).verify(answer.checkpoint)
    if head.checkpoint.size != answer.size:
        raise MalformedError("a checkpoint of another size than the answer's")
    return head


def _check_history(cached: Cached, answer: _Answer, head: SignedHead) -> None:
    """Step 5: leaves held and leaves new give the signed root, and the server's own proof says so too."""
    frontier = cached.directory.thaw().log if cached.directory is not None else Frontier()
    before = frontier
    for leaf in answer.leaves:
        frontier = frontier.append(leaf.text)
    signed = head.checkpoint
    if frontier.head != signed.root:
        if cached.directory is None:
            raise ProofError("the statements are not those whose root the log signed")
        raise DirectoryForkedError("the log signed another history than the one verified here")
    if before.size:
        try:
            verify_consistency(before.size, before.head, signed.size, signed.root, answer.consistency)
        except ProofError as error:
            raise DirectoryForkedError("the log does not prove that it continues what was verified here") from error


def _checked_server(server: Server, directory: Directory) -> Server:
    """Step 8: `root` names the instance and the log keys this home was given; what was not known is added."""
    root = directory.root
    logs = {name: {"ed25519": log.ed25519, "mldsa44": log.mldsa44} for name, log in root.logs.items()}
    if server.instance not in (None, root.instance) or (server.logs and dict(server.logs) != logs):
        raise ServerDiffersError("root names another instance or other log keys than this home was given")
    return replace(server, instance=root.instance, logs=logs)


def _keep_evidence(home: Home, code: str, answer: _Answer) -> None:
    """Keep what the server signed: together with the checkpoint held here it proves what it did."""
    home.write(f"{ALARMS}/{code}-{answer.size}.checkpoint", answer.checkpoint)


