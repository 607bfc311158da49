"""Opening on a reader's machine: an honest server's report opens; whatever a lying one changes is refused, and named."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client.errors import AnswerError, SeatMissingError, ServerRefusal
from exchange.client.opening import NO_PART, Wanted, open_report
from exchange.client.recipients import lock_key, recipient
from exchange.client.report_errors import PartNotShownError, ReportAnswerError
from exchange.sealing.envelope import lock_info
from exchange.sealing.errors import DescriptorMismatchError, NotNamedError, RootMismatchError
from exchange.sealing.seal import wrap_for
from exchange.sealing.unseal.content import open_kept_key
from exchange.sealing.unseal.opening import OpeningError
from exchange.statements import grant as grants
from exchange.statements import receipt
from exchange.statements.errors import TooFewSignersError, WrongSignerError
from exchange.statements.form import Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.transparency.errors import ProofError
from keys.encoding import b64u
from keys.errors import MalformedError
from tests.unit.client.fake_exchange import problem
from tests.unit.client.fake_log import At, at
from tests.unit.client.fake_report import CONTENT, Report


@pytest.fixture
def here(tmp_path: Path) -> At:
    """An SPT officer."""
    return at(tmp_path / "home")


def wanted(report: Report, tmp_path: Path, **change: Any) -> Wanted:
    """What the SPT asks for."""
    return Wanted(
        **{"report": report.id, "action": "view", "purpose": "follow_up", "folder": tmp_path / "read", **change}
    )


def nothing_left(here: At, tmp_path: Path) -> bool:
    """Whether no file of an opening is anywhere."""
    folder = tmp_path / "read"
    return not folder.exists() or not list(folder.iterdir())


def test_a_report_opens_and_its_receipt_is_sent(here: At, tmp_path: Path) -> None:
    """Content and title are the sender's; the file is its owner's alone; ciphertext is not kept."""
    report = Report(here, tmp_path)
    (one,) = open_report(here.session, wanted(report, tmp_path))
    assert one.opened.path.read_bytes() == CONTENT and one.opened.manifest.title == "A visit"
    assert one.opened.path.stat().st_mode & 0o777 == 0o600
    assert [signer.organisation for signer in one.signers] == ["coe-cpt"]
    value, _ = receipt.parse(report.receipts[0].encode())
    assert (value.report, value.index) == (report.id, one.opened.released.index)
    assert list((here.desk.home.root / "incoming").iterdir()) == []


def test_fetching_goes_on_where_it_stopped(here: At, tmp_path: Path) -> None:
    """A line that broke costs the rest alone: what had arrived is not asked for again, by this command or the next."""
    report = Report(here, tmp_path)
    address = f"/api/v1/reports/{report.id}/parts/{b64u(report.part)}/content"
    honest = here.server.answers[address]

    def breaks(request: httpx.Request) -> httpx.Response:
        def stream() -> Iterator[bytes]:
            yield report.pieces[0][:1000]
            here.server.answers[address] = lambda request: problem("storage_failed", 500)
            raise httpx.ReadError("cut")

        end = len(report.pieces[0])
        return httpx.Response(206, content=stream(), headers={"Content-Range": f"bytes 0-{end - 1}/{end}"})

    here.server.answers[address] = breaks
    with pytest.raises(ServerRefusal):
        open_report(here.session, wanted(report, tmp_path))
    here.server.answers[address] = honest
    open_report(here.session, wanted(report, tmp_path))
    asked = [request.headers["Range"] for request in here.server.seen if request.url.path == address]
    begins = [field.partition("=")[2].partition("-")[0] for field in asked]
    assert begins == ["0", "1000", "1000"] and not nothing_left(here, tmp_path)


@pytest.mark.parametrize("change", [lambda data: data + b"x", lambda data: data[:-1], lambda data: b""])
def test_more_or_fewer_bytes_than_were_asked_for(here: At, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """An answer of another length is none: nothing is opened."""
    report = Report(here, tmp_path)
    address = f"/api/v1/reports/{report.id}/parts/{b64u(report.part)}/content"
    end = len(report.pieces[0])
    said = {"Content-Range": f"bytes 0-{end - 1}/{end}"}
    here.server.answers[address] = lambda request: httpx.Response(206, content=change(report.pieces[0]), headers=said)
    with pytest.raises(AnswerError):
        open_report(here.session, wanted(report, tmp_path))
    assert report.receipts == []


def test_a_header_by_another_bodys_officer_is_refused(here: At, tmp_path: Path) -> None:
    """Nothing is asked on the strength of it, not even a piece."""
    report = Report(here, tmp_path, signed_by=here.world.officers("npm-xa")[0])
    with pytest.raises(WrongSignerError):
        open_report(here.session, wanted(report, tmp_path))
    assert not any("/content" in request.url.path or "release" in request.url.path for request in here.server.seen)


def test_foreign_pieces_are_refused_and_thrown_away(here: At, tmp_path: Path) -> None:
    """Changed bytes do not give the root; no release is asked for; the next attempt fetches anew."""
    report = Report(here, tmp_path)
    good = report.pieces[0]
    report.pieces[0] = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(RootMismatchError):
        open_report(here.session, wanted(report, tmp_path))
    assert list((here.desk.home.root / "incoming").iterdir()) == [] and report.receipts == []
    report.pieces[0] = good
    assert open_report(here.session, wanted(report, tmp_path))


@pytest.mark.parametrize(
    ("name", "change", "error"),
    [
        ("parts", lambda body: body["parts"] + body["parts"], Exception),
        ("recipients", lambda body: [], NotNamedError),
        ("report", lambda body: body["report"], None),
        ("header", lambda body: None, MalformedError),
        ("ticket", lambda body: {**body["ticket"], "index": body["ticket"]["index"] - 1}, ProofError),
        ("proof", lambda body: {**body["proof"], "inclusion": body["proof"]["inclusion"][:-1]}, ProofError),
        ("manifests", lambda body: {}, MalformedError),
        ("permitted", lambda body: [], MalformedError),
        ("grants", lambda body: [1], MalformedError),
    ],
)
def test_what_a_server_changes_is_refused(here: At, tmp_path: Path, name: str, change: Any, error: Any) -> None:
    """Each member of the answer is held to the header, the log or its form; nothing is left of the attempt."""
    report = Report(here, tmp_path)
    report.body[name] = change(report.body)
    if error is None:
        assert open_report(here.session, wanted(report, tmp_path))
        return
    with pytest.raises(error):
        open_report(here.session, wanted(report, tmp_path))
    assert nothing_left(here, tmp_path)


def test_a_report_of_another_id_and_a_descriptor_of_another_part_are_refused(here: At, tmp_path: Path) -> None:
    """The server shows what was asked for, and only what the header names."""
    first, second = Report(here, tmp_path), Report(here, tmp_path)
    body = first.body
    first.body = second.body
    with pytest.raises(ReportAnswerError):
        open_report(here.session, wanted(first, tmp_path))
    first.body = {**body, "parts": second.body["parts"]}
    with pytest.raises(DescriptorMismatchError):
        open_report(here.session, wanted(first, tmp_path))


def test_an_envelope_for_somebody_else_is_refused(here: At, tmp_path: Path) -> None:
    """It is proven in the log and still not the one that the header names for us."""
    report = Report(here, tmp_path)
    report.released["envelope"] = report.envelope("coe-cpt")
    with pytest.raises(NotNamedError):
        open_report(here.session, wanted(report, tmp_path))
    assert nothing_left(here, tmp_path)


def test_a_manifest_that_was_exchanged_is_refused_in_its_step(here: At, tmp_path: Path) -> None:
    """Step 7 names itself."""
    report = Report(here, tmp_path)
    sealed = bytearray(report.package.manifests[report.part])
    sealed[-1] ^= 1
    report.body["manifests"] = {b64u(report.part): b64u(bytes(sealed))}
    with pytest.raises(OpeningError) as caught:
        open_report(here.session, wanted(report, tmp_path))
    assert caught.value.step == 7 and nothing_left(here, tmp_path)


def test_what_is_not_available_is_asked_for_all_the_same(here: At, tmp_path: Path) -> None:
    """The refusal is the server's, and so is its entry: for a report that shows nothing, and for a purpose not permitted."""
    report = Report(here, tmp_path)
    base = f"/api/v1/reports/{report.id}"
    here.server.answers[f"{base}/parts/{b64u(report.part)}/release"] = lambda request: problem("N_CLEARANCE", 403)
    with pytest.raises(ServerRefusal) as caught:
        open_report(here.session, wanted(report, tmp_path, purpose="protection"))
    assert caught.value.code == "N_CLEARANCE"
    here.server.answers[base] = lambda request: problem("N_UNAVAILABLE", 404)
    asked = f"{base}/parts/{b64u(NO_PART)}/release"
    here.server.answers[asked] = lambda request: problem("N_UNAVAILABLE", 404)
    with pytest.raises(ServerRefusal) as caught:
        open_report(here.session, wanted(report, tmp_path))
    assert caught.value.code == "N_UNAVAILABLE" and here.server.seen[-1].url.path == asked
    here.server.answers[base] = lambda request: httpx.Response(200, json=report.body)
    with pytest.raises(PartNotShownError):
        open_report(here.session, wanted(report, tmp_path, part="fr"))


