"""What a publication, and a case provided for by the treaty, says in plain words: shown before it is signed."""

from collections.abc import Mapping
from typing import Any

from exchange.client.cli.app import App
from exchange.client.cli.wording import word
from exchange.statements.publication import Publication
from exchange.statements.publication_withdrawal import PublicationWithdrawal
from keys.encoding import b64u


def case_lines(app: App, value: Mapping[str, Any]) -> list[str]:
    """Say which case of the treaty a value states, by which vote, and when the State was heard."""
    vote = value["vote"]
    told = {"for_": vote["for"], **{name: vote[name] for name in ("against", "abstaining", "members", "on")}}
    return [word(app, "treaty_case", value["case"]), app.text("publish.vote", heard=value["heard_on"], **told)]


def publication_lines(app: App, value: Publication) -> list[str]:
    """Say what a publication publishes, from which report, and why."""
    file = value.rendition
    said = {"name": file.name, "size": file.size, "digest": file.sha256.hex(), "tongue": value.language}
    lines = [app.text("publish.rendition", variant=word(app, "variant", value.variant), **said)]
    if value.comments is not None:
        other = value.comments.file
        named = {"name": other.name, "size": other.size, "digest": other.sha256.hex()}
        lines.append(app.text("publish.comments", tongue=value.comments.language, **named))
    parts = ", ".join(b64u(part) for part in value.parts)
    basis = value.basis
    rests = [b64u(each) for each in (*basis.instruments, *([] if basis.statement is None else [basis.statement]))]
    lines.append(app.text("publish.report", report=value.report, parts=parts))
    lines.append(app.text("publish.basis", basis=word(app, "basis", basis.kind), named=", ".join(rests)).rstrip())
    return lines


def withdrawal_lines(app: App, value: PublicationWithdrawal) -> list[str]:
    """Say which publication is taken off the page."""
    return [app.text("publish.withdrawal", publication=b64u(value.publication), report=value.report)]
