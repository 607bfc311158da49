"""Replaying the directory: the same pure function for the server, which asks whether statements may be appended, and for
the client, which trusts no server and rebuilds everything from the leaves (docs/spec/directory.md, sections 5 to 7).

No clock, no store: times and key bytes are arguments, and the same leaves give the same directory or the same error.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from keys.directory_bodies import EpochAdd
from keys.directory_kinds import Kind, read_kind
from keys.directory_root import Root
from keys.errors import KeysError
from keys.replay_directory import Directory
from keys.replay_errors import (
    BesideMismatchError,
    BrokenChainError,
    EpochDueError,
    KeyMissingError,
    KeyNotGoodError,
    LeafTimeError,
    RootMisplacedError,
    TimeWindowError,
    WrongExchangeError,
)
from keys.replay_rules import apply_rule, newly_named
from keys.replay_state import State
from keys.statement import Statement, parse
from keys.suite import USE_SIGN, key_id

# The public bytes of a key id, or None where they are not known.
PublicOf: TypeAlias = Callable[[bytes], bytes | None]


@dataclass(frozen=True)
class Window:
    """How far a statement's own time may lie from the time it was logged."""

    older: timedelta
    newer: timedelta


# Co-signing across bodies takes days. The second window is wider because a leaf's logged time, taken from a checkpoint,
# comes a little after the server's decision to append it, and what was appended must stay acceptable for ever.
ADMISSION: Final = Window(older=timedelta(days=7), newer=timedelta(minutes=5))
REPLAY: Final = Window(older=timedelta(days=8), newer=timedelta(hours=1))
# How far a reader's clock may be behind the log's.
CLOCK_SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class LoggedLeaf:
    """A leaf of the directory log, and the time of the earliest checkpoint that covers it."""

    text: bytes
    logged: datetime


def replay(
    leaves: Iterable[LoggedLeaf], public_of: PublicOf, now: datetime, *, start: Directory | None = None
) -> Directory:
    """Return the directory that these leaves make, every one of them verified.

    `start`: the directory of all leaves before these, replayed earlier; without it the first leaf must be `root`.
    `now` is the reader's time: leaves logged later than five minutes after it are refused (LeafTimeError).
    Raises the KeysError of the first leaf that does not verify, with a note naming its index; EpochDueError when the last
    leaf is a leave. Nothing else is caught, skipped or repaired.
    """
    state = start.thaw() if start is not None else State()
    for leaf in leaves:
        index = state.index
        try:
            if leaf.logged > now + CLOCK_SLACK:
                raise LeafTimeError("a leaf is logged in the future of this machine's clock")
            _apply(state, parse(leaf.text), leaf.text, leaf.logged, public_of, REPLAY)
        except KeysError as error:
            error.add_note(f"directory leaf {index}")
            raise
    return _finished(state)


def with_statements(
    directory: Directory | None, statements: Iterable[Statement], logged: datetime, public_of: PublicOf
) -> Directory:
    """Return the directory after these statements, appended in this order at `logged`; all or nothing.

    `directory` None founds an exchange. The directory passed is not changed. Raises as `replay` does, with the narrower
    time window of admission; a note names the statement by its place in the batch. SignersMissingError means that
    everything about a statement holds but signatures.
    """
    state = directory.thaw() if directory is not None else State()
    for place, statement in enumerate(statements):
        try:
            _apply(state, statement, None, logged, public_of, ADMISSION)
        except KeysError as error:
            error.add_note(f"statement {place} of the batch")
            raise
    return _finished(state)


def _finished(state: State) -> Directory:
    if state.root is None:
        raise RootMisplacedError("a directory without its root")
    if state.epoch_due is not None:
        raise EpochDueError(f"the epoch due after a leave of '{state.epoch_due}' is missing")
    return Directory(state)


def _apply(
    state: State, statement: Statement, text: bytes | None, logged: datetime, public_of: PublicOf, window: Window
) -> None:
    """Check one leaf and write what it says into `state`; `text` is the leaf where it was parsed from one.

    1. The kind is known and its payload is right. 2. `root` stands first and only there. 3. Times. 4. It is of this
    exchange, the next link of its subject's chain, and the epoch due if one is. 5. Every signer's key is good and every
    signature verifies. 6. The kind's own rule.
    """
    kind = read_kind(statement)
    if isinstance(kind, Root) != (state.index == 0):
        raise RootMisplacedError("'root' is the first statement of a directory, and stands nowhere else")
    _check_times(state, kind, logged, window)
    _check_place(state, kind)
    statement_hash = statement.hash
    signers = _check_signers(state, statement, newly_named(kind), public_of)
    apply_rule(state, kind, signers, statement_hash, logged)
    state.heads[kind.subject] = statement_hash
    state.log = state.log.append(text or statement.text)
    state.last_logged = logged


def _check_times(state: State, kind: Kind, logged: datetime, window: Window) -> None:
    if state.last_logged is not None and logged < state.last_logged:
        raise LeafTimeError("a leaf is logged before the one in front of it")
    time = kind.time if isinstance(kind, Root) else kind.link.time
    if not logged - window.older <= time <= logged + window.newer:
        raise TimeWindowError("a statement's time is too far from the time it was logged")


def _check_place(state: State, kind: Kind) -> None:
    due = state.epoch_due
    if due is not None and not (isinstance(kind, EpochAdd) and kind.organisation == due):
        raise EpochDueError(f"after a leave the very next statement is the next epoch of '{due}'")
    if isinstance(kind, Root):
        return
    if kind.link.exchange != state.exchange:
        raise WrongExchangeError("a statement of another exchange")
    if kind.link.prev != state.heads.get(kind.subject):
        raise BrokenChainError("a statement does not follow its subject's last one")


def _check_signers(
    state: State, statement: Statement, named: frozenset[bytes], public_of: PublicOf
) -> frozenset[bytes]:
    for kid in statement.kids:
        if kid not in named and state.signer(kid) is None:
            raise KeyNotGoodError("signed with a key that is unknown here or has ended")

    def public(kid: bytes) -> bytes:
        found = public_of(kid)
        if found is None:
            raise KeyMissingError("a signer's public key is not at hand")
        if key_id(USE_SIGN, found) != kid:
            raise BesideMismatchError("a public key is not the one its id names")
        return found

    return statement.check_signatures(public)
