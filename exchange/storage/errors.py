"""Errors of the room `storage`."""

from typing import ClassVar


class StorageError(Exception):
    """Root of everything this room raises: what was to be stored is not stored, nothing half-written is visible."""

    code: ClassVar[str] = "storage_failed"


class DiskFullError(StorageError):
    """The disk has no room; nothing was stored, and the same request may be sent again later."""

    code = "disk_full"


class NoSuchPieceError(StorageError):
    """Nothing is stored under this name."""

    code = "piece_missing"
