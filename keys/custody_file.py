"""A file of secrets on disk: written once and durably, read only where nobody but the server's user can reach it."""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from keys.errors import CustodyExistsError, CustodyMissingError, CustodyUnsafeError

_MAX_BYTES: Final = 65_536
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def create(path: Path, data: bytes) -> None:
    """Write a file that does not exist yet, with mode 0600 in a directory of mode 0700, and make it durable.

    Temporary file, write, fsync, link under its name, fsync of the directory: after a crash the file is whole or not
    there. Raises CustodyExistsError, with the old file untouched, or CustodyUnsafeError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_directory(path.parent)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: a rename would replace the keys of a running instance without a word.
        os.link(temporary, path)
    except FileExistsError as error:
        raise CustodyExistsError(
            f"custody file '{path}' exists: its keys are needed, keep it and choose another"
        ) from error
    finally:
        os.unlink(temporary)
    _sync_directory(path.parent)


def read(path: Path) -> bytes:
    """Return the file's bytes, after checking that it and its directory are private.

    Raises CustodyMissingError, or CustodyUnsafeError whose message says which command mends it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise CustodyMissingError(f"no custody file '{path}': make one with flask prepare, or restore it") from error
    except OSError as error:
        raise CustodyUnsafeError(
            f"custody file '{path}' is a link or not readable: put the file itself there"
        ) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise CustodyUnsafeError(f"custody file '{path}' is not a plain file: put the file itself there")
        _check_directory(path.parent)
        _check_owner(path, found, 0o600)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(_MAX_BYTES)
    finally:
        os.close(handle)


def _check_directory(path: Path) -> None:
    _check_owner(path, os.stat(path), 0o700)


def _check_owner(path: Path, found: os.stat_result, mode: int) -> None:
    user = os.geteuid()
    if found.st_uid != user:
        raise CustodyUnsafeError(f"'{path}' belongs to another user: chown {user} '{path}'")
    if found.st_mode & _OTHERS:
        raise CustodyUnsafeError(f"others may use '{path}': chmod {mode:04o} '{path}'")


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
