"""Fetching a part's ciphertext onto this machine, piece by piece, going on where a broken line stopped.

Pieces are believed only as a whole, by the root their descriptor names; what does not give it is thrown away. Ciphertext
alone is kept, in the home, until its part has been opened.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

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


def fetch_pieces(session: Session, report: str, part: PartDescriptor, advance: Advance) -> PieceFile:
    """Return the part's ciphertext, fetched as far as it was not here yet, with its root verified.

    RootMismatchError and other SealingErrors for pieces that are not the part's: they are removed, so that the next
    attempt fetches anew. Raises what `Http` raises; what had arrived stays then.
    """
    file = PieceFile(incoming_path(session, report, part), layout(part.size))
    with disk.disk_errors("the folder for what arrives could not be made"):
        file.path.parent.mkdir(mode=disk.PRIVATE_DIRECTORY, exist_ok=True)
    done = file.present()
    advance(sum(file.layout.length(number) for number in range(done)))
    for number in range(done, file.layout.count):
        piece = session.http.get_bytes(f"{REPORTS}/{report}/parts/{b64u(part.id)}/pieces/{number}")
        file.store(number, piece)
        advance(len(piece))
    try:
        check_pieces.check_root(file, part)
    except SealingError:
        discard(file)
        raise
    return file


def incoming_path(session: Session, report: str, part: PartDescriptor) -> Path:
    """Return where the ciphertext of a part lies while it is fetched; other ciphertext of the same part has another name."""
    return session.home.path(INCOMING) / f"{report}.{part.id.hex()}.{part.root.hex()[:16]}.pieces"


def discard(file: PieceFile) -> None:
    """Remove fetched ciphertext, if it is there."""
    with suppress(OSError):
        file.path.unlink()