def test_without_a_seat_the_key_cannot_be_had(here: At, tmp_path: Path) -> None:
    """Who joined after the epoch is told so."""
    report = Report(here, tmp_path)
    here.answers("/api/v1/account/seats", {"seats": []})
    with pytest.raises(SeatMissingError):
        open_report(here.session, wanted(report, tmp_path))


@pytest.mark.parametrize("signers", [1, 2])
def test_a_later_addressee_opens_by_a_grant_of_two(here: At, tmp_path: Path, signers: int) -> None:
    """The header does not name us; a grant does, if two officers of the owner signed it."""
    report = Report(here, tmp_path, to=())
    part = report.package.descriptors.parts[0].value
    key = open_kept_key(report.spool.kept_key(part.id), report.spool.report, part.id, report.owner.seal)
    lock = lock_key(report.session)
    named, locked = wrap_for(report.spool.report, "coe-cpt", part, key, recipient(report.session, "un-spt"), lock)
    stamp = Stamp.fresh(here.world.now, here.session.directory.exchange)
    ours = GrantRecipient("un-spt", named.epoch, named.key, named.part, named.envelope)
    statement = grants.build(Grant(stamp, report.id, report.header.hash, (ours,)))
    for officer in here.world.officers("coe-cpt")[:signers]:
        statement = statement.signed_by(officer.sign)
    fields = {"actor": report.owner.id, "body": "coe-cpt", "owner": "coe-cpt", "report": report.id, "recipients": 1}
    stored = here.store("reports:report:grant", fields, statement)
    report.body["grants"] = [{**stored, "proof": here.proof(stored["ticket"]["index"])}]
    report.body["proof"] = here.proof(report.body["ticket"]["index"])
    report.released["envelope"] = report.lock.open(locked.sealed, lock_info(report.spool.report, part.id, "un-spt"))
    if signers == 1:
        with pytest.raises(OpeningError) as caught:
            open_report(here.session, wanted(report, tmp_path))
        assert caught.value.step == 2 and isinstance(caught.value.__cause__, TooFewSignersError)
    else:
        (one,) = open_report(here.session, wanted(report, tmp_path))
        assert one.opened.path.read_bytes() == CONTENT and len(one.signers) == 3
