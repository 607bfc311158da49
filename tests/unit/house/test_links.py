"""Every relative link in the project's Markdown leads to a file, and to a heading where it names one."""

import re
from pathlib import Path

from house_rules.tree import files

ROOT = Path(__file__).parents[3]
LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|^ {4,}[^\n]*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as they are commonly made: lower case, words joined by hyphens."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")) for heading in headings)
    return {words.replace(" ", "-") for words in plain}


def broken(root: Path, pages: list[str]) -> list[str]:
    """Return `page: target` of every relative link that leads nowhere below `root`."""
    found = []
    for page in pages:
        text = (root / page).read_text(encoding="utf-8")
        for target in LINK.findall(CODE.sub("", text)):
            if ELSEWHERE.match(target):
                continue
            path, _, anchor = target.partition("#")
            file = (root / page).parent / path if path else root / page
            inside = file.resolve().is_relative_to(root.resolve())
            reached = inside and file.exists()
            if reached and anchor and file.suffix == ".md":
                reached = anchor in anchors(file.read_text(encoding="utf-8"))
            if not reached:
                found.append(f"{page}: {target}")
    return found


def test_every_relative_link_leads_somewhere() -> None:
    """Every Markdown file that git tracks or would track."""
    pages = [name for name in files(ROOT) if name.endswith(".md")]
    assert len(pages) > 20
    assert broken(ROOT, pages) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    """A file, a folder's file, a heading and a way out of the project; links in code and to other places are left alone."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/there.md").write_text("# One page\n\n## What it `says`, twice\n")
    good = (
        "[a](there.md) [b](there.md#what-it-says-twice) ![c](../docs/there.md) [d](https://example.org/x) `[e](no.md)`"
    )
    bad = ["gone.md", "there.md#gone", "../../outside.md", "images/gone.png"]
    text = good + "\n\n```\n[f](no.md)\n```\n\n" + " ".join(f"[x]({target})" for target in bad) + "\n"
    (tmp_path / "docs/page.md").write_text(text)
    assert broken(tmp_path, ["docs/page.md"]) == [f"docs/page.md: {target}" for target in bad]
