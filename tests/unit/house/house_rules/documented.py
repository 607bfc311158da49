"""What people meet is documented: every dependency, command, setting and error code stands somewhere in docs/.

Names are read from the source, so the rules need neither a running application nor an import of a room.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping

from exchange.translations.check import error_codes
from house_rules.tree import Breach, Source

DEPENDENCIES = "docs/decisions/0002-dependencies.md"
REQUIREMENTS = ("requirements.in", "requirements-dev.in")
SETTING = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def documentation(found: list[Source]) -> str:
    """All of docs/ and the README in one string."""
    pages = (source for source in found if source.path.endswith(".md") and source.top in ("docs", "README.md"))
    return "\n".join(page.text for page in pages)


def dependencies(found: list[Source]) -> Iterator[tuple[str, str]]:
    """(file, name) of each direct dependency: PyPI's from the .in files, npm's from package.json."""
    for source in found:
        if source.path in REQUIREMENTS:
            for line in source.text.splitlines():
                name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line.strip())
                if name and not line.lstrip().startswith(("-", "#")):
                    yield source.path, name.group()
        elif source.path == "package.json":
            declared = json.loads(source.text)
            for section in ("dependencies", "devDependencies"):
                for name in declared.get(section, {}):
                    yield source.path, name


def check_dependencies(found: list[Source]) -> Iterator[Breach]:
    """Each direct dependency has a row in the decision on dependencies."""
    rows = "\n".join(source.text for source in found if source.path == DEPENDENCIES)
    named = {name.lower() for name in re.findall(r"^\| `([^`]+)` \|", rows, re.MULTILINE)}
    for path, name in dependencies(found):
        if name.lower() not in named:
            yield Breach(path, 0, f"{name} has no row in {DEPENDENCIES}")


def check_codes(found: list[Source], codes: Mapping[str, str] | None = None) -> Iterator[Breach]:
    """Each error code is explained in docs/. ``codes``: code -> where it is declared; without it, the project's own."""
    text = set(re.findall(r"`([a-z0-9_]+)`", documentation(found)))
    for code, place in sorted((error_codes() if codes is None else codes).items()):
        if code not in text:
            yield Breach(place, 0, f"error code {code} stands nowhere in docs/")


def settings(found: list[Source]) -> Iterator[tuple[str, int, str]]:
    """(file, line, NAME) for each environment variable: an upper-case name with an underscore, in a string of config.py
    or of the client."""
    for source in found:
        if source.path != "exchange/config.py" and not source.path.startswith("exchange/client/"):
            continue
        for node in ast.walk(source.tree if source.path.endswith(".py") else ast.Module([], [])):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SETTING.fullmatch(node.value):
                if not node.value.startswith(("W_", "P_", "N_")):
                    yield source.path, node.lineno, node.value


def check_settings(found: list[Source]) -> Iterator[Breach]:
    """Each setting is explained in docs/."""
    text = set(SETTING.findall(documentation(found)))
    for path, line, name in settings(found):
        if name not in text:
            yield Breach(path, line, f"setting {name} stands nowhere in docs/")
