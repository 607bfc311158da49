"""The commands of a guide, as a reader copies them: each line of a section with the note that says who types it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.served import ROOT

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A command's words without `exchange`, and the note behind it."""

    words: tuple[str, ...]
    who: str

    def filled(self, **names: object) -> list[str]:
        """The words, each that is a name of something known by then replaced by it."""
        return [str(names.get(word, word)) for word in self.words]


@dataclass(frozen=True)
class Section:
    """A section of a guide: its commands in order, and its JSON files."""

    steps: tuple[Step, ...]
    files: tuple[str, ...]


def section(page: str, title: str) -> Section:
    """Read a section of a page in docs/guides, from its heading to the next of its level."""
    text = (ROOT / "docs" / "guides" / page).read_text()
    body = text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    blocks = _BLOCK.findall(body)
    files = tuple(inside for kind, inside in blocks if kind == "json")
    lines = [line for kind, inside in blocks if not kind for line in inside.splitlines() if line.startswith("exchange ")]
    return Section(tuple(_step(line) for line in lines), files)


def _step(line: str) -> Step:
    command, _, who = line.partition(" # ")
    return Step(tuple(shlex.split(command))[1:], who.strip())


def placed(folder: Path, words: list[str]) -> list[str]:
    """Return words with the names of files and folders that lie in `folder` put there."""
    return [str(folder / word) if (folder / word).exists() or word == "folder" else word for word in words]
