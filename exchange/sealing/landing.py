"""A file that appears under its name whole and durable, or not at all; it never overwrites and never follows a link.

Where the system can, the file has no name until it lands, so that even a killed process leaves nothing readable; elsewhere
it has a random one, removed on every failure. Files are 0600.
"""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from exchange.sealing.disk import PRIVATE_FILE, disk_errors
from exchange.sealing.errors import FileThereError
from exchange.sealing.file_name import check_file_name
from exchange.sealing.long_file import LongFile

_OPEN: Final = os.O_RDWR | os.O_CLOEXEC
_NAMELESS: Final = getattr(os, "O_TMPFILE", 0)
# What file systems without hard links answer (FAT on a stick, some network shares).
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
# What file systems without nameless files answer.
_NO_NAMELESS: Final = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.EISDIR, errno.ENOENT, errno.EINVAL})


class Landing:
    """Writes a file into an existing folder; as a context manager it leaves nothing unless `land` has returned."""

    def __init__(self, folder: Path, name: str, *, nameless: bool = True) -> None:
        """Take the folder and a safe file name; `nameless` False does without nameless files. FileNameError."""
        check_file_name(name)
        self.path = folder / name
        self._name = name
        self._nameless = nameless and bool(_NAMELESS) and os.path.isdir("/proc/self/fd")
        self._aside: str | None = None
        self._folder = self._file = -1

    def __enter__(self) -> Self:
        """Open the folder and the file; FileThereError where the name is taken, DiskFullError, DiskError."""
        with disk_errors("the folder could not be opened"):
            self._folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with disk_errors("the file could not be created"):
                self._refuse_taken()
                self._file = self._create()
                self._content = LongFile(self._file)
        except BaseException:
            os.close(self._folder)
            raise
        return self

    def write(self, view: memoryview) -> None:
        """Write the next bytes; DiskFullError, DiskError."""
        with disk_errors("the file could not be written"):
            self._content.write(view)

    def land(self) -> Path:
        """Make the file durable and give it its name; FileThereError where that was taken meanwhile, or a disk error."""
        with disk_errors("the file could not be written"):
            self._content.sync()
            try:
                self._give_name()
            except FileExistsError as error:
                raise FileThereError("a file of this name is there already") from error
            try:
                os.fsync(self._folder)
            except OSError:
                os.unlink(self._name, dir_fd=self._folder)
                raise
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, and remove what did not land."""
        self._content.close()
        if self._aside is not None:
            with suppress(OSError):
                os.unlink(self._aside, dir_fd=self._folder)
        os.close(self._file)
        os.close(self._folder)

    def _refuse_taken(self) -> None:
        with suppress(FileNotFoundError):
            os.stat(self._name, dir_fd=self._folder, follow_symlinks=False)
            raise FileThereError("a file of this name is there already")

    def _create(self) -> int:
        if self._nameless:
            try:
                return os.open(".", _OPEN | _NAMELESS, PRIVATE_FILE, dir_fd=self._folder)
            except OSError as error:
                if error.errno not in _NO_NAMELESS:
                    raise
                self._nameless = False
        aside = f".opening-{secrets.token_hex(8)}"
        flags = _OPEN | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        file = os.open(aside, flags, PRIVATE_FILE, dir_fd=self._folder)
        self._aside = aside
        return file

    def _give_name(self) -> None:
        if self._aside is None:
            os.link(f"/proc/self/fd/{self._file}", self._name, dst_dir_fd=self._folder, follow_symlinks=True)
            return
        try:
            os.link(
                self._aside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False
            )
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._rename_over_own()

    def _rename_over_own(self) -> None:
        """Take the name with an empty file that must be new, then rename over that: still nothing of others is lost."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(self._name, flags, PRIVATE_FILE, dir_fd=self._folder))
        os.rename(str(self._aside), self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._aside = None
