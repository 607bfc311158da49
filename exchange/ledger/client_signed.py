"""Acts that a client signed: rebuild what it signed from the entry's fields, and check the signature a view keeps.

A release-request and a receipt are kept nowhere else; with these two functions whoever holds the whole entry shows that
an officer asked for it, or that the server invented it. Statements that are stored (headers, consents, the directory's)
carry their signatures themselves and are found by the field `statement`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from exchange.ledger.errors import BadEntryError
from exchange.ledger.record import Record
from exchange.ledger.values import Value
from exchange.ledger.vocabulary import RELEASE_PERMIT, RELEASE_WITHHOLD
from keys.encoding import b64u, canonical
from keys.errors import BadSignatureError, KeysError
from keys.statement import Signature, Statement

# The label, the fields of its payload beside time and exchange, and the field that holds the statement's hash.
_REQUEST: Final = ("exchange/release-request/v1", ("report", "part", "action", "purpose", "nonce"), "request")
_RECEIPT: Final = ("exchange/receipt/v1", ("report", "part", "request", "n", "index", "nonce"), "statement")
_SIGNED: Final[Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    RELEASE_PERMIT: _REQUEST,
    RELEASE_WITHHOLD: _REQUEST,
    "access:receipt:record": _RECEIPT,
}


def rebuild_signed(fields: Mapping[str, Value], exchange: bytes) -> Statement | None:
    """Return the unsigned statement behind a release or a receipt, or None for an act without one of its own.

    `exchange` is the 32-byte hash of `root`. None also where the view is partial: time and nonce are hidden there.
    Raises BadEntryError when the fields do not give the hash the entry names: no client signed this.
    """
    label, names, hash_field = _SIGNED.get(str(fields.get("act")), ("", (), ""))
    if not label or any(name not in fields for name in (*names, "asked", hash_field)):
        return None
    payload = {name: fields[name] for name in names} | {"time": fields["asked"], "exchange": b64u(exchange)}
    statement = Statement(label, canonical(payload))
    if b64u(statement.hash) != fields[hash_field]:
        raise BadEntryError(f"the fields do not give the hash in '{hash_field}'")
    return statement


def check_client_signature(record: Record, exchange: bytes, keys: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Check that one of the actor's keys signed the release-request or receipt of a record; return that key's id.

    `keys` are the actor's signing keys in the directory, (key id, 32 public bytes) each. None for an act without such a
    statement, or a partial view. Raises BadEntryError as `rebuild_signed`, and for a whole entry that lacks some of what
    its officer signed; BadSignatureError when no key fits.
    """
    statement = rebuild_signed(record.fields, exchange)
    if statement is None:
        if record.full and record.act.tag in _SIGNED:
            raise BadEntryError("an entry lacks what its officer signed")
        return None
    for kid, public in keys:
        for value in record.signatures:
            signed = statement.with_signature(Signature(kid, value))
            try:
                signed.check_signatures({kid: public}.get)
            except KeysError:
                continue
            return kid
    raise BadSignatureError("no key of the actor signed this act")
