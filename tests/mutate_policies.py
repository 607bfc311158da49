"""Break the policy rules one at a time and see whether a case file notices: `python tests/mutate_policies.py`.

Each mutant drops a gate, swaps it with the next, flips its answer, removes a limitation, or changes one condition in the
code of the rules. A mutant that every case in `policies/cases/` survives means a rule that no case proves: exit 1, with
the mutants named. `EQUIVALENT` lists changes that change no answer, each with the reason.
"""

import ast
import contextlib
import functools
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from policies import vocabulary  # noqa: E402
from policies.case_file import Case, case_paths, read_files  # noqa: E402
from policies.gate import withhold  # noqa: E402

CASES = ROOT / "policies" / "cases"
# In the order in which they import each other: they are made anew, in that order, for each mutant.
RULES = ("status", "register", "provisions", "consent", "asked", "gates_outside", "gates_inside", "gates", "decision",
         "checking")

# All cases together take a tenth of one.
SECONDS = 5

# What the source says -> why the change of it changes no answer.
EQUIVALENT = {
    "swap gates stopped and recalled": "both withhold for one reason in one step",
    "swap gates recalled_agreement and has_originator": "the same",
    "unconfirmed = state": "the status of one instrument is for pages; test_policies_status.py holds it",
    '"W_UNVERIFIED" if unconfirmed': "the same",
    "move boundary: if instant > now and not stands": "what stands at an instant does not close at it",
    "if state not in self._held": "computed again instead of remembered",
    "if state not in self._read": "the same",
    "if len(known) > len(events)": "a short way to the same answer",
    "always: unvoided = statuses": "the same",
    "if not limits": "the same",
    "never: if len(of_part) < 2": "the same",
    "always: if permit.named is None": "each permit is asked of each part: slower, the same answer",
    "never: if all(each is None for each in": "the same",
    "isinstance(condition.parameter, tuple)": "for types: a condition with a list always has one",
    "instrument.ref or instrument.id": "the basis is no part of a case; test_policies_decision.py holds it",
    "each.ref is not None": "the same",
    "_basis(asked) if by_consent": "the same",
    "drop filter: ends=None if None in ends": "for types: None is not among them there",
    "drop filter: return None if None in known": "for types: None is not among them there",
    'answers[0].reason or "W_NO_CONSENT"': "for types: who does not permit has a reason",
    "not isinstance(facts, Facts) or not is_instant": "a case cannot hold such facts; test_policies_decision.py does",
    'if reason == "W_UNDERTAKING"': "the outward answer is no part of a case; test_policies_reasons.py holds it",
    'if reason != "W_CLEARANCE"': "the same",
    "self.outcome == PERMIT": "a name for the outcome; test_policies_decision.py holds it",
    "asked.answers if gate.step >= STATES": "the explanation is no part of a case; test_policies_decision.py holds it",
}


@dataclass(frozen=True)
class Mutant:
    """One broken rule: what was done, and how to have the rules with it."""

    name: str
    load: Callable[[], ModuleType]


def cases() -> list[Case]:
    """Every case of the project, which all hold before anything is broken."""
    return [case for _, case in read_files(case_paths([CASES])) if isinstance(case, Case)]


def load(mutated: str | None = None, tree: ast.Module | None = None) -> ModuleType:
    """The module `policies.checking` on freshly made rules, `mutated` being replaced by `tree`."""
    package = sys.modules["policies"]
    for rule in RULES:
        sys.modules.pop(f"policies.{rule}", None)
        vars(package).pop(rule, None)
    for rule in RULES:
        module = ModuleType(f"policies.{rule}")
        sys.modules[module.__name__] = module
        setattr(package, rule, module)
        exec(_compiled(rule) if rule != mutated else compile(tree, f"{rule} (mutated)", "exec"), module.__dict__)
    return sys.modules["policies.checking"]


@functools.cache
def _source(rule: str) -> str:
    return (ROOT / "policies" / f"{rule}.py").read_text(encoding="utf-8")


@functools.cache
def _compiled(rule: str) -> CodeType:
    return compile(_source(rule), f"{rule}.py", "exec")


def is_equivalent(mutant: Mutant) -> bool:
    """Whether a mutant changes no answer, as `EQUIVALENT` says."""
    return any(known in mutant.name for known in EQUIVALENT)


