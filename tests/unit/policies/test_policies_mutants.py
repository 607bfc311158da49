"""Every rule is proven by a case: a rule that is broken is noticed by one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
import mutate_policies

sys.path.pop(0)


def survivors(mutants):
    """The mutants that no case notices."""
    examples = mutate_policies.cases()
    assert len(examples) > 600
    with mutate_policies.rules_put_back():
        return [mutant.name for mutant in mutants if mutate_policies.survives(mutant, examples)]


def test_gates_and_limitations():
    """Each gate dropped, swapped with the next or flipped, and each limitation removed, is noticed."""
    mutants = [*mutate_policies.gate_mutants(), *mutate_policies.limitation_mutants()]
    mutants = [mutant for mutant in mutants if not mutate_policies.is_equivalent(mutant)]
    assert len(mutants) > 75
    assert survivors(mutants) == []


@pytest.mark.full(needs="a minute")
@pytest.mark.timeout(600)
def test_conditions_in_the_code():
    """Each condition in the code of the rules removed, negated or moved by an instant is noticed by a case."""
    tried, alive = mutate_policies.surviving()
    assert tried > 700
    assert alive == []
