"""Which point of which act the server is killed at, and the points that the source names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.faults.points import COMMIT, published

SOURCE = Path(__file__).parents[2] / "exchange"
POINT = re.compile(r"[a-z]+\.[a-z]+\.(before|after)-[a-z]+")

ENTRY = (
    "audit.record.before-leaf",
    "logs.append.before-leaf",
    "logs.append.before-nodes",
    "logs.append.before-head",
    "logs.append.after-head",
    "audit.record.before-views",
    "audit.record.after-views",
)
STORED = ("audit.store.before-statement", "audit.store.after-statement")
# After the first piece: while those after it are stored.
PIECE = (
    "reports.upload.before-piece",
    "storage.open.after",
    "storage.lock.after",
    "storage.write.half",
    "storage.write.after",
    "storage.write.after storage.write.after",
    "storage.sync.before",
    "storage.sync.after",
    "reports.upload.after-piece",
    *COMMIT,
    "reports.upload.after-row",
)
FIRST_PIECE = (
    "storage.make-directory.before",
    "storage.open.before",
    "storage.open.after",
    "storage.lock.before",
    "storage.lock.after",
    "storage.sync-directory.before",
    "storage.sync-directory.after",
)


def _after(first: str, points: tuple[str, ...]) -> list[str]:
    return [f"{first} {point}" for point in points]


# act -> paths: the points to pass, in order, the last of which kills.
CASES: dict[str, list[str]] = {
    "deposit": [
        "reports.upload.before-open",
        "reports.upload.after-open",
        *FIRST_PIECE,
        *_after("reports.upload.after-row", PIECE),
        "reports.register.before-report",
        "reports.register.after-report",
        "reports.register.after-parts",
        "reports.register.after-envelopes",
        *_after("reports.register.after-envelopes", (*ENTRY, *STORED)),
        "reports.register.after-statement",
        *_after("reports.register.after-statement", COMMIT),
    ],
    "release": [
        "access.release.before-entry",
        *_after("access.release.before-entry", ENTRY),
        "access.release.after-entry",
        *_after("access.release.after-entry", COMMIT),
        "access.release.after-commit",
    ],
    "record": [
        "consents.take.before-rows",
        "consents.take.after-rows",
        *_after("consents.take.after-entry", COMMIT),
    ],
    "confirm": [
        "consents.take.before-rows",
        "consents.take.after-rows",
        "consents.take.after-head",
        *_after("consents.take.after-head", (*ENTRY, *STORED)),
        "consents.take.after-entry",
        *_after("consents.take.after-entry", COMMIT),
    ],
    "withdraw": [
        "consents.take.after-rows",
        "consents.take.after-head",
        *_after("consents.take.after-entry", COMMIT),
    ],
    "stop": [
        "reports.stop.before-statement",
        "reports.stop.after-statement",
        *_after("reports.stop.after-statement", COMMIT),
    ],
    "lift": [
        "reports.lift.before-statement",
        "reports.lift.after-statement",
        *_after("reports.lift.after-statement", COMMIT),
    ],
    "recall": [
        "reports.recall.before-statement",
        "reports.recall.after-statement",
        "reports.recall.after-notices",
        *_after("reports.recall.after-notices", COMMIT),
    ],
    "answer": [
        "reports.answer.before-statement",
        "reports.answer.after-statement",
        *_after("reports.answer.after-statement", COMMIT),
    ],
    "grant": [
        "reports.grant.before-envelopes",
        "reports.grant.after-envelopes",
        "reports.grant.after-statement",
        *_after("reports.grant.after-statement", COMMIT),
    ],
    "decide": [
        "reports.determination.before-statement",
        "reports.determination.after-statement",
        *_after("reports.determination.after-statement", COMMIT),
    ],
    "publish-file": [
        "publications.file.before-bytes",
        *_after("publications.file.before-bytes", ("storage.open.after", "storage.write.half", "storage.sync.before")),
        "publications.file.after-bytes",
        *_after("publications.file.after-bytes", COMMIT),
        "publications.file.after-row",
        "publications.publish.before-row",
        "publications.publish.after-row",
        "publications.publish.after-statement",
        *_after("publications.publish.after-statement", COMMIT),
    ],
    "unpublish": [
        "publications.withdraw.before-row",
        "publications.withdraw.after-row",
        "publications.withdraw.after-statement",
        *_after("publications.withdraw.after-statement", COMMIT),
    ],
    # A code that was stored and never sent can be asked for again after ten minutes: nothing to kill after that commit.
    "notices-ask": ["notices.ask.before-commit", "notices.ask.before-commit commit.before"],
    "notices-confirm": ["notices.confirm.before-commit", *_after("notices.confirm.before-commit", COMMIT)],
    "notices-stop": ["notices.stop.before-commit", *_after("notices.stop.before-commit", COMMIT)],
    "propose": [
        "audit.hold.before-pending",
        "audit.hold.after-pending",
        *_after("audit.hold.after-pending", COMMIT),
    ],
    "submit": [
        "directory.submit.before-beside",
        "directory.submit.after-beside",
        *_after("directory.submit.after-beside", ENTRY[1:5]),
        *_after("directory.submit.after-beside", ENTRY),
        "directory.submit.after-entries",
        *_after("directory.submit.after-entries", COMMIT),
        *_after("directory.submit.after-entries", published("directory")),
    ],
    "rotate": [
        "directory.submit.after-beside audit.record.before-chain",
        "directory.submit.after-beside audit.record.after-chain",
        "directory.submit.after-entries commit.before",
        "directory.submit.after-entries commit.after",
    ],
}
# Killed while the receipt of an opening is recorded: the file is open already.
RECEIPT = _after("access.release.after-commit", ("audit.record.before-leaf", "audit.record.after-views", *COMMIT))
# Killed while the audit log is made public, in the background, a moment after an act.
PUBLISHING = ["audit.publish.after-padding", *published("audit")]
# What runs always; the others run with the marker `full`.
QUICK = {
    ("deposit", "reports.upload.after-row storage.write.half"),
    ("deposit", "reports.register.after-parts"),
    ("deposit", "reports.register.after-envelopes logs.append.before-head"),
    ("deposit", "reports.register.after-statement commit.after"),
    ("release", "access.release.after-entry commit.before"),
    ("release", "access.release.after-commit"),
    ("confirm", "consents.take.after-head"),
    ("withdraw", "consents.take.after-entry commit.after"),
    ("lift", "reports.lift.after-statement commit.after"),
    ("recall", "reports.recall.after-notices"),
    ("publish-file", "publications.publish.after-statement commit.after"),
    ("submit", "directory.submit.after-beside"),
    ("submit", "directory.submit.after-entries directory.public.tile.after"),
    ("publish", "audit.public.checkpoint.before"),
}


def points_of(source: Path = SOURCE) -> set[str]:
    """Every point that the rooms name in `.at("…")`; a name put together from a parameter, for each value it is given."""
    found: set[str] = set()
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for name in _named(function):
                    found |= {name} if isinstance(name, str) else set(_spelled(tree, function, name))
    return {name for name in found if POINT.fullmatch(name)}


def _named(function: ast.FunctionDef) -> Iterator[str | ast.JoinedStr]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "at" and call.args:
            point = call.args[0]
            if isinstance(point, ast.JoinedStr):
                yield point
            elif isinstance(point, ast.Constant) and isinstance(point.value, str):
                yield point.value


def _spelled(tree: ast.Module, function: ast.FunctionDef, name: ast.JoinedStr) -> Iterator[str]:
    """Spell a point once for each call of the function that gives its parameter a text."""
    (slot,) = [piece for piece in name.values if isinstance(piece, ast.FormattedValue)]
    parameters = [argument.arg for argument in function.args.args if argument.arg != "self"]
    place = parameters.index(ast.unparse(slot.value))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == function.name:
            value = ast.literal_eval(call.args[place])
            yield "".join(p.value if isinstance(p, ast.Constant) else value for p in name.values)
