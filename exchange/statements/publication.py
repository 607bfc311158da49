"""`publication`: two officers of the owner publish a rendition of a report: which file, of which parts, on which basis.

Payload: common fields with a nonce, `report` (UUID), `header` (hash), `parts` (ids covered), `language`, `variant`,
`rendition` (the plain file: name, media type, size, SHA-256), `comments` (the State's own file, with its language, or null),
`basis`. The file itself is never in a statement, and never a part's ciphertext or key: it is a file of its own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from exchange.statements import form, words
from exchange.statements.errors import OtherSubjectError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, at_least, of_bodies
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/publication/v1"
OFFICERS: Final = 2
# Nobody publishes more than this in one file; what a server takes is less.
MOST_BYTES: Final = 1 << 30

# A name that says nothing by itself and is safe on every machine and in every header: letters, digits, `.`, `_`, `-`.
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+", re.ASCII)
_MOST_NAME: Final = 80
# Names that Windows gives to devices, whatever the extension.
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])\.", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", re.ASCII)
_MOST_LANGUAGE: Final = 35


def _file_name(value: object) -> None:
    if not isinstance(value, str) or len(value) > _MOST_NAME or not _FILE_NAME.fullmatch(value) or _DEVICE.match(value):
        raise MalformedError("not a neutral file name")


def _language(value: object) -> None:
    if not isinstance(value, str) or len(value) > _MOST_LANGUAGE or not _LANGUAGE.fullmatch(value):
        raise MalformedError("not a language tag in lower case")


_FILE: Final[fields.Schema] = {
    "media_type": fields.one_of(*words.PUBLIC_MEDIA_TYPES),
    "name": _file_name,
    "sha256": fields.HASH,
    "size": fields.integer(1, MOST_BYTES),
}
_BASIS: Final[fields.Schema] = {
    "instruments": fields.list_of(fields.ID16, most=16, ordered=True),
    "kind": fields.one_of(*words.PUBLICATION_BASES),
    "statement": fields.nullable(fields.HASH),
}
_SCHEMA: Final[fields.Schema] = {
    "basis": fields.an_object(_BASIS),
    "comments": fields.nullable(fields.an_object({**_FILE, "language": _language})),
    "header": fields.HASH,
    "language": _language,
    "parts": fields.list_of(fields.ID8, least=1, ordered=True),
    "rendition": fields.an_object(_FILE),
    "report": fields.uuid,
    "variant": fields.one_of(*words.VARIANTS),
}


@dataclass(frozen=True)
class PublicFile:
    """A plain file that anyone may have: its neutral name, media type, bytes, and SHA-256 (32 bytes)."""

    name: str
    media_type: str
    size: int
    sha256: bytes

    def body(self) -> dict[str, Any]:
        """Return the file as JSON values."""
        return {"media_type": self.media_type, "name": self.name, "sha256": b64u(self.sha256), "size": self.size}


@dataclass(frozen=True)
class Comments:
    """The comments of the State that are published with a report: a file of their own, and its language."""

    file: PublicFile
    language: str

    def body(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return {**self.file.body(), "language": self.language}


@dataclass(frozen=True)
class Basis:
    """Why this may be published.

    `request`, `automatic`: the States' `instruments` (ids, 16 bytes; `in_order`), requests or standing agreements to publish.
    `partial`: OPCAT art. 16(2), `statement` (32 bytes) by which a part is public. `override`: a case provided for by the
    treaty, `statement` its determination. `own`: by the body's own rules, where no State is asked.
    """

    kind: str
    instruments: tuple[bytes, ...] = ()
    statement: bytes | None = None

    def body(self) -> dict[str, Any]:
        """Return the basis as JSON values."""
        return {
            "instruments": [b64u(each) for each in self.instruments],
            "kind": self.kind,
            "statement": None if self.statement is None else b64u(self.statement),
        }


@dataclass(frozen=True)
class Publication:
    """A rendition of `parts` (8 bytes each; `in_order`) in one language and variant, with the comments of the State if any."""

    stamp: Stamp
    report: str
    header: bytes
    parts: tuple[bytes, ...]
    language: str
    variant: str
    rendition: PublicFile
    comments: Comments | None
    basis: Basis

    @property
    def files(self) -> dict[str, PublicFile]:
        """The files by their role: `rendition`, and `comments` where there are any."""
        found = {words.RENDITION: self.rendition}
        if self.comments is not None:
            found[words.COMMENTS] = self.comments.file
        return found


def in_order(ids: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return ids in the order in which a publication lists them: that of their spelling, each once."""
    return tuple(sorted(set(ids), key=b64u))


def build(publication: Publication) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {
        "basis": publication.basis.body(),
        "comments": None if publication.comments is None else publication.comments.body(),
        "header": b64u(publication.header),
        "language": publication.language,
        "parts": [b64u(each) for each in publication.parts],
        "rendition": publication.rendition.body(),
        "report": publication.report,
        "variant": publication.variant,
    }
    statement = form.build(LABEL, publication.stamp, body)
    read(statement)
    return statement


def read(statement: Statement) -> Publication:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    comments = body["comments"]
    publication = Publication(
        stamp,
        body["report"],
        unb64u(body["header"]),
        tuple(unb64u(each) for each in body["parts"]),
        body["language"],
        body["variant"],
        _file(body["rendition"]),
        None if comments is None else Comments(_file(comments), comments["language"]),
        _basis(body["basis"]),
    )
    if publication.comments is not None and publication.comments.file.name == publication.rendition.name:
        raise MalformedError("field 'comments': two files of one name")
    return publication


def parse(text: bytes) -> tuple[Publication, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(
    publication: Publication, statement: Statement, book: SignerBook, header: bytes, owner: str
) -> tuple[Signer, ...]:
    """Return who published, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. every signer is an officer of the owner (WrongSignerError);
    3. it names this header (OtherSubjectError);
    4. two different officers signed (TooFewSignersError: pending).
    Whether its basis holds is for the server, which knows report and register.
    """
    signers = book.signers(statement, publication.stamp.exchange)
    of_bodies(signers, (owner,))
    if publication.header != header:
        raise OtherSubjectError("a publication names another header")
    at_least(signers, OFFICERS)
    return signers


def _file(body: dict[str, Any]) -> PublicFile:
    return PublicFile(body["name"], body["media_type"], body["size"], unb64u(body["sha256"]))


def _basis(body: dict[str, Any]) -> Basis:
    instruments = tuple(unb64u(each) for each in body["instruments"])
    statement = None if body["statement"] is None else unb64u(body["statement"])
    if bool(instruments) != (body["kind"] in words.BASES_OF_STATES):
        raise MalformedError("field 'basis.instruments': for what States asked, and for nothing else")
    if (statement is not None) != (body["kind"] in words.BASES_OF_STATEMENTS):
        raise MalformedError("field 'basis.statement': for a part already public or a case of the treaty alone")
    return Basis(body["kind"], instruments, statement)
