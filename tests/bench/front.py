"""A private nginx on loopback: it stores files (DAV PUT), serves them (static GET), and stands before an exchange for
X-Accel-Redirect as deploy/nginx.conf has it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from tests.bench.peers import need
from tests.scripts.running import Exchange

INTERNAL: Final = "/sealed/"
FILES: Final = "/files/"
_CONF: Final = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; client_max_body_size 0; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream exchange {{ server {upstream}; keepalive 16; keepalive_timeout 1s; }}
  server {{
    listen 127.0.0.1:{port};
    location {files} {{ alias {folder}/files/; dav_methods PUT DELETE; }}
    location {internal} {{ internal; alias {pieces}/; etag off; if_modified_since off; }}
    location / {{
      proxy_pass http://exchange; proxy_set_header Host {host}; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_request_buffering off; proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, exchange: Exchange) -> Iterator[httpx.Client]:
    """Start nginx over `folder`/files and the exchange, and give a client of it; it ends with the block.

    PeerMissingError where it is not installed.
    """
    program = need("nginx", "nginx-core")
    for name in ("body", "files"):
        (folder / name).mkdir()
    port = free_port()
    text = _CONF.format(
        folder=folder,
        port=port,
        files=FILES,
        internal=INTERNAL,
        pieces=exchange.folder / "instance" / "pieces",
        upstream=f"127.0.0.1:{exchange.server.port}",
        host=f"localhost:{exchange.server.port}",
        user=user(),
    )
    (folder / "nginx.conf").write_text(text)
    with running(program, folder), httpx.Client(
        base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120
    ) as client:
        answers(client, FILES)
        yield client


def free_port() -> int:
    """Return a port of loopback that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def user() -> str:
    """Return the line with which workers of an nginx that root has started can read what root has written."""
    return "user root;" if os.geteuid() == 0 else ""


@contextmanager
def running(program: str, folder: Path) -> Iterator[None]:
    """Run nginx with `folder`/nginx.conf for the length of the block."""
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def answers(client: httpx.Client, path: str) -> None:
    """Return once the server behind `client` answers anything at `path`."""
    for _ in range(200):
        with suppress(httpx.TransportError):
            client.get(path)
            return
        time.sleep(0.05)
    raise TimeoutError("nginx does not answer")
