"""A real server: started by the command, answers on loopback, ends on a signal, and writes no secret to its log."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

FLASK = [sys.executable, "-W", "error", "-m", "flask", "--app", "wsgi"]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_answer(url: str, server: subprocess.Popen[bytes], log: Path) -> httpx.Response:
    """Wait until the server answers; fail with its log when it ended instead."""
    for _ in range(600):
        try:
            return httpx.get(url, trust_env=False)
        except httpx.TransportError:
            assert server.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_prepare_serve_and_end(tmp_path: Path) -> None:
    """`flask prepare`, then `flask serve`: it answers, is recovered before its first request, and ends with exit 0."""
    port = free_port()
    env = {"EXCHANGE_INSTANCE": str(tmp_path / "instance"), "EXCHANGE_PORT": str(port), "PATH": os.environ["PATH"]}
    subprocess.run([*FLASK, "prepare", "--name", "exchange.example", "-o", str(tmp_path / "s.json")], env=env, check=True)
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen([*FLASK, "serve"], env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        answer = first_answer(f"http://localhost:{port}/api/v1/openapi.json", server, log)
        assert answer.status_code == 200
        headers = {"Authorization": "Bearer planted-secret"}
        refused = httpx.get(f"http://localhost:{port}/api/v1/account?q=planted-query", headers=headers, trust_env=False)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert len(refused.headers.get_list("date")) == 1
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(30)
    text = log.read_text(encoding="utf-8")
    assert code == 0, text
    assert "GET /api/v1/account 401" in text and "planted" not in text
    assert "Traceback" not in text
