"""Every command a person can type is documented: the officer's `exchange …` and the operator's `flask …`."""

import importlib
import re
from collections.abc import Iterator

import click

from house_rules.documented import documentation
from house_rules.tree import Breach, Source

OFFICER = "exchange.client.cli.main"
OPERATOR = "exchange.commands"
WIRING = "exchange.wiring"


def leaves(command: click.Command, path: str) -> Iterator[str]:
    """The full spelling of each command at and below ``command`` that is not hidden."""
    if command.hidden:
        return
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from leaves(below, f"{path} {name}")
    else:
        yield path


def roots(module: str) -> list[click.Command]:
    """The click commands that stand in ``module`` and are not part of another one there."""
    held = [value for value in vars(importlib.import_module(module)).values() if isinstance(value, click.Command)]
    below = {id(child) for group in held if isinstance(group, click.Group) for child in group.commands.values()}
    return [command for command in held if id(command) not in below]


def operators() -> list[click.Command]:
    """The operator's commands: the server's own, and those that its features add."""
    features = importlib.import_module(WIRING).FEATURES
    added = [command for feature in features for command in feature.commands]
    return sorted([*roots(OPERATOR), *added], key=lambda command: command.name or "")


def spelled() -> list[str]:
    """Every command, as it is typed."""
    officer = [leaf for root in roots(OFFICER) for leaf in leaves(root, "exchange")]
    operator = [leaf for root in operators() for leaf in leaves(root, f"flask {root.name}")]
    return sorted(set(officer + operator))


def undocumented(commands: list[str], text: str) -> list[str]:
    """Those of ``commands`` that ``text`` nowhere spells out."""
    return [command for command in commands if not re.search(rf"{re.escape(command)}(?![\w-])", text)]


def check(found: list[Source]) -> Iterator[Breach]:
    """Each command stands, spelled out, in docs/ or the README. Without the rooms that hold them nothing can be said."""
    try:
        commands = spelled()
    except ModuleNotFoundError as missing:
        yield Breach("docs", 0, f"the commands cannot be read: {missing}")
        return
    for command in undocumented(commands, documentation(found)):
        yield Breach("docs", 0, f"`{command}` stands nowhere in docs/")
