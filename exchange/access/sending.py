"""Sending a part's ciphertext from its file: by the web server in front where there is one, else from here.

With an internal address (`Config.accel`) the answer is empty and names the file under it (X-Accel-Redirect): nginx sends the
bytes and applies the range. Its reader sees neither name nor path. Without, the file goes out in blocks, or by the kernel
where the server can.
"""

import os
from pathlib import Path
from typing import Final

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.wsgi import wrap_file

from exchange.access.errors import RangeBeyondError
from exchange.reports.queries import SealedContent
from exchange.storage.errors import StorageError

MEDIA_TYPE: Final = "application/octet-stream"
_BLOCK_BYTES: Final = 1 << 18


def send(content: SealedContent, accel: str) -> Response:
    """Return the answer that carries a part, or the one range of it that was asked for.

    RangeBeyondError where that begins after the end. Several ranges at once, or a unit other than bytes, count as none.
    """
    if accel:
        response = Response(content_type=MEDIA_TYPE)
        response.headers["X-Accel-Redirect"] = f"{accel.rstrip('/')}/{content.key}"
        return response
    asked = _asked(content.size)
    begin, end = asked or (0, content.size)
    try:
        file = _Section(content.path, begin, end)
    except OSError as error:
        raise StorageError("the file of a part could not be opened") from error
    blocks = wrap_file(request.environ, file, _BLOCK_BYTES)  # type: ignore[arg-type]
    response = Response(blocks, content_type=MEDIA_TYPE, direct_passthrough=True)
    response.headers["Accept-Ranges"] = "bytes"
    response.content_length = end - begin
    if asked is not None:  # a range that is the whole of it is a range too
        response.status_code = 206
        response.content_range = ContentRange("bytes", begin, end, content.size)
    return response


def _asked(size: int) -> tuple[int, int] | None:
    """Return first byte and end of the one range that is asked for, as nginx would send it; None for the whole."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    begin, end = asked.ranges[0]
    if begin < 0:
        return max(0, size + begin), size
    if begin >= size:
        raise RangeBeyondError("the range begins after the end")
    return begin, size if end is None else min(end, size)


class _Section:
    """Some bytes of a file, as a WSGI server's file wrapper wants them: it may read them, or have the kernel send them."""

    def __init__(self, path: Path, begin: int, end: int) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        os.lseek(self._descriptor, begin, os.SEEK_SET)
        self._left = end - begin

    def fileno(self) -> int:
        """The open file, positioned at the first byte; how many follow, Content-Length says."""
        return self._descriptor

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`, none at the end."""
        data = os.read(self._descriptor, min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)
