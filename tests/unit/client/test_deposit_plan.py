"""What a person wants to transmit: read strictly, and known again by its fingerprint, so that it resumes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange.client.deposit_plan import PartPlan, Plan, check, completed, held_until, parse_part
from exchange.client.errors import FileFailedError, UsageError
from exchange.client.regime import default_class, default_tier, regime_of
from exchange.client.report_errors import RegimeUnknownError
from exchange.client.sealing import Terms
from exchange.sealing.errors import FileNameError, ManifestError

OFFICER = bytes(16)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan of one part."""
    file = tmp_path / "report.pdf"
    file.write_bytes(b"content")
    return Plan((PartPlan("p1", file, ("XA",), "en"),), ("un-spt",), "visit_report", date(2026, 3, 1), title="A visit")


def test_the_full_form_of_a_part() -> None:
    """Every key once, `state` as often as there are States."""
    part = parse_part("id=p7,file=a/b.pdf,state=XB,state=XA,language=fr,variant=redacted,personal-data=yes,title=T", 1)
    assert part == PartPlan("p7", Path("a/b.pdf"), ("XA", "XB"), "fr", "redacted", True, "T")
    assert parse_part("file=x", 3).name == "p3"


@pytest.mark.parametrize(
    "text", ["", "file", "id=p1", "file=a,file=b", "file=a,colour=red", "file=a,personal-data=maybe", "language=fr"]
)
def test_a_part_that_is_not_understood(text: str) -> None:
    """Another key, one twice, no file, no yes or no."""
    with pytest.raises(UsageError):
        parse_part(text, 1)


def test_options_for_all_parts_fill_only_what_a_part_leaves_open(plan: Plan) -> None:
    """A part's own States and language stand."""
    open_part = PartPlan("p2", Path("x"), (), "")
    first, second = completed([plan.parts[0], open_part], ["XB", "XB"], "fr")
    assert first == plan.parts[0] and (second.states, second.language) == (("XB",), "fr")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"parts": ()}, UsageError),
        ({"to": ("Nobody",)}, UsageError),
        ({"kind": "Visit Report"}, UsageError),
        ({"tier": "secret"}, UsageError),
        ({"reference": "x" * 121}, UsageError),
        ({"responds_to": "none"}, UsageError),
        ({"title": "x" * 501}, ManifestError),
    ],
)
def test_what_cannot_be_sealed(plan: Plan, change: dict[str, Any], error: type[Exception]) -> None:
    """Refused before anything is read."""
    check(plan)
    with pytest.raises(error):
        check(replace(plan, **change))


@pytest.mark.parametrize(
    "change", [{"states": ()}, {"states": ("x",)}, {"language": ""}, {"variant": "short"}, {"regime": "R9"}]
)
def test_a_part_that_policy_could_not_place(plan: Plan, change: dict[str, Any]) -> None:
    """A part says which States it concerns and in which language it is."""
    with pytest.raises(UsageError):
        check(replace(plan, parts=(replace(plan.parts[0], **change),)))


def test_two_parts_of_one_name_are_refused(plan: Plan, tmp_path: Path) -> None:
    """A reader opens both into one folder."""
    other = tmp_path / "other" / "report.pdf"
    other.parent.mkdir()
    other.write_bytes(b"x")
    same_file = replace(plan, parts=(plan.parts[0], PartPlan("p2", other, ("XA",), "fr")))
    with pytest.raises(UsageError):
        check(same_file)
    with pytest.raises(UsageError):
        check(replace(plan, parts=(plan.parts[0], plan.parts[0])))


def test_unsafe_and_missing_files(plan: Plan, tmp_path: Path) -> None:
    """A name no reader's machine could take, and a file that is not there."""
    unsafe = tmp_path / "nul.txt"
    unsafe.write_bytes(b"x")
    with pytest.raises(FileNameError):
        check(replace(plan, parts=(replace(plan.parts[0], file=unsafe),)))
    with pytest.raises(FileFailedError):
        check(replace(plan, parts=(replace(plan.parts[0], file=tmp_path / "gone.txt"),)))


def test_a_plan_is_known_again_until_anything_of_it_changes(plan: Plan) -> None:
    """The same words and files: the same fingerprint. Another word, officer or content: another."""
    first = plan.fingerprint(OFFICER)
    assert plan.fingerprint(OFFICER) == first and plan.fingerprint(bytes([1] * 16)) != first
    changes: list[dict[str, Any]] = [
        {"to": ("un-spt", "npm-xa")},
        {"title": "Another"},
        {"hold": 5},
        {"reference": "R"},
        {"tier": "free"},
        {"parts": (replace(plan.parts[0], language="fr"),)},
    ]
    others = {replace(plan, **change).fingerprint(OFFICER) for change in changes}
    assert len(others) == len(changes) and first not in others
    plan.parts[0].file.write_bytes(b"content!")
    assert plan.fingerprint(OFFICER) != first


def test_a_hold_counts_from_now(plan: Plan) -> None:
    """Minutes, or no hold."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert held_until(plan, now) is None
    assert held_until(replace(plan, hold=30), now) == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_the_title_is_not_in_a_repr_of_the_note(plan: Plan) -> None:
    """A note may be confidential: it stands in no message that quotes a plan."""
    assert "secret words" not in repr(replace(plan, note="secret words"))


def test_rules_of_the_originator_fill_what_a_plan_leaves_open(plan: Plan) -> None:
    """Regime, tier and class are those laid down for the body and the kind; a body without rules transmits nothing."""
    terms = Terms.of(plan, "coe-cpt")
    assert (terms.regime, terms.tier) == ("R1", "confidential") == (regime_of(["coe-cpt"]), terms.tier)
    assert terms.class_ordinal == default_class(["coe-cpt"], "visit_report")
    assert Terms.of(replace(plan, tier="evidence", class_ordinal=1), "coe-cpt").class_ordinal == 1
    assert default_class(["coe-cpt"], "upr_submission") is None
    with pytest.raises(RegimeUnknownError):
        Terms.of(plan, "audit-cpt")
    with pytest.raises(RegimeUnknownError):
        default_tier(["audit-cpt"], "visit_report")
