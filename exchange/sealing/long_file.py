"""Writing a long file from its beginning, past the system's cache where the system lets us.

What is sealed or opened is read again later or never. Through the cache every byte would be copied once more and push out
what others have there, and all of it would wait for the `fsync` at the end. Straight to the disk, several blocks are on their
way while the next bytes are being encrypted. File systems that do not take such writes get ordinary ones.
"""

import errno
import fcntl
import mmap
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Final

from exchange.sealing import disk

# Written at once: a multiple of every sector and page size, and as fast as any larger amount.
BLOCK_BYTES: Final = 2 * 2**20
# On their way at once: a disk that others use as well serves those who ask for more than one thing at a time.
AT_ONCE: Final = 4
# Reserved ahead: within what a file has already, writes do not wait for each other to make it longer.
RESERVE_BYTES: Final = 32 * BLOCK_BYTES
_DIRECT: Final = getattr(os, "O_DIRECT", 0)


class LongFile:
    """Gathers what it is given into blocks of memory that a disk can take as they are; for one thread at a time."""

    def __init__(self, descriptor: int) -> None:
        """Take the descriptor of an empty file, which stays the caller's: to be closed after `close` alone."""
        self._descriptor = descriptor
        self._block = _block()
        self._free: list[memoryview] = []
        self._held = self._offset = self._reserved = 0
        self._under_way: deque[tuple[Future[None], memoryview]] = deque()
        self._threads: ThreadPoolExecutor | None = None
        self._direct = False
        self._writeback = disk.Writeback(descriptor)

    def write(self, data: memoryview) -> None:
        """Take the next bytes and write what makes whole blocks; OSError as the system has it, perhaps of earlier ones."""
        done = 0
        while done < len(data):
            count = min(len(data) - done, BLOCK_BYTES - self._held)
            self._block[self._held : self._held + count] = data[done : done + count]
            self._held += count
            done += count
            if self._held == BLOCK_BYTES:
                self._send_block()

    def sync(self) -> None:
        """Write the rest and make the whole file durable; nothing may be written after. OSError."""
        while self._under_way:
            self._oldest()
        self._set_direct(False)
        if self._reserved:
            os.ftruncate(self._descriptor, self._offset)
        os.lseek(self._descriptor, self._offset, os.SEEK_SET)
        disk.write_all(self._descriptor, self._block[: self._held])
        self._held = 0
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Wait for what is on its way, whatever becomes of it: then nobody uses the descriptor any more."""
        if self._threads is not None:
            wait([future for future, _ in self._under_way])
            self._threads.shutdown()

    def _send_block(self) -> None:
        """Let the block that is full be written, and take another, waiting where all are on their way."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, "writing")
            self._free = [_block() for _ in range(AT_ONCE)]
            self._set_direct(True)
        block, offset = self._block, self._offset
        self._offset, self._held = offset + BLOCK_BYTES, 0
        if self._direct:
            self._reserve()
            self._under_way.append((self._threads.submit(self._write_at, block, offset), block))
            self._block = self._free.pop() if self._free else self._oldest()
        else:
            self._write_at(block, offset)
            self._writeback.wrote(BLOCK_BYTES)

    def _reserve(self) -> None:
        """Make the file long enough for the next blocks. Where that cannot be, the writes do it, or say why not."""
        if self._offset > self._reserved:
            with suppress(OSError):
                os.posix_fallocate(self._descriptor, self._reserved, RESERVE_BYTES)
            self._reserved += RESERVE_BYTES

    def _oldest(self) -> memoryview:
        """Wait for the block that was sent first and return it; raises what its writing raised."""
        future, block = self._under_way[0]
        future.result()
        self._under_way.popleft()
        return block

    def _write_at(self, left: memoryview, offset: int) -> None:
        tried = False
        while left:
            try:
                count = os.pwrite(self._descriptor, left, offset)
            except OSError as error:
                # Not what this disk takes, or a write that was cut short left an uneven rest: an ordinary one will say.
                if error.errno != errno.EINVAL or tried:
                    raise
                tried = True
                self._set_direct(False)
            else:
                left, offset = left[count:], offset + count

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


def _block() -> memoryview:
    """Return memory that begins at a page, as writes past the cache need."""
    return memoryview(mmap.mmap(-1, BLOCK_BYTES))
