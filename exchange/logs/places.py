"""Where each log's files lie below the instance's `logs/`, by which keys it signs, and the policy that names both logs.

`logs/directory` and `logs/audit` are plain copies anyone may verify with tools of their own: checkpoint and tiles.
`logs/memory/<log>-<n>` is what must never be restored from a backup: the last signed checkpoint, and the signing lock.
All hosts of an exchange see the same folder, and sign one after the other (docs/spec/hosts.md).
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from exchange.logs.errors import LocksError
from exchange.transparency.files import DurableDirectory, Files
from exchange.transparency.log_keys import LogKeys
from exchange.transparency.policy import make_policy, without_mldsa44
from exchange.transparency.policy_text import format_policy
from exchange.transparency.sequencer import LogFiles
from keys.custody import Custody

DIRECTORY: Final = "directory"
AUDIT: Final = "audit"
LOGS: Final = (DIRECTORY, AUDIT)
# The number of each log that is being written. A successor audit/2 comes only after a restore that lost leaves.
N: Final = 1
POLICY: Final = "policy"
POLICY_ED25519: Final = "policy-ed25519"


@dataclass(frozen=True)
class LogPlace:
    """One log: its name and number, its keys, its files."""

    log: str
    n: int
    keys: LogKeys
    files: LogFiles


class LogPlaces:
    """The places of both logs. A test replaces this service to make a file system fail."""

    def __init__(self, folder: Path, custody: Custody) -> None:
        """Serve `folder`, the `logs/` that all hosts share; the keys come out of custody when they are first needed."""
        self._folder = folder
        self._custody = custody

    @cached_property
    def _places(self) -> dict[str, LogPlace]:
        return {log: LogPlace(log, N, self._keys(log), self.files(log)) for log in LOGS}

    def _keys(self, log: str) -> LogKeys:
        seeds = self._custody.log_seeds(log, N)
        return LogKeys(f"{self._custody.instance}/{log}/{N}", seeds.ed25519, seeds.mldsa44)

    def files(self, log: str) -> LogFiles:
        """Return the directories of a log; entry bundles lie with its tiles, whoever may ask for them."""
        public = self._folder / log
        return LogFiles.at(public, self._folder / "memory" / f"{log}-{N}", public)

    @property
    def shared(self) -> Files:
        """The directory that holds the policies."""
        return DurableDirectory(self._folder)

    def check_locks(self) -> None:
        """Raise LocksError where a signing lock keeps nobody out: two processes could then sign at once."""
        for log in LOGS:
            private = self.files(log).private
            if isinstance(private, DurableDirectory):
                try:
                    holds = private.lock_holds()
                except OSError as error:
                    raise LocksError(f"the folder of the log '{log}' takes no locks") from error
                if not holds:
                    raise LocksError(f"a lock in the folder of the log '{log}' keeps nobody out")

    def place(self, log: str) -> LogPlace:
        """Return a log's place; `log` is one of LOGS."""
        return self._places[log]

    @cached_property
    def policies(self) -> dict[str, bytes]:
        """The two policy files by name: with every key, and for tools that know Ed25519 alone."""
        policy = make_policy([self.place(log).keys.public for log in LOGS])
        return {POLICY: format_policy(policy), POLICY_ED25519: format_policy(without_mldsa44(policy))}
