"""Stages that work on the same blocks at the same time: while one block is encrypted, others are hashed and written.

The thread that fills blocks is the caller's; each stage has threads of its own. Encryption, hashing and writing leave the
interpreter to others while they work, so threads are enough. Memory is a ring of buffers that are used again: whoever fills
waits where the slowest stage is a ring behind. What a stage raises, the caller gets, as it was raised; from then on nothing
is worked on, and no thread outlives the block.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self, TypeAlias

# Enough that a stage which stalls for a moment (a disk does) stops nobody, at a few MiB each.
RING_BUFFERS: Final = 4

Work: TypeAlias = Callable[[int, memoryview], None]


@dataclass(frozen=True)
class Stage:
    """What is done with each block, given its number and its bytes, which are valid during the call alone.

    With one thread blocks come in their order; with more, `work` must not depend on it.
    """

    work: Work
    threads: int = 1


@dataclass
class _Slot:
    """A buffer of the ring: what is in it now, and how many stages are not done with that."""

    buffer: memoryview
    number: int = 0
    length: int = 0
    pending: int = 0


@dataclass
class _Running:
    """A stage with the slots due to it; None ends one of its threads."""

    work: Work
    due: "queue.SimpleQueue[_Slot | None]" = field(default_factory=queue.SimpleQueue)
    threads: list[threading.Thread] = field(default_factory=list)


class Pipeline:
    """A ring of buffers and its stages, as a context manager: when the block ends without an error, every stage is done."""

    def __init__(self, stages: Sequence[Stage], buffer_bytes: int) -> None:
        """Take the stages, and the size of a buffer in bytes; nothing runs before the block begins."""
        self._stages = [_Running(stage.work) for stage in stages]
        self._counts = [stage.threads for stage in stages]
        self._buffer_bytes = buffer_bytes
        self._free: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        self._made = 0
        self._lock = threading.Lock()
        self._stopped = False
        self._error: BaseException | None = None
        self._taken: _Slot | None = None

    def __enter__(self) -> Self:
        """Start the stages."""
        try:
            for stage, count in zip(self._stages, self._counts, strict=True):
                for _ in range(count):
                    thread = threading.Thread(target=self._run, args=(stage,))
                    thread.start()
                    stage.threads.append(thread)
        except BaseException:
            self._stopped = True
            self._end()
            raise
        return self

    def take(self) -> memoryview:
        """Return a buffer to fill, waiting for one where all are in use; raises what a stage has raised meanwhile."""
        slot = self._slot()
        if self._error is not None:
            raise self._error
        self._taken = slot
        return slot.buffer

    def give(self, number: int, length: int) -> None:
        """Hand the first `length` bytes of the buffer last taken to every stage, as the block of this number."""
        slot, self._taken = self._taken, None
        if slot is None:
            raise RuntimeError("no buffer was taken")
        slot.number, slot.length, slot.pending = number, length, len(self._stages)
        for stage in self._stages:
            stage.due.put(slot)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the stages; after an error they finish the block they are at and drop the rest.

        Raises what a stage raised, unless the block itself failed.
        """
        if error is not None:
            self._stopped = True
        interrupted = self._end()
        if error is None and self._error is not None:
            raise self._error
        if error is None and interrupted is not None:
            raise interrupted

    def _slot(self) -> _Slot:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            if self._made < RING_BUFFERS:
                self._made += 1
                return _Slot(memoryview(bytearray(self._buffer_bytes)))
        return self._free.get()

    def _run(self, stage: _Running) -> None:
        while (slot := stage.due.get()) is not None:
            try:
                if not self._stopped:
                    stage.work(slot.number, slot.buffer[: slot.length])
            except BaseException as error:
                # Whatever it is, the caller must have it: a thread that died silently would leave a hole in the file.
                with self._lock:
                    self._error = self._error or error
                    self._stopped = True
            self._done(slot)

    def _done(self, slot: _Slot) -> None:
        with self._lock:
            slot.pending -= 1
            if slot.pending:
                return
        self._free.put(slot)

    def _end(self) -> BaseException | None:
        """Let every thread end and wait for it, also through Ctrl-C, which is returned: their files are closed next."""
        interrupted: BaseException | None = None
        for stage in self._stages:
            for _ in stage.threads:
                stage.due.put(None)
        for thread in (thread for stage in self._stages for thread in stage.threads):
            while thread.is_alive():
                try:
                    thread.join()
                except KeyboardInterrupt as error:
                    interrupted = error
                    self._stopped = True
        return interrupted
