"""The page a legal adviser reads, made from the gates, the regimes, the sentences and the worked examples themselves.

`document()` gives the text of `docs/policies.md`; a test holds that the page is current.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from policies import gates, regimes
from policies.case_file import Case, case_paths, read_files
from policies.decision import Decision, decide
from policies.errors import CaseError
from policies.gate import Gate
from policies.reasons import OUTWARD, PERMIT_REASONS, WITHHOLD_REASONS, Sentence

CASES = Path(__file__).parent / "cases"
EXAMPLES_OF_A_GATE = 6
CLASSES = ("public", "restricted", "confidential", "strictly confidential")
EXCHANGE = {"gated": "on agreement", "never": "never", "free": "freely"}

INTRODUCTION = """\
# What is decided, and on what basis

This page is generated from the rules themselves by `python -m policies docs`; do not edit it. It says what the exchange
decides when a body asks to see, view, download, print, forward, publish, translate or quote a part of a document, on what
legal basis, and with examples that are run as tests. The exact computation, and what the treaties leave open, is in
[spec/consent.md](spec/consent.md).

Three agreements are kept apart and never stand for each other: that of every body that made the document, that of every
State concerned by the part, and the express consent of every person whose data it holds. Whatever is not agreed is not
available: nothing is not yes, and anything unknown closes the door.
"""


@dataclass(frozen=True)
class Example:
    """One worked example with what the procedure makes of it, and the gate that decides."""

    case: Case
    decision: Decision
    gate: str
    file: str


def document() -> str:
    """The text of the page. Raises CaseError or RegimeError if the files it is made of cannot be read."""
    examples = list(_examples())
    sections = (_procedure(examples), _regimes(), _reasons(), _all(examples))
    return "\n".join([INTRODUCTION, *("\n".join(section) + "\n" for section in sections)]).rstrip() + "\n"


def _examples() -> Iterator[Example]:
    for path, case in read_files(case_paths([CASES])):
        if isinstance(case, CaseError):
            raise case
        decision = decide(case.facts, case.now)
        yield Example(case, decision, _deciding_gate(decision), path.stem)


def _deciding_gate(decision: Decision) -> str:
    """The gate that gave the decision its reason; before any part is looked at, the one of that reason."""
    for result in decision.results:
        if result.reason == decision.reason and result.permitted == decision.permitted:
            return result.gate
    return {"W_ACCOUNT": "account", "W_RECUSED": "recusal"}.get(decision.reason, "parts")


def _procedure(examples: list[Example]) -> Iterator[str]:
    yield from ("## The procedure", "")
    yield "Each part that is asked for goes through these questions in this order. The first that has an answer decides."
    yield from ("", "| step | question | en français | legal basis |", "|---|---|---|---|")
    every: tuple[Gate[Any], ...] = (*gates.REQUEST_GATES, *gates.GATES)
    for gate in every:
        yield f"| {gate.step} | {gate.title_en} | {gate.title_fr} | {gate.basis} |"
    for gate in every:
        mine = [example for example in examples if example.gate == gate.id]
        yield from ("", f"### {gate.step}. {gate.title_en}", "", f"Legal basis: {gate.basis}.", "")
        reasons = sorted({example.decision.reason for example in mine})
        yield "Answers: " + ", ".join(f"`{reason}`" for reason in reasons) + "."
        yield ""
        yield from (_line(example) for example in _selection(mine))


def _selection(examples: list[Example]) -> list[Example]:
    """A few examples that show every reason a gate gives, worked examples first."""
    ordered = sorted(examples, key=lambda example: (example.case.id[0] != "E",))
    first = list({example.decision.reason: example for example in reversed(ordered)}.values())
    rest = [example for example in ordered if example not in first]
    chosen = (first + rest)[: max(EXAMPLES_OF_A_GATE, len(first))]
    return [example for example in ordered if example in chosen]


def _line(example: Example) -> str:
    return f"- {example.case.title}. {_result(example.decision)} ({example.case.id})"


def _result(decision: Decision) -> str:
    if not decision.permitted:
        return f"**Not available**, `{decision.reason}`"
    told = f"**Available**, `{decision.reason}`"
    if decision.withheld:
        told += f": {_listed(decision.parts)}; not {_listed(decision.withheld)}"
    return told


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _regimes() -> Iterator[str]:
    yield from ("## The regimes", "")
    yield "What differs by treaty and body. A body that none of them names cannot transmit. A rule marked † is not shown by a"
    yield "source that was read, and has to be checked before it is relied on."
    for regime in regimes.regimes():
        yield from ("", f"### {regime.regime}: {regime.title_en}", "", f"*{regime.title_fr}*", "")
        yield f"- Treaty: {regime.treaty}"
        yield f"- Bodies: {', '.join(f'`{body}`' for body in regime.bodies)}"
        yield f"- Source: {regime.source}{_mark(regime.unverified)}"
        asks = regime.publication
        yield f"- Publication is asked for by: {asks['asked_by_en']} ({asks['source']}). In part: {asks['partial_en']}"
        for entry in regime.statutory:
            yield f"- The treaty sends it to: {entry['recipient_en']}. {entry['when_en']} ({entry['source']})"
        for case in regime.cases:
            yield f"- Case provided for by the treaty: {case['by_en']} ({case['source']}). Opens: {case['opens_en']}"
        yield from ("", "| kind of document | exchanged | whose agreement | class | source |", "|---|---|---|---|---|")
        for kind in regime.kinds.values():
            cells = (_plain(kind.name), EXCHANGE[kind.exchange], _whose(kind.consent), CLASSES[kind.default_class])
            yield f"| {' | '.join(cells)} | {kind.source}{_mark(kind.unverified)} |"


def _whose(consent: str) -> str:
    return {"state": "the State", "originator": "the body that made it", "person": "the person", "none": "–"}[consent]


def _mark(unverified: bool) -> str:
    return " †" if unverified else ""


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _reasons() -> Iterator[str]:
    yield from ("## The sentences", "")
    yield "Owners of a document and audit offices read the exact reason. A requester reads one of the last four only, so that"
    yield "no answer shows what a State, a person or a sender wants unseen."
    for title, sentences in (
        ("Available", PERMIT_REASONS), ("Not available", WITHHOLD_REASONS), ("To the requester", OUTWARD)
    ):
        yield from ("", f"### {title}", "", "| code | English | français |", "|---|---|---|")
        yield from (_sentence(code, sentence) for code, sentence in sentences.items())


def _sentence(code: str, sentence: Sentence) -> str:
    return f"| `{code}` | {sentence.en} | {sentence.fr} |"


def _all(examples: list[Example]) -> Iterator[str]:
    yield from ("## Every example", "")
    yield f"{len(examples)} examples, each run as a test. Those that start with E are the worked examples the rules were"
    yield "drawn from, with their neighbours; the others each prove one sentence of the rules. Unless an example says"
    yield "otherwise it is 10 March 2026, 12:00 UTC; the SPT asks to view, for follow-up, a CPT visit report on XA of 4 July"
    yield "2025; the CPT approved this; a standing agreement of XA of 1 March 2024, recorded by one person and confirmed by"
    yield "another, lets the SPT view and download CPT visit reports. XA, XB and so on are no real States."
    for file, group in groupby(examples, key=lambda example: example.file):
        yield from ("", f"### `{file}`", "")
        yield from (_line(example) for example in group)
