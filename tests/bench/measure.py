"""`make bench`: what sealing, wrapping, signing, storing and hashing cost on this machine. Prints figures, judges nothing."""

import io
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from exchange.sealing.content import new_content_key, new_part_id, part_context, seal_content
from exchange.storage.pieces import LocalPieceStore
from exchange.transparency.merkle import leaf_hash, root_of
from keys.recipient import wrap
from keys.seat_open import SealKey
from keys.signing import SigningKey, verify

SECONDS = 1.0
MIB = 1 << 20


def a_second(act: Callable[[], object]) -> float:
    """How often ``act`` is done in a second, measured over about a second."""
    act()
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        act()
        count += 1
    return count / passed


def seal_rate(size: int) -> float:
    """MiB a second for sealing ``size`` bytes: padding, encryption and hashing of the pieces, nothing written."""
    content = os.urandom(size)
    context = part_context(secrets.token_bytes(16), new_part_id())
    return a_second(lambda: seal_content(io.BytesIO(content), size, new_content_key(), context, lambda _view: None)) * (
        size / MIB
    )


def store_rate(folder: Path) -> float:
    """Whole pieces a second made durable on the disk of ``folder``, each in a file of its own."""
    store = LocalPieceStore(folder)
    piece = memoryview(os.urandom(MIB))

    def put() -> None:
        with store.place(secrets.token_hex(16), 0, MIB) as place:
            place.write(piece, 0)
            place.sync(name=True)

    return a_second(put)


def main() -> None:
    """Measure each in turn."""
    reader, signer = SealKey.generate(), SigningKey(secrets.token_bytes(32))
    key, info, message = secrets.token_bytes(32), b"bench", secrets.token_bytes(512)
    sealed, signature = wrap(reader.public, key, info), signer.sign(message)
    leaves = [leaf_hash(n.to_bytes(73, "big")) for n in range(10_000)]
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        figures = [
            ("seal a 64 MiB file (MiB)", seal_rate(64 * MIB)),
            ("make a 1 MiB piece durable", store_rate(Path(folder))),
            ("wrap a key to a recipient", a_second(lambda: wrap(reader.public, key, info))),
            ("unwrap a key", a_second(lambda: reader.open(sealed, info))),
            ("sign a statement", a_second(lambda: signer.sign(message))),
            ("verify a signature", a_second(lambda: verify(signer.public, signature, message))),
            ("hash leaves into a tree", a_second(lambda: root_of(leaves)) * len(leaves)),
        ]
    for what, rate in figures:
        print(f"{what:32} {rate:12,.0f} a second")


if __name__ == "__main__":
    main()
