"""A request's body, read straight into buffers of the caller's: a large one is never in memory as a whole.

Under gunicorn the bytes are taken from the connection itself, without the copies that a WSGI stream makes, and a sender
who says nothing for half a minute is given up; under any other server the stream is read.
"""

import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

from flask import request
from gunicorn.http.body import Body, LengthReader  # type: ignore[import-untyped]
from werkzeug.exceptions import ClientDisconnected, LengthRequired, RequestTimeout

# A sender on the slowest of lines still sends something in this time.
SILENCE_SECONDS: Final = 30.0
_SCRATCH_BYTES: Final = 1 << 20


class Incoming(ABC):
    """What is still to come of a body."""

    def __init__(self, length: int) -> None:
        """`length`: how many bytes the body has in all."""
        self.length = length
        self._left = length

    @abstractmethod
    def read_into(self, view: memoryview) -> None:
        """Fill `view` with the next bytes; ClientDisconnected where the line breaks before, RequestTimeout."""

    def skip(self) -> None:
        """Read what is left and forget it, so that a sender who is refused gets to hear why; a broken line is no error."""
        scratch = memoryview(bytearray(min(self._left, _SCRATCH_BYTES)))
        try:
            while self._left > 0:
                self.read_into(scratch[: self._left])
        except (ClientDisconnected, RequestTimeout):
            self._left = 0


class Streamed(Incoming):
    """Incoming over anything that reads."""

    def __init__(self, read: Callable[[int], bytes], length: int) -> None:
        """Take what returns at most so many bytes, and none at the end."""
        super().__init__(length)
        self._read = read

    def read_into(self, view: memoryview) -> None:
        """See Incoming."""
        while view:
            data = self._read(len(view))
            if not data:
                raise ClientDisconnected
            view[: len(data)] = data
            view = view[len(data) :]
            self._left -= len(data)


class Connected(Incoming):
    """Incoming over gunicorn's connection: what its parser has read ahead comes first, then what the socket gives."""

    def __init__(self, body: Any, connection: socket.socket, length: int) -> None:
        """Take gunicorn's body of a known length, of which nothing was read yet."""
        super().__init__(length)
        self._body = body
        self._connection = connection

    def read_into(self, view: memoryview) -> None:
        """See Incoming."""
        view = view[self._read_ahead(view) :]
        patience = self._connection.gettimeout()
        self._connection.settimeout(SILENCE_SECONDS)
        try:
            while view:
                count = self._connection.recv_into(view)
                if not count:
                    raise ConnectionResetError
                self._took(count)
                view = view[count:]
        except OSError as error:
            # Where the next request would start is not known: gunicorn must not look for it.
            self._body.failed = True
            raise (RequestTimeout if isinstance(error, TimeoutError) else ClientDisconnected) from error
        finally:
            self._connection.settimeout(patience)

    def _read_ahead(self, view: memoryview) -> int:
        """Copy what gunicorn has already taken from the connection, and leave it the rest of that."""
        unreader = self._body.reader.unreader
        ahead: bytes = unreader.take_buffered()
        count = min(len(ahead), len(view))
        view[:count] = ahead[:count]
        if count < len(ahead):
            unreader.unread(ahead[count:])
        self._took(count)
        return count

    def _took(self, count: int) -> None:
        self._left -= count
        # What gunicorn still has to skip, where nobody reads the rest.
        self._body.reader.length -= count


def incoming() -> Incoming:
    """Return the current request's body. LengthRequired where its length is not said beforehand, 413 where it is too long."""
    length, stream = request.content_length, request.stream
    if length is None:
        raise LengthRequired
    body, connection = request.environ.get("wsgi.input"), request.environ.get("gunicorn.socket")
    if isinstance(body, Body) and isinstance(body.reader, LengthReader) and isinstance(connection, socket.socket):
        return Connected(body, connection, length)
    return Streamed(stream.read, length)
