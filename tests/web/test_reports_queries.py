"""What other rooms ask of reports: facts, lists, descriptors, envelopes, pieces; and what `flask fsck` finds."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.reports.checks import check_reports
from exchange.reports.locks import KeptEnvelope
from exchange.reports.queries import Reports
from exchange.reports.rows import NamedRecipient
from exchange.sealing.content import part_context
from exchange.sealing.descriptor import LinkDescriptor
from exchange.sealing.descriptors import HeaderLists, check_shown
from exchange.sealing.envelope import EnvelopePlace, inner_info
from exchange.sealing.errors import EnvelopeError
from exchange.storage.pieces import PieceStore
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u, parse_uuid
from keys.errors import UnknownKeyError
from policies.decision import decide
from policies.facts import Facts, Request
from tests import databases
from tests.databases import zeros
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, make_report, part, recipient, registered

NOWHERE = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """The CPT's report in English for the SPT and in French for the SPT and the NPM."""
    return registered(
        world,
        tmp_path,
        parts=[part("p1"), part("p2", language="fr", variant="redacted")],
        recipients=["un-spt", recipient(world, "npm-xa", frozenset({"p2"}))],
        links=[LinkDescriptor("supersedes", NOWHERE)],
        visit="V-2026-1",
        held_until=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )


def test_the_facts_of_a_report(world: ExchangeWorld, made: Made) -> None:
    """Everything a decision rests on, as the header and the descriptors say it."""
    with world.database.unit_of_work() as uow:
        facts = world.services.get(Reports).document_facts(uow, made.report)
    document = facts.document
    one, two = (b64u(part_id) for part_id in made.parts)
    assert (facts.owner, facts.header, facts.reference) == ("coe-cpt", made.header.hash, "CPT 2026/1")
    assert (document.id, document.kind, document.regime, document.tier) == (
        made.report,
        "visit_report",
        "R1",
        "confidential",
    )
    assert (document.originators, document.deposited_by) == (("coe-cpt",), "coe-cpt")
    assert document.addressed_to == ("npm-xa", "un-spt")
    assert (document.adopted_on, document.visit, document.class_ordinal) == (date(2026, 2, 27), "V-2026-1", 2)
    assert document.held_until == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert [(each.id, each.states, each.language, each.variant) for each in document.parts] == [
        (one, ("XA",), "en", "original"),
        (two, ("XA",), "fr", "redacted"),
    ]
    assert [(each.organisation, each.parts) for each in document.statutory_recipients] == [("state:XA", (one, two))]
    assert [each.parts for each in facts.decisions_for("un-spt")] == [None]
    assert [each.parts for each in facts.decisions_for("npm-xa")] == [(two,)]
    assert facts.decisions_for("state:XA") == ()
    assert facts.basis == (made.header.hash,)
    assert (facts.person_consents, dict(facts.document_events)) == ((), {})


def test_a_decision_on_these_facts(world: ExchangeWorld, made: Made) -> None:
    """The facts are what the gates take: without the State's agreement the SPT is withheld, and the State itself is not."""
    with world.database.unit_of_work() as uow:
        facts = world.services.get(Reports).document_facts(uow, made.report)

    def outcome(organisation: str, kind: str, hours: int) -> str:
        request = Request(
            organisation=organisation,
            organisation_kind=kind,
            officer="o",
            role="officer",
            action="view",
            purpose="follow_up",
            language=None,
            variant=None,
            clearance=3,
            active=True,
            recused=False,
        )
        given = Facts(
            request=request,
            document=facts.document,
            originator_decisions=facts.decisions_for(organisation),
            instruments=(),
            undertakings_accepted=(),
            document_events=facts.document_events,
            person_consents=facts.person_consents,
            successions=(),
        )
        return decide(given, world.clock.now() + timedelta(hours=hours)).reason

    assert outcome("un-spt", "mechanism", 0) == "W_EMBARGO"
    assert outcome("un-spt", "mechanism", 6) == "W_NO_CONSENT"
    assert outcome("coe-cpt", "mechanism", 0) == "P_OWN"
    assert outcome("state:XA", "state", 6) == "P_STATUTORY"
    assert outcome("state:XB", "state", 6) == "W_SCOPE_RECIPIENT"


def test_what_a_state_sends_itself(world: ExchangeWorld, tmp_path: Path) -> None:
    """A State's own response: it is owner, originator and depositor, and the bodies it names are addressed by it."""
    response = registered(world, tmp_path, owner="state:XA", kind="state_response", recipients=["un-spt"])
    with world.database.unit_of_work() as uow:
        document = world.services.get(Reports).document_facts(uow, response.report).document
    assert (document.deposited_by, document.addressed_to) == ("state:XA", ("un-spt",))
    assert document.statutory_recipients == ()


