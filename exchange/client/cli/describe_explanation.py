"""An explanation as lines people read: the decision, gate by gate and State by State, then what would have to happen."""

from collections.abc import Iterator, Mapping
from typing import Any

from exchange.client.cli.app import App
from exchange.client.cli.wording import NONE, moment, sentence, word


def explanation_lines(app: App, found: Mapping[str, Any]) -> list[str]:
    """Return what the server explained; of a requester's answer, which says no more, the outcome and its sentence."""
    outcome = "report.available" if found.get("outcome") == "PERMIT" else "report.not_available"
    lines = [app.text(outcome), sentence(app, found)]
    if found.get("at"):
        lines.append(app.text("explain.at", moment=moment(found["at"])))
    for decided in _objects(found, "decided"):
        lines += _part(app, decided)
    nearest = found.get("nearest")
    if isinstance(nearest, dict) and nearest.get("instrument"):
        lines.append(app.text("report.nearest", id=nearest["instrument"], state=nearest.get("state") or NONE))
    lines += _steps(app, found)
    for evidence in _objects(found, "evidence"):
        lines.append(_evidence(app, evidence))
    return lines


def _part(app: App, decided: Mapping[str, Any]) -> Iterator[str]:
    outcome = "report.available" if decided.get("permitted") else "report.not_available"
    yield app.text("explain.part", part=decided.get("part"), outcome=app.text(outcome), reason=decided.get("reason"))
    if decided.get("title"):
        yield "  " + app.text(
            "explain.gate", number=decided.get("step"), title=decided["title"], basis=decided.get("legal_basis") or NONE
        )
    if decided.get("not_after"):
        yield "  " + app.text("explain.until", moment=moment(decided["not_after"]))
    for answer in _objects(decided, "states"):
        said = sentence(app, answer) if answer.get("reason") else app.text("explain.agrees")
        yield "  " + app.text("explain.state", state=answer.get("state"), said=said)


def _steps(app: App, found: Mapping[str, Any]) -> Iterator[str]:
    steps = _objects(found, "steps")
    if steps:
        yield app.text("explain.steps")
    for step in steps:
        yield f"  - {step.get('sentence')}"
        if step.get("command"):
            yield f"      {step['command']}"


def _evidence(app: App, evidence: Mapping[str, Any]) -> str:
    return app.text(
        "explain.evidence",
        id=evidence.get("instrument"),
        state=evidence.get("state"),
        form=word(app, "form", evidence.get("form")),
        reference=evidence.get("reference") or NONE,
        status=word(app, "status", evidence.get("status")),
        report=evidence.get("report") or NONE,
    )


def _objects(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    listed = values.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
