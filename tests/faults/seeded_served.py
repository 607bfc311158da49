"""After a run: the owner is served everything that was acknowledged, once, and nothing else.

Its reports with their pieces, the statements on each of them, whether it is stopped, and the register of authorisations.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from keys.encoding import b64u
from tests.faults.seeded_ledger import DONE, Ledger
from tests.faults.seeded_oracle import Truth
from tests.faults.seeded_plan import CLOSED
from tests.faults.seeded_world import Founded, RunWorld
from tests.web.report_maker import Made

# Where the owner's view of a report lists the statements of a kind of act.
LISTS: Final[Mapping[str, str]] = {"grant": "grants", "stop": "stops", "lift": "lifts", "decide": "determinations"}
CONSENTS: Final = ("record", "confirm", "withdraw")


def served(world: RunWorld, ledger: Ledger, truth: Truth, app: Founded) -> Iterator[str]:
    """Yield whatever the owner is shown too much, too little or wrong."""
    officer = app.officers("coe-cpt")[0]
    listed = app.get(officer, "/reports?box=sent&limit=100")
    if listed.status_code != 200:
        yield f"the list of reports is answered with {listed.status_code}"
        return
    names = {world.reports[name].report: name for name in truth.registered}
    counted = Counter(str(item["report"]) for item in listed.json["items"])
    for report in sorted(set(counted) | set(names)):
        if counted[report] != int(report in names):
            yield f"the report '{names.get(report, report)}' is listed {counted[report]} times, not {int(report in names)}"
    for name in sorted(names.values()):
        yield from _statements(world, ledger, truth, app, name)
        yield from _pieces(world.reports[name], name, app)
    yield from _register(ledger, app)


def _statements(world: RunWorld, ledger: Ledger, truth: Truth, app: Founded, name: str) -> Iterator[str]:
    """What its own view of a report says: each statement once, and whether it is stopped."""
    shown = app.get(app.officers("coe-cpt")[0], f"/reports/{world.reports[name].report}?audit_size=0")
    if shown.status_code != 200:
        yield f"'{name}' is answered with {shown.status_code}"
        return
    lifted = {deed.about for deed in _done(ledger, "lift")}
    for kind, where in LISTS.items():
        expected = Counter(
            b64u(deed.hash)
            for deed in _done(ledger, kind)
            if (truth.stopped[deed.about][0] if kind == "lift" else deed.about) == name
        )
        if kind == "stop" and name == CLOSED:
            expected[b64u(world.template.stop.hash)] += 1
        found = Counter(str(item["hash"]) for item in shown.json[where])
        if found != expected:
            yield f"of '{name}', {(expected - found).total()} {where} are missing, and {(found - expected).total()} too many"
    stopped = any(report == name and stop not in lifted for stop, (report, _began) in truth.stopped.items())
    if bool(shown.json["stopped"]) != stopped:
        yield f"'{name}' is shown as {'stopped' if shown.json['stopped'] else 'not stopped'}"


def _pieces(made: Made, name: str, app: Founded) -> Iterator[str]:
    for part in made.parts:
        spooled = made.spool.parts[part]
        for n in range(spooled.layout.count):
            answer = app.get(app.officers("coe-cpt")[0], f"/reports/{made.report}/parts/{b64u(part)}/pieces/{n}")
            if answer.status_code != 200 or answer.get_data() != spooled.piece(n):
                yield f"piece {n} of '{name}' is not served as it was sent ({answer.status_code})"


def _register(ledger: Ledger, app: Founded) -> Iterator[str]:
    """Each event of an authorisation that was acknowledged stands once, one that was refused does not."""
    instruments = app.get(app.officers("coe-cpt")[0], "/consents")
    counted = Counter(event["statement"] for item in instruments.json["instruments"] for event in item["events"])
    for deed in ledger.deeds:
        if deed.kind in CONSENTS and counted[b64u(deed.hash)] != int(deed.state == DONE):
            found = counted[b64u(deed.hash)]
            yield f"{deed.kind} of step {deed.step} stands {found} times in the register, not {int(deed.state == DONE)}"


def _done(ledger: Ledger, kind: str) -> list[Any]:
    return [deed for deed in ledger.deeds if deed.kind == kind and deed.state == DONE]