def test_what_is_free_by_its_nature(world: ExchangeWorld, tmp_path: Path) -> None:
    """A press release of the CPT is non-confidential by its kind; a visit report is not, whatever one officer says."""
    release = registered(world, tmp_path, kind="press_release", tier="free")
    report = registered(world, tmp_path, tier="free")
    with world.database.unit_of_work() as uow:
        reports = world.services.get(Reports)
        tiers = [reports.document_facts(uow, each.report).document.tier for each in (release, report)]
    assert tiers == ["free", "confidential"]


def test_evidence(world: ExchangeWorld, tmp_path: Path) -> None:
    """The States and the owner's audit office receive it by statute; it is known as evidence."""
    note = registered(world, tmp_path, tier="evidence", kind="note_verbale", recipients=["state:XA"])
    report = registered(world, tmp_path)
    reports = world.services.get(Reports)
    with world.database.unit_of_work() as uow:
        document = reports.document_facts(uow, note.report).document
        known = [reports.is_evidence(uow, each) for each in (note.report, report.report, NOWHERE)]
    assert {each.organisation for each in document.statutory_recipients} == {"audit-cpt", "state:XA"}
    assert known == [True, False, False]


def test_lists(world: ExchangeWorld, tmp_path: Path) -> None:
    """Newest first, page by page; a body's own in one box, what names it in the other; a place in a list is its own alone."""
    mine = [registered(world, tmp_path).report for _ in range(3)]
    theirs = registered(world, tmp_path, owner="un-spt", recipients=["coe-cpt"]).report
    reports = world.services.get(Reports)
    with world.database.unit_of_work() as uow:

        def ids(organisation: str, box: str, after: str | None = None, limit: int = 2) -> list[str]:
            return [row.report for row in reports.list_candidates(uow, organisation, box, after, limit)]

        assert ids("coe-cpt", "sent") == [mine[2], mine[1]]
        assert ids("coe-cpt", "sent", mine[1]) == [mine[0]]
        assert ids("coe-cpt", "sent", mine[0]) == []
        assert ids("coe-cpt", "inbox") == [theirs]
        assert ids("un-spt", "inbox", limit=9) == mine[::-1]
        assert ids("npm-xa", "inbox") == []
        for place in (NOWHERE, theirs, "not an id"):
            with pytest.raises(NotAvailableError):
                ids("coe-cpt", "sent", place)
        with pytest.raises(NotAvailableError):
            ids("coe-cpt", "outbox")


def test_descriptors_that_are_shown(world: ExchangeWorld, made: Made) -> None:
    """The owner sees all; a recipient the parts it may see and its own place in them; a link who may see both reports."""
    reports = world.services.get(Reports)
    one, two = made.parts
    lists = HeaderLists(made.values.parts, made.values.recipients, made.values.links)
    with world.database.unit_of_work() as uow:
        assert reports.shown(uow, made.report, "coe-cpt", []) == made.package.descriptors
        for parts, linked in (([two], []), ([one, two], [NOWHERE]), ([], [])):
            shown = reports.shown(uow, made.report, "un-spt", parts, linked)
            check_shown(lists, shown)
            assert {each.value.id for each in shown.parts} == set(parts)
            assert {(each.value.organisation, each.value.part) for each in shown.recipients} == {
                ("un-spt", each) for each in parts
            }
            assert len(shown.links) == len(linked)
        assert reports.recipients(uow, made.report) == sorted(
            [
                NamedRecipient(body, each, 1)
                for body in ("coe-cpt", "un-spt", "npm-xa")
                for each in made.parts
                if (body, each) != ("npm-xa", one)
            ]
        )


def test_envelopes_open_for_their_recipient(world: ExchangeWorld, made: Made) -> None:
    """What comes out of the lock opens with the recipient's epoch key, bound to its place, and gives the content key."""
    reports = world.services.get(Reports)
    one = made.parts[0]
    with world.database.unit_of_work() as uow:
        kept = reports.envelope_for(uow, made.report, one, "un-spt")
        assert reports.envelope_for(uow, made.report, one, "npm-xa") is None
        assert reports.envelope_for(uow, NOWHERE, one, "un-spt") is None
    assert kept is not None
    descriptor = made.package.descriptors.part(one)
    assert descriptor is not None
    place = EnvelopePlace(
        parse_uuid(made.report), "coe-cpt", descriptor.commitment, one, "un-spt", kept.epoch, kept.key
    )
    key = world.founding.epoch_keys["un-spt", 1].open(reports.unlock(kept), inner_info(place))
    assert key == made.content_key(one)
    assert part_context(parse_uuid(made.report), one)
    assert "sealed" not in repr(kept)


