"""deploy/nginx.conf, run as it stands but for addresses, paths and a certificate of this test: it is valid, pieces are
reachable by the exchange's leave alone, ranges work, and every header that protects a reader survives."""

import base64
import datetime
import os
import re
import ssl
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from exchange.client.http import Http
from exchange.sealing.pieces import layout, padded_size, piece_hash, sealed_size
from exchange.web.headers import MACHINE_POLICY, SERVER_TIME
from keys.encoding import b64u
from tests.bench.front import answers, free_port, running, user
from tests.bench.pieces import deposited, officer
from tests.programs import program
from tests.scripts.running import Exchange, found

pytestmark = [pytest.mark.full("Debian nginx-core"), pytest.mark.timeout(300)]

CONF = Path(__file__).parents[2] / "deploy" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
PROTECTING = (
    "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Resource-Policy", "Permissions-Policy", "X-Frame-Options", "Content-Security-Policy",
    "Strict-Transport-Security", "Cache-Control",
)  # fmt: skip


def adapted(folder: Path, exchange: Exchange, plain: int, tls: int) -> str:
    """The configuration with this test's addresses and paths in the place of each that an operator adapts."""
    text = CONF.read_text()
    here = {
        "user exchange;": f"{user()}\ndaemon off;\npid {folder}/nginx.pid;",
        "/var/log/nginx/error.log": f"{folder}/error.log",
        "server 127.0.0.1:8443 ": f"server 127.0.0.1:{exchange.server.port} ",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{tls} ",
        "exchange.example.org": "localhost",
        "/etc/exchange/": f"{folder}/",
        "/srv/exchange-shared/pieces/": f"{exchange.folder}/instance/pieces/",
        # The public address of this test has a port.
        "Host $host;": f"Host $host:{tls};",
        "http {": "http {\n" + "".join(f"    {name}_temp_path {folder}/{name};\n" for name in TEMPORARY),
    }
    for there, ours in here.items():
        assert there in text, there
        text = text.replace(there, ours)
    return text


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate of localhost, and return what trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime(2020, 1, 1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, datetime.datetime(2100, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    return ssl.create_default_context(cafile=str(folder / "tls.crt"))


@dataclass(frozen=True, repr=False)
class Site:
    """An exchange behind the nginx of deploy/: an officer's client, a stranger's, and a report of one part."""

    exchange: Exchange
    http: Http
    client: httpx.Client
    plain: str
    folder: Path
    path: str
    token: dict[str, str]

    @property
    def key(self) -> str:
        """The name of the part's file."""
        (file,) = (path for path in (self.exchange.folder / "instance" / "pieces").iterdir() if path.stat().st_size)
        return file.name

    @property
    def whole(self) -> bytes:
        """The part's bytes."""
        return (self.exchange.folder / "instance" / "pieces" / self.key).read_bytes()

    def get(self, **headers: str) -> httpx.Response:
        """GET the part with the officer's token."""
        return self.client.get(self.path, headers={**self.token, **headers})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The exchange has its public address at nginx, and lets it send the pieces."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "exchange").mkdir()
    exchange = found(folder / "exchange")
    nginx, plain, tls = program("nginx", package="nginx-core"), free_port(), free_port()
    try:
        file = folder / "report"
        file.write_bytes(os.urandom(200_000))
        report = deposited(exchange.cpt, file)
        exchange.server.stop()
        public = f"https://localhost:{tls}"
        exchange.server.environment |= {
            "EXCHANGE_ACCEL": "/pieces/",
            "EXCHANGE_PUBLIC_URL": public,
            "EXCHANGE_PROXIES": "1",
            "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "60",
            "EXCHANGE_RATE_LIMITS": "1",
        }
        exchange.server.start()
        trust = certificate(folder)
        (folder / "nginx.conf").write_text(adapted(folder, exchange, plain, tls))
        with running(nginx, folder), httpx.Client(base_url=public, verify=trust, trust_env=False) as client:
            answers(client, "/")
            http = officer(exchange, public, httpx.HTTPTransport(verify=trust))
            answer = http.request("GET", f"/api/v1/reports/{report}")
            part = answer.json()["parts"][0][1]["id"]
            path = f"/api/v1/reports/{report}/parts/{part}/content"
            token = {"Authorization": answer.request.headers["Authorization"]}
            yield Site(exchange, http, client, f"http://127.0.0.1:{plain}", folder, path, token)
            http.close()
    finally:
        exchange.server.stop()


def test_the_configuration_is_valid(site: Site) -> None:
    """`nginx -t` has nothing to complain about."""
    command = [program("nginx", package="nginx-core"), "-t", "-p", str(site.folder), "-c", str(site.folder / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"\[(warn|error|emerg)\]", done.stderr) == []


def test_the_exchange_decides_and_nginx_sends(site: Site) -> None:
    """The part's bytes, from its file; nothing in the answer names it or the exchange's address for it."""
    answer = site.get()
    assert (answer.status_code, answer.content) == (200, site.whole)
    assert answer.headers["Server"] == "nginx"
    assert "X-Accel-Redirect" not in answer.headers
    assert "ETag" not in answer.headers
    assert site.key not in str(answer.headers)


@pytest.mark.parametrize(("field", "begin", "end"), [("bytes=0-0", 0, 1), ("bytes=1000-1999", 1000, 2000)])
def test_a_range(site: Site, field: str, begin: int, end: int) -> None:
    """Those bytes and no others, and which they are."""
    answer = site.get(Range=field)
    assert (answer.status_code, answer.content) == (206, site.whole[begin:end])
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(site.whole)}"


def test_the_end_and_beyond(site: Site) -> None:
    """The last bytes; after the end there is nothing."""
    assert site.get(Range="bytes=-7").content == site.whole[-7:]
    assert site.get(Range=f"bytes={len(site.whole)}-").status_code == 416


def test_pieces_are_not_reachable_from_outside(site: Site) -> None:
    """Whoever knows a file's name, with or without a token, and however the path is spelled."""
    for spelled in ("/pieces/{}", "//pieces/{}", "/%70ieces/{}", "/x/../pieces/{}", "/pieces/./{}", "/pieces/../pieces/{}"):
        for headers in ({}, site.token):
            answer = site.client.get(spelled.format(site.key), headers=headers)
            assert answer.status_code == 404, spelled
            assert site.whole[:64] not in answer.content
    assert site.client.get("/pieces/").status_code == 404


def test_without_a_token_there_is_nothing(site: Site) -> None:
    """The exchange's own answer comes through, whatever range is asked for."""
    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = site.client.get(site.path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_headers_that_protect_survive(site: Site) -> None:
    """On what nginx sends as on what the exchange says, whole, in part or refused."""
    for answer in (site.get(), site.get(Range="bytes=0-9"), site.client.get(site.path)):
        assert [name for name in PROTECTING if name not in answer.headers] == []
        assert answer.headers["Content-Security-Policy"] == MACHINE_POLICY
        assert answer.headers.get_list(SERVER_TIME) != []
        assert answer.headers["Cache-Control"] == "no-store"
        assert all(len(answer.headers.get_list(name)) == 1 for name in PROTECTING)


def test_what_a_caller_says_of_itself_goes_no_further(site: Site) -> None:
    """A forged X-Accel-Redirect, address or host changes nothing."""
    answer = site.get(**{"X-Accel-Redirect": "/pieces/x", "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "evil.example"})
    assert (answer.status_code, answer.content) == (200, site.whole)


def test_pieces_go_through(site: Site) -> None:
    """Sixteen pieces in one request reach the exchange, and the same again changes nothing."""
    size = sealed_size(padded_size(16 * 2**20))
    due = layout(size)
    blocks = [os.urandom(due.length(number)) for number in range(16)]
    upload = site.http.post("/api/v1/uploads", {"report": str(uuid.uuid4()), "part": b64u(bytes(8)), "size": size})["upload"]
    field = base64.b64encode(b"".join(map(piece_hash, blocks))).decode("ascii")
    for _ in range(2):
        path = f"/api/v1/uploads/{upload}/pieces/0"
        site.http.put_blocks(path, blocks, "application/octet-stream", {"Exchange-Piece-Hashes": f":{field}:"})
    assert site.http.get(f"/api/v1/uploads/{upload}")["stored"] == list(range(16))


def test_a_token_is_not_sent_in_the_clear_unnoticed(site: Site) -> None:
    """Plain HTTP is refused, not redirected."""
    assert httpx.get(f"{site.plain}/api/v1/instance", trust_env=False).status_code == 403


def test_nothing_is_logged(site: Site) -> None:
    """nginx has written no line about any of this."""
    site.get()
    assert (site.folder / "error.log").read_text() == ""
    assert not list(site.folder.glob("*access*"))
