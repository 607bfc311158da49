"""A card: an officer's public keys in a file, for whoever names them in a founding or as a body's first focal point.

Canonical JSON: version, officer, organisation (or null), the public keys sign, seal and stop, the profile's salted hash, and
the signature of "exchange/card/v1" || 0x00 || the card without it, by the sign key. The signature shows that the card was
made by the holder of that key and changed by nobody since; that it is the right person's, only they can say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exchange.client.errors import CardError
from exchange.client.identity import Profile
from keys import fields
from keys.directory_payload import NamedOfficer
from keys.directory_root import Founder
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import KeysError
from keys.identity import Officer
from keys.signing import check_sign_public, verify
from keys.statement import SIGNATURE_BYTES
from keys.suite import SEAL_PUBLIC_BYTES, USE_SEAL, USE_SIGN, check_seal_public, key_id

_LABEL: Final = b"exchange/card/v1\0"
_CARD: Final[fields.Schema] = {
    "officer": fields.ID16,
    "organisation": fields.nullable(fields.organisation),
    "profile": fields.HASH,
    "seal": fields.b64u_of(SEAL_PUBLIC_BYTES),
    "sign": fields.b64u_of(32),
    "signature": fields.b64u_of(SIGNATURE_BYTES),
    "stop": fields.b64u_of(32),
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Card:
    """An officer's public half: id (16 bytes), the body they say they act for, three public keys, profile hash."""

    officer: bytes
    organisation: str | None
    sign: bytes
    seal: bytes
    stop: bytes
    profile: bytes

    @property
    def named(self) -> NamedOfficer:
        """The officer as `organisation.add` names them."""
        sign, seal, stop = self.keys
        return NamedOfficer(self.officer, sign, seal, stop, self.profile)

    @property
    def keys(self) -> Mapping[bytes, bytes]:
        """Public bytes by key id, in the order sign, seal, stop."""
        return {
            key_id(USE_SIGN, self.sign): self.sign,
            key_id(USE_SEAL, self.seal): self.seal,
            key_id(USE_SIGN, self.stop): self.stop,
        }

    def founder(self, organisation: str) -> Founder:
        """The officer as `root` names them, of this body."""
        return Founder(self.officer, organisation, *self.keys)


def own_card(officer: Officer, profile: Profile, organisation: str | None) -> Card:
    """Return this officer's card."""
    return Card(officer.id, organisation, officer.sign.public, officer.seal.public, profile.stop, profile.digest)


def write_card(officer: Officer, card: Card) -> bytes:
    """Return the card's file, signed."""
    body = _body(card)
    signature = officer.sign.sign(_LABEL + canonical(body))
    return canonical({**body, "signature": b64u(signature)}) + b"\n"


def read_card(data: bytes) -> Card:
    """Return the card of a file once its signature verifies; CardError for anything else."""
    try:
        body = fields.check(parse_object(data.strip()), _CARD)
        sign, seal, stop = (unb64u(body[name]) for name in ("sign", "seal", "stop"))
        check_seal_public(seal)
        check_sign_public(stop)
        card = Card(unb64u(body["officer"]), body["organisation"], sign, seal, stop, unb64u(body["profile"]))
        verify(sign, unb64u(body["signature"]), _LABEL + canonical(_body(card)))
    except KeysError as error:
        raise CardError("not a card, or changed since it was made") from error
    return card


def _body(card: Card) -> dict[str, Any]:
    return {
        "officer": b64u(card.officer),
        "organisation": card.organisation,
        "profile": b64u(card.profile),
        "seal": b64u(card.seal),
        "sign": b64u(card.sign),
        "stop": b64u(card.stop),
        "version": 1,
    }