def test_an_envelope_that_was_exchanged(world: ExchangeWorld, made: Made) -> None:
    """A row that was changed in the database gives nothing out: another place, another hash, another lock key."""
    reports = world.services.get(Reports)
    with world.database.unit_of_work() as uow:
        kept = reports.envelope_for(uow, made.report, made.parts[0], "un-spt")
    assert kept is not None
    values = vars(kept)
    for change in ({"organisation": "npm-xa"}, {"hash": bytes(32)}, {"part": made.parts[1]}, {"sealed": bytes(2_304)}):
        with pytest.raises(EnvelopeError):
            reports.unlock(KeptEnvelope(**{**values, **change}))
    with pytest.raises(UnknownKeyError):
        reports.unlock(KeptEnvelope(**{**values, "lock_key": bytes(32)}))


def test_pieces_and_manifests(world: ExchangeWorld, made: Made) -> None:
    """What was sent is what is given, and what is not there is not available."""
    reports = world.services.get(Reports)
    one = made.parts[0]
    with world.database.unit_of_work() as uow:
        assert reports.piece(uow, made.report, one, 0) == made.spool.parts[one].piece(0)
        assert reports.manifest(uow, made.report, one) == made.package.manifests[one]
        for report, part_id, n in ((made.report, one, 1), (made.report, bytes(8), 0), (NOWHERE, one, 0)):
            with pytest.raises(NotAvailableError):
                reports.piece(uow, report, part_id, n)
        with pytest.raises(NotAvailableError):
            reports.manifest(uow, made.report, bytes(8))
        for ask in (reports.required, reports.document_facts, reports.header):
            with pytest.raises(NotAvailableError):
                ask(uow, NOWHERE)


DAMAGE = {
    "manifest": (f"UPDATE report_parts SET manifest = {zeros('length(manifest)')}", "the manifest of part"),
    "manifest cut": (f"UPDATE report_parts SET manifest = {zeros(10)}", ": part "),
    "envelope": (f"UPDATE report_envelopes SET sealed = {zeros(2304)} WHERE organisation = 'un-spt'", "for 'un-spt'"),
    "recipient": ("DELETE FROM report_envelopes WHERE organisation <> 'coe-cpt'", "not filled"),
    "salt": (f"UPDATE report_parts SET salt = {zeros(32)}", "a descriptor of 'parts' is not in the header"),
    "statement": ("DELETE FROM signed_statement", "its header is not among the statements"),
    "owner": ("UPDATE reports SET owner = 'un-spt'", "another report's"),
    "grant": ("UPDATE report_envelopes SET salt = NULL WHERE organisation = 'un-spt'", "is named by no grant"),
}


def test_fsck_finds_damaged_rows(world: ExchangeWorld, tmp_path: Path) -> None:
    """A row that is gone or changed is found, and named; each on the same instance, made whole again in between."""
    # Twelve recipients of parts and four fillers: what is left when eight are gone would be filled to eight, not sixteen.
    parts = [part(f"p{n}", language=tongue) for n, tongue in enumerate(("en", "fr", "es"))]
    registered(world, tmp_path, parts=parts, recipients=["un-spt", "npm-xa", "state:XA"])
    assert world.fsck() == []
    world.close()
    instance, whole = world.config.instance, tmp_path / "whole"
    whole.mkdir()
    databases.copied(instance, whole)
    for name, (statement, finding) in DAMAGE.items():
        databases.copied(whole, instance)
        world.open()
        assert list(check_reports(world.services)) == []
        with world.database.unit_of_work(write=True) as uow:
            uow.session.execute(text(statement))
        found = list(check_reports(world.services))
        assert any(finding in line for line in found), (name, found)
        world.close()
        assert sorted(each.name for each in instance.glob("exchange.sqlite-*")) == []


def test_fsck_finds_damaged_pieces(world: ExchangeWorld, tmp_path: Path) -> None:
    """A byte that turned, a piece that is gone, one cut short; of a registered report and of an upload under way."""
    made = registered(world, tmp_path)
    waiting = make_report(world, tmp_path)
    waiting.send()
    store = world.services.get(PieceStore)
    path = store.path(made.uploads[made.parts[0]])
    whole = path.read_bytes()
    named = f"report {made.report}: part {b64u(made.parts[0])}"
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert world.fsck() == [f"reports/report-pieces: {named}: the bytes of piece 0 do not give its hash"]
    path.write_bytes(whole[:-1])
    assert world.fsck() == [f"reports/report-pieces: {named}: piece 0: the file ends before the piece does"]
    path.unlink()
    assert world.fsck() == [f"reports/report-pieces: {named}: its file is missing"]
    path.write_bytes(whole)
    assert world.fsck() == []
    store.path(waiting.uploads[waiting.parts[0]]).unlink()
    assert any(line.startswith("reports/report-pieces: upload") for line in world.fsck())
    with world.database.unit_of_work(write=True) as uow:
        uow.session.execute(text("DELETE FROM upload_pieces"))
    assert world.fsck() == [f"reports/report-pieces: {named}: 1 pieces are missing"]
