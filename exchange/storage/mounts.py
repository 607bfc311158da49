"""On which file systems an exchange may lie: those whose locks keep out every process of every host that shares them.

The signing lock of the logs, the places of pieces and SQLite's own locks are kernel locks on files. A file system that keeps
them to one host, or drops them, loses what was signed, a piece or a database without a word; so the start is refused
there. /proc/self/mountinfo says what a folder lies on (proc(5)); where there is none, nothing is checked.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exchange.config import Config, ConfigError
from exchange.database_url import SQLITE, kind_of

MOUNTS: Final = Path("/proc/self/mountinfo")
# Network file systems: SQLite's file lies on none of them.
_NETWORK: Final = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "afs", "ncpfs")
# Those whose locks are not known to reach other hosts.
_NO_LOCKS: Final = ("cifs", "smb3", "smbfs", "9p", "vboxsf", "afs", "ncpfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone")
# nfs(5), mount.lustre(8): both kinds of locks count, flock(2) for the logs and byte ranges for the pieces.
_LOCAL_LOCKS: Final = ("nolock", "local_lock=all", "local_lock=flock", "local_lock=posix", "localflock")


@dataclass(frozen=True)
class Mount:
    """What a folder lies on: the file system's type, and its options."""

    kind: str
    options: frozenset[str]


def mount_of(folder: Path, mounts: Path = MOUNTS) -> Mount | None:
    """Return the mount that `folder` lies on, or will once it is made; None where the kernel does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    real = os.path.realpath(folder)
    best, found = "", None
    for line in lines:
        before, _, after = line.partition(" - ")
        left, right = before.split(), after.split()
        if len(left) < 6 or len(right) < 3:
            continue
        point = _unescaped(left[4])
        if _holds(point, real) and len(point) >= len(best):
            best, found = point, Mount(right[0], frozenset(left[5].split(",") + right[2].split(",")))
    return found


def check(config: Config, mounts: Path = MOUNTS) -> None:
    """Raise ConfigError where a lock would not hold: SQLite on a network file system, or logs on one without shared locks."""
    if kind_of(config.database_url) == SQLITE:
        below = mount_of(config.instance, mounts)
        if below is not None and below.kind in _NETWORK:
            raise ConfigError(
                f"EXCHANGE_INSTANCE lies on {below.kind}, a network file system, where an SQLite file is not safe: "
                "use a local disk, or set DATABASE_URL to postgresql://…"
            )
    below = mount_of(config.shared_dir, mounts)
    if below is None:
        return
    local = sorted(below.options.intersection(_LOCAL_LOCKS))
    if below.kind in _NO_LOCKS or local:
        raise ConfigError(
            f"EXCHANGE_SHARED lies on {below.kind} {' '.join(local)}".rstrip()
            + ", whose locks do not keep other hosts out: use NFS version 4 with local_lock=none, or a local disk for one host"
        )


def _holds(point: str, path: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
