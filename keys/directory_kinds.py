"""The kinds of directory statements this build knows, and the one way from a signed statement to its values.

A kind is a frozen dataclass with `statement()` (the unsigned Statement) and a class method `read(body)`. A label that is
not in the table is UnknownVersionError: a kind that is not built is never skipped (docs/spec/directory.md, section 3).
"""

from typing import Final, TypeAlias

from keys.directory_authority import AuditOffice, AuthorityAdd
from keys.directory_bodies import EpochAdd, FocalPoints, OrganisationAdd
from keys.directory_officers import OfficerEnrol, OfficerLeave, OfficerMandate
from keys.directory_payload import label
from keys.directory_root import Root
from keys.errors import UnknownVersionError
from keys.statement import Statement

Kind: TypeAlias = (
    Root
    | OrganisationAdd
    | FocalPoints
    | EpochAdd
    | OfficerEnrol
    | OfficerMandate
    | OfficerLeave
    | AuditOffice
    | AuthorityAdd
)

_KINDS: Final[dict[str, type[Kind]]] = {
    label(kind.KIND): kind
    for kind in (
        Root,
        OrganisationAdd,
        FocalPoints,
        EpochAdd,
        OfficerEnrol,
        OfficerMandate,
        OfficerLeave,
        AuditOffice,
        AuthorityAdd,
    )
}


def read_kind(statement: Statement) -> Kind:
    """Return the values of a directory statement; its signatures are not looked at here.

    Raises UnknownVersionError for a label that is not in the table, MalformedError for a payload its kind does not permit.
    """
    kind = _KINDS.get(statement.typ)
    if kind is None:
        raise UnknownVersionError("a directory statement of a kind this build does not know")
    return kind.read(statement.body)
