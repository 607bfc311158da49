"""What a State sees is a closed list: every GET route, asked as its authority before and after what it must not see is there.

A route without a line here fails, so that nobody adds one without saying what a State learns from it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.web.fill import PROVISION, Browser, Filled, fill, signed_in
from tests.web.report_maker import handle, part, registered, signed_stop

UNKNOWN: Final = "00000000-0000-4000-8000-000000000000"
API: Final = "/api/v1"
NOBODY: Final = "AAAAAAAAAAAAAAAAAAAAAA"
NO_HASH: Final = "A" * 43
PART: Final = "A" * 11

# The answer is the same whatever was transmitted, recorded or stopped between others.
SAME: Final = {
    "outlook_pages.start": "/",
    "outlook_pages.show_coverage": "/coverage",
    "outlook_api.show_coverage": "/api/v1/coverage",
    "outlook_api.show_today": "/api/v1/today",
    "accounts_pages.account": "/account",
    "accounts_pages.sign_in": "/sign-in",
    "notices_pages.show": "/account/notices",
    "account_api.show_account": "/api/v1/account",
    "notices_api.show_notices": "/api/v1/account/notices",
    "directory_api.own_seats": "/api/v1/account/seats",
    "consents_api.list_consents": "/api/v1/consents",
    "consents_api.show_today": "/api/v1/consents/today?state=XA",
    "directory_api.read_directory": "/api/v1/directory",
    "directory_api.list_joins": "/api/v1/directory/joins",
    "directory_api.show_instance": "/api/v1/instance",
    "openapi_document": "/api/v1/openapi.json",
    "directory_api.members": "/api/v1/organisations/state:XA/members",
    "publications_api.list_publications": "/api/v1/publications",
    "access_api.list_recalls": "/api/v1/recalls",
    "access_api.list_reports": "/api/v1/reports?box=inbox",
    "access_api.list_pending": "/api/v1/statements/pending",
    "access_api.list_standing": "/api/v1/statements/standing",
    "consents_pages.show_register": "/consents",
    "consents_pages.show_today": "/consents/today",
    "directory_pages.show_bodies": "/directory",
    "notes_pages.show_check": "/notes/check",
    "problems.explain": "/problems/N_UNAVAILABLE",
    "publications_pages.show_list": "/publications",
    "access_pages.show_arrived": "/reports",
    "access_pages.show_sent": "/reports/sent",
    "static": "/static/exchange.css",
    "logs.policy": "/log/policy",
    "logs.policy_ed25519": "/log/policy-ed25519",
    "logs.state": "/log/state",
}
# What is the State's unseen answers as what does not exist: {id} is one, then the other.
UNSEEN: Final = {
    "outlook_api.show_closing": "/api/v1/consents/{instrument}/closing",
    "access_api.list_rested": "/api/v1/recalls/rested?instrument={instrument}",
    "consents_api.show_consent": "/api/v1/consents/{instrument}",
    "consents_pages.show_authorisation": "/consents/{instrument}",
    "publications_api.show_publication": "/api/v1/publications/{publication}",
    "publications_api.read_file": "/api/v1/publications/{publication}/files/rendition",
    "publications_pages.show_one": "/publications/{publication}",
    "access_api.show_report": "/api/v1/reports/{report}",
    "access_api.show_matrix": "/api/v1/reports/{report}/access",
    "access_api.explain": "/api/v1/reports/{report}/explain?action=view&purpose=follow_up",
    "access_api.read_content": "/api/v1/reports/{report}/parts/{part}/content",
    "access_api.read_piece": "/api/v1/reports/{report}/parts/{part}/pieces/0",
    "reports_api.show_upload": "/api/v1/uploads/{report}",
    "access_pages.show_report": "/reports/{report}",
    "explanation_pages.show_explanation": "/reports/{report}/explanation?action=view&purpose=follow_up",
}
# Public to anyone, and grown by every act of anybody: the size of the audit log, in steps of sixteen (docs/limitations.md).
LOG: Final = {
    "audit_api.head", "audit_api.proof", "audit_api.bundle", "logs.tile", "logs.checkpoint", "logs_pages.show_logs",
}  # fmt: skip


class Looking:
    """The State's authority at its program and in its browser."""

    def __init__(self, world: Filled) -> None:
        self.world = world
        self.person = world.officers("state:XA")[0]
        self.browser: Browser = signed_in(world, "xavier")

    def at(self, path: str) -> tuple[int, bytes]:
        """The status and the body of what it is answered."""
        found: Any = (
            self.world.get(self.person, path.removeprefix(API)) if path.startswith(API) else self.browser.get(path)
        )
        data = found.data
        found.close()
        return found.status_code, data


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange."""
    made = fill(tmp_path_factory.mktemp("closed"))
    yield made
    made.close()


def hide(world: Filled, folder: Path) -> dict[str, str]:
    """Let happen what the State must not see: its NPM's report, an allegation, planning, and other States' agreements."""
    made = {
        "npm": registered(
            world, folder / "n", owner="npm-xa", recipients=["un-spt"], kind="npm_visit_report", regime="R4"
        ),
        "alert": registered(
            world, folder / "a", recipients=["un-spt"], kind="reprisals_allegation", tier="alert", regime="R1"
        ),
        "planning": registered(world, folder / "p", recipients=["un-spt"], kind="list_of_places", regime="R1"),
        "other": registered(world, folder / "o", parts=[part("p1", states=("XB",))], recipients=["un-spt"]),
    }
    anna, boris = world.officers("coe-cpt")[:2]
    handle(world, anna, signed_stop(made["planning"], anna))
    record = world.record("hidden", anna, reference="1/2026", state="XB", provisions=[PROVISION])
    world.event("hidden", boris, "granted", record)
    return {name: each.report for name, each in made.items()}


def test_every_route_has_its_line(world: Filled) -> None:
    """Routes come from the application itself."""
    routes = {rule.endpoint for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert routes == SAME.keys() | UNSEEN.keys() | LOG


def test_a_state_sees_nothing_beyond_its_list(world: Filled, tmp_path: Path) -> None:
    """No document of its NPM, no allegation, no planning, no other State's agreement: not as an item, not as a count."""
    state = Looking(world)
    before = {path: state.at(path) for path in SAME.values()}
    hidden = hide(world, tmp_path)
    hidden_id = world.instruments["hidden"]
    for path, answer in before.items():
        assert state.at(path) == answer, path
    assert {status for status, _ in before.values()} <= {200, 303, 302, 403}
    for template in UNSEEN.values():
        gone = template.format(report=UNKNOWN, part=PART, instrument=NOBODY, publication=NO_HASH)
        status, nothing = state.at(gone)
        # An explanation is an answer too: of what does not exist, that it is not available.
        assert status == 404 or (status == 200 and "expla" in template), template
        for report in hidden.values():
            path = template.format(report=report, part=PART, instrument=hidden_id, publication=NO_HASH)
            answer = state.at(path)
            body = answer[1].replace(report.encode(), UNKNOWN.encode())
            assert (answer[0], body.replace(hidden_id.encode(), NOBODY.encode())) == (status, nothing), path


def test_what_stands_on_the_list_is_seen(world: Filled) -> None:
    """Its own agreements, whoever recorded them, and nobody else's."""
    state = Looking(world)
    listed = world.get(state.person, "/consents").get_json()["instruments"]
    assert listed and {item["state"] for item in listed} == {"XA"}
    assert {item["recorded_by"] for item in listed} == {"coe-cpt", "state:XA"}
