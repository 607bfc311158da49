"""No clock reads outside the two places that hand `now` to everyone else.

A decision must be repeatable from its inputs, so `now` is an argument. Durations (time.monotonic, time.perf_counter)
are not clocks.
"""

import ast
from collections.abc import Iterator

from house_rules.tree import Breach, Source

ALLOWED = ("exchange/wiring.py", "exchange/client/clock.py")
READS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.clock_gettime",
    "time.clock_gettime_ns",
}
READS_WITHOUT_ARGUMENT = {"time.gmtime", "time.localtime", "time.ctime", "time.asctime"}


def imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted name, for every import anywhere in the module."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name an expression stands for, or an empty string."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        head = dotted(node.value, names)
        return f"{head}.{node.attr}" if head else ""
    return ""


def check(found: list[Source]) -> Iterator[Breach]:
    """A reference counts, not only a call: `default=datetime.utcnow` reads the clock later."""
    for source in found:
        if not source.is_product or source.path in ALLOWED:
            continue
        names = imported(source.tree)
        for node in ast.walk(source.tree):
            read = ""
            if isinstance(node, ast.Name | ast.Attribute) and dotted(node, names) in READS:
                read = dotted(node, names)
            elif isinstance(node, ast.Call) and not node.args and dotted(node.func, names) in READS_WITHOUT_ARGUMENT:
                read = dotted(node.func, names)
            if read:
                yield Breach(source.path, node.lineno, f"reads a clock ({read}); take `now` as an argument")
