"""Statements that give a body a part for another: `audit-office`, and `authority.add` for a State under a treaty."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from keys import fields
from keys.directory_payload import KEY_ID, Link, Space, build, check_body, optional_text, optional_time
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.errors import MalformedError
from keys.statement import Statement

_TREATY: Final = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*", re.ASCII)


def treaty(value: object) -> None:
    """Check a treaty's short name as policies spell it: capitals, digits and single hyphens, 2 to 20 (ECPT, OPCAT)."""
    if not isinstance(value, str) or not 2 <= len(value) <= 20 or not _TREATY.fullmatch(value):
        raise MalformedError("not the short name of a treaty")


_OFFICE: Final[fields.Schema] = {"office": fields.organisation}
_AUTHORITY: Final[fields.Schema] = {
    "from": fields.time,
    "officer": fields.ID16,
    "sign": KEY_ID,
    "to": fields.nullable(fields.time),
    "treaty": treaty,
}


@dataclass(frozen=True)
class AuditOffice:
    """A body names the audit office that reads its entries; a later statement replaces an earlier one."""

    KIND: ClassVar[str] = "audit-office"

    link: Link
    organisation: str
    office: str

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the body that names its office."""
        return "organisation", self.organisation

    def statement(self) -> Statement:
        """Return the unsigned statement; one focal point of the body signs it."""
        return build(self.KIND, self.link, self.organisation, {"office": self.office})

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "AuditOffice":
        """Return the values of a payload; MalformedError for anything else."""
        link = check_body(body, fields.organisation, _OFFICE)
        return cls(link, body["subject"], body["office"])


@dataclass(frozen=True)
class AuthorityAdd:
    """An officer of `state:XA` may sign for that State under a treaty, from `valid_from` until before `valid_to`."""

    KIND: ClassVar[str] = "authority.add"

    link: Link
    organisation: str
    treaty: str
    officer: bytes
    sign: bytes
    valid_from: datetime
    valid_to: datetime | None

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the State's authority."""
        return "organisation", self.organisation

    def statement(self) -> Statement:
        """Return the unsigned statement; a quorum of founders of at least two bodies signs it."""
        body = {
            "from": format_time(self.valid_from),
            "officer": b64u(self.officer),
            "sign": b64u(self.sign),
            "to": optional_text(self.valid_to),
            "treaty": self.treaty,
        }
        return build(self.KIND, self.link, self.organisation, body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "AuthorityAdd":
        """Return the values of a payload; MalformedError also for a period that ends before it begins."""
        link = check_body(body, fields.state_organisation, _AUTHORITY)
        start, end = parse_time(body["from"]), optional_time(body["to"])
        if end is not None and end <= start:
            raise MalformedError("an authority ends before it begins")
        officer, sign = unb64u(body["officer"]), unb64u(body["sign"])
        return cls(link, body["subject"], body["treaty"], officer, sign, start, end)
