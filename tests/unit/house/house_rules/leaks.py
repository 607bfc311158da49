"""Nothing in the project names a package registry's host, a path of one machine, or a folder outside the project.

The words looked for are put together here from pieces, so that this file does not break its own rule.
"""

import re
from collections.abc import Iterator

from house_rules.tree import Breach, Source

HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs.org",
    "registry." + "yarnpkg.com",
    "deb." + "debian.org",
    "security." + "debian.org",
    "proxy." + "golang.org",
]
OPTIONS = ["--extra-" + "index-url", "--index" + "-url", "--find" + "-links", '"resol' + 'ved":']
FOLDERS = ["work", "farm", "root", "home", "opt"]

HOST = re.compile("|".join(re.escape(word) for word in HOSTS + OPTIONS))
PATH = re.compile(r"(?<![\w.\-/:}])/(?:" + "|".join(FOLDERS) + r")/[\w.]|bash_" + "jobs")
OUTSIDE = re.compile(r"\.\./" + "shared|/" + r"shared/(?:design|domain|reference)|\." + "library/")


def check(found: list[Source]) -> Iterator[Breach]:
    """Every line of every text file, the locks included."""
    rules = (
        (HOST, "names a registry's host or option"),
        (PATH, "names a machine's path"),
        (OUTSIDE, "names a folder outside"),
    )
    for source in found:
        for number, line in enumerate(source.text.splitlines(), 1):
            for pattern, says in rules:
                match = pattern.search(line)
                if match:
                    yield Breach(source.path, number, f"{says}: {match.group()!r}")
