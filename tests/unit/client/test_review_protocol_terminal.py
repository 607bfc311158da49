"""A hostile review of the command line: what others wrote cannot rewrite what a person reads, and no link lies in wait."""

import os
from pathlib import Path

import pytest

from exchange.client.cli.app import App
from exchange.client.cli.describe_statement import describe
from exchange.client.cli.program import report
from exchange.client.cli.terminal import plain
from exchange.client.errors import ServerRefusal
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.form import Link
from keys.encoding import b64u, parse_time

LIE = "in force\x1b[2A\x1b[2K\x9b2JThe State does not agree\u202e\x00"


def test_what_a_server_says_cannot_rewrite_the_lines_above(capsys: pytest.CaptureFixture[str]) -> None:
    """A status with cursor movements stands beside the terms that are about to be signed."""
    app = App({})
    app.line(LIE)
    app.done({}, [LIE])
    report(app, ServerRefusal("made_up", 400, LIE, {"detail": LIE}))
    out, err = capsys.readouterr()
    for text in (out, err):
        assert "in force" in text and not set(text) & set("\x1b\x9b\u202e\x00")
    assert plain("Zoë\u200d, 報告\n") == "Zoë\u200d, 報告\n"


def test_a_file_is_not_written_through_a_link_that_lay_in_wait(tmp_path: Path) -> None:
    """Where others may write too, the name of the temporary file must not be one they can know."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    (tmp_path / f".invitation.{os.getpid()}.tmp").symlink_to(victim)
    App({}).write(tmp_path / "invitation", b"a secret", secret=True)
    assert victim.read_bytes() == b"untouched"
    assert (tmp_path / "invitation").read_bytes() == b"a secret"
    assert (tmp_path / "invitation").stat().st_mode & 0o777 == 0o600 and not (tmp_path / "invitation").is_symlink()


def test_whoever_confirms_sees_which_part_a_fact_is_about() -> None:
    """Publication of one part and of the whole report read differently."""
    app = App({})
    link = Link(parse_time("2026-03-10T12:00:00Z"), bytes(32), None)
    scope = ReportScope("abcdef00-0000-4000-8000-000000000001", bytes(32))
    part = bytes(range(8))
    one = "\n".join(describe(app, Determination(link, scope, part, "publication", True)))
    every = "\n".join(describe(app, Determination(link, scope, None, "publication", True)))
    assert b64u(part) in one and one != every
