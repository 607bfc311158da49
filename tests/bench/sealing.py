"""Sealing a file into the spool as the client does, durable on disk, against `age` and `gpg` for as many recipients.

Ours does more than they do: it pads, hashes every piece, wraps each key with a post-quantum KEM and locks it, and keeps
record and key beside. All of that is in our time. Theirs holds the start of a process, a few milliseconds.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from exchange.sealing import seal
from exchange.sealing.envelope import SealTo
from exchange.sealing.manifest import Manifest
from exchange.sealing.seal import PartToSeal, Recipient, SealRequest
from exchange.sealing.spool import Spool, SpoolWriter
from keys.seat_open import SealKey
from tests.bench.figures import Bench, Figure, paired
from tests.bench.peers import MIB, Age, gpg_home, random_file
from tests.unit.sealing import sealed_report

# What we hold ourselves to: 1.3 times as fast as age, twice as fast as gpg, as ratios of times.
AGE_AT_MOST = 1 / 1.3
GPG_AT_MOST = 1 / 2
MANY = 16
MANY_AT_MOST = 1.05
# The bound is nearer than single runs are to each other: this row takes more pairs.
MANY_PAIRS = 3


@dataclass(frozen=True)
class Sealing:
    """Our side: recipients with keys, the private key of the first of them, and the folder of the spool."""

    root: Path
    recipients: tuple[Recipient, ...]
    reader: SealKey

    @classmethod
    def into(cls, root: Path) -> "Sealing":
        """Make the owner and the other recipients."""
        names = ["coe-cpt", *(f"body-{number}" for number in range(1, MANY))]
        keys = [SealKey.generate() for _ in names]
        named = zip(names, keys, strict=True)
        return cls(root, tuple(Recipient(name, 1, SealTo(key.public)) for name, key in named), keys[0])

    def seal(self, plain: Path, recipients: int) -> Spool:
        """Seal a file for the first so many recipients and commit the spool, as the client does."""
        size = plain.stat().st_size
        manifest = Manifest("p1", "A visit report", "report.pdf", "application/pdf", size)
        part = PartToSeal(manifest, partial(plain.open, "rb"), states=["XA"], language="en", regime="R1")
        request = SealRequest(
            owner="coe-cpt",
            originators=["coe-cpt"],
            parts=[part],
            recipients=self.recipients[:recipients],
            lock_key=SealTo(sealed_report.LOCK.public),
            keep_for=SealTo(sealed_report.OFFICER_SEAL.public),
        )
        with SpoolWriter.begin(self.root, uuid.uuid4().bytes, sealed_report.FINGERPRINT) as writer:
            sealed = seal.seal(request, writer)
            package = sealed.package(sealed_report.header(sealed).text)
            return writer.commit(package, sealed_report.OFFICER_SEAL.key_id)

    def clear(self) -> None:
        """Remove every spool, and let the disk finish what is left to write, so that nobody pays for what was before."""
        shutil.rmtree(self.root, ignore_errors=True)
        os.sync()


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield the figures: each peer for one and many recipients, many against one, and growth with the size."""
    size = bench.choose(1024 * MIB, 128 * MIB, MIB)
    runs = bench.choose(5, 3, 1)
    plain = random_file(bench.folder / "plain", size)
    sealing = Sealing.into(bench.folder / "spool")
    out = bench.folder / "sealed-by-peer"

    def clear() -> None:
        out.unlink(missing_ok=True)
        sealing.clear()

    what = f"seal {size // MIB} MiB"
    age = Age(bench.folder, MANY)
    with gpg_home(MANY) as gpg:
        for many in (1, MANY):
            ours = partial(sealing.seal, plain, many)
            for peer, encrypt, at_most in (("age", age.encrypt, AGE_AT_MOST), ("gpg", gpg.encrypt, GPG_AT_MOST)):
                bench.say(f"{what}, {many} recipient(s), {peer}")
                theirs = partial(encrypt, plain, out, many)
                yield paired(
                    f"{what} for {many} recipient{'s' if many > 1 else ''}",
                    f"{peer}, as many recipients",
                    ours,
                    theirs,
                    runs=runs,
                    at_most=at_most,
                    work=size / MIB,
                    unit="MiB",
                    before=clear,
                )
    clear()
    bench.say(f"{what}, {MANY} recipients against one")
    yield paired(
        f"{what} for {MANY} recipients",
        "ours, one recipient",
        partial(sealing.seal, plain, MANY),
        partial(sealing.seal, plain, 1),
        runs=bench.choose(runs * MANY_PAIRS, runs, runs),
        at_most=MANY_AT_MOST,
        before=clear,
    )
    yield from _growth(bench, sealing, plain, size)


def _growth(bench: Bench, sealing: Sealing, plain: Path, size: int) -> Iterator[Figure]:
    """Yield what a byte costs at 10 and at 100 times the size: one large file against as many bytes in small ones."""
    small = random_file(bench.folder / "small", max(size // 100, 1))

    def many_small(count: int) -> None:
        for _ in range(count):
            sealing.seal(small, 1)

    for times in (10, 100):
        large = plain if times == 100 else random_file(bench.folder / "large", small.stat().st_size * times)
        bench.say(f"sealing at {times} times the size")
        yield paired(
            f"seal {times} times {small.stat().st_size / MIB:.1f} MiB in one file",
            f"ours, {times} files of that size",
            partial(sealing.seal, large, 1),
            partial(many_small, times),
            runs=bench.choose(3, 1, 1),
            before=sealing.clear,
        )
    sealing.clear()
