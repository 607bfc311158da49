"""A hostile review of verifying online: a server that goes back behind what this home has seen is not "good"."""

from pathlib import Path

import httpx
import pytest

from exchange.client.log_copy import verify_online
from exchange.client.pins import AuditPin, load_pins, save_pins
from exchange.client.report_errors import NotPublicYetError
from exchange.transparency.merkle import TreeHead
from tests.unit.client.fake_log import at


def test_a_log_in_public_that_went_back_is_not_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of an old day are whole and signed; this home has seen more, and that must come to stand there."""
    here = at(tmp_path / "home")
    here.session.sync()
    save_pins(here.desk.home, load_pins(here.desk.home).with_audit(AuditPin(1, TreeHead(40, bytes(32)))))
    note = here.server.note("audit", here.server.audit)
    here.server.answers["/log/audit/1/checkpoint"] = lambda request: httpx.Response(200, text=note)
    waited: list[float] = []
    monkeypatch.setattr(here.desk.clock, "wait", waited.append)
    with pytest.raises(NotPublicYetError):
        verify_online(here.session)
    assert sum(waited) > 60
