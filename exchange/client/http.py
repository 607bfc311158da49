"""Speaking with the server: one token in memory, typed refusals, patience with a bad line, and the server's time.

TLS certificates are always verified; plain HTTP goes to this machine alone. Redirects are not followed: the address was
chosen by a person. Every request that records something is recorded once however often it is sent (docs/http.md), so a
broken line is tried again.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import httpx

from exchange.client.assertion import ASSERTION_TYPE, make_assertion
from exchange.client.clock import Clock
from exchange.client.errors import AnswerError, NetworkError, ServerRefusal
from exchange.client.server_file import is_loopback, safe_url
from exchange.client.telling import Teller
from keys.encoding import parse_time
from keys.errors import MalformedError
from keys.identity import Officer

PROBLEM: Final = "application/problem+json"
TIME_HEADER: Final = "Exchange-Time"
ATTEMPTS: Final = 4
TIMEOUT: Final = httpx.Timeout(60.0, connect=15.0)
# Refusals that mean "send the same again": nothing was decided.
_AGAIN: Final = frozenset({"database_away", "database_busy", "outcome_unknown"})

# What takes an answer's bytes as they arrive.
Sink: TypeAlias = Callable[[bytes], None]


class Http:
    """Requests to one server. Without `officer`, only public addresses can be asked."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        teller: Teller,
        officer: Officer | None = None,
        *,
        language: str = "en",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Take the address (UrlUnsafeError), the clock that learns from answers, and whose key proves who asks."""
        self.url = safe_url(url)
        self._clock = clock
        self._teller = teller
        self._officer = officer
        self._token: str | None = None
        local = is_loopback(httpx.URL(self.url).host)
        # On plain HTTP nothing is verified, so the machine's certificates need not be read: an empty store trusts nobody.
        plain = self.url.startswith("http://")
        self._client = httpx.Client(
            base_url=self.url,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True,
            timeout=TIMEOUT,
            follow_redirects=False,
            # A proxy of the environment serves the world outside, never this machine.
            trust_env=not local,
            headers={"Accept-Language": language, "User-Agent": "exchange"},
            transport=transport,
        )

    @property
    def clock(self) -> Clock:
        """The clock that learns from answers, and that waits."""
        return self._clock

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def get(self, path: str, params: Mapping[str, str | int] | None = None, *, public: bool = False) -> Any:
        """Return the JSON value at `path`. Raises ServerRefusal, NetworkError, AnswerError."""
        return _json(self.request("GET", path, params=params, public=public))

    def get_bytes(self, path: str, params: Mapping[str, str | int] | None = None, *, public: bool = False) -> bytes:
        """Return the bytes at `path`. Raises as `get`."""
        return self.request("GET", path, params=params, public=public).content

    def post(self, path: str, body: Any, *, public: bool = False) -> Any:
        """Send a JSON value and return the JSON answer, None for an empty one. Raises as `get`."""
        return _json(self.request("POST", path, json=body, public=public))

    def post_bytes(self, path: str, data: bytes, media_type: str, *, public: bool = False) -> Any:
        """Send bytes and return the JSON answer, None for an empty one. Raises as `get`."""
        return _json(self.request("POST", path, data=data, media_type=media_type, public=public))

    def put(self, path: str, body: Any) -> Any:
        """As `post`, with PUT."""
        return _json(self.request("PUT", path, json=body))

    def delete(self, path: str) -> Any:
        """As `get`, with DELETE."""
        return _json(self.request("DELETE", path))

    def put_blocks(self, path: str, blocks: Sequence[bytes], media_type: str, headers: Mapping[str, str]) -> Any:
        """Send blocks one after the other as one body with PUT, without copying them; as `post_bytes` otherwise."""
        sent = {**headers, "Content-Length": str(sum(map(len, blocks)))}
        held = list(blocks)
        try:
            return _json(self.request("PUT", path, data=held, media_type=media_type, headers=sent))
        finally:
            # An answer and its request hold each other: without this, bodies would stay until the collector comes round.
            held.clear()

    def get_range(self, path: str, begin: int, end: int, sink: Sink) -> None:
        """Give the bytes `begin` to `end` at `path` to `sink` as they arrive: never more of them, and not fewer.

        Raises as `get`. What had arrived when a line broke stays with the sink: NetworkError then, and the caller asks for
        the rest.
        """
        asked = {"Accept-Encoding": "identity", "Range": f"bytes={begin}-{end - 1}"}
        left = end - begin

        def take(data: bytes) -> None:
            nonlocal left
            left -= len(data)
            if left < 0:
                raise AnswerError("more bytes than were asked for", url=self.url)
            sink(data)

        answer = self.request("GET", path, headers=asked, sink=take)
        said = answer.headers.get("Content-Range", "")
        if answer.status_code != 206 or not said.startswith(f"bytes {begin}-{end - 1}/") or left:
            raise AnswerError("other bytes than were asked for", url=self.url)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        data: bytes | Sequence[bytes] | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        public: bool = False,
        idempotent: bool = True,
        sink: Sink | None = None,
    ) -> httpx.Response:
        """Send one request and return the answer of status 2xx; with a token unless `public`.

        A token that is no longer in force is renewed once; `clock_off` is tried again once with the corrected time; a
        broken line up to four times if `idempotent`. Raises ServerRefusal, NetworkError, AnswerError. With `sink` the bytes
        of a success go there and nowhere else; once some have, a broken line is not mended here.
        """
        sent = dict(headers or {})
        if media_type is not None:
            sent["Content-Type"] = media_type
        renewed = corrected = False
        while True:
            if not public:
                sent["Authorization"] = f"Bearer {self._bearer()}"
            response = self._send(method, path, idempotent, sink, params=params, json=json, content=data, headers=sent)
            if response.is_success:
                return response
            refusal = _refusal(response)
            if refusal.status == 401 and not public and not renewed:
                self._token, renewed = None, True
            elif refusal.code == "clock_off" and not corrected:
                self._learn(refusal.members.get("server_time"))
                corrected = True
            else:
                raise refusal

    def _bearer(self) -> str:
        """Return the token, asked for where there is none."""
        if self._officer is None:
            raise ServerRefusal("unauthenticated", 401, "", {})
        corrected = False
        while self._token is None:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": make_assertion(
                    self._officer.id, self._officer.sign, f"{self.url}/oauth/token", self._clock.now()
                ),
            }
            response = self._send("POST", "/oauth/token", True, None, data=form)
            if response.is_success:
                body = _json(response)
                token = body.get("access_token") if isinstance(body, dict) else None
                if not isinstance(token, str) or not token.isascii():
                    raise AnswerError("a token answer without a token", url=self.url)
                self._token = token
                break
            refusal = _refusal(response)
            # A repeated send after a broken line finds its assertion used: the next one has a new id.
            if refusal.code not in ("clock_off", "assertion_replayed") or corrected:
                raise refusal
            self._learn(refusal.members.get("server_time"))
            corrected = True
        return self._token

    def _send(self, method: str, path: str, idempotent: bool, sink: Sink | None, **parts: Any) -> httpx.Response:
        """Send, and send again after a broken line or a refusal that decided nothing."""
        attempt = 1
        taken = False

        def take(data: bytes) -> None:
            nonlocal taken
            taken = True
            if sink is not None:
                sink(data)

        while True:
            last = attempt == ATTEMPTS or not idempotent
            try:
                response = self._once(method, path, None if sink is None else take, parts)
            except httpx.RequestError as error:
                if last or taken:
                    raise NetworkError(f"no answer: {type(error).__name__}", url=self.url) from error
            else:
                self._learn(response.headers.get(TIME_HEADER))
                if response.status_code != 503 or last or _refusal(response).code not in _AGAIN:
                    return response
            self._clock.wait(0.25 * 2**attempt)
            attempt += 1

    def _once(self, method: str, path: str, sink: Sink | None, parts: Mapping[str, Any]) -> httpx.Response:
        if sink is None:
            return self._client.request(method, path, **parts)
        with self._client.stream(method, path, **parts) as response:
            if response.is_success:
                for data in response.iter_bytes():
                    sink(data)
            else:
                response.read()
        return response

    def _learn(self, said: object) -> None:
        """Compare clocks with a time the server said, and tell the person when this machine's is wrong."""
        moment: datetime
        try:
            moment = parse_time(said)
        except MalformedError:
            return
        away = self._clock.observe(moment)
        if away is not None:
            minutes = round(abs(away.total_seconds()) / 60)
            if minutes:
                self._teller.say("client.clock_corrected", count=minutes)
            else:
                self._teller.say("client.clock_right")


def _json(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        raise AnswerError("an answer that is not JSON", url=str(response.url.copy_with(path="/"))) from error


def _refusal(response: httpx.Response) -> ServerRefusal:
    """Return the refusal that an answer spells; AnswerError when it is none of the exchange's."""
    where = f"{response.url.scheme}://{response.url.netloc.decode('ascii')}"
    if response.headers.get("Content-Type", "").partition(";")[0].strip() != PROBLEM:
        raise AnswerError(f"an answer of status {response.status_code} that is not the exchange's", url=where)
    body = _json(response)
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str):
        raise AnswerError("a refusal without a code", url=where)
    members = {name: value for name, value in body.items() if name not in ("type", "title", "status", "code")}
    return ServerRefusal(code, response.status_code, str(body.get("title", "")), members)
