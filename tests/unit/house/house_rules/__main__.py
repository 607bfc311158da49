"""`make check-house`: every rule over the whole project; prints each breach on a line, exits 1 if there is one."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from house_rules import clocks, commands, documented, leaks, pages, shape
from house_rules.tree import Breach, Source, sources

RULES: list[Callable[[list[Source]], Iterator[Breach]]] = [
    clocks.check,
    shape.check_asserts,
    shape.check_names,
    shape.check_packages,
    shape.check_sizes,
    leaks.check,
    documented.check_dependencies,
    documented.check_codes,
    documented.check_settings,
    commands.check,
    pages.check,
]


def main() -> int:
    """Check the project this file lies in."""
    root = Path(__file__).resolve().parents[4]
    found = list(sources(root))
    breaches = [breach for rule in RULES for breach in rule(found)]
    for breach in breaches:
        print(breach)
    print(f"house rules: {len(RULES)} rules, {len(found)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
