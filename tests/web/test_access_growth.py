"""What a page or a release asks of the database grows neither with the page nor with the data, and the answer is the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from exchange.access.asker import Askers
from exchange.access.decide import Access, judge_gathered
from exchange.access.facts import Bearing
from exchange.consents.register import Register
from exchange.consents.scopes import names_of
from exchange.reports.queries import Reports
from exchange.reports.rows import ReportRow
from tests.bench.grown import Grower
from tests.web.access_maker import Instrument, ask, deny, granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    decision,
    part,
    recipient,
    registered,
    signed_determination,
    signed_grant,
    signed_stop,
)


@pytest.fixture
def grower(world: ExchangeWorld, tmp_path: Path) -> Grower:
    """Copies a report on XA in two languages, with XA's agreement to it alone."""
    made = registered(world, tmp_path, parts=[part("p1"), part("p2", language="fr")])
    return Grower(world, made, agreed(world, made))


def agreed(world: ExchangeWorld, made: Made, **changes: Any) -> Instrument:
    """A State's agreement to one report."""
    provision = permit("un-spt", scope="document", scope_ref=made.report, **changes)
    return granted(world, instrument("XA", [provision], kind="specific"))


@contextmanager
def statements(world: ExchangeWorld) -> Iterator[list[str]]:
    """The statements that the database is given in the block."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(world.database.engine, "before_cursor_execute", note)


def asked(world: ExchangeWorld, act: Callable[[], Any]) -> int:
    """How many statements an act takes, once what is remembered is there."""
    act()
    with statements(world) as found:
        assert act().status_code == 200
    return len(found)


@pytest.mark.parametrize(("box", "reader"), [("inbox", "un-spt"), ("sent", "coe-cpt")])
def test_a_page_of_many_asks_no_more_than_a_page_of_few(
    world: ExchangeWorld, grower: Grower, box: str, reader: str
) -> None:
    """Twenty reports, each with an instrument of its own, take the statements that two take; so do a page's successors."""
    grower.reports(45)
    person = world.officers(reader)[0]

    def page(limit: int, after: str = "") -> Any:
        return world.get(person, f"/reports?box={box}&limit={limit}{after}")

    few, many = asked(world, lambda: page(2)), asked(world, lambda: page(20))
    assert len(page(20).json["items"]) == 20
    assert many == few < 25
    after = f"&after={page(20).json['next']}"
    assert asked(world, lambda: page(20, after)) == asked(world, lambda: page(2, after)) < 35


def test_neither_a_release_nor_a_page_asks_more_of_more_data(world: ExchangeWorld, grower: Grower) -> None:
    """With 60 times the reports and instruments as many statements; so does an explanation of what is withheld."""
    made, chen, anna = grower.made, world.officers("un-spt")[0], grower.made.officer
    hidden = registered(world, world.folder / "hidden")
    acts: list[Callable[[], Any]] = [
        lambda: world.get(chen, f"/reports/{made.report}"),
        lambda: world.get(chen, f"/reports/{made.report}/explain"),
        lambda: world.get(anna, f"/reports/{made.report}/access"),
        lambda: world.get(chen, "/reports?box=inbox&limit=1"),
        lambda: world.get(anna, "/reports?box=sent&limit=1"),
        lambda: ask(made, chen, made.parts[0]),
        lambda: world.get(chen, f"/reports/{hidden.report}/explain"),
    ]
    before = [asked(world, act) for act in acts]
    grower.reports(60)
    after = [asked(world, act) for act in acts]
    # The inbox's newest was hidden before, and cost a second look.
    assert after[3] < before[3] and [*after[:3], *after[4:]] == [*before[:3], *before[4:]]


def various(world: ExchangeWorld, folder: Path) -> None:
    """Reports that differ in everything that is gathered, on two States, with and without agreements."""
    bodies = ["un-spt", recipient(world, "npm-xa", frozenset({"p2"}))]
    one = registered(world, folder / "1", parts=[part("p1"), part("p2", language="fr")], recipients=bodies)
    two = registered(world, folder / "2", parts=[part("p1"), part("p2", states=["XB"], language="fr")], visit="V1")
    three = registered(world, folder / "3", recipients=[], kind="preliminary_observations")
    four = registered(world, folder / "4", parts=[part("p1", states=["XB"])])
    anna, ben = world.officers("coe-cpt")[:2]
    world.say(anna, signed_stop(four, anna))
    world.say(anna, *signed_grant(three, "un-spt", anna, ben))
    refused = decision("coe-cpt", "deny", "un-spt", parts=None)
    world.say(anna, signed_determination(three, "originator_decision", refused, anna))
    first = agreed(world, one)
    granted(world, instrument("XA", [permit("un-spt", scope="visit", scope_ref="V1")]))
    recorded(world, instrument("XB", [permit("un-spt", scope="kind", scope_ref="visit_report")]))
    granted(world, instrument("XA", [deny("npm-xa", scope="document", scope_ref=one.report)]))
    later = instrument("XA", [permit("un-spt", scope="document", scope_ref=two.report)], supersedes=[first.name])
    granted(world, later)


def test_what_is_gathered_at_once_is_what_is_gathered_singly(world: ExchangeWorld, tmp_path: Path) -> None:
    """For every body that asks: documents, instruments and decisions, with reasons; without, what is permitted."""
    various(world, tmp_path)
    reports, access, askers = (world.services.get(each) for each in (Reports, Access, Askers))
    seen: set[tuple[str, str]] = set()
    with world.database.unit_of_work() as uow:
        listed: list[ReportRow] = reports.list_candidates(uow, "coe-cpt", "sent", None, 10)
        assert len(listed) == 4
        for body in ("coe-cpt", "un-spt", "npm-xa", "state:XA", "audit-cpt"):
            asker = askers.body(uow, body)
            together = access.gather_listed(uow, asker, listed, reasons=True)
            permitted = access.gather_listed(uow, asker, listed, reasons=False)
            for row in listed:
                alone = access.gather(uow, asker, row.report)
                assert alone is not None
                found = together[row.report]
                assert (found.document, found.facts) == (alone.document, alone.facts)
                told = judge_gathered(alone, uow.now)
                assert judge_gathered(permitted[row.report], uow.now).parts == told.parts
                seen.add((told.outcome, told.reason))
    assert len(seen) > 5


def test_the_database_finds_what_bears(world: ExchangeWorld, tmp_path: Path) -> None:
    """What is read for a report is what the whole register of its States has for it, in the same order."""
    various(world, tmp_path)
    reports, register = world.services.get(Reports), world.services.get(Register)
    with world.database.unit_of_work() as uow:
        every = register.of_states(uow, ["XA", "XB"])
        for row in reports.list_candidates(uow, "coe-cpt", "sent", None, 10):
            names = names_of(reports.document_facts(uow, row.report).document)
            for states in (["XA"], ["XB"], ["XA", "XB"]):
                due = Bearing(every).on(states, names, frozenset())
                found = register.bearing(uow, states, names)
                assert [each.row.id for each in found] == [each.row.id for each in due]
        also = every[0].row.id
        assert {each.row.id for each in register.bearing(uow, [], [], [also])} == {
            each.row.id for each in Bearing(every).on(["XA", "XB"], frozenset(), frozenset({also}))
        }
