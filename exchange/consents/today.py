"""What a State has agreed to at this instant, as far as one body may see it: facts with a code, and the same in sentences.

The sentences are made from the same instruments as decisions are (`exchange.consents.wording`). The facts name what the page
rests on: the version of the State's part of the register, and the statements of each authorisation (decision 0037).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import g
from markupsafe import Markup

from exchange.consents.register import Register
from exchange.consents.standing_now import Standing, stand
from exchange.consents.wording import limitations_of, terms_of
from exchange.db import UnitOfWork
from exchange.logs.services import Logs
from exchange.notes import reference
from exchange.notes.blocks import Block, Code, Heading, Line, Paper, Text
from exchange.web.language import spoken, text
from exchange.web.services import service
from exchange.web.showing import body_name, footnotes, moment, state_name, when_value, word
from keys.encoding import b64u, canonical, format_time
from policies import status as statuses

VERSION: Final = "exchange/today/v1"
LABEL: Final = b"exchange/today/code/v1\0"


@dataclass(frozen=True)
class Today:
    """A State's agreements at one instant, as `reader` may see them.

    `version` is that of the State's part of the register, None for a body: it counts what others recorded too.
    `checkpoint` is what stands in public of the audit log, signed by its keys; None while nothing does.
    """

    state: str
    reader: str
    at: datetime
    version: int | None
    checkpoint: str | None
    standing: tuple[Standing, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing of the State's is left out: only its own authority sees what every body recorded."""
        return self.reader == f"state:{self.state}"

    @property
    def facts(self) -> dict[str, Any]:
        """What the page rests on, as JSON values: what its code is made from."""
        return {
            "page": VERSION,
            "state": self.state,
            "reader": self.reader,
            "at": format_time(self.at),
            "version": self.version,
            "checkpoint": self.checkpoint,
            "authorisations": [
                {
                    "instrument": each.found.row.id,
                    "status": each.status,
                    "statements": [b64u(event.statement) for event in each.found.events],
                }
                for each in self.standing
            ],
        }

    @property
    def code(self) -> str:
        """The code of the facts."""
        return reference.code_for(LABEL, canonical(self.facts, limit=None))


def today(uow: UnitOfWork, register: Register, reader: str, state: str, checkpoint: str | None) -> Today | None:
    """Return what `reader` may see of a State's agreements now; None for a body that recorded nothing of it."""
    visible = register.visible_to(uow, reader, state)
    if not visible and reader != f"state:{state}":
        return None
    near = register.of_states(uow, [state])
    kept = tuple(each for each in stand(visible, near, uow.now) if each.matters)
    own = reader == f"state:{state}"
    version = register.versions(uow, [state])[state] if own else None
    return Today(state, reader, uow.now, version, checkpoint, kept)


def checkpoint() -> str | None:
    """Return what stands in public of the audit log, as its keys signed it; None while nothing does."""
    published = service(Logs).published("audit")
    return None if published is None else published.text


def papers_of(page: Today, languages: Sequence[str]) -> list[Paper]:
    """Return the page as one paper a language; within a request."""
    found = []
    for language in languages:
        with spoken(language):
            g.pop("footnotes", None)
            found.append(_paper(page, language))
            g.pop("footnotes", None)
    return found


def _paper(page: Today, language: str) -> Paper:
    title = text("today.title", state=state_name(page.state))
    blocks: list[Block] = [Heading(title, 1), Line(text("today.at"), _plain(moment(page.at)))]
    blocks.append(Text(text("today.complete") if page.complete else text("today.partial", body=body_name(page.reader))))
    stands = [each for each in page.standing if each.status == statuses.IN_FORCE]
    blocks.append(Heading(text("today.stands")))
    if not stands:
        blocks.append(Text(text("today.nothing")))
    for each in stands:
        blocks += _authorisation(each, page.at)
    others = [each for each in page.standing if each.status != statuses.IN_FORCE]
    if others:
        blocks.append(Heading(text("today.others")))
    for each in others:
        blocks += _authorisation(each, page.at)
    blocks += [Heading(text("today.change")), Text(text("today.how_paper")), Text(text("today.how_key"))]
    blocks += [Text(note) for note in footnotes()]
    blocks.append(Heading(text("today.rests")))
    if page.version is not None:
        blocks.append(Line(text("today.version"), str(page.version)))
    blocks += [Code(page.code), Text(text("today.verify"))]
    return Paper(language, title, tuple(blocks))


def _authorisation(each: Standing, now: datetime) -> list[Block]:
    found, refused = each.found, each.status == statuses.REFUSED
    record: dict[str, Any] = found.terms
    name = word("form", record["form"]) + (f" {record['reference']}" if record["reference"] else "")
    blocks: list[Block] = [
        Heading(f"{name}{text('page.colon')} {word('status', each.status)}", 3),
        Text(word("status_means", each.status)),
        Line(f"{text('page.register.received_on')}{text('page.colon')}", _plain(when_value(record["received_on"]))),
        Line(f"{text('page.register.keeper')}{text('page.colon')}", body_name(found.row.recorder_body)),
        Line(f"{text('page.register.number')}{text('page.colon')}", found.row.id),
    ]
    for term in terms_of(found.instrument, now, refused=refused):
        blocks.append(Text(_plain(term.sentence) + (f" ({text('page.term.over')})" if term.over else "")))
        blocks += [Line(f"{line.about}{text('page.colon')}", _plain(line.says)) for line in term.lines]
    limitations = limitations_of(found.instrument)
    if each.excludes and each.status != statuses.IN_FORCE:
        blocks.append(Text(text("today.excludes")))
    if limitations:
        said = "; ".join(_plain(limitation) for limitation in limitations)
        blocks.append(Line(f"{text('page.term.limitations')}{text('page.colon')}", said))
    return blocks


def _plain(value: str) -> str:
    """What a page shows, as text without marks."""
    return Markup(value).striptags()  # noqa: S704  only read, never shown as HTML again
