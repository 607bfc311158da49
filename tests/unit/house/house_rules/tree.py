"""The project's own files, as the rules see them: what git tracks or would track, never what a build left behind."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

PRODUCT = ("exchange", "keys", "policies")


@dataclass(frozen=True)
class Breach:
    """One place that breaks one rule. ``line`` is 1-based; 0 means the whole file."""

    path: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.says}" if self.line else f"{self.path}: {self.says}"


@dataclass(frozen=True)
class Source:
    """One text file: its path from the root in POSIX form, and its text."""

    path: str
    text: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def top(self) -> str:
        """The first folder of the path, or the file's own name at the root."""
        return PurePosixPath(self.path).parts[0]

    @property
    def is_product(self) -> bool:
        """Whether this is code that is installed: a room, or the WSGI entry."""
        return self.path == "wsgi.py" or (self.top in PRODUCT and self.path.endswith(".py"))

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed Python. Raises SyntaxError where the file is not Python."""
        return ast.parse(self.text, filename=self.path)


def files(root: Path) -> list[str]:
    """Paths, sorted, of every file git tracks or would track below ``root``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    return sorted({name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file()})


def sources(root: Path) -> Iterator[Source]:
    """Every text file of the project; a file that is not UTF-8 is data, not text, and is passed over."""
    for name in files(root):
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield Source(name, text)


def python(found: list[Source]) -> list[Source]:
    """The Python files among ``found``."""
    return [source for source in found if source.path.endswith(".py")]
