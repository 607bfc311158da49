"""Every page in real Chromium: axe-core (WCAG 2.2 A and AA, best practice) finds nothing, wide, narrow, light, dark, EN, FR.

And what only a browser knows: nothing is wider than the screen, and nothing is fetched from anywhere else.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.programs import program
from tests.web.fill import ACCOUNTS, PASSWORD, Filled, add_publications, fill

pytestmark = pytest.mark.full("Debian chromium, Node 20 and npm")

SCRIPT = Path(__file__).parent / "node" / "pages.mjs"
LOOKS = [
    {"name": "wide-light-en", "width": 1280, "height": 900, "scheme": "light", "language": "en"},
    {"name": "wide-dark-fr", "width": 1280, "height": 900, "scheme": "dark", "language": "fr"},
    # 1280 pixels at 400 % zoom (WCAG 2.2, 1.4.10), and narrower than any telephone.
    {"name": "narrow-light-fr", "width": 320, "height": 640, "scheme": "light", "language": "fr"},
]


def pages_of(world: Filled) -> list[dict[str, Any]]:
    """Every kind of page, and every state of a report and an authorisation, as somebody who sees it."""
    reports = {name: f"/reports/{made.report}" for name, made in world.reports.items()}
    by_anna = ["/", "/coverage", "/reports", "/reports/sent", "/consents", "/directory", "/verification", "/account", "/nope"]
    by_anna += ["/account/notices", reports["both"], reports["flight"], reports["stopped"]]
    by_anna += [reports["published"], "/publications"]
    by_anna += [f"/consents/{world.instruments[each]}" for each in world.instruments if each != "by the State"]
    by_anna += [f"{reports['both']}/explanation?for={body}" for body in ("un-spt", "npm-xa", "coe-cpt")]
    by_anna += [f"{reports['both']}/explanation?at=never"]
    public = ["/publications", *(f"/publications/{each}" for each in world.publications.values())]
    open_to_all = ("/sign-in", "/verification", "/nope", *public)
    pages: list[dict[str, Any]] = [{"path": path, "as": None} for path in open_to_all]
    pages += [{"path": path, "as": "anna"} for path in by_anna]
    by_chen = ("/reports", reports["both"], reports["stopped"], reports["stopped"] + "/explanation")
    pages += [{"path": path, "as": "chen"} for path in by_chen]
    return [*pages, {"path": reports["both"], "as": "xavier"}]


def walk(base: str, looks: list[dict[str, Any]], pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the script; a machine without Node or Chromium fails here, it does not skip."""
    node = program("node", package="nodejs")
    program("chromium", package="chromium")
    accounts = dict.fromkeys(ACCOUNTS, PASSWORD)
    request = json.dumps({"base": base, "accounts": accounts, "looks": looks, "pages": pages, "shots": None})
    done = subprocess.run([node, str(SCRIPT)], input=request, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange."""
    world = fill(tmp_path_factory.mktemp("accessible"))
    add_publications(world)
    yield world
    world.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on loopback and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.timeout(900)
def test_every_page_is_accessible(world: Filled) -> None:
    """No finding of axe-core, nothing beyond the screen's edge, nothing from elsewhere, on any page in any look."""
    pages = pages_of(world)
    with served(world.app) as base:
        seen = walk(base, LOOKS, pages)
    assert len(seen) == len(LOOKS) * len(pages)
    for page in seen:
        place = f"{page['look']} {page['path']} as {page['as']}"
        assert page["violations"] == [], place
        assert page["overflow"] <= 0, place
        assert page["foreign"] == [], place
        assert page["lang"] == page["look"].rsplit("-", 1)[1], place


def test_the_walk_finds_what_is_wrong() -> None:
    """A page with an image without words, pale on white, too wide and without title is told: the check above can fail."""
    app = Flask(__name__)
    body = '<html><body><img src="/x.svg"><p style="color:#ddd;width:4000px">pale</p></body></html>'
    app.add_url_rule("/planted", "planted", lambda: body)
    with served(app) as base:
        (seen,) = walk(base, LOOKS[:1], [{"path": "/planted", "as": None}])
    found = {violation.partition(":")[0] for violation in seen["violations"]}
    assert {"image-alt", "document-title", "html-has-lang", "color-contrast"} <= found
    assert seen["overflow"] > 0
