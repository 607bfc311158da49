"""The registry of acts: well formed, complete, stable, and small enough for a view."""

import re
from pathlib import Path

import pytest

from exchange.ledger.commit import POSITIONS
from exchange.ledger.entry import Entry
from exchange.ledger.errors import UnknownActError
from exchange.ledger.values import FIELDS, MAX_VALUE_BYTES, check_value, spell
from exchange.ledger.view_body import MAX_SIGNATURES, ViewBody
from exchange.ledger.vocabulary import ACTS, CONSENT_EVENTS, NOT_ACTS, PARTIAL_FIELDS, act_of, consent_act
from exchange.ledger.vocabulary_page import page

ROOT = Path(__file__).parents[3]

# What entries written by the first release say. A line here is never changed and never removed; lists may grow beyond it.
FIRST_RELEASE = {
    "directory:root:install": "body statement asked",
    "directory:statement:accept": "actor body owner kind subject statement index asked",
    "accounts:invitation:make": "actor body invitation expires",
    "accounts:invitation:use": "actor body invitation statement",
    "accounts:password:set": "actor body",
    "accounts:session:start": "actor body method",
    "accounts:session:refuse": "actor body method cause",
    "accounts:session:end": "actor body",
    "accounts:token:issue": "actor body method expires",
    "accounts:token:refuse": "actor body method cause",
    "reports:report:register": "actor body owner report statement asked kind tier regime parts recipients held_until",
    "reports:report:grant": "actor body owner report statement asked recipients",
    "reports:report:stop": "actor body owner report statement asked",
    "reports:report:lift": "actor body owner report statement asked",
    "reports:determination:record": "actor body owner report part fact statement prev asked",
    "access:release:permit": "actor body owner report part action purpose request envelope basis reason code asked nonce",
    "access:release:withhold": "actor body owner report part action purpose request envelope basis reason code asked nonce",
    "access:receipt:record": "actor body owner report part request n index nonce asked statement",
    "access:explanation:permit": "actor body owner report part action purpose grantee basis reason code at",
    "access:explanation:withhold": "actor body owner report part action purpose grantee basis reason code at",
    "access:matrix:read": "actor body owner report",
    "audit:log:read": "actor body first size",
    "log:padding:append": "",
    "operator:instance:start": "outcome cause build",
    "operator:instance:check": "outcome cause build",
    "operator:instance:upgrade": "outcome cause build",
    "operator:instance:backup": "outcome cause build",
    "operator:instance:restore": "outcome cause build",
    "operator:reference:load": "outcome cause build",
} | dict.fromkeys(
    CONSENT_EVENTS.values(),
    "actor body owner state instrument statement prev effective by_state evidence version asked",
)

FIRST_COLUMNS = (
    "act actor body owner report part action purpose request envelope basis reason code asked nonce statement n index kind "
    "subject tier regime parts recipients held_until fact state instrument effective by_state prev evidence version "
    "invitation expires method cause grantee at first size outcome build"
)


@pytest.mark.parametrize("tag", FIRST_RELEASE)
def test_field_lists_are_only_appended_to(tag):
    """What stood at a position when the first entries were written stands there still."""
    first = ["act", *FIRST_RELEASE[tag].split()]
    assert list(ACTS[tag].fields[: len(first)]) == first


def test_no_tag_of_the_first_release_is_gone_and_columns_keep_their_order():
    """Old entries stay readable and old exports stay comparable."""
    assert set(FIRST_RELEASE) <= set(ACTS)
    columns = FIRST_COLUMNS.split()
    assert list(FIELDS)[: len(columns)] == columns


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_act_is_well_formed(act):
    """A tag has three parts and fits an RFC 5424 MSGID; the list begins with act and has sixteen known names at most."""
    assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z_]+", act.tag) and len(act.tag) <= 32
    assert act.fields[0] == "act" and len(act.fields) <= POSITIONS
    assert len(set(act.fields)) == len(act.fields)
    assert set(act.fields) <= set(FIELDS)
    assert act.codes.fhir_action in "CRUDE" and 100 <= act.codes.ocsf_class // 10 <= 700
    assert 104 <= act.codes.syslog_priority <= 111


@pytest.mark.parametrize("act", [act for act in ACTS.values() if act.views == "partial"], ids=lambda act: act.tag)
def test_a_withholding_always_shows_what_was_asked(act):
    """What the requester's side sees of a withholding is required, but for what it may leave out of its question."""
    assert set(act.visible) == set(PARTIAL_FIELDS) & set(act.fields)
    assert {"actor", "body", "report", "action"} <= act.required
    assert "reason" in act.required and "reason" not in act.visible


def test_a_release_needs_everything_the_requesters_partial_view_shows():
    """So that the mask of a withheld release is the same in every case, an unknown id included."""
    act = ACTS["access:release:withhold"]
    assert set(PARTIAL_FIELDS) <= act.required


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_the_largest_value_of_every_field_is_one_and_fits(field):
    """The value budgets reckon with is permitted, and has at most 64 bytes of JSON."""
    check_value(field.name, field.kind.largest)
    assert len(spell(field.kind.largest)) == field.kind.most <= MAX_VALUE_BYTES


@pytest.mark.parametrize("tag", ACTS)
def test_the_largest_entry_of_every_act_fits_both_forms(tag, largest):
    """Whatever the values, an entry with three keys and four signatures fits a view in full and in part."""
    entry = Entry.make(tag, largest(tag))
    keys, signatures = (bytes(32),) * 3, (bytes(64),) * MAX_SIGNATURES
    assert len(ViewBody(entry, keys, signatures).encode()) == 992
    if entry.act.views == "partial":
        assert len(ViewBody(entry.partial(entry.act.visible), keys, signatures[:1]).encode()) == 992


def test_every_event_of_consent_has_an_act_and_no_other_word_has():
    """The register maps each type of event to exactly one act."""
    assert len(set(CONSENT_EVENTS.values())) == len(CONSENT_EVENTS) == 14
    assert consent_act("withdrawn").tag == "consents:instrument:withdraw"
    with pytest.raises(UnknownActError):
        consent_act("approved")


@pytest.mark.parametrize("tag", ["access:release:maybe", "", None, 5, ["access"]])
def test_an_unknown_act_is_an_error(tag):
    """Nothing outside the registry passes for an act."""
    with pytest.raises(UnknownActError):
        act_of(tag)


def test_what_leaves_no_entry_says_why():
    """Each omission is a decision with its reason."""
    assert all(len(why) > 20 for why in NOT_ACTS.values())


def test_the_spec_page_is_current():
    """docs/spec/vocabulary.md is what the registry makes; run `python -m exchange.ledger.vocabulary_page` to renew it."""
    assert (ROOT / "docs/spec/vocabulary.md").read_text(encoding="utf-8") == page()
