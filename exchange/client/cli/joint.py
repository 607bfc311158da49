"""Acts that several people sign: writing a proposal, showing it, signing it."""

from pathlib import Path

from exchange.client.cli.app import App
from exchange.client.cli.describe import describe
from exchange.client.errors import ServerRefusal
from exchange.client.home import PINS
from exchange.client.proposals import check_proposal, missing, write_proposal
from keys.directory_kinds import Kind, read_kind
from keys.directory_submission import Submission
from keys.encoding import b64u
from keys.replay_directory import Directory


def propose(app: App, proposal: Submission, output: Path) -> None:
    """Check a proposal this officer has signed, show what it says, and write its file."""
    session = app.session
    check_proposal(proposal, session.directory, session.now(), session.keys.get, complete=False)
    for line in lines_of(app, proposal):
        app.line(line)
    app.write(output, write_proposal(proposal))
    left = missing(proposal, session.directory)
    app.done(values_of(proposal, output, left), _left(app, output, left))


def lines_of(app: App, proposal: Submission) -> list[str]:
    """Return what all statements of a proposal say."""
    return [line for statement in proposal.statements for line in describe(app, read_kind(statement))]


def signed_lines(app: App, output: Path, left: int, signed: list[Kind]) -> list[str]:
    """Return what to tell after signing."""
    return [app.text("client.proposal.signed", count=len(signed)), *_left(app, output, left)]


def values_of(proposal: Submission, output: Path, left: int) -> dict[str, object]:
    """Return a proposal's state for --json."""
    return {
        "file": str(output),
        "missing": left,
        "statements": [
            {"hash": b64u(statement.hash), "label": statement.typ, "signers": sorted(b64u(k) for k in statement.kids)}
            for statement in proposal.statements
        ],
    }


def member_directory(app: App) -> Directory | None:
    """Return the verified directory; None where this officer has no access yet: before founding, or not enrolled.

    Whoever has verified a directory before gets no answer but a verified one: a server cannot make a member sign blindly.
    """
    if app.home.read(PINS) is not None:
        return app.session.directory
    if not app.knows_server():
        return None
    try:
        return app.session.directory
    except ServerRefusal as refusal:
        if refusal.status in (401, 409, 503):
            return None
        raise


def _left(app: App, output: Path, left: int) -> list[str]:
    if left:
        return [app.text("client.proposal.left", count=left, path=output)]
    return [app.text("client.proposal.complete", path=output)]
