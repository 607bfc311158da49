"""Writing a long file from its beginning, past the system's cache where the system lets us.

What is sealed or opened is read again later or never. Through the cache every byte would be copied once more and push out
what others have there, and all of it would wait for the `fsync` at the end. Straight to the disk, bytes are on their way
while the next ones are being encrypted. File systems that do not take such writes get ordinary ones.
"""

import errno
import fcntl
import mmap
import os
from typing import Final

from exchange.sealing.disk import Writeback, write_all

# Written at once: a multiple of every sector and page size, and as fast as any larger amount.
BLOCK_BYTES: Final = 2 * 2**20
_DIRECT: Final = getattr(os, "O_DIRECT", 0)


class LongFile:
    """Gathers what it is given into blocks of memory that a disk can take as they are; for one thread at a time."""

    def __init__(self, descriptor: int) -> None:
        """Take the descriptor of an empty file, which stays the caller's to close."""
        self._descriptor = descriptor
        # A mapping begins at a page, as writes past the cache need.
        self._block = memoryview(mmap.mmap(-1, BLOCK_BYTES))
        self._held = 0
        self._direct = False
        self._tried = False
        self._writeback = Writeback(descriptor)

    def write(self, data: memoryview) -> None:
        """Take the next bytes and write what makes whole blocks; OSError as the system has it."""
        done = 0
        while done < len(data):
            count = min(len(data) - done, BLOCK_BYTES - self._held)
            self._block[self._held : self._held + count] = data[done : done + count]
            self._held += count
            done += count
            if self._held == BLOCK_BYTES:
                self._write_block()

    def sync(self) -> None:
        """Write the rest and make the whole file durable; nothing may be written after. OSError."""
        self._set_direct(False)
        write_all(self._descriptor, self._block[: self._held])
        self._held = 0
        os.fsync(self._descriptor)

    def _write_block(self) -> None:
        if not self._tried:
            self._tried = True
            self._set_direct(True)
        left = self._block
        self._held = 0
        while left and self._direct:
            try:
                left = left[os.write(self._descriptor, left) :]
            except OSError as error:
                # Not what this disk takes, or a write that was cut short left an uneven rest: an ordinary one will say.
                if error.errno != errno.EINVAL:
                    raise
                self._set_direct(False)
        if left:
            write_all(self._descriptor, left)
            self._writeback.wrote(BLOCK_BYTES)

    def _set_direct(self, wanted: bool) -> None:
        if self._direct == wanted or not _DIRECT:
            return
        flags = fcntl.fcntl(self._descriptor, fcntl.F_GETFL)
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_SETFL, flags | _DIRECT if wanted else flags & ~_DIRECT)
        except OSError as error:
            if not wanted or error.errno != errno.EINVAL:
                raise
            return
        self._direct = wanted
