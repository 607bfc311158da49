"""What anyone may know of publications: read from their rows, their signed statements and their reports' headers.

Nothing of a report leaves here but what its owner published: the kind of document, the States concerned, the day it was
adopted, and the files. No number of a report or part, no reference, no agreement, no person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from exchange.audit.statements import Statements
from exchange.db import UnitOfWork
from exchange.publications.models import Publication
from exchange.reports.queries import Reports
from exchange.statements import publication, report_header
from exchange.statements.publication import PublicFile
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u, format_time, unb64u
from keys.errors import MalformedError

PAGE: Final = 20


@dataclass(frozen=True)
class FileShown:
    """A file as anyone may see it: its role, the language of its text, and the file."""

    role: str
    language: str
    file: PublicFile

    @property
    def sha256(self) -> str:
        """The SHA-256 as `sha256sum` prints it."""
        return self.file.sha256.hex()

    def to_json(self) -> dict[str, Any]:
        """Return {role, language, name, media_type, size, sha256 (hexadecimal)}."""
        file = self.file
        values = {"media_type": file.media_type, "name": file.name, "sha256": self.sha256, "size": file.size}
        return {**values, "language": self.language, "role": self.role}


@dataclass(frozen=True)
class Shown:
    """A publication as anyone may see it; `withdrawn` once its files are off the page."""

    id: str
    owner: str
    kind: str
    states: tuple[str, ...]
    adopted_on: date | None
    language: str
    variant: str
    basis: str
    files: tuple[FileShown, ...]
    published: datetime
    withdrawn: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the publication as JSON values."""
        return {
            "adopted_on": None if self.adopted_on is None else self.adopted_on.isoformat(),
            "basis": self.basis,
            "files": [each.to_json() for each in self.files],
            "id": self.id,
            "kind": self.kind,
            "language": self.language,
            "owner": self.owner,
            "published": format_time(self.published),
            "states": list(self.states),
            "variant": self.variant,
            "withdrawn": None if self.withdrawn is None else format_time(self.withdrawn),
        }


def row_of(uow: UnitOfWork, statement: bytes) -> Publication | None:
    """Return the row of a publication that took effect, or None."""
    return uow.session.scalars(select(Publication).where(Publication.statement == statement)).one_or_none()


class PublicView:
    """Reads publications for anyone; and for a report's owner those of the report."""

    def __init__(self, statements: Statements, reports: Reports) -> None:
        self._statements = statements
        self._reports = reports

    def page(self, uow: UnitOfWork, after: str | None, limit: int = PAGE) -> tuple[list[Shown], str | None]:
        """Return up to `limit` publications, newest first, after the one with the id `after`, and the id to go on after.

        NotAvailableError for an `after` that is none.
        """
        query = select(Publication).order_by(Publication.number.desc()).limit(limit + 1)
        if after is not None:
            query = query.where(Publication.number < self._row(uow, after).number)
        rows = uow.session.scalars(query).all()
        shown = self._shown(uow, rows[:limit])
        return shown, shown[-1].id if len(rows) > limit else None

    def show(self, uow: UnitOfWork, id: str) -> Shown:
        """Return one publication; NotAvailableError."""
        return self._shown(uow, [self._row(uow, id)])[0]

    def of_report(self, uow: UnitOfWork, report: str) -> list[Shown]:
        """Return the publications of a report, oldest first. Whether somebody may know of them, the caller has asked."""
        query = select(Publication).where(Publication.report == report).order_by(Publication.number)
        return self._shown(uow, uow.session.scalars(query).all())

    def file(self, uow: UnitOfWork, id: str, role: str) -> tuple[bytes, PublicFile]:
        """Return the statement and the file of a publication that stands; NotAvailableError, also once it is withdrawn."""
        row = self._row(uow, id)
        stored = self._statements.find(uow, row.statement)
        file = None if stored is None else publication.read(stored.statement).files.get(role)
        if file is None or row.withdrawn is not None:
            raise NotAvailableError("no such file is published")
        return row.statement, file

    def _row(self, uow: UnitOfWork, id: str) -> Publication:
        try:
            found = row_of(uow, unb64u(id, 32))
        except MalformedError:
            found = None
        if found is None:
            raise NotAvailableError("no such publication")
        return found

    def _shown(self, uow: UnitOfWork, rows: Sequence[Publication]) -> list[Shown]:
        statements = self._statements.all(uow, [row.statement for row in rows])
        found = []
        for row in rows:
            values = publication.read(statements[row.statement].statement)
            header = report_header.read(self._reports.header(uow, row.report).statement)
            parts = self._reports.descriptors(uow, row.report).parts
            states = {state for each in parts if each.value.id in values.parts for state in each.value.states}
            languages = {role: values.language for role in values.files}
            if values.comments is not None:
                languages["comments"] = values.comments.language
            found.append(
                Shown(
                    id=b64u(row.statement),
                    owner=header.owner,
                    kind=header.kind,
                    states=tuple(sorted(states)),
                    adopted_on=header.adopted_on,
                    language=values.language,
                    variant=values.variant,
                    basis=values.basis.kind,
                    files=tuple(FileShown(role, languages[role], file) for role, file in values.files.items()),
                    published=row.published,
                    withdrawn=row.withdrawn,
                )
            )
        return found
