"""Who signed a stored statement, by the directory this home verified and by the statement's own proven place in the log.

The server has its own such book for what comes in; this one trusts nobody: place and time are those of a ticket that was
proven (`exchange.client.tickets`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from exchange.statements.signers import Place, Signer, SignerBook, SignerOf
from keys.replay_directory import Directory
from keys.replay_records import Authority

MINUTE: Final = timedelta(minutes=1)


def signer_book(directory: Directory, keys: Mapping[bytes, bytes], place: Place | None, at: datetime) -> SignerBook:
    """Return the book for a statement at `place` (n, index) of the audit log, entered at `at`.

    `keys` are public bytes by key id. An officer who left keeps their earlier signatures; whether someone was the
    authority of a State is asked for the minute that begins at `at`.
    """
    return SignerBook(directory.exchange, signer_of(directory, keys, at), place)


def signer_of(directory: Directory, keys: Mapping[bytes, bytes], at: datetime) -> SignerOf:
    """Return what the directory says of a signing key, None for one it does not have or whose bytes are not at hand."""

    def find(kid: bytes) -> Signer | None:
        officer = directory.officer_at(kid)
        public = keys.get(kid)
        if officer is None or public is None:
            return None
        ended = None if officer.ended is None else (officer.ended.at.n, officer.ended.at.size)
        state = officer.organisation.removeprefix("state:")
        named = directory.all_authorities.get(officer.organisation, ())
        speaks = any(a.officer == officer.id and a.sign == kid and _in_force(a, at) for a in named)
        return Signer(public, officer.id, officer.organisation, ended, frozenset({state}) if speaks else frozenset())

    return find


def _in_force(authority: Authority, minute: datetime) -> bool:
    """Whether an authority was in force at some instant of a minute: more of an entry's time the log does not say."""
    return authority.valid_from < minute + MINUTE and (authority.valid_to is None or minute < authority.valid_to)
