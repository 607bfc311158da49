"""A body read from gunicorn's own connection: every byte once, nothing of the next request, and bad lines told apart."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import ClientDisconnected, RequestTimeout

from exchange.web import incoming
from exchange.web.incoming import Connected, Streamed

NEXT = b"GET /next HTTP/1.1\r\n"


class Line:
    """The server's end of a line, as gunicorn holds it: a parser has read `ahead` bytes of what the client sent."""

    def __init__(self, sent: bytes, length: int, ahead: int) -> None:
        self.client, self.server = socket.socketpair()
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.client.sendall(sent)
        self.unreader = SocketUnreader(self.server)
        if ahead:
            self.unreader.unread(self.server.recv(ahead))
        self.body: Any = Body(LengthReader(self.unreader, length))
        self.incoming = Connected(self.body, self.server, length)

    def rest(self) -> bytes:
        """What the next request's parser would find."""
        self.client.shutdown(socket.SHUT_WR)
        found = b""
        while data := self.unreader.read():
            found += data
        return found

    def close(self) -> None:
        """Close both ends."""
        self.client.close()
        self.server.close()


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    """Lines that are closed after the test."""
    made: list[Line] = []
    yield made
    for line in made:
        line.close()


@given(st.binary(max_size=3_000), st.integers(0, 3_100), st.lists(st.integers(0, 1_000), max_size=6), st.booleans())
def test_every_byte_once(data: bytes, ahead: int, sizes: list[int], skipped: bool) -> None:
    """However much was read ahead, and into whatever buffers: the body's bytes in order, and the next request untouched."""
    line = Line(data + NEXT, len(data), min(ahead, len(data) + len(NEXT)))
    try:
        got, left = b"", len(data)
        for size in [min(size, left) for size in sizes] if skipped else [*sizes, left]:
            buffer = bytearray(min(size, left))
            line.incoming.read_into(memoryview(buffer))
            got, left = got + buffer, left - len(buffer)
        assert got == data[: len(data) - left]
        line.incoming.skip()
        assert line.body.reader.length == 0
        assert not getattr(line.body, "failed", False)
        assert line.rest() == NEXT
    finally:
        line.close()


@pytest.mark.parametrize("arrived", [0, 10, 99])
def test_a_line_that_breaks(lines: list[Line], arrived: int) -> None:
    """The body ends before its length: the request is given up, and gunicorn looks for no next one on this line."""
    line = Line(b"x" * arrived, 100, min(arrived, 10))
    lines.append(line)
    line.client.close()
    with pytest.raises(ClientDisconnected):
        line.incoming.read_into(memoryview(bytearray(100)))
    assert line.body.failed
    line.incoming.skip()


def test_a_sender_who_falls_silent(lines: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is given up, and the connection has its own patience again."""
    monkeypatch.setattr(incoming, "SILENCE_SECONDS", 0.05)
    line = Line(b"x" * 50, 100, 0)
    lines.append(line)
    line.server.settimeout(7)
    with pytest.raises(RequestTimeout):
        line.incoming.read_into(memoryview(bytearray(100)))
    assert line.body.failed
    assert line.server.gettimeout() == 7
    line.incoming.skip()


@given(st.binary(max_size=500), st.lists(st.integers(1, 50), max_size=30), st.integers(0, 20))
def test_any_stream(data: bytes, sizes: list[int], missing: int) -> None:
    """A stream that gives a few bytes at a time is read as a whole; one that ends too soon is a line that broke."""
    chunks, place = [], 0
    for size in sizes:
        chunks.append(data[place : place + size])
        place += size
    chunks.append(data[place:])
    given_out = iter([chunk for chunk in chunks if chunk])
    kept = b""

    def read(most: int) -> bytes:
        nonlocal kept
        kept = kept or next(given_out, b"")
        out, kept = kept[:most], kept[most:]
        return out

    length = len(data) + missing
    buffer = bytearray(length)
    body = Streamed(read, length)
    if missing:
        with pytest.raises(ClientDisconnected):
            body.read_into(memoryview(buffer))
        body.skip()
    else:
        body.read_into(memoryview(buffer))
        assert bytes(buffer) == data
