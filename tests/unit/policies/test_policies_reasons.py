"""Sentences for every code in both languages, in the words people use, and the four answers of a requester."""

import re

import pytest

from policies.decision import decide
from policies.reasons import OUTWARD, PERMIT_REASONS, REASONS, WITHHOLD_REASONS, outward
from tests.unit.policies.examples import case_of

PERMITS = {"P_PUBLIC", "P_FREE_TIER", "P_OWN", "P_STATUTORY", "P_STATE_SENT", "P_CONSENT", "P_ORIGINATOR", "P_OVERRIDE",
           "P_PERSON", "P_EMERGENCY"}
WITHHOLDS = {
    "W_NO_CONSENT", "W_PENDING", "W_REFUSED", "W_LAPSED", "W_WITHDRAWN", "W_EXPIRED", "W_SUSPENDED",
    "W_INVALID_AUTHORITY", "W_UNVERIFIED", "W_EMBARGO", "W_SCOPE_DOCUMENT", "W_SCOPE_PART", "W_SCOPE_RECIPIENT",
    "W_SCOPE_ACTION", "W_SCOPE_PURPOSE", "W_SCOPE_LANGUAGE", "W_OTHER_STATE", "W_ORIGINATOR", "W_CO_ORIGINATOR",
    "W_PERSONAL_DATA", "W_CONFLICT_DENY", "W_CLEARANCE", "W_UNDERTAKING", "W_NEVER_TO_STATE", "W_ACCOUNT", "W_RECUSED",
}
# Everyday words of software that mean detention or insult here, or words the field does not use.
NEVER_SHOWN = re.compile(
    r"\b((?<!press )release|libération|custody|garde à vue|witness|témoin|revoked|révoqué|deposit|dépôt|instrument|"
    r"reservation|réserve|receipt|reçu|override|bypass|dérogation|den(y|ied|ies)|refus\w*|free tier|alert\w*|"
    r"(?<!liaison )officers?|organisations?|detainee|détenu)\b",
    re.IGNORECASE,
)


def test_codes_are_complete():
    """The codes are exactly those of the specification."""
    assert set(PERMIT_REASONS) == PERMITS
    assert set(WITHHOLD_REASONS) == WITHHOLDS
    assert set(OUTWARD) == {"N_ACCOUNT", "N_CLEARANCE", "N_UNDERTAKING", "N_UNAVAILABLE"}


@pytest.mark.parametrize("code", [*REASONS, *OUTWARD])
def test_sentences(code):
    """Each code has two whole sentences, different ones, in the words people use."""
    sentence = {**REASONS, **OUTWARD}[code]
    assert sentence.en != sentence.fr
    for text in (sentence.en, sentence.fr):
        assert text.endswith(".") and text[0].isupper()
        assert NEVER_SHOWN.search(text) is None


def test_no_two_codes_share_a_sentence():
    """Who reads a sentence knows the code."""
    for texts in ([each.en for each in REASONS.values()], [each.fr for each in REASONS.values()]):
        assert len(set(texts)) == len(texts)


STATE = {"organisation": "state:XA", "organisation_kind": "state"}


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({}, "P_CONSENT", None),
        ({"request": {"active": False}}, "W_ACCOUNT", "N_ACCOUNT"),
        ({"request": {"recused": True}}, "W_RECUSED", "N_UNAVAILABLE"),
        ({"request": {"clearance": 1}}, "W_CLEARANCE", "N_CLEARANCE"),
        ({"request": {"clearance": 1}, "instruments": []}, "W_CLEARANCE", "N_UNAVAILABLE"),
        ({"instruments": [{"id": "I1", "undertaking": "u1"}]}, "W_UNDERTAKING", "N_UNDERTAKING"),
        ({"request": {"clearance": 1}, "instruments": [{"id": "I1", "undertaking": "u1"}]}, "W_CLEARANCE", "N_UNAVAILABLE"),
        ({"instruments": []}, "W_NO_CONSENT", "N_UNAVAILABLE"),
        ({"request": STATE, "document": {"id": "D1", "tier": "alert"}}, "W_NEVER_TO_STATE", "N_UNAVAILABLE"),
    ],
)
def test_outward(changes, reason, code):
    """A requester learns of account, clearance or undertaking only where nothing else is shown by it."""
    case = case_of(**changes)
    decision = decide(case.facts, case.now)
    assert (decision.reason, outward(decision)) == (reason, code)
