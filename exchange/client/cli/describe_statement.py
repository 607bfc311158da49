"""What a statement on a report says, in plain words: shown before a second officer signs it."""

from exchange.client import recalls
from exchange.client.cli.app import App
from exchange.client.cli.describe_publication import case_lines, publication_lines, withdrawal_lines
from exchange.client.cli.wording import NONE, moment, word, words
from exchange.client.errors import OwnKeysError
from exchange.client.session import Session
from exchange.statements.consent import Consent
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.determination_values import APPROVAL, END, ORIGINATOR_DECISION, OVERRIDE
from exchange.statements.grant import Grant
from exchange.statements.lift import Lift
from exchange.statements.publication import Publication
from exchange.statements.publication_withdrawal import PublicationWithdrawal
from exchange.statements.registry import Value
from exchange.statements.stop import Stop
from keys.encoding import b64u, canonical


def describe(app: App, value: Value) -> list[str]:
    """Return the lines that say what this statement does, in the person's language."""
    if isinstance(value, Grant):
        bodies = ", ".join(dict.fromkeys(r.organisation for r in value.recipients))
        parts = ", ".join(dict.fromkeys(b64u(r.part) for r in value.recipients))
        return [app.text("report.signs.grant", report=value.report, bodies=bodies, parts=parts)]
    if isinstance(value, Lift):
        return [app.text(_lifted(app.session, value), report=value.report)]
    if isinstance(value, Publication):
        return publication_lines(app, value)
    if isinstance(value, PublicationWithdrawal):
        return withdrawal_lines(app, value)
    if isinstance(value, Stop):
        return [app.text("report.signs.stop", report=value.report)]
    if isinstance(value, Determination):
        return _determination(app, value)
    if isinstance(value, Consent):
        return [app.text("report.signs.event", event=word(app, "event", value.event), id=b64u(value.instrument))]
    return [app.text("report.signs.other", kind=type(value).__name__)]


def check_recipients(session: Session, value: Value) -> None:
    """Hold a grant's recipients to the verified directory: each key is that body's key of now (OwnKeysError).

    One of an earlier epoch would reach those who have left since.
    """
    if not isinstance(value, Grant):
        return
    for each in value.recipients:
        if not session.directory.is_current_epoch(each.organisation, each.epoch, each.key):
            raise OwnKeysError(f"the key named for '{each.organisation}' is not the one it has in the directory")


def _lifted(session: Session, value: Lift) -> str:
    """Which words say what a lift ends: a recall that the server shows under that hash, else a stop."""
    recalled = {each.stored.statement.hash for each in recalls.of_report(session, value.report)}
    return "report.signs.lift_recall" if value.stop in recalled else "report.signs.lift"


def _determination(app: App, value: Determination) -> list[str]:
    scope = value.scope
    if isinstance(scope, ReportScope):
        what = app.text("report.signs.one_report", report=scope.report)
        if value.part is not None:
            what = app.text("report.signs.one_part", report=scope.report, part=b64u(value.part))
    else:
        kinds, states = words(app, "kind", scope.kinds), words(app, "state", scope.states)
        what = app.text("report.signs.standing", body=scope.organisation, kinds=kinds, states=states)
        if value.opens and value.fact == ORIGINATOR_DECISION:
            what = " ".join((what, app.text("report.signs.standing_sends")))
    if value.fact == OVERRIDE and value.value is not None:
        return [what, *case_lines(app, value.value)]
    if value.fact == APPROVAL:
        return [app.text("report.signs.approval" if value.value else "report.signs.approval_ended")]
    if value.fact != ORIGINATOR_DECISION:
        shown = canonical(value.value).decode("utf-8")
        return [what, app.text("report.signs.fact", fact=word(app, "fact", value.fact), value=shown)]
    decision = value.value
    if decision["effect"] == END:
        return [what, app.text("report.signs.end", body=decision["grantee"] or app.text("report.any"))]
    effect = "report.signs.permit" if decision["effect"] == "permit" else "report.signs.deny"
    return [
        what,
        app.text(
            effect,
            body=decision["grantee"] or app.text("report.any"),
            actions=words(app, "action", decision["actions"]),
            parts=words(app, "part_id", decision["parts"]),
        ),
        app.text(
            "report.signs.period",
            start=moment(decision["valid_from"]) if decision["valid_from"] else NONE,
            end=moment(decision["valid_to"]) if decision["valid_to"] else NONE,
        ),
    ]
