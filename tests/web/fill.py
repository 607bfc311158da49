"""An instance with something on every page: for the tests of pages, and to look at them.

    world = fill(tmp_path)          # reports, authorisations of several kinds, accounts "anna", "chen", "dina", "xavier"
    python -m tests.web.fill FOLDER PORT      # makes one in FOLDER and serves it on loopback until interrupted
"""

import secrets
import sys
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from exchange.accounts.services import Accounts
from exchange.consents.services import Consents
from exchange.reports.queries import Reports
from exchange.statements import consent
from exchange.statements.consent import Consent
from exchange.statements.form import Link
from keys.encoding import b64u, unb64u
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import ExchangeWorld
from tests.web.page_reader import Page, read
from tests.web.publication_maker import COMMENTS, asked_by, public_file, published, request, withdrawal
from tests.web.report_maker import Made, handle, part, registered, signed_stop

PASSWORD = "quatre chevaux gris"
ACCOUNTS = {"anna": "coe-cpt", "chen": "un-spt", "dina": "npm-xa", "xavier": "state:XA"}

PROVISION: dict[str, Any] = {
    "actions": ["view", "download"],
    "adopted_from": None,
    "adopted_to": None,
    "effect": "permit",
    "embargo_event": None,
    "embargo_rule": "last",
    "embargo_until": None,
    "grantees": ["un-spt"],
    "languages": None,
    "purposes": None,
    "scope": "kind",
    "scope_ref": "visit_report",
    "time_scope": "all",
    "valid_from": None,
    "valid_to": None,
    "variants": None,
}
INSTRUMENT: dict[str, Any] = {
    "amends": [],
    "authority_competent": True,
    "conditions": [],
    "evidence": None,
    "form": "note_verbale",
    "kind": "standing",
    "provisions": [PROVISION],
    "received_on": "2026-02-20",
    "reference": None,
    "reply_by": None,
    "state": "XA",
    "supersedes": [],
    "undertaking": None,
}


class Filled(ExchangeWorld):
    """An exchange with reports (`.reports` by name) and authorisations (`.instruments`, ids by name)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.spools = folder / "machines"
        self.reports: dict[str, Made] = {}
        self.instruments: dict[str, str] = {}
        self.publications: dict[str, str] = {}

    def take(self, person: Person, event: Consent) -> bytes:
        """Sign an event of the register, take it in, and return its hash."""
        statement = consent.build(event).signed_by(person.sign)
        with self.database.unit_of_work(write=True) as uow:
            reports = self.services.get(Reports)
            self.services.get(Consents).take(uow, statement, lambda report: reports.is_evidence(uow, report))
        return statement.hash

    def record(self, name: str, person: Person, **changes: Any) -> bytes:
        """Record an authorisation under a name of the test's own."""
        instrument = secrets.token_bytes(16)
        self.instruments[name] = b64u(instrument)
        body = {**INSTRUMENT, **changes}
        return self.take(person, Consent(self._link(None), instrument, "recorded", body))

    def event(self, name: str, person: Person, event: str, prev: bytes, effective: str | None = None) -> bytes:
        """Add an event to one of them."""
        instrument = unb64u(self.instruments[name], 16)
        body = {"effective": effective, "reason": None}
        return self.take(person, Consent(self._link(prev), instrument, event, body))

    def _link(self, prev: bytes | None) -> Link:
        return Link(self.clock.now(), self.founding.directory.exchange, prev)


def fill(folder: Path) -> Filled:
    """Return a filled exchange: five reports of the CPT and the SPT, seven authorisations of State XA and others."""
    world = Filled(folder)
    for name, body in ACCOUNTS.items():
        world.services.get(Accounts).set_password(world.officers(body)[0].id, name, PASSWORD)
    _add_reports(world)
    _add_authorisations(world)
    return world


class Browser:
    """A browser of one person: cookies, a language, and what a form needs."""

    def __init__(self, world: ExchangeWorld, language: str = "en") -> None:
        self.client: FlaskClient = world.app.test_client()
        self.client.environ_base["HTTP_HOST"] = "localhost:8443"
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    def get(self, path: str) -> Any:
        """GET a page."""
        return self.client.get(path)

    def page(self, path: str) -> Page:
        """GET a page and read it."""
        return read(self.get(path).text)

    def send(self, path: str, form_on: str = "/sign-in", **fields: str) -> Any:
        """POST a form with the token that stands on the page `form_on`."""
        token = self.page(form_on).tokens[0]
        return self.client.post(path, data={"csrf_token": token, **fields})

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        """Send the sign-in form."""
        return self.send("/sign-in", name=name, password=password)


