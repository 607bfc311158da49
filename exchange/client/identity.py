"""This officer's keys in the home: `identity.json` as `keys.identity` spells it, and the profile beside it.

`profile.json` holds what cards and enrolments need and the identity file does not: the public half of the stop key, and
the profile with its salt. It is not secret, but says who the officer is, so it stays in the home.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from exchange.client.errors import HomeDamagedError, IdentityExistsError, IdentityMissingError
from exchange.client.home import IDENTITY, PROFILE, Home
from keys import fields
from keys.directory_officers import SALT_BYTES, salted_hash
from keys.directory_payload import NamedOfficer
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import KeysError
from keys.identity import IdentityFile, Officer, new_identity, new_stop_code, stop_key
from keys.passphrase import Cost
from keys.suite import USE_SIGN, key_id

_PROFILE: Final[fields.Schema] = {
    "profile": fields.an_object({"name": fields.text(200)}),
    "salt": fields.b64u_of(SALT_BYTES),
    "stop": fields.b64u_of(32),
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Profile:
    """What lies beside the identity: the public stop key (32 bytes), and the profile's salt and JSON bytes."""

    stop: bytes
    salt: bytes
    body: bytes

    @property
    def digest(self) -> bytes:
        """What statements carry: SHA-256(salt || profile)."""
        return salted_hash(self.salt, self.body)

    @property
    def name(self) -> str:
        """The name the officer gave; empty when none."""
        return str(parse_object(self.body)["name"])


def make_identity(home: Home, phrase: str, name: str, cost: Cost | None = None) -> tuple[Officer, bytes]:
    """Make this home's officer; return the unlocked keys and the stop code (16 bytes), which is kept nowhere.

    IdentityExistsError where one stands; ShortPassphraseError, NotEnoughMemoryError.
    """
    with home.lock():
        if home.read(IDENTITY) is not None:
            raise IdentityExistsError("an identity stands in this home")
        file, officer = new_identity(phrase, cost)
        while b64u(officer.id).startswith("-"):
            # Officers are named on command lines, where such an id would read as an option.
            file, officer = new_identity(phrase, cost)
        code = new_stop_code()
        body = {
            "profile": {"name": name},
            "salt": b64u(secrets.token_bytes(SALT_BYTES)),
            "stop": b64u(stop_key(code, officer.id).public),
            "version": 1,
        }
        fields.check(body, _PROFILE)
        home.write(PROFILE, canonical(body))
        home.write(IDENTITY, file.dump())
    return officer, code


def load_identity(home: Home) -> IdentityFile:
    """Return the locked identity; IdentityMissingError, DamagedIdentityError, UnknownVersionError."""
    data = home.read(IDENTITY)
    if data is None:
        raise IdentityMissingError("no identity in this home")
    return IdentityFile.parse(data)


def load_profile(home: Home) -> Profile:
    """Return what lies beside the identity; IdentityMissingError, HomeDamagedError."""
    data = home.read(PROFILE)
    if data is None:
        raise IdentityMissingError("no identity in this home")
    try:
        body = fields.check(parse_object(data), _PROFILE)
    except KeysError as error:
        raise HomeDamagedError("profile.json is not as it was written", path=home.path(PROFILE)) from error
    return Profile(unb64u(body["stop"]), unb64u(body["salt"]), canonical(body["profile"]))


def change_passphrase(home: Home, old: str, new: str, cost: Cost | None = None) -> None:
    """Lock the same keys with another passphrase. Raises as `IdentityFile.change_passphrase`."""
    with home.lock():
        home.write(IDENTITY, load_identity(home).change_passphrase(old, new, cost).dump())


def named(officer: Officer, profile: Profile) -> NamedOfficer:
    """Return the officer as statements name them."""
    stop = key_id(USE_SIGN, profile.stop)
    return NamedOfficer(officer.id, officer.sign.key_id, officer.seal.key_id, stop, profile.digest)


def public_keys(officer: Officer, profile: Profile) -> dict[bytes, bytes]:
    """Return the public bytes of the officer's three keys by key id."""
    return {
        officer.sign.key_id: officer.sign.public,
        officer.seal.key_id: officer.seal.public,
        key_id(USE_SIGN, profile.stop): profile.stop,
    }
