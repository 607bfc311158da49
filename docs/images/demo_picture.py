"""Makes docs/images/demo.svg from what the demo really printed: `python -m demo | tee out.txt`, then this with out.txt.

Takes the chapter in which the French version is opened and the English stays closed, as it stands there; long lines wrap.
"""

import re
import sys
import textwrap
from pathlib import Path
from typing import Final

from rich import _export_format
from rich.console import Console
from rich.text import Text

CHAPTERS: Final = (9,)
WIDTH: Final = 132
FOLDER: Final = Path(__file__).resolve().parent
# The demo indents what it tells by four, what commands print by eight.
STYLES: Final = (
    (re.compile(r"─+$"), "bright_black"),
    (re.compile(r" ?\d+\. "), "bold"),
    (re.compile(r" {4}✔ "), "bold green"),
    (re.compile(r" {4}(\w+)?\$ "), "cyan"),
    (re.compile(r" {8}"), "white"),
)


def excerpt(text: str) -> list[str]:
    """Return the lines of the chapters shown; the project's folder is left out of paths."""
    kept: list[str] = []
    chapter = 0
    for line in text.splitlines():
        found = re.match(r" ?(\d+)\. ", line)
        if found:
            chapter = int(found[1])
        if chapter in CHAPTERS and not line.startswith("─"):
            kept.append(re.sub(r"(?<=\s)/\S*/(?=demo-officers/)", "", line))
    return kept


def picture(lines: list[str]) -> str:
    """Return the SVG of a terminal that shows these lines. It fetches no font from elsewhere."""
    console = Console(record=True, width=WIDTH, file=open("/dev/null", "w", encoding="utf-8"), force_terminal=True)
    for line in lines:
        style = next((style for pattern, style in STYLES if pattern.match(line)), "")
        indent = " " * (len(line) - len(line.lstrip()))
        wrapper = textwrap.TextWrapper(WIDTH, subsequent_indent=indent + "  ", break_on_hyphens=False)
        wrapper.drop_whitespace = False
        for piece in wrapper.wrap(line) or [""]:
            console.print(Text(piece.rstrip(), style=style))
    form = re.sub(r"@font-face \{\{.*?\}\}\n", "", _export_format.CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title="make demo", code_format=form, unique_id="demo")
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def main() -> int:
    """Write the picture from the demo's output in the file named."""
    lines = excerpt(Path(sys.argv[1]).read_text(encoding="utf-8"))
    (FOLDER / "demo.svg").write_text(picture(lines), encoding="utf-8")
    print(f"{len(lines)} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