def survives(mutant: Mutant, examples: list[Case]) -> bool:
    """Whether every case still holds; rules that cannot be loaded, or that never come to an end, do not."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        checking = mutant.load()
        for case in examples:
            if not checking.check(case).holds:
                # Rules that stand together are broken one after the other: ask this case first the next time.
                examples.remove(case)
                examples.insert(0, case)
                return False
        return True
    except (Exception, TooLong):
        return False
    finally:
        signal.alarm(0)


class TooLong(BaseException):
    """A mutant that does not come to an end; not an Exception, as a decision would take that as a fact missing."""


def _too_long(*_: object) -> None:
    raise TooLong


def gate_mutants() -> Iterator[Mutant]:
    """Each gate dropped, swapped with the next, and with its answer flipped."""
    from policies import gates

    for group in ("REQUEST_GATES", "GATES"):
        listed = getattr(gates, group)
        for index, gate in enumerate(listed):
            yield Mutant(f"drop gate {gate.id}", _with_gates(group, listed[:index] + listed[index + 1:]))
            if index + 1 < len(listed):
                swapped = (*listed[:index], listed[index + 1], gate, *listed[index + 2:])
                yield Mutant(f"swap gates {gate.id} and {listed[index + 1].id}", _with_gates(group, swapped))
            flip = _flip_passing if group == "REQUEST_GATES" else _flip
            flipped = (*listed[:index], replace(gate, test=flip(gate.test)), *listed[index + 1:])
            yield Mutant(f"flip gate {gate.id}", _with_gates(group, flipped))


def _flip(test: Callable) -> Callable:
    def flipped(asked: object) -> object:
        verdict = test(asked)
        return None if verdict is None else replace(verdict, permits=not verdict.permits)

    return flipped


def _flip_passing(test: Callable) -> Callable:
    """A gate of the request can only withhold or let pass: flipped, it does the other of the two."""
    return lambda facts: None if test(facts) is not None else withhold("W_ACCOUNT")


def _with_gates(group: str, listed: tuple) -> Callable[[], ModuleType]:
    def loaded() -> ModuleType:
        checking = load()
        setattr(sys.modules["policies.gates"], group, listed)
        return checking

    return loaded


def limitation_mutants() -> Iterator[Mutant]:
    """Each limitation without effect: taken out of every instrument before the decision."""
    for kind in vocabulary.CONDITIONS:
        yield Mutant(f"remove limitation {kind}", _without_limitation(kind))


def _without_limitation(kind: str) -> Callable[[], ModuleType]:
    def loaded() -> ModuleType:
        checking = load()
        decide = checking.decide

        def without(facts, now):  # type: ignore[no-untyped-def]
            kept = tuple(
                replace(each, conditions=tuple(one for one in each.conditions if one.kind != kind))
                for each in facts.instruments
            )
            return decide(replace(facts, instruments=kept), now)

        checking.decide = without
        return checking

    return loaded


def code_mutants() -> Iterator[Mutant]:
    """Each condition in the code of the rules removed, negated, or moved by one instant."""
    for name in RULES:
        if name in ("gates", "checking"):
            continue
        source = _source(name)
        tree = ast.parse(source)
        for index, node in enumerate(ast.walk(tree)):
            for what, change in _changes(node):
                number = (node.ifs[0] if isinstance(node, ast.comprehension) else node).lineno
                text = f"{name}:{number} {what}: {source.splitlines()[number - 1].strip()}"
                yield Mutant(text, _with_change(name, index, change))


def _with_change(name: str, index: int, change: Callable) -> Callable[[], ModuleType]:
    def loaded() -> ModuleType:
        mutated = ast.parse(_source(name))
        change(list(ast.walk(mutated))[index])
        return load(name, ast.fix_missing_locations(mutated))

    return loaded


BOUNDARIES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
NEGATIONS = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
             ast.IsNot: ast.Is}


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable]]:
    if isinstance(node, ast.BoolOp):
        for position in range(len(node.values)):
            yield f"drop operand {position + 1} of {type(node.op).__name__.lower()}", _drop(position)
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            if type(operator) in BOUNDARIES:
                yield "move boundary", _operator(position, BOUNDARIES[type(operator)])
            if type(operator) in NEGATIONS:
                yield "negate", _operator(position, NEGATIONS[type(operator)])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "drop not", lambda each: setattr(each, "op", ast.UAdd()) or _truth(each)
    if isinstance(node, ast.If | ast.IfExp):
        yield "always", lambda each: setattr(each, "test", ast.Constant(True))
        yield "never", lambda each: setattr(each, "test", ast.Constant(False))
    if isinstance(node, ast.comprehension):
        for position in range(len(node.ifs)):
            yield "drop filter", lambda each, at=position: each.ifs.pop(at)


def _truth(node: ast.UnaryOp) -> None:
    """`not x` becomes `not not x`: the truth of x."""
    node.op = ast.Not()
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _drop(position: int) -> Callable:
    def drop(node: ast.BoolOp) -> None:
        node.values.pop(position)
        if len(node.values) == 1:  # Python knows no `and` of one.
            node.values.append(node.values[0])

    return drop


def _operator(position: int, kind: type) -> Callable:
    return lambda node: node.ops.__setitem__(position, kind())


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from gate_mutants()
    yield from limitation_mutants()
    yield from code_mutants()


@contextlib.contextmanager
def rules_put_back() -> Iterator[None]:
    """What was loaded of the room before, loaded again after."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith("policies")}
    try:
        yield
    finally:
        sys.modules.update(kept)
        for name, module in kept.items():
            if "." in name:
                setattr(sys.modules["policies"], name.removeprefix("policies."), module)


def surviving() -> tuple[int, list[str]]:
    """How many mutants were tried, and the names of those that no case noticed and that are not known to be equal."""
    examples, tried, alive = cases(), 0, []
    with rules_put_back():
        for mutant in mutants():
            tried += 1
            if survives(mutant, examples) and not is_equivalent(mutant):
                alive.append(mutant.name)
    return tried, alive


def main() -> int:
    """Try every mutant and name the survivors."""
    tried, alive = surviving()
    for name in alive:
        print(f"survived: {name}")
    print(f"{tried} mutants, {len(alive)} survived")
    return 1 if alive or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
