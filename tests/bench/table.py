"""Figures for people: a line in the terminal, rows in Markdown, and the tables between the markers of a page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.bench.figures import Figure
from tests.bench.suite import Measured

_HEAD: Final = (
    "| what | ours | compared with | theirs | ratio | at most | holds |\n"
    "|---|---:|---|---:|---:|---:|---|"
)


class MarkersMissingError(Exception):
    """A page has no markers for a table."""


def line(figure: Figure) -> str:
    """Return a figure as a line for the terminal."""
    bound = "" if figure.at_most is None else f" (at most {figure.at_most:.2f}: {_holds(figure)})"
    return (
        f"  {figure.name}: {_ours(figure)}; {figure.peer}: {_amount(figure.theirs, figure.scale)};"
        f" ratio {figure.ratio:.2f}{bound}"
    )


def markdown(measured: Measured) -> str:
    """Return the table of a module."""
    rows = [_HEAD]
    for figure in measured.figures:
        bound = "–" if figure.at_most is None else f"{figure.at_most:.2f}"
        cells = [
            figure.name,
            _ours(figure),
            figure.peer,
            _amount(figure.theirs, figure.scale),
            f"{figure.ratio:.2f}",
            bound,
            _holds(figure),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def as_json(every: Sequence[Measured], machine: Mapping[str, str]) -> dict[str, Any]:
    """Return all of it for a program to read."""
    figures = [
        {"module": measured.module, **asdict(figure), "rate": figure.rate, "holds": figure.holds}
        for measured in every
        for figure in measured.figures
    ]
    missing = {measured.module: measured.missing for measured in every if measured.missing is not None}
    return {"figures": figures, "machine": dict(machine), "missing": missing}


def write(page: Path, every: Sequence[Measured], machine: Mapping[str, str]) -> None:
    """Renew the tables of what was measured whole, and the machine, between a page's markers; all else stays as it is.

    MarkersMissingError where the page has no place for one, and then nothing is written.
    """
    text = page.read_text(encoding="utf-8")
    for measured in every:
        if measured.missing is None:
            text = _renew(text, measured.module, markdown(measured))
    text = _renew(text, "machine", "\n".join(f"- {name}: {value}" for name, value in machine.items()))
    page.write_text(text, encoding="utf-8")


def tables(page: Path) -> dict[str, list[tuple[str, str]]]:
    """Return what a page's tables say was measured: by module, (what, compared with) of each row."""
    text = page.read_text(encoding="utf-8")
    found = {}
    for match in re.finditer(_between(r"(?P<name>\w+)"), text, re.DOTALL):
        rows = [line.split(" | ") for line in match["inside"].splitlines() if line.startswith("| ")]
        found[match["name"]] = [(row[0].removeprefix("| "), row[2]) for row in rows[1:]]
    return found


def shape(text: str) -> str:
    """Return a name without its numbers, which differ from run to run."""
    return re.sub(r"\d[\d.,]*", "#", text)


def _renew(text: str, name: str, inside: str) -> str:
    text, count = re.subn(
        _between(re.escape(name)), lambda match: f"{match['head']}\n{inside}\n{match['tail']}", text, flags=re.DOTALL
    )
    if count != 1:
        raise MarkersMissingError(f"the page has no place, or several, for '{name}'")
    return text


def _between(name: str) -> str:
    return rf"(?P<head><!-- bench: {name} -->)\n(?P<inside>.*?)\n?(?P<tail><!-- /bench -->)"


def _holds(figure: Figure) -> str:
    return "–" if figure.at_most is None else "yes" if figure.holds else "**no**"


def _ours(figure: Figure) -> str:
    text = _amount(figure.ours, figure.scale)
    if figure.rate is None:
        return text
    aim = "" if figure.aim is None else f", aim {figure.aim:,.0f}"
    return f"{text} ({figure.rate:,.0f} {figure.unit}/s{aim})"


def _amount(value: float, scale: str) -> str:
    if scale != "s":
        return f"{value:,.0f} {scale}"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}" if value * factor < 1000 else f"{value * factor:,.0f} {unit}"
    return f"{value * 1e9:.3g} ns"
