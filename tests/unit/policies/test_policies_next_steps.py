"""What would have to happen: something for every no, nothing for a yes, and each thing in both languages."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from exchange.texts import LANGUAGES, catalogue
from policies.case_file import Case, case_paths, read_files
from policies.decision import decide, register_of
from policies.facts import Facts
from policies.missing import obstacles
from policies.next_steps import CODES, NOBODY, WHO, NextStep, next_steps
from policies.status import SUSPENDING

CASES = Path(__file__).parents[3] / "policies" / "cases"
EVERY = [case for _, case in read_files(case_paths([CASES])) if isinstance(case, Case)]


def steps_of(facts: Facts, now: datetime) -> dict[str, list[NextStep]]:
    """The steps of each part that is stopped."""
    found = obstacles(facts, now, register_of(facts, now))
    return {
        part: [step for each in stopped for step in next_steps(facts, each, now)]
        for part, stopped in found.items()
        if stopped
    }


def test_every_part_that_is_withheld_has_steps_and_no_other():
    """In every case file: the parts that are stopped are the ones that are withheld, and something is said of each."""
    seen = 0
    for case in EVERY:
        decision, found = decide(case.facts, case.now), steps_of(case.facts, case.now)
        if not decision.results:
            continue
        seen += 1
        assert set(found) == {result.part for result in decision.results if not result.permitted}, case.id
        assert all(found.values()), case.id
    assert seen > 500


def test_the_first_obstacle_is_the_one_that_decided():
    """The decision's own gate and reason come first; what follows are the gates behind it."""
    for case in EVERY:
        stopped = obstacles(case.facts, case.now, register_of(case.facts, case.now))
        for result in decide(case.facts, case.now).results:
            if not result.permitted:
                assert (stopped[result.part][0].gate, stopped[result.part][0].reason) == (result.gate, result.reason)


def test_every_step_is_taken_by_somebody_known_and_shown_by_a_case():
    """Every code comes out of some case file, with one who acts; what nobody can open stands alone."""
    shown = set()
    for case in EVERY:
        for steps in steps_of(case.facts, case.now).values():
            shown |= {step.code for step in steps}
            assert {step.who for step in steps} <= set(WHO)
            assert all(step.code in CODES for step in steps)
            if any(step.who == NOBODY for step in steps):
                assert steps[-1].who == NOBODY, case.id
    assert CODES - shown == {"state_resumes"}


def test_what_a_state_suspended_itself_it_resumes_itself():
    """Where two people suspended it they put it back; where the State's authority did, that authority does."""
    case = next(case for case in EVERY if decide(case.facts, case.now).reason == "W_SUSPENDED")
    by_people, by_state = case.facts, _suspended_by_state(case.facts)
    for facts, code in ((by_people, "resume"), (by_state, "state_resumes")):
        assert {step.code for steps in steps_of(facts, case.now).values() for step in steps} == {code}


def _suspended_by_state(facts: Facts) -> Facts:
    return replace(
        facts,
        instruments=tuple(
            replace(
                each,
                events=tuple(replace(event, by_state=event.type in SUSPENDING or event.by_state) for event in each.events),
            )
            for each in facts.instruments
        ),
    )


def test_every_step_has_a_sentence_in_both_languages():
    """`step.<code>` for each code, and none for a code that there is not."""
    for language in LANGUAGES:
        keys = {key.removeprefix("step.") for key in catalogue(language) if key.startswith("step.")}
        assert keys == CODES | {"unknown"}
