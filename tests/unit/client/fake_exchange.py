"""A server of the exchange that lives in one object: the logs of a `Founding`, signed by its real keys, told to lie on demand.

It answers what `exchange.client` asks (token, directory, audit head and proof) through httpx.MockTransport, and keeps each
request. `world.now` is its clock.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import OKPKey

from exchange.client.clock import Clock
from exchange.client.home import Home
from exchange.client.http import Http
from exchange.client.server_file import Server, save_server
from exchange.transparency.log_keys import LogKeys
from exchange.transparency.merkle import TreeHasher, leaf_hash, root_at
from exchange.transparency.paths import consistency_proof, inclusion_proof
from keys.directory_kinds import read_kind
from keys.directory_submission import named_keys
from keys.encoding import b64u, format_time
from keys.identity import Officer
from keys.statement import parse
from tests.unit.keys.directory_builder import Founding, Person, seed

URL = "http://localhost:8443"
Answer = Callable[[httpx.Request], httpx.Response]


class Told:
    """A teller that remembers what was said."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def say(self, key: str, **values: object) -> None:
        """Remember the key."""
        self.keys.append(key)


class Nodes:
    """All complete nodes of a tree over some leaves."""

    def __init__(self, leaves: list[bytes]) -> None:
        self._nodes: dict[tuple[int, int], bytes] = {}
        self.size = len(leaves)
        hasher = TreeHasher(sink=lambda level, index, node: self._nodes.__setitem__((level, index), node))
        for leaf in leaves:
            hasher.add(leaf_hash(leaf))

    def get(self, level: int, index: int) -> bytes:
        """See HashReader."""
        return self._nodes[level, index]


@dataclass
class FakeExchange:
    """The server. `audit` are its audit leaves; `answers` replace single addresses; `seen` are the requests."""

    world: Founding
    audit: list[bytes] = field(default_factory=lambda: [b"entry %d" % n for n in range(16)])
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[httpx.Request] = field(default_factory=list)
    tokens: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.seen.append(request)
        path = request.url.path
        answer = self.answers.get(path) or getattr(self, "_" + path.strip("/").replace("/", "_"), None)
        if answer is None:
            response = problem("not_found", 404)
        elif (
            not path.startswith(("/oauth/", "/log/"))
            and request.headers.get("Authorization") != f"Bearer token-{self.tokens}"
        ):
            response = problem("unauthenticated", 401)
        else:
            response = answer(request)
        response.headers["Exchange-Time"] = format_time(self.world.now)
        return response

    def note(self, name: str, leaves: list[bytes], size: int | None = None) -> str:
        """Sign a checkpoint over leaves with the log's real keys."""
        keys = LogKeys(f"{self.world.instance}/{name}/1", seed(f"{name} log"), seed(f"{name} log pq"))
        size = len(leaves) if size is None else size
        root = root_at(Nodes(leaves), size)
        return keys.sign_checkpoint(size, root, int(self.world.now.timestamp())).decode()

    def _oauth_token(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        claims = json.loads(_part(form["client_assertion"], 1))
        person = next(p for p in self.world.people.values() if p.id == claims["sub"])
        public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64u(person.sign.public)})
        jwt.decode(form["client_assertion"], public, algorithms=["Ed25519"])
        if abs(claims["iat"] - self.world.now.timestamp()) > 60:
            return problem("clock_off", 400, server_time=format_time(self.world.now))
        self.tokens += 1
        return httpx.Response(
            200, json={"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": 600}
        )

    def _api_v1_directory(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=self.directory(int(request.url.params["from"])))

    def directory(self, since: int) -> dict[str, Any]:
        """The answer an honest server gives."""
        leaves = [leaf.text for leaf in self.world.leaves]
        if since > len(leaves):
            return {}
        keys: dict[str, str] = {}
        for text in leaves[since:]:
            statement = parse(text)
            wanted = {kid for _, kid in named_keys(read_kind(statement))} | statement.kids
            keys |= {b64u(kid): b64u(self.world.public[kid]) for kid in wanted}
        proof = consistency_proof(Nodes(leaves), since, len(leaves)) if since else []
        return {
            "size": len(leaves),
            "checkpoint": self.note("directory", leaves),
            "consistency": [b64u(value) for value in proof],
            "entries": [
                {"text": leaf.text.decode(), "time": format_time(leaf.logged)} for leaf in self.world.leaves[since:]
            ],
            "keys": keys,
        }

    def _api_v1_recalls(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"items": [], "next": None})

    def _api_v1_audit_head(self, request: httpx.Request) -> httpx.Response:
        since = int(request.url.params["from"])
        if since > len(self.audit):
            return problem("log_range", 404)
        proof = consistency_proof(Nodes(self.audit), since, len(self.audit)) if since else []
        return httpx.Response(
            200, json={"checkpoint": self.note("audit", self.audit), "consistency": [b64u(value) for value in proof]}
        )

    def _api_v1_audit_proof(self, request: httpx.Request) -> httpx.Response:
        nodes = Nodes(self.audit)
        body = self._api_v1_audit_head(request).json()
        path = inclusion_proof(nodes, int(request.url.params["index"]), nodes.size)
        return httpx.Response(200, json={**body, "inclusion": [b64u(value) for value in path]})


def problem(code: str, status: int, **members: object) -> httpx.Response:
    """A problem document as the server spells it."""
    body = {"type": f"/problems/{code}", "title": code, "status": status, "code": code, **members}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def officer_of(person: Person) -> Officer:
    """A person's unlocked identity."""
    return Officer(person.officer, person.sign, person.seal)


@dataclass
class Desk:
    """An officer's machine: a home that knows the exchange, a clock, and a line to the fake server."""

    home: Home
    clock: Clock
    http: Http
    told: Told
    server: FakeExchange

    @property
    def now(self) -> Any:
        """The corrected time."""
        return self.clock.now()


def desk(folder: Path, server: FakeExchange, person: Person | None = None, *, exchange: bytes | None = None) -> Desk:
    """Set up a machine whose clock has been compared with the server's."""
    home = Home(folder)
    save_server(home, Server(URL, exchange or server.world.directory.exchange))
    clock, told = Clock(home), Told()
    clock.observe(server.world.now)
    officer = officer_of(person or server.world.founders[0])
    http = Http(URL, clock, told, officer, transport=httpx.MockTransport(server))
    return Desk(home, clock, http, told, server)


def _part(token: str, place: int) -> bytes:
    text = token.split(".")[place]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
