"""`exchange approve`: a second person sees a transmission that waits, on their own machine, and approves or declines it."""

from collections.abc import Sequence
from pathlib import Path

import click

from exchange.client import drafts
from exchange.client.cli.app import App
from exchange.client.cli.describe_statement import check_recipients
from exchange.client.cli.meter import Bar
from exchange.client.cli.options import PATH, asks, unlocks
from exchange.client.cli.reading import REPORT
from exchange.client.cli.report_acts import posted_lines
from exchange.client.cli.wording import NONE, word
from exchange.client.drafts import Draft, Page
from keys.encoding import b64u


@click.command("approve")
@asks
@unlocks
@click.argument("report", type=REPORT)
@click.option("--decline", is_flag=True, default=False)
@click.option("-o", "--output", type=PATH, metavar="DIR")
def approve(app: App, report: str, decline: bool, output: Path | None) -> None:
    """Open a transmission that waits for approval, show what it is, and approve it as the second person, or decline it."""
    session = app.session
    draft = drafts.find(session, report)
    with drafts.opened(session, draft, output, Bar(app)) as pages:
        shown = _shown(draft, pages, kept=output is not None)
        for line in _lines(app, draft, pages, kept=output is not None):
            app.line(line)
        if decline:
            app.confirm(app.text("report.draft.ask_decline"))
            posted = [drafts.decline(session, draft)]
        else:
            app.confirm(app.text("report.draft.ask_approve"))
            posted = drafts.approve(session, draft, lambda grant: check_recipients(session, grant))
    said = app.text("report.draft.declined" if decline else "report.draft.approved", bodies=_bodies(draft))
    statements = [each.to_json() for each in posted]
    values = {"report": report, "approved": not decline, **shown, "statements": statements}
    app.done(values, [said, *(line for each in posted for line in posted_lines(app, each))])


def _bodies(draft: Draft) -> str:
    return ", ".join(dict.fromkeys(each.organisation for each in draft.goes))


def _shown(draft: Draft, pages: Sequence[Page], *, kept: bool) -> dict[str, object]:
    """Return what was shown, for --json."""
    return {
        "kind": draft.view.header.kind,
        "to": [{"organisation": each.organisation, "parts": list(each.parts)} for each in draft.goes],
        "parts": [
            {
                "part": b64u(page.opened.part.id),
                "states": list(page.opened.part.states),
                "language": page.opened.part.language,
                "title": page.opened.opened.manifest.title,
                "file": str(page.file) if kept else page.file.name,
                "first_page": page.text,
            }
            for page in pages
        ],
    }


def _lines(app: App, draft: Draft, pages: Sequence[Page], *, kept: bool) -> list[str]:
    """Say whom it goes to, about which States, under which title, and show the first page of each part."""
    header = draft.view.header
    lines = [
        app.text("report.draft.what", kind=word(app, "kind", header.kind), reference=header.reference or NONE),
        app.text("report.draft.to", bodies=_bodies(draft)),
    ]
    for page in pages:
        part, manifest = page.opened.part, page.opened.opened.manifest
        states = ", ".join(part.states)
        lines.append(app.text("report.draft.part", title=manifest.title, tongue=part.language, states=states))
        gets = ", ".join(e.organisation for e in draft.goes if b64u(part.id) in e.parts) or app.text("report.none")
        lines.append("  " + app.text("report.draft.part_to", bodies=gets))
        lines.append("  " + app.text("report.draft.file", file=manifest.file_name, size=manifest.size))
        if page.text is None:
            lines.append("  " + app.text("report.draft.no_text"))
        else:
            lines += [f"  | {line}" for line in page.text.splitlines()]
        if kept:
            lines.append("  " + app.text("report.opened_as", file=page.file))
    return lines
