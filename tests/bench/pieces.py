"""Ciphertext on its way: pieces sent and fetched, against nginx doing the same with the same bytes and the same HTTP client.

`figures` founds an exchange, serves it with the real application under gunicorn, and starts a private
nginx on loopback that stores (DAV PUT) and serves (static GET) files, and stands before the exchange for X-Accel-Redirect.
nginx neither verifies nor syncs what it stores. Deposit and open are the real commands, shown with rates and peak memory.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from exchange.client.clock import Clock
from exchange.client.home import Home
from exchange.client.http import Http
from exchange.client.identity import load_identity
from exchange.client.piece_send import HASHES
from exchange.sealing.pieces import PIECE_BYTES, padded_size, piece_hash, sealed_size
from keys.encoding import b64u
from tests.bench.figures import Figure, paired
from tests.scripts.running import PHRASE, ROOT, Exchange, Person, found

MIB: Final = 1 << 20
RUN: Final = 16
INTERNAL: Final = "/sealed/"
_NGINX: Final = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; client_max_body_size 0; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /files/ {{ alias {folder}/files/; dav_methods PUT DELETE; }}
    location {internal} {{ internal; alias {pieces}/; }}
    location / {{
      proxy_pass {upstream}; proxy_set_header Host {host}; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_request_buffering off;
    }}
  }}
}}
"""


class _Silent:
    """A teller that tells nobody."""

    def say(self, key: str, **values: object) -> None:
        """Tell nobody."""


def figures(folder: Path, *, megabytes: int = 256, puts: int = 8, runs: int = 5) -> list[Figure]:
    """Return the comparisons, worked out in `folder`; prints rates and peak memory of deposit and open beside.

    `megabytes`: of the file that is deposited, fetched and opened; `puts`: requests of sixteen pieces in one measurement.
    """
    exchange = found(_made(folder / "exchange"))
    try:
        report = _commands(exchange, folder, megabytes)
        exchange.server.stop()
        exchange.server.environment["EXCHANGE_ACCEL"] = INTERNAL
        exchange.server.start()
        with _nginx(folder, exchange) as front, httpx.Client(base_url=front, trust_env=False, timeout=120) as peer:
            return [
                _puts(exchange, peer, puts, runs, RUN, 1.6),
                _puts(exchange, peer, puts, runs, 1, None),
                _gets(exchange, peer, folder, report, runs),
            ]
    finally:
        exchange.server.stop()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@contextmanager
def _nginx(folder: Path, exchange: Exchange) -> Iterator[str]:
    """Give the address of a private nginx over the folder `files` and the exchange."""
    for name in ("body", "files"):
        _made(folder / name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = _NGINX.format(
        folder=folder,
        port=port,
        internal=INTERNAL,
        pieces=exchange.folder / "instance" / "pieces",
        upstream=f"http://127.0.0.1:{exchange.server.port}",
        host=f"localhost:{exchange.server.port}",
        user="user root;" if os.geteuid() == 0 else "",
    )
    (folder / "nginx.conf").write_text(text)
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            with suppress(httpx.TransportError):
                httpx.get(f"{url}/files/", trust_env=False)
                break
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _http(exchange: Exchange) -> Http:
    home = Home(exchange.cpt.home)
    return Http(exchange.server.url, Clock(home), _Silent(), load_identity(home).unlock(PHRASE))


def _puts(exchange: Exchange, peer: httpx.Client, puts: int, runs: int, pieces: int, at_most: float | None) -> Figure:
    """Send new pieces one request after the other, `pieces` a request, and as many bytes a request to nginx."""
    http, number, name = _http(exchange), count(1), count()
    size = sealed_size(padded_size((runs + 2) * puts * pieces * MIB))
    upload = http.post("/api/v1/uploads", {"report": str(uuid.uuid4()), "part": b64u(os.urandom(8)), "size": size})[
        "upload"
    ]
    data = os.urandom(pieces * PIECE_BYTES)
    blocks = [data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES)]
    hashes = b"".join(map(piece_hash, blocks))
    headers = {HASHES: f":{base64.b64encode(hashes).decode('ascii')}:"}

    def ours() -> None:
        for _ in range(puts):
            first = next(number) * pieces
            http.put_blocks(f"/api/v1/uploads/{upload}/pieces/{first}", blocks, "application/octet-stream", headers)

    def theirs() -> None:
        said = {"Content-Length": str(len(data))}
        for _ in range(puts):
            peer.put(f"/files/{pieces}-{next(name)}", content=blocks, headers=said).raise_for_status()

    try:
        called = f"{pieces} pieces a request" if pieces > 1 else "a piece a request"
        return paired(
            f"pieces sent, {called}, {puts} requests", "nginx DAV PUT", ours, theirs, runs=runs, at_most=at_most
        )
    finally:
        http.close()


