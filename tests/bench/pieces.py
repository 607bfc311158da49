"""Ciphertext on its way: pieces sent and fetched, against nginx doing the same with the same bytes and the same HTTP client.

An exchange is founded and served with the real application under gunicorn. Ours verifies every piece, syncs it and commits
its rows before it answers; nginx (DAV PUT) does none of that: its files are synced outside its time, before the next turn. A
part is fetched through nginx, by the exchange's leave (X-Accel-Redirect) and as a plain file.
"""

import base64
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from exchange.client.clock import Clock
from exchange.client.home import Home
from exchange.client.http import Http
from exchange.client.identity import load_identity
from exchange.client.piece_fetch import RANGE_BYTES
from exchange.client.piece_send import BINARY, HASHES, MOST_PIECES
from exchange.sealing.pieces import PIECE_BYTES, padded_size, piece_hash, sealed_size
from keys.encoding import b64u
from tests.bench.figures import Bench, Figure, paired
from tests.bench.front import FILES, INTERNAL, nginx
from tests.bench.peers import MIB, need, random_file
from tests.scripts.running import PHRASE, Exchange, Person, found

PUT_BOUND: Final = 1.6
GET_BOUND: Final = 1.05


class Silent:
    """A teller that tells nobody."""

    def say(self, key: str, **values: object) -> None:
        """Tell nobody."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield pieces sent, sixteen a request and one, and a part fetched whole and in the client's ranges."""
    need("nginx", "nginx-core")
    puts, runs = bench.choose(16, 8, 1), bench.choose(9, 5, 1)
    mebibytes = bench.choose(1024, 256, 2)
    folder = bench.folder / "exchange"
    folder.mkdir()
    exchange = found(folder)
    try:
        bench.say(f"deposit {mebibytes} MiB")
        report = deposited(exchange.cpt, random_file(bench.folder / "report", mebibytes * MIB))
        exchange.server.stop()
        exchange.server.environment["EXCHANGE_ACCEL"] = INTERNAL
        exchange.server.start()
        with nginx(bench.folder, exchange) as peer, closing(officer(exchange)) as http:
            for pieces, bound in ((MOST_PIECES, PUT_BOUND), (1, None)):
                bench.say(f"send pieces, {pieces} a request")
                yield _puts(bench, http, peer, puts, runs, pieces, bound)
            bench.say("fetch a part")
            yield from _gets(bench, exchange, http, peer, report, bench.choose(11, 5, 1))
    finally:
        exchange.server.stop()


def officer(exchange: Exchange, url: str | None = None, transport: httpx.BaseTransport | None = None) -> Http:
    """Return the client of an officer of the first founder, at the exchange's own address unless `url` is given."""
    home = Home(exchange.cpt.home)
    who = load_identity(home).unlock(PHRASE)
    return Http(url or exchange.server.url, Clock(home), Silent(), who, transport=transport)


def deposited(person: Person, file: Path) -> str:
    """Deposit a file with the real command and return the report's id."""
    words = "--to un-spt --state XA --language en --kind visit_report --adopted-on 2026-02-03".split()
    return str(person.asks("deposit", file, *words)["report"])


def _puts(
    bench: Bench, http: Http, peer: httpx.Client, puts: int, runs: int, pieces: int, at_most: float | None
) -> Figure:
    """Send new pieces one request after the other, `pieces` a request, and as many bytes a request to nginx."""
    number, name = count(1), count()
    size = sealed_size(padded_size((runs + 2) * puts * pieces * MIB))
    upload = http.post("/api/v1/uploads", {"report": str(uuid.uuid4()), "part": b64u(os.urandom(8)), "size": size})[
        "upload"
    ]
    data = os.urandom(pieces * PIECE_BYTES)
    blocks = [data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES)]
    hashes = b"".join(map(piece_hash, blocks))
    headers = {HASHES: f":{base64.b64encode(hashes).decode('ascii')}:"}
    files = bench.folder / "files"

    def ours() -> None:
        for _ in range(puts):
            first = next(number) * pieces
            http.put_blocks(f"/api/v1/uploads/{upload}/pieces/{first}", blocks, BINARY, headers)

    def theirs() -> None:
        said = {"Content-Length": str(len(data))}
        for _ in range(puts):
            peer.put(f"{FILES}{pieces}-{next(name)}", content=blocks, headers=said).raise_for_status()

    def settle() -> None:
        for path in files.iterdir():
            path.unlink()
        os.sync()

    called = f"{pieces} pieces a request" if pieces > 1 else "a piece a request"
    return paired(
        f"pieces sent, {called}, {puts} requests",
        "nginx DAV PUT",
        ours,
        theirs,
        runs=runs,
        at_most=at_most,
        work=puts * pieces * PIECE_BYTES / MIB,
        unit="MiB",
        before=settle,
    )


def _gets(
    bench: Bench, exchange: Exchange, http: Http, peer: httpx.Client, report: str, runs: int
) -> Iterator[Figure]:
    """Fetch a part through nginx: by the exchange's leave, and as a plain file of the same bytes."""
    part = http.get(f"/api/v1/reports/{report}")["parts"][0][1]["id"]
    path = f"/api/v1/reports/{report}/parts/{part}/content"
    token = {"Authorization": http.request("GET", f"/api/v1/reports/{report}").request.headers["Authorization"]}
    size = int(peer.head(path, headers=token).headers["Content-Length"])
    pieces = (exchange.folder / "instance" / "pieces").iterdir()
    shutil.copyfile(next(file for file in pieces if file.stat().st_size == size), bench.folder / "files" / "part")
    os.sync()

    def whole(where: str, headers: dict[str, str]) -> None:
        _fetch(peer, where, headers, 200, size)

    def ranges(where: str, headers: dict[str, str]) -> None:
        for begin in range(0, size, RANGE_BYTES):
            end = min(begin + RANGE_BYTES, size)
            _fetch(peer, where, {**headers, "Range": f"bytes={begin}-{end - 1}"}, 206, end - begin)

    ways: list[tuple[str, Callable[[str, dict[str, str]], None], float | None]] = [
        (f"part of {size / MIB:,.0f} MiB fetched, X-Accel", whole, GET_BOUND),
        (f"the same in ranges of {RANGE_BYTES // MIB} MiB, each decided", ranges, None),
    ]
    for called, fetch, bound in ways:
        yield paired(
            called,
            "nginx static GET",
            partial(fetch, path, token),
            partial(fetch, f"{FILES}part", {}),
            runs=runs,
            at_most=bound,
            work=size / MIB,
            unit="MiB",
        )


def _fetch(client: httpx.Client, where: str, headers: dict[str, str], status: int, size: int) -> None:
    """Read an answer to its end and keep nothing; ValueError where it is not what was asked for."""
    got = 0
    with client.stream("GET", where, headers=headers) as answer:
        for block in answer.iter_raw(MIB):
            got += len(block)
    if got != size or answer.status_code != status:
        raise ValueError(f"{where}: {answer.status_code}, {got} bytes of {size}")
