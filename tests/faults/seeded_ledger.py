"""What the people of a run know: which deeds were acknowledged, with what answer, and which were refused or never answered.

Nothing here comes from the server's tables. A deed is one statement, request or package that was signed; sending it again
is the same deed.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.merkle import TreeHead

OPEN, DONE, REFUSED = "open", "done", "refused"
# Each time these are sent they are a further act, with an entry of its own.
REPEATABLE: Final = frozenset({"release", "receipt"})


@dataclass
class Deed:
    """One signed thing: what it is, about what, and what became of it.

    `answers`: every answer of success, in the order in which they came. `sent`: how often it was sent. `doubts`: how often
    nobody knew what became of it.
    """

    kind: str
    step: int
    about: str
    hash: bytes
    by: str
    made: Any = field(default=None, repr=False)
    state: str = OPEN
    refusal: str = ""
    sent: int = 0
    doubts: int = 0
    answers: list[Mapping[str, Any]] = field(default_factory=list, repr=False)

    @property
    def index(self) -> int:
        """Where its entry stands in the audit log, by the first answer; for the directory's, its leaf there."""
        return index_of(self.answers[0])


def index_of(answer: Mapping[str, Any]) -> int:
    """The index that an answer gives."""
    if "ticket" in answer:
        return int(answer["ticket"]["index"])
    return int(answer["index"] if "index" in answer else answer["entries"][0]["index"])


class Ledger:
    """Every deed of a run, and every head of a log that anybody was shown. Safe for threads."""

    def __init__(self) -> None:
        """Nothing was done yet."""
        self.deeds: list[Deed] = []
        self.findings: list[str] = []
        self.heads: dict[str, set[TreeHead]] = {"audit": set(), "directory": set()}
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def begin(self, deed: Deed) -> Deed:
        """Note a deed before it is sent."""
        with self._lock:
            self.deeds.append(deed)
        return deed

    def sending(self, deed: Deed) -> None:
        """Note that it is about to be sent."""
        with self._lock:
            deed.sent += 1

    def acknowledged(self, deed: Deed, answer: Mapping[str, Any]) -> None:
        """Note an answer of success; where the deed has one already they must say the same."""
        with self._lock:
            if deed.state == REFUSED and deed.kind not in REPEATABLE:
                self.findings.append(f"{deed.kind} of step {deed.step} was refused as {deed.refusal}, and then done")
            if deed.answers and deed.kind not in REPEATABLE and index_of(answer) != deed.index:
                self.findings.append(
                    f"{deed.kind} of step {deed.step} was answered with entry {deed.index}, then with {index_of(answer)}"
                )
            deed.state = DONE
            deed.answers.append(answer)
            self.counts["acknowledged"] += 1

    def refused(self, deed: Deed, code: str) -> None:
        """Note a refusal."""
        with self._lock:
            if deed.state == DONE and deed.kind not in REPEATABLE:
                self.findings.append(f"{deed.kind} of step {deed.step} was done, and then refused as {code}")
            elif deed.state != DONE:
                deed.state, deed.refusal = REFUSED, code
            self.counts["refused"] += 1

    def doubt(self, deed: Deed, what: str) -> None:
        """Note that nobody knows what became of it."""
        with self._lock:
            deed.doubts += 1
            self.counts[what] += 1

    def count(self, what: str) -> None:
        """Count something."""
        with self._lock:
            self.counts[what] += 1

    def found(self, finding: str) -> None:
        """Note something that must not be."""
        with self._lock:
            self.findings.append(finding)

    def shown(self, log: str, note: str) -> None:
        """Keep the head of a checkpoint that somebody was shown."""
        checkpoint, _note = parse_signed(note.encode())
        if checkpoint.size:
            with self._lock:
                self.heads[log].add(checkpoint.head)
