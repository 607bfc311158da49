"""A client assertion: how an officer's machine proves its signing key to the token endpoint (RFC 7523, RFC 7521).

Protected header: `alg` "Ed25519", `typ` "client-authentication+jwt" (so that no assertion is ever taken for a
statement), at most a `kid` beside them. Claims: `iss` = `sub` = the officer, `aud` = the token endpoint, `iat`, `exp` at
most 60 seconds later, `jti` of 16 to 128 characters, used once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from exchange.accounts.errors import AssertionInvalidError
from exchange.web.caller import ActiveOfficer
from exchange.web.errors import ClockOffError
from keys.encoding import b64u

ALGORITHM: Final = "Ed25519"
TYPE: Final = "client-authentication+jwt"
LIFETIME: Final = timedelta(seconds=60)
SKEW: Final = timedelta(seconds=60)
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "iat", "exp", "jti"})


@dataclass(frozen=True)
class Proven:
    """What a verified assertion says: the officer (base64url), its id, and from when it can no longer be used."""

    officer: str
    jti: str
    dead: datetime


def jwk(active: ActiveOfficer) -> OKPKey:
    """Return an officer's public signing key in the form joserfc takes."""
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64u(active.public)})


def verify(text: str, officer: str, active: ActiveOfficer, audience: str, now: datetime) -> Proven:
    """Check an assertion in numbered steps; AssertionInvalidError, or ClockOffError when only its times are wrong.

    1 the signature, under the key the directory has in force; 2 the header; 3 who and for whom; 4 the id; 5 the times.
    Times come last: only who holds the key learns that their clock is wrong.
    """
    try:
        token = jwt.decode(text, jwk(active), algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError) as error:
        raise AssertionInvalidError("the assertion does not verify") from error
    header: Mapping[str, Any] = token.header
    if header.get("typ") != TYPE or not set(header) <= {"alg", "typ", "kid"}:
        raise AssertionInvalidError("the assertion's header is not alg and typ")
    if header.get("kid", b64u(active.kid)) != b64u(active.kid):
        raise AssertionInvalidError("the assertion names another key")
    claims: Mapping[str, Any] = token.claims
    if not set(claims) >= _CLAIMS or claims["iss"] != officer or claims["sub"] != officer:
        raise AssertionInvalidError("the assertion's claims are not the ones asked for")
    if claims["aud"] not in (audience, [audience]):
        raise AssertionInvalidError("the assertion is for another endpoint")
    jti = claims["jti"]
    if not isinstance(jti, str) or not 16 <= len(jti) <= 128 or not jti.isascii():
        raise AssertionInvalidError("the assertion has no acceptable id")
    return Proven(officer, jti, _check_times(claims, now))


def _check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    moments = []
    for name in ("iat", "exp"):
        value = claims[name]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
            raise AssertionInvalidError("the assertion's times are not whole seconds")
        moments.append(datetime.fromtimestamp(value, UTC))
    issued, expires = moments
    if not timedelta(0) < expires - issued <= LIFETIME:
        raise AssertionInvalidError(f"the assertion lives longer than {LIFETIME.seconds} seconds")
    if issued > now + SKEW or expires < now - SKEW:
        raise ClockOffError("the assertion's times are far from the server's clock", now)
    return expires + SKEW
