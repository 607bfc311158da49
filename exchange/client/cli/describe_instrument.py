"""What an authorisation says, in plain words: shown before it is recorded, confirmed or signed."""

from collections.abc import Mapping
from typing import Any

from exchange.client.cli.app import App
from exchange.client.cli.wording import NONE, moment, word, words
from exchange.statements import instrument


def describe(app: App, body: Mapping[str, Any]) -> list[str]:
    """Return the lines that say what the body of a record permits and denies, in the person's language."""
    lines = [
        app.text(
            "consent.head",
            state=body["state"],
            form=word(app, "form", body["form"]),
            reference=body["reference"] or NONE,
            received=moment(body["received_on"]),
        ),
        word(app, "standing", body["kind"]),
    ]
    if not body["authority_competent"]:
        lines.append(app.text("consent.not_competent"))
    for provision in body["provisions"]:
        lines += _provision(app, provision)
    if not body["provisions"]:
        lines.append(app.text("consent.no_provisions"))
    lines += [_condition(app, condition) for condition in body["conditions"]]
    if instrument.answers(body) is not None:
        lines.append(f"{word(app, 'relation', 'answers')} {instrument.answers(body)}")
    for name in ("supersedes", "amends"):
        if body[name]:
            lines.append(f"{word(app, 'relation', name)} {', '.join(body[name])}")
    if body["undertaking"]:
        lines.append(app.text("consent.undertaking", name=body["undertaking"]))
    if body["reply_by"]:
        lines.append(app.text("consent.reply_by", moment=moment(body["reply_by"])))
    lines.append(
        app.text("consent.evidence" if body["evidence"] else "consent.no_evidence", id=body["evidence"] or NONE)
    )
    return lines


def _provision(app: App, provision: Mapping[str, Any]) -> list[str]:
    key = "consent.permit" if provision["effect"] == "permit" else "consent.deny"
    lines = [
        app.text(
            key,
            what=_scope(app, provision),
            bodies=words(app, "body_id", provision["grantees"]),
            actions=words(app, "action", provision["actions"]),
        )
    ]
    for name, table in (("purposes", "purpose"), ("languages", "language_tag"), ("variants", "variant")):
        if provision[name] is not None:
            label = word(app, "about", name.removesuffix("s"))
            lines.append(f"    {label}: {words(app, table, provision[name])}")
    for start, end, label in (("adopted_from", "adopted_to", "adopted"), ("valid_from", "valid_to", "period")):
        if provision[start] or provision[end]:
            span = f"{provision[start] or NONE} … {provision[end] or NONE}"
            lines.append(f"    {word(app, 'about', label)}: {span}")
    if provision["embargo_until"] or provision["embargo_event"]:
        ends = [moment(provision["embargo_until"]) if provision["embargo_until"] else None]
        ends.append(word(app, "embargo_event", provision["embargo_event"]) if provision["embargo_event"] else None)
        rule = f" {word(app, 'embargo_rule', provision['embargo_rule'])} "
        lines.append(f"    {word(app, 'about', 'embargo')}: {rule.join(end for end in ends if end)}")
    return lines


def _scope(app: App, provision: Mapping[str, Any]) -> str:
    scope, named = provision["scope"], provision["scope_ref"]
    listed = named if isinstance(named, list) else [] if named is None else [named]
    when = provision["time_scope"] or ("future" if provision["effect"] == "permit" else "all")
    if scope == "all":
        return f"{app.text('consent.all_documents')}, {word(app, 'time_scope', when)}"
    if scope == "kind":
        return f"{words(app, 'kind', listed)}, {word(app, 'time_scope', when)}"
    return f"{word(app, 'scope', scope)} {', '.join(str(item) for item in listed) or app.text('report.none')}"


def _condition(app: App, condition: Any) -> str:
    if isinstance(condition, str):
        return f"{app.text('consent.limitation')}: {word(app, 'limitation', condition)}"
    parameter = condition["parameter"]
    shown = ", ".join(parameter) if isinstance(parameter, list) else moment(parameter)
    return f"{app.text('consent.limitation')}: {word(app, 'limitation', condition['kind'])}: {shown}"
