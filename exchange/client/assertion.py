"""The client assertion with which an officer's machine proves its signing key (RFC 7523; docs/http.md).

A compact JWS of three parts, written by hand: the signing key of `keys.signing` never shows its seed, so no JOSE library
could sign with it. A test reads it back with joserfc.
"""

import secrets
from datetime import datetime
from typing import Final

from keys.encoding import b64u, canonical
from keys.signing import SigningKey

TYPE: Final = "client-authentication+jwt"
LIFETIME_SECONDS: Final = 60
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def make_assertion(officer: bytes, key: SigningKey, audience: str, now: datetime) -> str:
    """Return an assertion of this officer (16 bytes) for the token endpoint `audience`, good for a minute from `now`."""
    issued = int(now.timestamp())
    header = {"alg": "Ed25519", "kid": b64u(key.key_id), "typ": TYPE}
    claims = {
        "aud": audience,
        "exp": issued + LIFETIME_SECONDS,
        "iat": issued,
        "iss": b64u(officer),
        "jti": b64u(secrets.token_bytes(16)),
        "sub": b64u(officer),
    }
    signed = f"{b64u(canonical(header))}.{b64u(canonical(claims))}"
    return f"{signed}.{b64u(key.sign(signed.encode('ascii')))}"
