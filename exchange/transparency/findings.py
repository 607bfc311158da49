"""What the verification of a log's copy says: findings, each with a code and a place, and the report they stand in."""

import enum
from dataclasses import dataclass, field
from typing import Any, Final

from exchange.transparency.evaluate import Standing
from exchange.transparency.merkle import TreeHead
from exchange.transparency.tiles import Tile

MAX_FINDINGS: Final = 1000
CHECKPOINT_PLACE: Final = "checkpoint"


class FindingCode(enum.StrEnum):
    """What is wrong at a place. A checkpoint that fails its policy has the code of the error instead."""

    CHECKPOINT_MISSING = "checkpoint_missing"
    ROOT_MISMATCH = "root_mismatch"
    TILE_MISSING = "tile_missing"
    TILE_MALFORMED = "tile_malformed"
    TILE_ALTERED = "tile_altered"
    TILE_DISAGREES = "tile_disagrees"
    ENTRIES_MISSING = "entries_missing"
    ENTRIES_MALFORMED = "entries_malformed"
    ENTRY_ALTERED = "entry_altered"
    ENTRY_DISAGREES = "entry_disagrees"
    OLDER_THAN_KNOWN = "older_than_known"
    NOT_THE_KNOWN_LOG = "not_the_known_log"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: `place` is "checkpoint" or a file's path; `leaves` the first and last index concerned."""

    code: str
    place: str
    leaves: tuple[int, int] | None
    detail: str

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a JSON object."""
        leaves = None if self.leaves is None else list(self.leaves)
        return {"code": str(self.code), "place": self.place, "leaves": leaves, "detail": self.detail}


@dataclass
class Report:
    """What was verified, and everything found wrong. Times are seconds since 1970.

    `head` None: there was no checkpoint to hold the files to. `standing` None: it does not meet the policy.
    """

    origin: str | None = None
    head: TreeHead | None = None
    standing: Standing | None = None
    log_time: int | None = None
    quorum_time: int | None = None
    entries_checked: bool = False
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings

    def add(self, code: str, place: str, leaves: tuple[int, int] | None, detail: str) -> None:
        """Add a finding; past MAX_FINDINGS they are only counted, in `more`."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code, place, leaves, detail))
        else:
            self.more += 1

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object; the root in hex."""
        return {
            "ok": self.ok,
            "origin": self.origin,
            "size": None if self.head is None else self.head.size,
            "root": None if self.head is None else self.head.root.hex(),
            "standing": None if self.standing is None else str(self.standing),
            "log_time": self.log_time,
            "quorum_time": self.quorum_time,
            "entries_checked": self.entries_checked,
            "findings": [finding.to_json() for finding in self.findings],
            "more": self.more,
        }


def leaves_under(tile: Tile, first: int = 0, last: int | None = None) -> tuple[int, int]:
    """Return the first and last leaf index under hashes `first` to `last` (its last one when None) of a tile."""
    end = tile.width - 1 if last is None else last
    return (tile.start + first) << tile.node_level, ((tile.start + end + 1) << tile.node_level) - 1
