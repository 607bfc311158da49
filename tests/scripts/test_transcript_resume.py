"""A sender's machine dies at the worst moments; the same command again completes, and nothing is sent or sealed twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts.running import ROOT, Person
from tests.scripts.story import Cast

# Three pieces, so that some are missing after the first.
CONTENT = bytes(range(256)) * 10_000
POINTS = ("while-sealing", "after-first-piece", "before-registration", "after-registration", "before-forgetting")


def killed_at(point: str, person: Person, *words: object) -> None:
    """Run a command of a person's in a process that is killed at `point`."""
    environment = {
        **os.environ,
        "EXCHANGE_HOME": str(person.home),
        "EXCHANGE_PASSPHRASE_FILE": str(person.phrase),
        "EXCHANGE_LANG": "en",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), point, *(str(word) for word in words)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


@pytest.mark.parametrize("point", POINTS)
def test_the_same_command_completes_after_a_kill(cast: Cast, tmp_path: Path, point: str) -> None:
    """Killed while sealing it starts anew; killed while sending it goes on without encrypting again; one report results."""
    file = tmp_path / f"{point}.bin"
    file.write_bytes(CONTENT)
    options = ["--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report"]
    words = ["deposit", file, *options, "--adopted-on", "2026-02-03", "--reference", point]
    killed_at(point, cast.cpt, *words)
    spools = {path.name for path in (cast.cpt.home / "spool").iterdir()}
    said = cast.cpt.types(*words)
    if point == "while-sealing":
        assert "sealed anew" in said.err
    elif point != "before-forgetting":
        assert "nothing is encrypted again" in said.err
        assert any(name.startswith(report_of(said.out)) for name in spools), "the report that was sealed before"
    listed = [item["report"] for item in cast.cpt.asks("sent")["items"] if item["reference"] == point]
    assert listed == [report_of(said.out)]
    assert not cast.cpt.asks(*words)["new"]
    assert list((cast.cpt.home / "spool").iterdir()) == []


def report_of(out: str) -> str:
    """The id in "The report's number: …"."""
    return next(word for word in out.split() if word.count("-") == 4)


def test_keys_that_changed_meanwhile_are_renewed(cast: Cast, tmp_path: Path) -> None:
    """After an interruption the addressee has new keys: envelopes and header are made anew over the same ciphertext."""
    file = tmp_path / "renewed.bin"
    file.write_bytes(CONTENT)
    words = ["deposit", file, "--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report"]
    words += ["--adopted-on", "2026-02-04"]
    killed_at("after-first-piece", cast.cpt, *words)
    (spool,) = (cast.cpt.home / "spool").iterdir()
    cast.spt.asks("organisation", "rotate")
    said = cast.cpt.types(*words)
    # The server takes no envelope for a past epoch; the client sees the change first, so it need not refuse.
    assert said.code == 0 and "(stale_epoch)" not in said.err
    assert spool.name.startswith(report_of(said.out))


def test_a_receipt_that_was_not_sent_goes_with_the_next_command(cast: Cast, tmp_path: Path) -> None:
    """Killed after opening: the file is there, the receipt is kept, and the next look at the inbox sends it."""
    file = tmp_path / "own.txt"
    file.write_text("a report of our own")
    words = ["--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report"]
    report = cast.cpt.asks("deposit", file, *words, "--adopted-on", "2026-02-05")["report"]
    out = tmp_path / "read"
    killed_at("before-receipt-is-sent", cast.second, "open", report, "--purpose", "follow_up", "-o", out)
    assert (out / "own.txt").read_text() == "a report of our own"
    kept = cast.second.home / "receipts"
    assert len(list(kept.iterdir())) == 1
    cast.second.asks("inbox")
    assert list(kept.iterdir()) == []
    (release,) = cast.readers(report, 1)["releases"]
    assert release["body"] == "coe-cpt"


def test_a_file_that_changed_is_another_report(cast: Cast, tmp_path: Path) -> None:
    """The same name with other content is never taken for the report that was transmitted."""
    file = tmp_path / "draft.txt"
    file.write_text("first")
    words = ["deposit", file, "--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report"]
    words += ["--adopted-on", "2026-02-06"]
    first = cast.cpt.asks(*words)
    file.write_text("second, longer")
    second = cast.cpt.asks(*words)
    assert second["new"] and second["report"] != first["report"]
    assert cast.cpt.asks(*words, "--again")["report"] not in (first["report"], second["report"])


def test_damaged_spool_is_given_up(cast: Cast, tmp_path: Path) -> None:
    """A spool that is not as it was sealed is not sent: the content is sealed anew, with new keys, as a new report."""
    file = tmp_path / "damaged.bin"
    file.write_bytes(CONTENT)
    words = ["deposit", file, "--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report"]
    words += ["--adopted-on", "2026-02-07"]
    killed_at("after-first-piece", cast.cpt, *words)
    (spool,) = (cast.cpt.home / "spool").iterdir()
    (hashes,) = spool.glob("*.hashes")
    hashes.write_bytes(bytes(len(hashes.read_bytes())))
    said = cast.cpt.types(*words)
    assert "given up" in said.err
    assert not spool.name.startswith(report_of(said.out))
