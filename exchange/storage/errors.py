"""Errors of the room `storage`."""

from typing import ClassVar


class StorageError(Exception):
    """Root of everything this room raises: what was to be stored is not stored, nothing half-written is visible."""

    code: ClassVar[str] = "storage_failed"


class DiskFullError(StorageError):
    """The disk has no room; nothing was stored, and the same request may be sent again later."""

    code = "disk_full"


class PieceConflictError(StorageError):
    """Other bytes than those sent are stored under this name already."""

    code = "piece_conflict"


class NoSuchPieceError(StorageError):
    """Nothing is stored under this name."""

    code = "piece_missing"
