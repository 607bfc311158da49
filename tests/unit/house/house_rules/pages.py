"""The pages of docs/ that are written by program: errors.md from the catalogue, commands.md from the command lines.

`make docs` writes them, `make check-house` and a test compare them: they cannot fall behind the code.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from exchange.texts import LANGUAGES, TextsError, catalogue
from exchange.translations.check import error_codes
from exchange.web.statuses import STATUS
from house_rules.commands import OFFICER, operators, roots
from house_rules.tree import Breach, Source

ROOT = Path(__file__).resolve().parents[4]
GENERATED = "<!-- written by `make docs`; change the source, not this page -->"


def cell(text: str) -> str:
    """A text as it may stand in a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def errors_page() -> str:
    """Every error code, the room it comes from, its HTTP status where it has one, and its sentence in both languages."""
    rows = []
    declared = error_codes(ROOT)
    for code in sorted(declared.keys() | STATUS.keys()):
        room = declared.get(code, "exchange/web").partition(":")[0]
        room = room.rpartition("/")[0] if room.endswith(".py") else room
        said = [cell(sentence) for sentence in sentences(code)]
        rows.append(f"| `{code}` | {room} | {STATUS.get(code, '')} | {' | '.join(said)} |")
    return "\n".join(
        [
            "# Error codes",
            "",
            GENERATED,
            "",
            "Codes are stable: a code is never used again for something else. Where an error reaches the network it is a",
            "problem document (RFC 9457) with this `code`; on the command line `--json` prints the same document.",
            "",
            "| code | room | HTTP | English | French |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def sentences(code: str) -> list[str]:
    """The sentence of a code in each language, with its placeholders as they stand in the catalogue."""
    return [str(catalogue(language).get(f"error.{code}", "")) for language in LANGUAGES]


def commands_page() -> str:
    """Every command with its help and its options, as the programs themselves print them."""
    lines = ["# Commands", "", GENERATED, "", *INTRODUCTION, ""]
    lines += ["## Officers", ""]
    for root in roots(OFFICER):
        lines += described(root, "exchange")
    lines += ["## Operators", "", "Each is written `flask --app wsgi …`; `FLASK_APP=wsgi` spares the option.", ""]
    for root in operators():
        lines += described(root, f"flask {root.name}")
    return "\n".join(lines)


INTRODUCTION = [
    "Passphrases are asked for or read from a file, never taken from the command line. Exit codes: 0 done, 1 refused or a",
    "check failed, 2 wrong usage, 3 network. With `--json` an officer's command prints one object on standard output.",
]


def described(command: click.Command, path: str) -> Iterator[str]:
    """The lines for one command and those below it."""
    if command.hidden:
        return
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from described(command.commands[name], f"{path} {name}")
        return
    context = click.Context(command, info_name=path)
    usage = " ".join(piece for piece in command.collect_usage_pieces(context))
    yield from (
        f"### `{path}`",
        "",
        f"`{path} {usage}`".replace(" `", "`"),
        "",
        (command.help or "").split("\f")[0].strip(),
        "",
    )
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and "--help" not in record[0]:
            yield f"- `{record[0]}`: {' '.join(record[1].split())}" if record[1] else f"- `{record[0]}`"
    yield ""


PAGES: dict[str, Callable[[], str]] = {"docs/errors.md": errors_page, "docs/commands.md": commands_page}


def check(found: list[Source]) -> Iterator[Breach]:
    """Each generated page is what its program writes now."""
    held = {source.path: source.text for source in found}
    for path, write in PAGES.items():
        try:
            wanted = write()
        except (TextsError, ModuleNotFoundError) as error:
            yield Breach(path, 0, f"cannot be written: {error}")
            continue
        if held.get(path) != wanted:
            yield Breach(path, 0, "is not what `make docs` writes")


def main() -> int:
    """Write every page."""
    for path, write in PAGES.items():
        (ROOT / path).write_text(write(), encoding="utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
