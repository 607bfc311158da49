"""Checking what lies beside the directory for this officer's body: all its seats, and this officer's own keys from them."""

from typing import Final

from exchange.client.session import Session
from keys import fields
from keys.directory_submission import seat_holders
from keys.replay_errors import BesideMismatchError
from keys.seats import Seat, holders_of, seats_root

_MEMBERS: Final[fields.Schema] = {
    "mandates": fields.list_of(fields.anything, most=100_000),
    "profiles": fields.list_of(fields.anything, most=100_000),
    "seats": fields.list_of(fields.anything, most=1_000_000),
}


def verify_all(session: Session) -> int:
    """Check every seat of this officer's body against its epoch, open this officer's own, and return how many there are.

    BesideMismatchError, SeatCountError where the server keeps other seats than were signed; CannotOpenError,
    KeyMismatchError where a seat does not hold the published key.
    """
    body = session.organisation
    answer = fields.check(session.http.get(f"/api/v1/organisations/{body}/members"), _MEMBERS)
    seats = [Seat.read(item) for item in answer["seats"]]
    for epoch in session.directory.organisation(body).epochs:
        given = [seat for seat in seats if (seat.organisation, seat.epoch) == (body, epoch.number)]
        holders = holders_of(seat_holders(session.directory, body, epoch.number))
        if seats_root(given, holders) != epoch.seats_root:
            raise BesideMismatchError(f"the seats of epoch {epoch.number} of '{body}' are not those it names")
        if session.officer.id in epoch.officers:
            session.epoch_key(body, epoch.number)
    session.teller.say("client.seats_verified", count=len(seats), organisation=body)
    return len(seats)
