"""A machine whose clock is far off, a report that is too large, pieces that went missing, and the same report again."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.client.clock import Clock
from tests.faults.sigkill_acts import opened, rows, statements
from tests.faults.sigkill_world import TEXT, WORDS, World, authorisation
from tests.scripts.bad_input import Store, own_world, refused
from tests.scripts.test_transcript_resume import killed_at

# The first test of a run founds the exchange that all of them copy.
pytestmark = pytest.mark.timeout(300)

CONTENT = bytes(range(256)) * 10_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A founded exchange that takes reports of up to four mebibytes."""
    bounds = {"EXCHANGE_MAX_REQUEST_BYTES": str(3 << 20), "EXCHANGE_MAX_REPORT_BYTES": str(4 << 20)}
    with own_world(tmp_path_factory, **bounds) as made:
        yield made


@pytest.mark.parametrize("days", [-400, 3])
def test_a_clock_that_is_far_off_is_told_and_corrected(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Every act goes through with the server's time, on the first attempt of the person; they are told once."""
    right = Clock.machine
    monkeypatch.setattr(Clock, "machine", lambda self: right(self) + timedelta(days=days))
    for name in ("cpt", "second", "spt"):
        (world.person(name).home / "clock.json").unlink(missing_ok=True)
    file = tmp_path / f"report{days}.txt"
    file.write_bytes(TEXT)
    told = world.cpt.types("deposit", file, *WORDS, "--to", "un-spt", "--reference", f"clock{days}")
    assert f"{abs(days) * 24 * 60}" in told.err and "clock" in told.err
    assert "clock" not in world.cpt.types("sent").err
    agreement = tmp_path / "agreement.json"
    agreement.write_bytes(authorisation(world.facts["released"]))
    recorded = world.cpt.asks("consent", "record", agreement, "--adds", "--yes")
    world.second.asks("consent", "confirm", recorded["instrument"], "--yes")
    opened(world.spt, world, world.facts["released"], "released.txt", TEXT)
    (world.folder / "opened-spt-released.txt" / "released.txt").unlink()
    world.spt.asks("organisation", "rotate")
    assert world.server.operator("fsck").strip() == "sound"


def test_a_report_that_is_too_large(world: World, tmp_path: Path) -> None:
    """Refused when its upload is opened, and no row of it is kept. What was sealed waits in the spool."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(5 << 20))
    before = rows(world, "uploads")
    refused(world.cpt, "deposit", file, *WORDS, "--to", "un-spt", "--reference", "large", code="upload_too_large")
    assert rows(world, "uploads") == before and statements(world, "report-header") == rows(world, "reports")
    shutil.rmtree(world.cpt.home / "spool")


def test_pieces_that_went_missing_are_sent_again(world: World, tmp_path: Path) -> None:
    """Between upload and registration the server lost a piece: the same command sends it again, and encrypts nothing."""
    file = tmp_path / "pieces.bin"
    file.write_bytes(CONTENT)
    words = ("deposit", file, *WORDS, "--to", "un-spt", "--reference", "pieces")
    killed_at("before-registration", world.cpt, *words)
    (spool,) = (world.cpt.home / "spool").glob("*")
    report = spool.name.partition(".")[0]
    store = Store(world)
    path, lost = store.part(report), store.piece(report, 1)
    path.write_bytes(path.read_bytes().replace(lost, bytes(len(lost))))
    upload = "(select id from uploads where report = ?)"
    store.run(f"delete from upload_pieces where number = 1 and upload = {upload}", report)
    said = world.cpt.types(*words)
    assert "nothing is encrypted again" in said.err and report in said.out
    opened(world.second, world, report, "pieces.bin", CONTENT)


def test_the_same_report_again_is_the_same_and_another_is_another(world: World, tmp_path: Path) -> None:
    """The same command gets the first answer and registers nothing; other content under the same name is another report."""
    file = tmp_path / "again.txt"
    file.write_bytes(TEXT)
    words = ("deposit", file, *WORDS, "--to", "un-spt", "--reference", "again")
    first = world.cpt.asks(*words)
    count = rows(world, "reports")
    again = world.cpt.asks(*words)
    assert (again["report"], again["entry"], again["new"]) == (first["report"], first["entry"], False)
    assert rows(world, "reports") == count
    file.write_bytes(TEXT + b"and more")
    assert world.cpt.asks(*words)["report"] != first["report"]
    assert rows(world, "reports") == count + 1
