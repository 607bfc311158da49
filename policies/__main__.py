"""`python -m policies check PATH… [--json]` runs case files; `python -m policies docs` writes `docs/policies.md`."""

import argparse
import sys
from pathlib import Path

from policies.checking import check_paths
from policies.documentation import document

PAGE = Path(__file__).parent.parent / "docs" / "policies.md"


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 all holds, 1 it does not, 2 malformed input or usage."""
    parser = argparse.ArgumentParser(prog="python -m policies", description="Decide case files; describe the rules.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="decide case files and compare with what they expect")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a case file, or a folder of them")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    docs = commands.add_parser("docs", help="write docs/policies.md from gates, regimes and cases")
    docs.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is not current")
    docs.add_argument("--page", type=Path, default=PAGE, help="the page to write or check")
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        return _check(chosen.paths, chosen.json)
    return _docs(chosen.page, chosen.check)


def _check(paths: list[Path], as_json: bool) -> int:
    report = check_paths(paths)
    if as_json:
        print(report.as_json())
        return report.exit_code
    for outcome in report.outcomes:
        print(outcome.line())
    for path, error in report.errors:
        print(f"malformed {path}: {error} ({error.code})" if path else f"{error} ({error.code})", file=sys.stderr)
    print(report.summary())
    return report.exit_code


def _docs(page: Path, only_check: bool) -> int:
    text = document()
    if not only_check:
        page.write_text(text, encoding="utf-8")
        print(f"wrote {page}")
        return 0
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return 0
    print(f"not current: {page}; run python -m policies docs", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
