"""Which of an originator's decisions bear on a body: the last of each chain that speaks of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from exchange.reports.facts import ChainedDecision, DocumentFacts, EndedDecision
from policies.facts import Document, OriginatorDecision


def decided(chain: bytes | None, effect: str, grantee: str | None, ref: str) -> ChainedDecision:
    """A decision of the CPT."""
    decision = OriginatorDecision(
        organisation="coe-cpt",
        effect=effect,
        grantee=grantee,
        actions=("view",),
        parts=None,
        kinds=None,
        states=None,
        valid_from=None,
        valid_to=None,
        ref=ref,
    )
    return ChainedDecision(chain, decision)


def refs(decisions: Sequence[ChainedDecision | EndedDecision], grantee: str) -> list[str | None]:
    """The statements that bear on a body."""
    document = Document(
        id="D1",
        kind="visit_report",
        originators=("coe-cpt",),
        deposited_by="coe-cpt",
        addressed_to=(),
        regime="R1",
        adopted_on=date(2026, 1, 1),
        visit=None,
        class_ordinal=0,
        tier="confidential",
        statutory_recipients=(),
        override=None,
        person_recipients=(),
        emergency=None,
        stopped=False,
        held_until=None,
        parts=(),
    )
    facts = DocumentFacts(
        report="D1",
        header=bytes(32),
        owner="coe-cpt",
        registered=datetime(2026, 1, 2, tzinfo=UTC),
        reference=None,
        source_label=None,
        kind="visit_report",
        adopted_on=document.adopted_on,
        document=document,
        sent={},
        decisions=tuple(decisions),
        document_events={},
        basis=(),
    )
    return [decision.ref for decision in facts.decisions_for(grantee)]


def test_only_what_speaks_of_the_body() -> None:
    """A decision for one body says nothing about another."""
    assert refs([decided(b"r", "permit", "un-spt", "1")], "un-spt") == ["1"]
    assert refs([decided(b"r", "permit", "un-spt", "1")], "npm-xa") == []


def test_a_later_link_replaces_an_earlier_one() -> None:
    """The header's permit, its withdrawal, and a new permit: one of them stands at a time, for each body by itself."""
    chain = [
        decided(b"r", "permit", "un-spt", "1"),
        decided(b"r", "permit", "npm-xa", "2"),
        decided(b"r", "deny", "un-spt", "3"),
    ]
    assert refs(chain, "un-spt") == ["3"]
    assert refs(chain, "npm-xa") == ["2"]
    assert refs([*chain, decided(b"r", "permit", "un-spt", "4")], "un-spt") == ["4"]


def test_a_denial_to_everyone() -> None:
    """It ends what stood before it for every body, and a later permit, which two signed, ends it for that body alone."""
    chain = [
        decided(b"r", "permit", "un-spt", "1"),
        decided(b"r", "deny", None, "2"),
        decided(b"r", "permit", "un-spt", "3"),
    ]
    assert refs(chain[:2], "un-spt") == ["2"]
    assert refs(chain, "un-spt") == ["3"]
    assert refs(chain, "npm-xa") == ["2"]


def test_chains_stand_beside_each_other() -> None:
    """A standing denial and a permit on the report are both facts; what they give together the gates decide."""
    both = [
        decided(b"standing", "deny", "un-spt", "1"),
        decided(b"r", "permit", "un-spt", "2"),
        decided(None, "permit", "un-spt", "3"),
    ]
    assert refs(both, "un-spt") == ["1", "2", "3"]


def test_the_end_of_a_permit_leaves_what_else_was_said() -> None:
    """It takes the chain's permit away, for one body or all; a denial, and every other chain, stands on."""
    permit = decided(b"s", "permit", "un-spt", "1")
    assert refs([permit, EndedDecision(b"s", "un-spt")], "un-spt") == []
    assert refs([permit, EndedDecision(b"s", None)], "un-spt") == []
    assert refs([permit, EndedDecision(b"s", "npm-xa")], "un-spt") == ["1"]
    assert refs([permit, EndedDecision(b"other", "un-spt")], "un-spt") == ["1"]
    assert refs([decided(b"s", "deny", "un-spt", "1"), EndedDecision(b"s", "un-spt")], "un-spt") == ["1"]
    header = decided(b"r", "permit", "un-spt", "2")
    assert refs([permit, header, EndedDecision(b"s", "un-spt")], "un-spt") == ["2"]
