"""What lies beside the directory's statements, and who is given which of it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from exchange.db import UnitOfWork
from exchange.directory.models import DirectoryMandate, DirectoryProfile, DirectorySeat
from exchange.directory.snapshots import publics
from keys.directory_kinds import read_kind
from keys.directory_submission import named_keys
from keys.encoding import b64u
from keys.replay_directory import Directory
from keys.statement import parse


def keys_of(uow: UnitOfWork, texts: Iterable[bytes]) -> dict[str, str]:
    """Return the public bytes, by key id, of every key these statements name or are signed with."""
    wanted: set[bytes] = set()
    for text in texts:
        statement = parse(text)
        wanted.update(kid for _use, kid in named_keys(read_kind(statement)))
        wanted.update(statement.kids)
    return {b64u(kid): b64u(public) for kid, public in sorted(publics(uow, wanted).items())}


def seats_of(uow: UnitOfWork, officer: bytes) -> list[dict[str, Any]]:
    """Return an officer's seats, oldest epoch first."""
    rows = uow.session.scalars(
        select(DirectorySeat).where(DirectorySeat.officer == officer).order_by(DirectorySeat.epoch)
    )
    return [_seat(row) for row in rows]


def members_of(uow: UnitOfWork, directory: Directory, organisation: str) -> dict[str, Any]:
    """Return what a body's own officers may have: all its seats, its sealed profiles, its mandates' private halves."""
    session = uow.session
    officers = [o for o in directory.officers if o.organisation == organisation]
    halves = []
    for officer in officers:
        row = None if officer.mandate is None else session.get(DirectoryMandate, officer.mandate.private)
        if row is not None:
            halves.append({"hash": b64u(row.hash), "salt": b64u(row.salt), "body": row.body.decode("utf-8")})
    seats = session.scalars(
        select(DirectorySeat)
        .where(DirectorySeat.organisation == organisation)
        .order_by(DirectorySeat.epoch, DirectorySeat.officer)
    )
    profiles = session.scalars(
        select(DirectoryProfile).where(DirectoryProfile.reader == organisation).order_by(DirectoryProfile.officer)
    )
    return {
        "seats": [_seat(row) for row in seats],
        "mandates": halves,
        "profiles": [
            {
                "officer": b64u(row.officer),
                "reader": row.reader,
                "epoch": row.epoch,
                "key": b64u(row.key),
                "sealed": b64u(row.sealed),
            }
            for row in profiles
        ],
    }


def _seat(row: DirectorySeat) -> dict[str, Any]:
    return {
        "organisation": row.organisation,
        "epoch": row.epoch,
        "officer": b64u(row.officer),
        "seat": b64u(row.seat),
    }
