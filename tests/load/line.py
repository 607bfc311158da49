"""A small HTTP client for many officers in one process: keep-alive, one address of loopback each, no copies it can spare.

The simulator shares its machine with the servers it measures, so it must be light; an ordinary client library costs more
here than the server's answer. Officers come from addresses of their own (127.x.y.z), so that limits by address count them as
the people they are.
"""

import asyncio
import json
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

TIMEOUT: Final = 30.0
# Below the server's keep-alive (2 s): a line that it may be about to close is not used again.
IDLE: Final = 1.0
_HEAD: Final = 65_536

T = TypeVar("T")


class LineError(Exception):
    """A connection that failed, or an answer that did not come within TIMEOUT."""


@dataclass(frozen=True)
class Answer:
    """A status, header fields in lower case, the body, and how long it took (seconds)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a refusal; empty where there is none."""
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return ""
        return str(self.json.get("code", ""))


@dataclass(eq=False)
class _Open:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    last: float

    def close(self) -> None:
        """Hang up; the loop does it in its next turn."""
        self.writer.close()
        _OPEN.discard(self)


# Officers come and go within a run: what they have left open is closed at its end.
_OPEN: Final[set[_Open]] = set()


def played(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a loop of its own to its end, and return what it returns, with no connection left open."""

    async def whole() -> T:
        try:
            return await work
        finally:
            left = list(_OPEN)
            for each in left:
                each.close()
            await asyncio.gather(*(each.writer.wait_closed() for each in left), return_exceptions=True)
            await asyncio.sleep(0.01)

    return asyncio.run(whole())


@dataclass
class Line:
    """One officer's line to one host; several requests at once take several connections."""

    port: int
    source: str
    _free: list[_Open] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Send one request and return its answer; LineError where there is none."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT):
                status, fields, data = await self._sent(method, path, headers, body)
        except TimeoutError:
            raise LineError(f"no answer to {method} within {TIMEOUT:.0f} s") from None
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            raise LineError(f"{type(error).__name__} at {method}") from error
        return Answer(status, fields, data, time.monotonic() - began)

    def close(self) -> None:
        """Close what is open."""
        while self._free:
            self._free.pop().close()

    async def _sent(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join([*lines, "", ""]).encode("ascii") + body
        kept = self._reusable()
        if kept is not None:
            try:
                return await self._exchange(kept, request)
            except (ConnectionError, asyncio.IncompleteReadError):
                # The server closed an idle line in the same moment: nothing of the request was answered.
                kept.close()
        return await self._exchange(await self._opened(), request)

    def _reusable(self) -> _Open | None:
        while self._free:
            kept = self._free.pop()
            if time.monotonic() - kept.last < IDLE and not kept.reader.at_eof():
                return kept
            kept.close()
        return None

    async def _opened(self) -> _Open:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.source, 0), limit=_HEAD
        )
        opened = _Open(reader, writer, 0.0)
        _OPEN.add(opened)
        return opened

    async def _exchange(self, line: _Open, request: bytes) -> tuple[int, dict[str, str], bytes]:
        try:
            line.writer.write(request)
            await line.writer.drain()
            head = await line.reader.readuntil(b"\r\n\r\n")
            first, *rest = head.decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest if each)}
            status = int(first.split(" ", 2)[1])
            data = await _body(line.reader, status, fields)
        except BaseException:
            line.close()
            raise
        if fields.get("connection", "").lower() == "close":
            line.close()
        else:
            line.last = time.monotonic()
            self._free.append(line)
        return status, fields, data


async def _body(reader: asyncio.StreamReader, status: int, fields: Mapping[str, str]) -> bytes:
    if status in (204, 304):
        return b""
    if fields.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return b"".join(parts)
    return await reader.readexactly(int(fields.get("content-length", "0")))
