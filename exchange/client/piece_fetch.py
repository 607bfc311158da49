"""Fetching a part's ciphertext onto this machine, range by range, going on at the byte where a broken line stopped.

Each range is asked for anew, so that the server decides anew. Pieces are believed only as a whole, by the root their
descriptor names; what does not give it is thrown away. Ciphertext alone is kept, in the home, until its part has been opened.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from exchange.client import http
from exchange.client.errors import NetworkError
from exchange.client.progress import Advance
from exchange.client.report_view import REPORTS
from exchange.client.session import Session
from exchange.sealing import check_pieces, disk
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.errors import SealingError
from exchange.sealing.piece_file import PieceFile
from exchange.sealing.pieces import layout
from keys.encoding import b64u

INCOMING: Final = "incoming"
# What one decision of the server may bring.
RANGE_BYTES: Final = 64 << 20


def fetch_pieces(session: Session, report: str, part: PartDescriptor, advance: Advance) -> PieceFile:
    """Return the part's ciphertext, fetched as far as it was not here yet, with its root verified.

    RootMismatchError and other SealingErrors for pieces that are not the part's: they are removed, so that the next
    attempt fetches anew. Raises what `Http` raises; what had arrived stays then.
    """
    file = PieceFile(incoming_path(session, report, part), layout(part.size))
    with disk.disk_errors("the folder for what arrives could not be made"):
        file.path.parent.mkdir(mode=disk.PRIVATE_DIRECTORY, exist_ok=True)
    _fetch(session, f"{REPORTS}/{report}/parts/{b64u(part.id)}/content", file, advance)
    try:
        check_pieces.check_root(file, part)
    except SealingError:
        discard(file)
        raise
    return file


def _fetch(session: Session, path: str, file: PieceFile, advance: Advance) -> None:
    """Fetch what is not there yet, in ranges; a line that breaks is tried again as long as something arrives in between."""
    with disk.disk_errors("a piece could not be written"):
        descriptor = os.open(file.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, disk.PRIVATE_FILE)
    try:
        done = min(os.fstat(descriptor).st_size, file.layout.size)
        os.lseek(descriptor, done, os.SEEK_SET)
        advance(done)

        def keep(data: bytes) -> None:
            nonlocal done
            with disk.disk_errors("a piece could not be written"):
                disk.write_all(descriptor, data)
            done += len(data)
            advance(len(data))

        failures = 0
        while done < file.layout.size:
            before = done
            try:
                session.http.get_range(path, done, min(done + RANGE_BYTES, file.layout.size), keep)
            except NetworkError:
                failures = 1 if done > before else failures + 1
                if failures >= http.ATTEMPTS:
                    raise
                session.http.clock.wait(0.25 * 2**failures)
    finally:
        os.close(descriptor)


def incoming_path(session: Session, report: str, part: PartDescriptor) -> Path:
    """Return where the ciphertext of a part lies while it is fetched; other ciphertext of the same part has another name."""
    return session.home.path(INCOMING) / f"{report}.{part.id.hex()}.{part.root.hex()[:16]}.pieces"


def discard(file: PieceFile) -> None:
    """Remove fetched ciphertext, if it is there."""
    with suppress(OSError):
        file.path.unlink()
