"""A simulated officer: one key, one token, lines to every host, and the requests that an officer's machine makes.

Requests go to the hosts in turn, so that nothing an officer does may depend on having come to the same host before. Whatever
is not the answer that was due raises Unexpected.
"""

import base64
import hashlib
import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from exchange.client.assertion import ASSERTION_TYPE, make_assertion
from exchange.statements.release_request import ReleaseRequest
from keys.encoding import b64u
from keys.statement import Statement
from tests.load.line import TIMEOUT, Answer, Line, LineError
from tests.load.measured import Measured
from tests.load.papers import Desk, Report, now
from tests.load.proving import Notebook, Seen
from tests.unit.keys.directory_builder import Person

API: Final = "/api/v1"
WITHHELD: Final = 404
# Seconds before the end of a token's life at which a new one is asked for: a request may take so long to be looked at.
_EARLY: Final = TIMEOUT


class Unexpected(Exception):
    """No answer, or another than was due."""


@dataclass(frozen=True)
class Asked:
    """One release request: what was sent, when it left and when its answer came (seconds, monotonic), and the index of the
    entry; None where it was refused."""

    sent: float
    answered: float
    index: int | None
    request: Statement
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass
class Floor:
    """What all officers share: the hosts, the desk, the notebook, the figures."""

    ports: Sequence[int]
    public_url: str
    desk: Desk
    notebook: Notebook
    measured: Measured
    _sources: itertools.count = field(default_factory=lambda: itertools.count(1))  # type: ignore[type-arg]

    def officer(self, person: Person) -> "Officer":
        """Seat a person, at an address of their own."""
        number = next(self._sources)
        source = f"127.{1 + number // 65_025}.{number // 255 % 255}.{1 + number % 254}"
        return Officer(self, person, [Line(port, source) for port in self.ports], Seen(self.notebook))


@dataclass
class Officer:
    """One officer's machine."""

    floor: Floor
    person: Person
    lines: Sequence[Line]
    seen: Seen
    _token: str = ""
    _ends: float = 0.0
    _turn: int = 0

    @property
    def body(self) -> str:
        """The officer's organisation."""
        return self.person.organisation

    async def ask(
        self,
        act: str,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        due: tuple[int, ...] = (200,),
        host: int | None = None,
        anonymous: bool = False,
    ) -> Answer:
        """Send one request to the next host, or to `host`, and note how long it took; Unexpected unless its status is due."""
        fields = dict(headers or {})
        if not anonymous:
            fields["Authorization"] = f"Bearer {await self.token()}"
        return await self._sent(act, method, path, body, fields, due, host)

    async def get(self, act: str, path: str, due: tuple[int, ...] = (200,), **query: Any) -> Answer:
        """GET below /api/v1."""
        text = f"?{urlencode(query)}" if query else ""
        return await self.ask(act, "GET", f"{API}{path}{text}", due=due)

    async def post(self, act: str, path: str, body: Any, due: tuple[int, ...] = (200,), host: int | None = None) -> Answer:
        """POST JSON below /api/v1."""
        data = json.dumps(body, separators=(",", ":")).encode()
        return await self.ask(act, "POST", API + path, data, {"Content-Type": "application/json"}, due, host)

    async def say(
        self,
        act: str,
        statement: Statement,
        beside: Mapping[str, Any] | None = None,
        due: tuple[int, ...] = (201,),
        host: int | None = None,
    ) -> Answer:
        """Post a statement; the leaf that its ticket gives is noted."""
        body = {"statement": statement.text.decode("ascii"), "beside": beside or {}}
        answer = await self.post(act, "/statements", body, due, host)
        if answer.status == 201:
            self.floor.notebook.ticket(statement, answer.json["ticket"])
        return answer

    async def release(
        self,
        report: Report,
        part: bytes,
        due: tuple[int, ...] = (200,),
        host: int | None = None,
        act: str = "release",
        prepared: tuple[ReleaseRequest, Statement] | None = None,
    ) -> Asked:
        """Ask for a part's envelope and hold the answer to everything it must prove."""
        await self.token()
        request, signed = prepared or self.floor.desk.request(self.person, report.id, part)
        since = self.seen.pinned
        body = {"statement": signed.text.decode("ascii"), "audit_size": since.size}
        sent = time.monotonic()
        answer = await self.post(act, f"/reports/{report.id}/parts/{b64u(part)}/release", body, due, host)
        answered = time.monotonic()
        if answer.status != 200:
            if answer.code != "N_UNAVAILABLE":
                raise Unexpected(f"refused with {answer.status} {answer.code}")
            return Asked(sent, answered, None, signed)
        found = answer.json
        index = self.seen.release(found, since, self.person, request, signed, report.owner)
        return Asked(sent, answered, index, signed, found)

    async def deposit(self, report: Report) -> None:
        """Send every piece and register the report; what was sent is let go, its digests are kept."""
        for part, pieces in report.pieces.items():
            size = sum(len(piece) for piece in pieces)
            body = {"report": report.id, "part": b64u(part), "size": size}
            upload = (await self.post("upload open", "/uploads", body, (201,))).json["upload"]
            for n, piece in enumerate(pieces):
                digest = hashlib.sha256(piece).digest()
                report.digests[part, n] = digest
                spelled = f"sha-256=:{base64.b64encode(digest).decode()}:"
                headers = {"Content-Digest": spelled, "Content-Type": "application/octet-stream"}
                await self.ask("piece put", "PUT", f"{API}/uploads/{upload}/pieces/{n}", piece, headers, (204,))
        answer = await self.ask(
            "register", "POST", f"{API}/reports", report.posted, {"Content-Type": "application/zip"}, (201,)
        )
        self.floor.notebook.ticket(report.header, answer.json["ticket"])
        report.pieces.clear()

    async def token(self) -> str:
        """The token in force; a new one by private_key_jwt where it is about to end."""
        if time.monotonic() < self._ends:
            return self._token
        audience = f"{self.floor.public_url}/oauth/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": make_assertion(self.person.officer, self.person.sign, audience, now()),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        asked = time.monotonic()  # its life began before the answer came
        answer = await self._sent("token", "POST", "/oauth/token", urlencode(form).encode(), headers, (200,), None)
        found = answer.json
        self._token, self._ends = found["access_token"], asked + found["expires_in"] - _EARLY
        return self._token

    def close(self) -> None:
        """Hang up."""
        for line in self.lines:
            line.close()

    async def _sent(
        self,
        act: str,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        due: tuple[int, ...],
        host: int | None,
    ) -> Answer:
        self._turn += 1
        line = self.lines[(self._turn if host is None else host) % len(self.lines)]
        try:
            answer = await line.ask(method, path, headers, body)
        except LineError as error:
            raise Unexpected(f"{act}: {error}") from error
        self.floor.measured.took(act, answer.seconds)
        if answer.status not in due:
            raise Unexpected(f"{act}: {answer.status} {answer.code} where {due} was due")
        return answer
