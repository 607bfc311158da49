"""Opening a part that has been fetched, in its nine steps, durable on disk under its name, against `age -d` and `gpg -d`.

Ours reads the ciphertext twice, as the steps ask: its root first, then its content, into a file that has no name before all
of it holds. The envelope, the manifest and the receipt are in our time.
"""

import os
import shutil
from collections.abc import Iterator
from functools import partial

from exchange.sealing.descriptors import Descriptors
from exchange.sealing.envelope import lock_info
from exchange.sealing.seal import Recipient
from exchange.sealing.spool import Spool
from exchange.sealing.unseal.opening import OpeningFacts, open_part
from exchange.statements import report_header
from tests.bench.figures import Bench, Figure, paired
from tests.bench.peers import MIB, Age, gpg_home, random_file
from tests.bench.sealing import Sealing
from tests.unit.sealing import sealed_report

READER = "coe-cpt"


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield opening against each peer."""
    size = bench.choose(1024 * MIB, 128 * MIB, MIB)
    runs = bench.choose(5, 3, 1)
    plain = random_file(bench.folder / "plain", size)
    sealing = Sealing.into(bench.folder / "spool")
    facts = facts_of(sealing.seal(plain, 1), sealing.recipients[0])
    folder, by_peer, out = bench.folder / "opened", bench.folder / "sealed-by-peer", bench.folder / "opened-by-peer"
    age = Age(bench.folder, 1)

    def clear() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        out.unlink(missing_ok=True)
        os.sync()

    with gpg_home(1) as gpg:
        for peer, program in (("age -d", age), ("gpg -d", gpg)):
            bench.say(f"open {size // MIB} MiB, {peer}")
            by_peer.unlink(missing_ok=True)
            program.encrypt(plain, by_peer, 1)
            yield paired(
                f"open {size // MIB} MiB that is here",
                peer,
                partial(open_part, facts, sealing.reader, sealed_report.Checks(), folder),
                partial(program.decrypt, by_peer, out),
                runs=runs,
                work=size / MIB,
                unit="MiB",
                before=clear,
            )


def facts_of(spool: Spool, reader: Recipient) -> OpeningFacts:
    """Return what a reader has when everything has been fetched; the server has taken the lock off the envelope."""
    package = spool.package
    _header, statement = report_header.parse(package.header)
    part = package.descriptors.parts[0]
    named = tuple(s for s in package.descriptors.recipients if s.value.organisation == reader.organisation)
    return OpeningFacts(
        report=spool.report,
        part=part.value.id,
        organisation=reader.organisation,
        action="view",
        purpose="follow_up",
        header=statement,
        descriptors=Descriptors((part,), named),
        request=bytes(32),
        envelope=sealed_report.LOCK.open(
            package.envelopes[named[0].value.envelope].sealed,
            lock_info(spool.report, part.value.id, reader.organisation),
        ),
        manifest=package.manifests[part.value.id],
        pieces=spool.file(part.value.id),
    )
