"""The line to the server: tokens, patience, typed refusals, and clocks."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from exchange.client.clock import Clock
from exchange.client.errors import AnswerError, NetworkError, ServerRefusal, UrlUnsafeError
from exchange.client.home import CLOCK, Home
from exchange.client.http import ATTEMPTS, Http
from exchange.client.server_file import safe_url
from tests.unit.client.fake_exchange import URL, Desk, FakeExchange, Told, desk, problem
from tests.unit.keys.directory_builder import Founding


class PatientClock(Clock):
    """A clock that notes how long it was asked to wait, and does not."""

    waited: list[float]

    def wait(self, seconds: float) -> None:
        """Note the time."""
        self.waited.append(seconds)


@pytest.fixture
def at_desk(tmp_path: Path) -> Desk:
    """A machine with a line to a server that answers /ping."""
    made = desk(tmp_path / "home", FakeExchange(Founding()))
    made.server.answers["/ping"] = lambda request: httpx.Response(200, json={"said": request.content.decode()})
    clock = PatientClock(made.home)
    clock.waited = []
    made.clock = made.http._clock = clock
    return made


def tokens_asked(at: Desk) -> int:
    """How often a token was asked for."""
    return sum(request.url.path == "/oauth/token" for request in at.server.seen)


def test_one_token_serves_many_requests_and_is_renewed_once(at_desk: Desk) -> None:
    """The token is asked for once; when it has ended, once more; a second refusal is told."""
    for _ in range(3):
        assert at_desk.http.post("/ping", {"a": 1}) == {"said": '{"a":1}'}
    assert tokens_asked(at_desk) == 1
    at_desk.server.tokens += 1
    assert at_desk.http.get("/ping") == {"said": ""}
    assert tokens_asked(at_desk) == 2
    at_desk.server.answers["/ping"] = lambda request: problem("unauthenticated", 401)
    with pytest.raises(ServerRefusal) as caught:
        at_desk.http.get("/ping")
    assert caught.value.code == "unauthenticated" and tokens_asked(at_desk) == 3


def test_a_refusal_is_typed_and_keeps_its_members(at_desk: Desk) -> None:
    """Code, status, title and further members of a problem document."""
    at_desk.server.answers["/ping"] = lambda request: problem("stale_epoch", 409, organisation="un-spt")
    with pytest.raises(ServerRefusal) as caught:
        at_desk.http.post("/ping", {})
    refusal = caught.value
    assert (refusal.code, refusal.status, refusal.title) == ("stale_epoch", 409, "stale_epoch")
    assert refusal.members == {"organisation": "un-spt"}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="<html>Bad Gateway</html>"),
        httpx.Response(200, text="<html>login</html>"),
        httpx.Response(302, headers={"Location": "https://elsewhere.example/"}),
        httpx.Response(400, json={"title": "x"}, headers={"Content-Type": "application/problem+json"}),
    ],
    ids=["gateway", "not-json", "redirect", "no-code"],
)
def test_an_answer_of_something_else_is_network(at_desk: Desk, answer: httpx.Response) -> None:
    """A proxy's page, a redirect, a refusal without a code: exit 3, nothing followed."""
    at_desk.server.answers["/ping"] = lambda request: answer
    with pytest.raises(AnswerError) as caught:
        at_desk.http.get("/ping")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("broken", [1, ATTEMPTS - 1, ATTEMPTS])
def test_a_broken_line_is_tried_again(at_desk: Desk, broken: int) -> None:
    """Up to four times, waiting longer each time; then it is the network's fault."""
    left = [broken]

    def answer(request: httpx.Request) -> httpx.Response:
        if left[0]:
            left[0] -= 1
            raise httpx.ReadTimeout("cut", request=request)
        return httpx.Response(200, json=1)

    at_desk.server.answers["/ping"] = answer
    if broken < ATTEMPTS:
        assert at_desk.http.get("/ping") == 1
    else:
        with pytest.raises(NetworkError):
            at_desk.http.get("/ping")
    assert at_desk.clock.waited == [0.5, 1.0, 2.0][:broken]


def test_what_must_not_be_sent_twice_is_not(at_desk: Desk) -> None:
    """A request that is not idempotent meets a broken line once."""
    at_desk.server.answers["/ping"] = lambda request: (_ for _ in ()).throw(httpx.ReadError("cut", request=request))
    with pytest.raises(NetworkError):
        at_desk.http.request("POST", "/ping", json={}, idempotent=False)
    assert at_desk.clock.waited == []