def signed_in(world: ExchangeWorld, name: str, language: str = "en") -> Browser:
    """Return a browser in which one of ACCOUNTS has signed in."""
    browser = Browser(world, language)
    assert browser.sign_in(name).status_code == 303
    return browser


def _add_reports(world: Filled) -> None:
    spools = world.spools
    evidence = {"kind": "note_verbale", "tier": "evidence", "reference": "NV 112/2026", "regime": "R1"}
    world.reports["evidence"] = registered(world, spools / "0", recipients=["audit-cpt"], **evidence)
    both = [part("p1", language="en"), part("p2", language="fr")]
    world.reports["both"] = registered(
        world, spools / "1", parts=both, recipients=["un-spt", "npm-xa"], reference="CPT/Inf (2026) 4",
        source_label="CPT confidential",
    )  # fmt: skip
    world.clock.forward(3600)
    flight = [part("p1", language="fr"), part("p2", states=("XK",), language="fr", variant="redacted")]
    world.reports["flight"] = registered(world, spools / "2", parts=flight, reference="CPT (2026) 17")
    world.clock.forward(600)
    wrong = registered(world, spools / "3", recipients=["npm-xa"], reference="CPT (2026) 18")
    anna = world.officers("coe-cpt")[0]
    world.clock.forward(240)
    handle(world, anna, signed_stop(wrong, anna))
    world.reports["stopped"] = wrong
    world.clock.forward(86_400)
    world.reports["spt"] = registered(
        world, spools / "4", owner="un-spt", recipients=["coe-cpt"], reference="CAT/OP/XA/3", kind="visit_report"
    )


def _add_authorisations(world: Filled) -> None:
    anna, boris = world.officers("coe-cpt")[:2]
    authority = world.officers("state:XA")[0]
    french = {**PROVISION, "scope": "document", "scope_ref": world.reports["both"].report, "languages": ["fr"]}
    french |= {"purposes": ["visit_preparation", "follow_up"], "valid_to": "2026-12-31", "time_scope": None}
    limits = ["mark_copies", "no_onward_sharing"]
    record = world.record(
        "in force", anna, provisions=[french], conditions=limits, reference="112/2026", kind="specific",
        evidence=world.reports["evidence"].report,
    )  # fmt: skip
    world.clock.forward(1800)
    world.event("in force", boris, "granted", record)
    world.record("waiting", anna, reference="118/2026", provisions=[{**PROVISION, "time_scope": None}])
    record = world.record("withdrawn", anna, reference="77/2025", received_on="2025-06-01")
    record = world.event("withdrawn", boris, "granted", record)
    world.clock.forward(7200)
    world.event("withdrawn", anna, "withdrawn", record)
    record = world.record("suspended", anna, reference="12/2024", state="XK", received_on="2024-03-01")
    record = world.event("suspended", boris, "granted", record)
    world.event("suspended", boris, "suspended", record)
    deny = {**PROVISION, "effect": "deny", "scope": "all", "scope_ref": None, "grantees": None, "time_scope": None}
    record = world.record("excluded", anna, reference="4/2026", state="XB", form="letter", provisions=[deny])
    world.event("excluded", boris, "granted", record)
    record = world.record("refused", anna, reference="5/2026", state="XB", form="letter")
    world.event("refused", boris, "refused", record)
    world.record("by the State", authority, reference="Agreement 3", form="signed_instrument", kind="standing")
    world.clock.forward(60)


def add_publications(world: Filled) -> None:
    """Add a report that is published with the State's comments, and whose French text was withdrawn."""
    made = registered(world, world.spools / "published", recipients=["npm-xa"], reference="CPT (2026) 21")
    world.reports["published"] = made
    anna = world.officers("coe-cpt")[0]
    asked = asked_by(world, scope="document", scope_ref=made.report, time_scope=None)
    world.instruments["to publish"] = asked.name
    standing, _ = published(made, request(asked), comments=COMMENTS)
    gone, _ = published(made, request(asked), language="fr", rendition=public_file(name="report-xa-fr.txt"))
    assert world.say(anna, withdrawal(made, gone, anna)).status_code == 201
    world.publications |= {"standing": b64u(standing.hash), "withdrawn": b64u(gone.hash)}
    world.clock.forward(60)


def main(folder: Path, port: int) -> None:
    """Fill an instance and serve it on loopback. Its clock stands still: what is shown is the same each time."""
    fill(folder).app.run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
