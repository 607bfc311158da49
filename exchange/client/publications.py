"""What an officer does to publish a rendition of a report: propose it, confirm it with the same file at hand, withdraw it.

The first officer signs the file's SHA-256 and sends no file. The second compares the file with what was signed, sends it, and
signs: so nobody alone puts plain text of a report on a server, and two people have looked at what is published.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client.errors import ServerRefusal
from exchange.client.http import Http
from exchange.client.report_acts import chosen, own_report, stamp
from exchange.client.report_errors import FileNotSignedError, NothingPublicError, PublicationChoiceError
from exchange.client.report_view import ReportView
from exchange.client.session import Session
from exchange.client.statements_out import Posted, in_chain, sign_and_post
from exchange.statements import determination as determinations
from exchange.statements import publication as publications
from exchange.statements import publication_withdrawal as withdrawals
from exchange.statements import words
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.determination_values import OVERRIDE
from exchange.statements.form import Link
from exchange.statements.publication import Basis, Comments, Publication, PublicFile
from exchange.statements.publication_withdrawal import PublicationWithdrawal
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.statement import Statement

PUBLICATIONS: Final = "/api/v1/publications"
PUBLIC: Final = "publication"
BINARY: Final = "application/octet-stream"
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_OPTIONS: Final[Mapping[str, str]] = {words.RENDITION: "--file", words.COMMENTS: "--comments"}
_MOST_PAGES: Final = 10_000


@dataclass(frozen=True)
class Proposal:
    """What a person wants to publish. None: as the report says, or a name made from kind, body, day and language.

    `ending`: the file's ending, which says its media type; `statement`: what a partial or override basis rests on, None for
    the one that stands.
    """

    data: bytes
    ending: str
    basis: str
    agreements: tuple[bytes, ...] = ()
    statement: bytes | None = None
    parts: tuple[str, ...] = ()
    language: str | None = None
    variant: str = "original"
    name: str | None = None
    comments: bytes | None = None
    comments_ending: str = ""
    comments_language: str | None = None


def propose(session: Session, report: str, wanted: Proposal) -> Posted:
    """Sign a publication as the first officer; the file stays here.

    Raises PublicationChoiceError, NothingPublicError, PartNotShownError, and as `own_report` and `sign_and_post`.
    """
    view = own_report(session, report)
    parts = chosen(view, wanted.parts)
    language = wanted.language or _only_language({part.language for part in parts})
    rendition = _file(view, wanted.data, wanted.ending, language, wanted.name)
    comments = None
    if wanted.comments is not None:
        tongue = wanted.comments_language or language
        comments = Comments(_file(view, wanted.comments, wanted.comments_ending, tongue, None, "comments"), tongue)
    basis = Basis(wanted.basis, publications.in_order(wanted.agreements), _statement(view, wanted))
    ids = publications.in_order(part.id for part in parts)

    def build(now: datetime) -> Statement:
        header = view.stored.statement.hash
        values = (report, header, ids, language, wanted.variant, rendition, comments, basis)
        try:
            return publications.build(Publication(stamp(session, now), *values))
        except MalformedError as error:
            raise PublicationChoiceError(str(error), detail=str(error)) from error

    named = [rendition.body(), None if comments is None else comments.body()]
    act = ("publish", report, [b64u(part) for part in ids], language, wanted.variant, basis.body(), named)
    return sign_and_post(session, act, build)


def send_files(session: Session, statement: Statement, values: Publication, files: Mapping[str, bytes]) -> None:
    """Hold the files at hand, by role, to those signed, and send them: what the second officer does before signing.

    FileNotSignedError names the first that differs or is not at hand. One for which nothing waits has been published already.
    """
    for role, due in values.files.items():
        data = files.get(role)
        if data is None or len(data) != due.size or hashlib.sha256(data).digest() != due.sha256:
            raise FileNotSignedError("a file is not the one that was signed", option=_OPTIONS[role])
    for role in values.files:
        path = f"{PUBLICATIONS}/{b64u(statement.hash)}/files/{role}"
        try:
            session.http.put_blocks(path, [files[role]], BINARY, {})
        except ServerRefusal as refusal:
            if refusal.code != "not_available":
                raise


def withdraw(session: Session, report: str, publication: bytes) -> Posted:
    """Take a publication off the page at once. Raises as `own_report` and `sign_and_post`."""
    own_report(session, report)

    def build(now: datetime) -> Statement:
        return withdrawals.build(PublicationWithdrawal(stamp(session, now), report, publication))

    return sign_and_post(session, ("unpublish", report, b64u(publication)), build)


def state_case(session: Session, report: str, value: Mapping[str, Any] | None) -> Posted:
    """State a case provided for by the treaty, or with None that it no longer holds; a case waits for a second officer."""
    return _determine(session, report, OVERRIDE, None if value is None else dict(value), None)


def state_public(session: Session, report: str, parts: Sequence[str], public: bool) -> list[Posted]:
    """State that the State itself made parts (none: all of it) public, or no longer says so; what opens waits for a second."""
    if not parts:
        return [_determine(session, report, PUBLIC, public, None)]
    view = own_report(session, report)
    return [_determine(session, report, PUBLIC, public, part.id) for part in chosen(view, parts)]


def published(http: Http) -> Iterator[dict[str, Any]]:
    """Yield what is published, newest first, as anyone may read it; MalformedError."""
    after: str | None = None
    for _page in range(_MOST_PAGES):
        answer = http.get(PUBLICATIONS, None if after is None else {"after": after}, public=True)
        items = answer.get("publications") if isinstance(answer, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise MalformedError("what is published is a list")
        yield from items
        after = answer.get("next")
        if not after:
            return


def _determine(session: Session, report: str, fact: str, value: Any, part: bytes | None) -> Posted:
    view = own_report(session, report)
    scope = ReportScope(report, view.stored.statement.hash)
    last = _last(session, view, fact, part)

    def build(now: datetime) -> Statement:
        link = Link(now, session.directory.exchange, last)
        return determinations.build(Determination(link, scope, part, fact, value))

    act = ("determine", report, fact, None if part is None else b64u(part), value)
    return sign_and_post(session, act, build, fits=in_chain(last))


def _last(session: Session, view: ReportView, fact: str, part: bytes | None) -> bytes | None:
    found = [
        stored.statement.hash
        for stored in view.determinations
        for value in (determinations.read(stored.statement),)
        if (value.fact, value.part) == (fact, part) and isinstance(value.scope, ReportScope)
    ]
    return found[-1] if found else None


def _statement(view: ReportView, wanted: Proposal) -> bytes | None:
    """Return what a basis rests on: what was named, or the last that stands of the fact it needs."""
    fact = {"partial": PUBLIC, "override": OVERRIDE}.get(wanted.basis)
    if fact is None or wanted.statement is not None:
        return wanted.statement
    standing: dict[bytes | None, bytes] = {}
    for stored in view.determinations:
        value = determinations.read(stored.statement)
        if value.fact == fact:
            standing.pop(value.part, None)
            if value.opens:
                standing[value.part] = stored.statement.hash
    if not standing:
        raise NothingPublicError("no statement for this basis stands")
    return list(standing.values())[-1]


def _only_language(languages: set[str]) -> str:
    if len(languages) != 1:
        raise PublicationChoiceError("parts of several languages: name the file's", detail="--language")
    return languages.pop()


def _file(view: ReportView, data: bytes, ending: str, language: str, name: str | None, what: str = "") -> PublicFile:
    media_type = _MEDIA_TYPES.get(ending)
    if media_type is None:
        raise PublicationChoiceError(f"no file of a kind that is published: '{ending}'", detail=", ".join(_MEDIA_TYPES))
    header = view.header
    day = "" if header.adopted_on is None else header.adopted_on.isoformat()
    said = (what, header.kind.replace("_", "-"), header.owner.replace(":", "-").lower(), day, language)
    neutral = f"{'-'.join(word for word in said if word)}.{ending}"
    return PublicFile(name or neutral, media_type, len(data), hashlib.sha256(data).digest())
