"""The suite: every module of this folder that measures, one after the other, each in a folder of its own that goes with it."""

import importlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tests.bench.figures import Bench, Figure, PeerMissingError

HERE: Final = Path(__file__).parent


class NoSuchModuleError(Exception):
    """There is no module of this name that measures."""


@dataclass(frozen=True)
class Measured:
    """What a module gave: its figures, and the Debian package of a peer that was missing and ended it."""

    module: str
    figures: tuple[Figure, ...]
    missing: str | None = None

    @property
    def holds(self) -> bool:
        """Whether every figure is within its bound, and none is missing."""
        return self.missing is None and all(figure.holds for figure in self.figures)


def modules() -> dict[str, Callable[[Bench], Iterator[Figure]]]:
    """Return what measures, by the names of their modules, in the order of the names."""
    found = {}
    for path in sorted(HERE.glob("[a-z]*.py")):
        module = importlib.import_module(f"tests.bench.{path.stem}")
        if hasattr(module, "measure"):
            found[path.stem] = module.measure
    return found


def run(bench: Bench, only: Sequence[str] = (), done: Callable[[Figure], None] = lambda _f: None) -> Iterator[Measured]:
    """Measure with the named modules, or all, and yield what each gave; `done` gets each figure when it is there.

    Raises NoSuchModuleError before anything is measured.
    """
    every = modules()
    if unknown := sorted(set(only) - every.keys()):
        raise NoSuchModuleError(f"no module '{unknown[0]}' measures; there are {', '.join(every)}")
    for name in only or every:
        folder = bench.folder / name
        folder.mkdir()
        figures: list[Figure] = []
        missing = None
        try:
            for figure in every[name](replace(bench, folder=folder)):
                figures.append(figure)
                done(figure)
        except PeerMissingError as error:
            missing = str(error)
        finally:
            shutil.rmtree(folder)
        yield Measured(name, tuple(figures), missing)