def _gets(exchange: Exchange, peer: httpx.Client, folder: Path, report: str, runs: int) -> Figure:
    """Fetch a whole part through nginx: by its leave (X-Accel-Redirect), and as a plain file of the same bytes."""
    http = _http(exchange)
    part = http.get(f"/api/v1/reports/{report}")["parts"][0][1]["id"]
    path = f"/api/v1/reports/{report}/parts/{part}/content"
    token = {"Authorization": http.request("GET", f"/api/v1/reports/{report}").request.headers["Authorization"]}
    pieces = list((exchange.folder / "instance" / "pieces").iterdir())
    size = int(peer.head(path, headers=token).headers["Content-Length"])
    sealed = next(found for found in pieces if found.stat().st_size == size)
    shutil.copyfile(sealed, folder / "files" / "part")

    def fetch(where: str, headers: dict[str, str]) -> None:
        got = 0
        with peer.stream("GET", where, headers=headers) as answer:
            for block in answer.iter_raw(MIB):
                got += len(block)
        if got != size or answer.status_code != 200:
            raise ValueError(f"{where}: {answer.status_code}, {got} bytes of {size}")

    try:
        return paired(
            f"part of {size / MIB:,.0f} MiB fetched, X-Accel",
            "nginx static GET",
            lambda: fetch(path, token),
            lambda: fetch("/files/part", {}),
            runs=runs,
            at_most=1.05,
        )
    finally:
        http.close()


def _commands(exchange: Exchange, folder: Path, megabytes: int) -> str:
    """Deposit a file and open it with the real commands, each in a process of its own; print what it took."""
    file = folder / "report.bin"
    with file.open("wb") as out:
        for _ in range(megabytes):
            out.write(os.urandom(MIB))
    words = [
        "--to",
        "un-spt",
        "--state",
        "XA",
        "--language",
        "en",
        "--kind",
        "visit_report",
        "--adopted-on",
        "2026-02-03",
    ]
    said = _command(exchange.cpt, f"deposit {megabytes} MiB", megabytes, ["deposit", str(file), *words])
    report = str(json.loads(said)["report"])
    out = ["-o", str(folder / "opened")]
    _command(exchange.cpt, f"open {megabytes} MiB", megabytes, ["open", report, "--purpose", "follow_up", *out])
    print(f"{'peak memory of the server':40} {_server_peak(exchange) / MIB:8,.0f} MiB")
    return report


def _command(person: Person, name: str, megabytes: int, words: list[str]) -> str:
    environment = {
        **os.environ,
        "EXCHANGE_HOME": str(person.home),
        "EXCHANGE_PASSPHRASE_FILE": str(person.phrase),
        "EXCHANGE_LANG": "en",
    }
    line = [sys.executable, "-c", "from exchange.client.cli.main import main; main()", *words, "--json"]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(line, env=environment, cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL)
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode()
    passed = time.perf_counter() - start
    if process.returncode:
        raise ValueError(f"{name} ended with {process.returncode}: {said}")
    print(f"{name:40} {passed:8.1f} s {megabytes / passed:8,.0f} MiB/s, peak {used.ru_maxrss / 1024:,.0f} MiB")
    return said


def _server_peak(exchange: Exchange) -> int:
    """The most memory that a process of the server has had, in bytes."""
    group, most = os.getpgid(exchange.server._process.pid) if exchange.server._process else 0, 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if os.getpgid(int(status.parent.name)) == group:
                lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
                most = max([most, *(int(line.split()[1]) * 1024 for line in lines)])
    return most


def main() -> None:
    """Measure in a folder beside the project, on its disk: `python -m tests.bench.pieces [MEBIBYTES]`."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        for figure in figures(Path(folder), megabytes=megabytes):
            print(
                f"{figure.name:48} {figure.ours:8.3f} s, {figure.peer} {figure.theirs:8.3f} s, ratio {figure.ratio:.2f}"
            )


if __name__ == "__main__":
    main()
