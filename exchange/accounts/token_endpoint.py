"""POST /oauth/token: client credentials, authenticated by `private_key_jwt`, through Authlib's authorization server.

One server object a request, so that what a request proved never outlives it. The signature is checked in a reading unit
of work; only who proved a key gets to the writer lock.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Error, OAuth2Request, UnsupportedGrantTypeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import Blueprint, Response, jsonify
from joserfc.jwk import KeySet

from exchange.accounts.assertion import Proven, jwk, verify
from exchange.accounts.errors import AssertionInvalidError, UnsupportedGrantError
from exchange.accounts.tokens import METHOD, Tokens
from exchange.config import Config
from exchange.db import UnitOfWork
from exchange.web.caller import ActiveOfficer, KeyDirectory
from exchange.web.limits import check_limit
from exchange.web.services import service, unit_of_work

MAX_ASSERTION = 4_096

blueprint = Blueprint("oauth", __name__)


class OfficerClient(ClientMixin):  # type: ignore[misc]
    """An officer in Authlib's eyes: a client whose only grant is client credentials."""

    def __init__(self, officer: str, active: ActiveOfficer) -> None:
        self.officer = officer
        self.active = active

    def get_client_id(self) -> str:
        """Return the officer."""
        return self.officer

    def get_allowed_scope(self, scope: str) -> str:
        """Tokens carry no scope: what a caller may do is decided at every request."""
        return ""

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Only the officer's own key authenticates."""
        return bool(method == METHOD and endpoint == "token")

    def check_grant_type(self, grant_type: str) -> bool:
        """Only client credentials."""
        return grant_type == "client_credentials"


class Assertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """Authlib's client assertion with our algorithm, header, claims and clock (`exchange.accounts.assertion`)."""

    CLIENT_AUTH_METHOD = METHOD

    def __init__(self, uow: UnitOfWork, audience: str) -> None:
        super().__init__()
        self._uow = uow
        self._audience = audience
        self.proven: Proven | None = None
        self._client: OfficerClient | None = None

    def get_audiences(self) -> list[str]:
        """Return the one audience an assertion may name."""
        return [self._audience]

    def resolve_client_public_key(self, client: OfficerClient) -> KeySet:
        """Return the officer's key in force."""
        self._client = client
        return KeySet([jwk(client.active)])

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> None:
        """Verify everything; the id is recorded with the token, in one transaction."""
        if self._client is None:
            raise AssertionInvalidError("the assertion names no officer")
        officer, active = self._client.officer, self._client.active
        self.proven = verify(assertion, officer, active, self._audience, self._uow.now)


class OfficerGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """Client credentials, for clients that proved their key."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)


class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """An authorization server for one request. Every refusal leaves as one of our typed errors."""

    def __init__(self, query: Callable[[str], OfficerClient | None], assertion: Assertion, seconds: int) -> None:
        super().__init__(query_client=query, save_token=self._keep)
        self._assertion = assertion
        self._seconds = seconds
        self.register_client_auth_method(METHOD, assertion)
        self.register_grant(OfficerGrant)
        self.register_token_generator("default", self._generate)

    def _generate(self, **_kwargs: Any) -> dict[str, Any]:
        return {"token_type": "Bearer", "expires_in": self._seconds}  # the token itself is made when it is recorded

    def _keep(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing is recorded yet: see `token`."""

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> NoReturn:
        """Raise our own error for Authlib's."""
        if isinstance(error, UnsupportedGrantTypeError):
            raise UnsupportedGrantError("only client_credentials with private_key_jwt is supported") from error
        raise AssertionInvalidError("the client does not authenticate") from error


@blueprint.post("/oauth/token")
def token() -> Response:
    """Exchange a client assertion for a bearer token."""
    check_limit("token-address")
    config, tokens = service(Config), service(Tokens)
    with unit_of_work() as uow:
        assertion = Assertion(uow, config.token_endpoint)

        def query(officer: str) -> OfficerClient | None:
            check_limit("token-account", officer[:64])
            active = service(KeyDirectory).active_officer(uow, officer)
            return None if active is None else OfficerClient(officer, active)

        server = TokenServer(query, assertion, tokens.seconds)
        answer: Response = server.create_token_response()
        proven, client = assertion.proven, assertion._client
    if proven is None or client is None:
        raise AssertionInvalidError("the client does not authenticate")
    with unit_of_work(write=True) as uow:
        value = tokens.issue(uow, proven, client.active.kid)
    return jsonify({**answer.get_json(), "access_token": value})
