"""What `flask fsck` asks of this room: every publication has its statement, and while it stands its files, whole."""

import hashlib
import hmac
from collections.abc import Iterator

from sqlalchemy import select

from exchange.audit.statements import Statements
from exchange.db import Database
from exchange.publications.files import PublicFiles, PublicStore
from exchange.publications.models import Publication
from exchange.statements import publication
from exchange.statements.publication import PublicFile
from exchange.web.errors import NotAvailableError
from exchange.web.feature import Check
from exchange.web.services import Services
from keys.encoding import b64u


def check_publications(services: Services) -> Iterator[str]:
    """Yield each publication without its statement, and each file that is missing or not of the SHA-256 signed."""
    statements = services.get(Statements)
    with services.get(Database).unit_of_work() as uow:
        for row in uow.session.scalars(select(Publication)):
            name = f"publication '{b64u(row.statement)}'"
            stored = statements.find(uow, row.statement)
            if stored is None:
                yield f"{name} has no statement"
                continue
            if row.withdrawn is not None:
                continue
            for role, file in publication.read(stored.statement).files.items():
                try:
                    path = services.get(PublicFiles).path(uow, row.statement, role)
                    whole = _is(file, path.read_bytes())
                except (NotAvailableError, OSError):
                    whole = False
                if not whole:
                    yield f"{name}: its file '{role}' is missing, or not the one that was signed"


def check_strangers(services: Services) -> Iterator[str]:
    """Yield what lies among the published files and is none."""
    for name in services.get(PublicStore).strangers():
        yield f"'{name}' among the published files is none of them"


def _is(file: PublicFile, data: bytes) -> bool:
    return len(data) == file.size and hmac.compare_digest(hashlib.sha256(data).digest(), file.sha256)


CHECKS = (Check("publications", check_publications), Check("published-files", check_strangers))
