"""Reads a page as a careful visitor would, with nothing but the standard library: tests ask it about what they see.

    page = read(answer.text);  page.headings, page.problems(), page.text, page.links, page.commands, page.tokens
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})
# Where a page would load something from, or run something.
FETCHES = ("src", "srcset", "action", "href", "formaction", "poster", "data")


@dataclass
class Page(HTMLParser):
    """What stands on a page."""

    title: str = ""
    lang: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refers: list[str] = field(default_factory=list)
    landmarks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._text: list[str] = []
        self._main: list[str] = []
        self._fields: list[dict[str, str]] = []
        self._labels: set[str] = set()

    @property
    def text(self) -> str:
        """The words people read, without commands and ids (what stands in <code>)."""
        return " ".join(" ".join(self._text).split())

    @property
    def main(self) -> str:
        """The same, of <main> alone."""
        return " ".join(" ".join(self._main).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        if tag not in VOID:
            self._open.append((tag, given, []))

    def handle_endtag(self, tag: str) -> None:
        """Close an element; one that is not the last opened is a mistake."""
        if not self._open or self._open[-1][0] != tag:
            self.wrong.append(f"</{tag}> closes {self._open[-1][0] if self._open else 'nothing'}")
            return
        _, given, words = self._open.pop()
        said = " ".join("".join(words).split())
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((int(tag[1]), said))
        elif tag == "title" and not any(each == "svg" for each, _, _ in self._open):
            self.title = said
        elif tag == "pre":
            self.commands.append(said)
        elif tag == "span" and given.get("class", "").split()[:1] == ["state"]:
            self.states.append(said)
        elif tag in ("a", "button") and not said and "aria-label" not in given:
            self.wrong.append(f"<{tag}> without words")
        if self._open:
            self._open[-1][2].extend(words)

    def handle_data(self, data: str) -> None:
        """Note words."""
        if self._open:
            self._open[-1][2].append(data)
        if not any(tag in ("code", "title", "style", "script") for tag, _, _ in self._open):
            self._text.append(data)
            if any(tag == "main" for tag, _, _ in self._open):
                self._main.append(data)

    def _look(self, tag: str, given: dict[str, str]) -> None:
        if tag == "html":
            self.lang = given.get("lang", "")
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.refers += given.get(name, "").split()
        if tag == "a":
            self.links.append(given.get("href", ""))
        self.loads += [given[name] for name in FETCHES if name in given and tag != "a"]
        if tag in ("script", "style") or "style" in given or any(name.startswith("on") for name in given):
            self.wrong.append(f"<{tag}> with something inline")
        if tag == "img" and "alt" not in given:
            self.wrong.append("<img> without alt")
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.wrong.append("<th> without scope")
        if tag in ("header", "main", "footer", "nav", "table", "caption"):
            self.landmarks.append(tag)
        if tag == "label":
            self._labels.add(given.get("for", ""))
        if tag in ("input", "select") and given.get("type") != "hidden":
            self._fields.append(given)
        if given.get("name") == "csrf_token":
            self.tokens.append(given.get("value", ""))

    def problems(self) -> list[str]:
        """Everything that is wrong with the page's shape; an empty list means nothing was found."""
        found = [*self.wrong]
        found += [f"{tag} is never closed" for tag, _, _ in self._open]
        found += [f"id {name!r} twice" for name in set(self.ids) if self.ids.count(name) > 1]
        found += [f"nothing has the id {name!r}" for name in self.refers if name not in self.ids]
        found += ["a field without a label" for each in self._fields if each.get("id") not in self._labels]
        levels = [level for level, _ in self.headings]
        if levels.count(1) != 1 or levels[0] != 1:
            found.append(f"headings do not begin with the one h1: {levels}")
        found += [f"h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1]
        found += [f"no <{tag}>" for tag in ("header", "main", "footer") if self.landmarks.count(tag) != 1]
        if self.landmarks.count("table") != self.landmarks.count("caption"):
            found.append("a table without a caption")
        found += [f"loads {where}" for where in self.loads if not where.startswith(("/", "#", "?"))]
        return found


def read(html: str) -> Page:
    """Return what stands on a page."""
    page = Page()
    page.feed(html)
    page.close()
    return page