@pytest.mark.parametrize("code", ["database_busy", "outcome_unknown"])
def test_a_refusal_that_decided_nothing_is_tried_again(at_desk: Desk, code: str) -> None:
    """503 of these two means: send the same again."""
    answers = [problem(code, 503), httpx.Response(200, json=2)]
    at_desk.server.answers["/ping"] = lambda request: answers.pop(0)
    assert at_desk.http.get("/ping") == 2
    at_desk.server.answers["/ping"] = lambda request: problem("log_stopped", 503)
    with pytest.raises(ServerRefusal):
        at_desk.http.get("/ping")


def test_a_wrong_clock_is_corrected_told_and_kept(at_desk: Desk) -> None:
    """Two hours off: one refusal, one sentence, a correction that the next run of the program starts with."""
    at_desk.server.world.now += timedelta(hours=2)
    assert at_desk.http.get("/ping") == {"said": ""}
    assert at_desk.told.keys == ["client.clock_corrected"] and tokens_asked(at_desk) == 2
    assert abs(Clock(at_desk.home).now() - at_desk.server.world.now) < timedelta(seconds=31)
    at_desk.http.get("/ping")
    assert at_desk.told.keys == ["client.clock_corrected"]


def test_a_server_whose_own_times_disagree_is_no_endless_loop(at_desk: Desk) -> None:
    """Refused again with the corrected time: the refusal is told."""
    at_desk.server.answers["/oauth/token"] = lambda request: problem("clock_off", 400, server_time="2030-01-01T00:00:00Z")
    with pytest.raises(ServerRefusal) as caught:
        at_desk.http.get("/ping")
    assert caught.value.code == "clock_off" and tokens_asked(at_desk) == 2


def test_a_clock_file_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    """The next answer gives the correction anew; small differences are none."""
    home = Home(tmp_path / "home")
    home.write(CLOCK, b"{")
    clock = Clock(home)
    assert clock.offset == timedelta(0)
    assert clock.observe(clock.machine() + timedelta(seconds=20)) is None
    assert clock.observe(clock.machine() - timedelta(days=1)) is not None
    assert json.loads(home.read(CLOCK) or b"")["offset"] == pytest.approx(-86_400, abs=2)


def test_public_addresses_need_no_key(tmp_path: Path) -> None:
    """Without an officer a public address answers, and another is refused before anything is sent."""
    server = FakeExchange(Founding())
    server.answers["/ping"] = lambda request: httpx.Response(200, json=1)
    sent: list[httpx.Request] = []

    def open_server(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=1)

    home = Home(tmp_path / "home")
    http = Http(URL, Clock(home), Told(), transport=httpx.MockTransport(open_server))
    assert http.get("/ping", public=True) == 1 and "Authorization" not in sent[0].headers
    with pytest.raises(ServerRefusal):
        http.get("/ping")
    assert len(sent) == 1


@pytest.mark.parametrize("url", ["https://exchange.example", "http://localhost:8443/", "http://127.0.0.1", "http://[::1]:9"])
def test_safe_addresses(url: str) -> None:
    """https anywhere, plain http to this machine."""
    assert safe_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://exchange.example", "ftp://localhost", "https://", "https://a.example/path", "https://me@a.example",
     "https://a.example?x", "https://a.example:99999", "localhost:8443", "http://localhost.example", "https://[::"],
)
def test_unsafe_addresses(url: str) -> None:
    """Whatever else is refused before a byte is sent."""
    with pytest.raises(UrlUnsafeError):
        safe_url(url)


class Keeping(httpx.BaseTransport):
    """A transport that keeps the bodies it was given, as an answer and its request keep each other."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        """Take the transport that answers."""
        self.inner = inner
        self.kept: list[object] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the body, and answer."""
        self.kept.append(request.stream)
        return self.inner.handle_request(request)


def test_what_was_sent_is_let_go_at_once(at_desk: Desk) -> None:
    """Bodies of sixteen MiB must not wait for the collector to find that nobody needs them."""
    at_desk.http._client._transport = Keeping(at_desk.http._client._transport)
    block = bytes(1000)
    before = sys.getrefcount(block)
    at_desk.server.answers["/ping"] = lambda request: httpx.Response(200, json={"said": len(request.content)})
    said = at_desk.http.put_blocks("/ping", [block, block], "application/octet-stream", {})
    assert said == {"said": 2000} and sys.getrefcount(block) == before
