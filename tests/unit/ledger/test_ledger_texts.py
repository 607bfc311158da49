"""Whoever reads the log reads sentences: every act and every finding has one in both languages."""

import pytest

from exchange.ledger.record import FINDINGS
from exchange.ledger.vocabulary import ACTS
from exchange.texts import LANGUAGES, catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_and_finding_has_its_sentence(language):
    """The catalogue has neither a gap nor a sentence for what is not there."""
    texts = catalogue(language)
    assert {key for key in texts if key.startswith("act.")} == {act.text_key for act in ACTS.values()}
    assert {key for key in texts if key.startswith("finding.")} == {f"finding.{code}" for code in FINDINGS}
    assert len({texts[act.text_key] for act in ACTS.values()}) == len(ACTS)
