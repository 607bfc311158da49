"""Is the catalogue complete? Same keys, same placeholders, a sentence for every error code, no key used that is not there.

Codes and uses are read from the source text, so that checking imports nothing and misses no room.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exchange.texts import FOLDER, LANGUAGES, PLACEHOLDER, Entry, TextsError, read_folder

ROOT: Final = FOLDER.parent.parent
PACKAGES: Final = ("exchange", "keys", "policies")
_TEMPLATE_USE: Final = re.compile(r"""\b(?:say|text)\(\s*["']([a-zA-Z0-9_.]+)["']""")


def findings(folder: Path = FOLDER, root: Path = ROOT) -> list[str]:
    """Return every finding as a sentence; an empty list means the catalogue is complete."""
    try:
        languages = {language: read_folder(folder / language, strict=True) for language in LANGUAGES}
    except TextsError as error:
        return [str(error)]
    found = list(_differences(languages))
    known = languages[LANGUAGES[0]]
    for code, place in sorted(error_codes(root).items()):
        if f"error.{code}" not in known:
            found.append(f"the error code {code!r} ({place}) has no sentence 'error.{code}'")
    for key, place in sorted(used_keys(root).items()):
        if key not in known:
            found.append(f"{place} uses {key!r}, which the catalogue does not have")
    return found


def _differences(languages: dict[str, dict[str, Entry]]) -> Iterator[str]:
    first, *others = LANGUAGES
    for other in others:
        for key in sorted(languages[first].keys() ^ languages[other].keys()):
            missing = other if key in languages[first] else first
            yield f"{key!r} is missing in {missing!r}"
        for key in sorted(languages[first].keys() & languages[other].keys()):
            one, two = languages[first][key], languages[other][key]
            if isinstance(one, str) != isinstance(two, str):
                yield f"{key!r} is a plural in one language only"
            elif _placeholders(one) != _placeholders(two):
                yield f"{key!r} has other placeholders in {first!r} than in {other!r}"
    for language, entries in languages.items():
        for key, entry in entries.items():
            if any(not text.strip() for text in ([entry] if isinstance(entry, str) else entry.values())):
                yield f"{key!r} is empty in {language!r}"


def _placeholders(entry: Entry) -> set[str]:
    if isinstance(entry, str):
        return set(PLACEHOLDER.findall(entry))
    # A plural may leave its count out of one form ("one piece"), so only the others must agree.
    return {name for text in entry.values() for name in PLACEHOLDER.findall(text)} - {"count"}


def error_codes(root: Path = ROOT) -> dict[str, str]:
    """Return every error code a class of ours declares (`code = "..."` in its body), and where."""
    codes: dict[str, str] = {}
    for path, tree in _sources(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and (node.name.endswith("Error") or _is_exception(node)):
                for statement in node.body:
                    code = _declared_code(statement)
                    if code is not None:
                        codes[code] = f"{path.relative_to(root)}: {node.name}"
    return codes


def _is_exception(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id.endswith(("Error", "Exception")) for base in node.bases)


def _declared_code(statement: ast.stmt) -> str | None:
    target, value = None, None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign):
        target, value = statement.target, statement.value
    if isinstance(target, ast.Name) and target.id == "code" and isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else None
    return None


def used_keys(root: Path = ROOT) -> dict[str, str]:
    """Return every key written out in a call of `say` or `text`, in Python and in templates, and where."""
    used: dict[str, str] = {}
    for path, tree in _sources(root):
        catalogues = _catalogues(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _called(node) in catalogues:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    used[first.value] = f"{path.relative_to(root)}:{node.lineno}"
    for path in sorted((root / "exchange").rglob("*.html")):
        for match in _TEMPLATE_USE.finditer(path.read_text(encoding="utf-8")):
            used[match[1]] = str(path.relative_to(root))
    return used


def _catalogues(tree: ast.Module) -> set[str]:
    """The functions that take a key: in a module that has SQLAlchemy's `text`, `say` alone."""
    of_database = any(
        isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy" and any(name.name == "text" for name in node.names)
        for node in ast.walk(tree)
    )
    return {"say"} if of_database else {"say", "text"}


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _sources(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))
