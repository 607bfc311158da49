"""What a requester is told is one sentence, wherever it is said."""

import pytest

from exchange.access.answers import sentence_of, told_to_requester
from exchange.texts import LANGUAGES, sentence
from exchange.web.statuses import STATUS
from policies.reasons import OUTWARD, REASONS


@pytest.mark.parametrize("code", sorted(OUTWARD))
def test_the_catalogue_says_what_the_policy_model_says(code: str) -> None:
    """Word for word, in both languages, with a status."""
    assert sentence(code, "en") == OUTWARD[code].en
    assert sentence(code, "fr") == OUTWARD[code].fr
    assert STATUS[code] == (404 if code == "N_UNAVAILABLE" else 403)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence(language: str) -> None:
    """P_, W_ and N_ alike."""
    for code, found in {**REASONS, **OUTWARD}.items():
        assert sentence_of(code, language) == getattr(found, language)


def test_a_requester_is_told_the_code_and_nothing_else() -> None:
    """No reason, no end, no obligation, no instrument."""
    told = told_to_requester("N_UNAVAILABLE", "en")
    assert {name: value for name, value in told.items() if name not in ("outcome", "reason", "sentence")} == {
        "not_after": None, "obligations": [], "nearest": None,
    }
