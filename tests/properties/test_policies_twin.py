"""The gates agree with a slow twin that was read straight off the rules, on random cases."""

import random

import pytest

from policies.case_file import facts_to_json, parse_case
from policies.checking import result_of
from policies.decision import decide
from tests.unit.policies.random_cases import Maker
from tests.unit.policies.twin import Twin


def compare(seed, wild):
    """Decide one random case both ways; the reason they agree on."""
    case = parse_case(Maker(random.Random(seed), wild).case())
    expected = Twin(facts_to_json(case.facts), case.now).result()
    got = result_of(decide(case.facts, case.now))
    assert got == expected, f"seed {seed}, wild {wild}"
    return got["reason"]


@pytest.mark.parametrize("wild", [0.05, 0.1, 0.2, 0.4, 0.8])
def test_twin_agrees(wild):
    """On random cases, from near the permitting example to wild ones, gates and twin give the same answer."""
    reasons = {compare(seed, wild) for seed in range(200)}
    assert len(reasons) > 8
