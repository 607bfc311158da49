"""Uploads over HTTP: pieces in any order, again and at once; nothing replaces a stored piece; one body's are its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.logs.faults import Faults
from exchange.reports.errors import TooManyUploadsError, UploadTooLargeError
from exchange.reports.uploads import LIFE, Bounds, Uploads
from exchange.storage.pieces import PieceStore
from exchange.web.caller import Caller
from keys.encoding import b64u
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, make_report, part

BIG = bytes(range(256)) * 12_000  # three pieces


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of one part in three pieces, sealed and not sent."""
    return make_report(world, tmp_path, parts=[part(data=BIG)])


def test_a_part_arrives_in_any_order_and_again(made: Made) -> None:
    """Opening again and sending again change nothing; the list shows what is there, so that a sender goes on."""
    (p1,) = made.parts
    first = made.open(p1)
    assert first.status_code == 201
    assert first.json["pieces"] == 3
    assert made.put(p1, 2).status_code == 204
    assert made.put(p1, 0).status_code == 204
    assert made.put(p1, 2).status_code == 204
    again = made.open(p1)
    assert (again.status_code, again.json) == (200, first.json)
    shown = made.world.get(made.officer, f"/uploads/{made.uploads[p1]}").json
    size = made.spool.parts[p1].layout.size
    assert shown == {"report": made.report, "part": b64u(p1), "size": size, "pieces": 3, "stored": [0, 2]}


def test_pieces_at_once(made: Made) -> None:
    """All pieces sent by several threads at once, each twice."""
    (p1,) = made.parts
    made.open(p1)
    made.world.token(made.officer)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: made.put(p1, n).status_code, [0, 1, 2, 0, 1, 2]))
    assert answers == [204] * 6
    assert made.world.fsck() == []


def test_other_bytes_for_a_stored_piece(made: Made) -> None:
    """409, and what is stored stays."""
    (p1,) = made.parts
    made.open(p1)
    made.put(p1, 0)
    piece = made.spool.parts[p1].piece(0)
    answer = made.put(p1, 0, bytes(len(piece)))
    assert (answer.status_code, answer.json["code"]) == (409, "piece_differs")
    assert made.world.services.get(PieceStore).read(made.uploads[p1], 0, len(piece)) == piece


def test_the_digest_is_required_and_must_fit(made: Made) -> None:
    """No field, a foreign one, and the digest of other bytes: nothing is stored."""
    (p1,) = made.parts
    made.open(p1)
    codes = [made.put(p1, 0, digest=digest).json["code"] for digest in (None, "sha-256", "sha-256=:" + "A" * 43 + "=:")]
    assert codes == ["digest_missing", "digest_missing", "digest_mismatch"]
    assert made.stored(p1) == []


def test_sizes_and_numbers(made: Made) -> None:
    """A piece one byte short or long, a number beyond the last, a size that no padded file has."""
    (p1,) = made.parts
    made.open(p1)
    piece = made.spool.parts[p1].piece(0)
    assert made.put(p1, 0, piece[:-1]).json["code"] == "piece_size"
    assert made.put(p1, 0, piece + b"x").json["code"] == "piece_size"
    assert made.put(p1, 3, piece).json["code"] == "piece_number"
    assert made.open(bytes(8), size=100_000).json["code"] == "bad_size"
    real = made.spool.parts[p1].layout.size
    assert made.open(p1, size=made.spool.parts[p1].layout.size).status_code == 200
    smaller = make_report(made.world, Path(made.spool.directory).parent.parent / "other")
    other = smaller.spool.parts[smaller.parts[0]].layout.size
    assert other != real
    assert made.open(p1, size=other).json["code"] == "upload_differs"


def test_an_upload_is_its_bodys_alone(made: Made) -> None:
    """A colleague goes on with it; for another body there is no such upload, as for an id that nobody has."""
    (p1,) = made.parts
    made.open(p1)
    colleague, stranger = made.world.officers("coe-cpt")[1], made.world.officers("un-spt")[0]
    assert made.put(p1, 0, officer=colleague).status_code == 204
    hidden = made.put(p1, 1, officer=stranger)
    unknown = made.put(p1, 1, upload="A" * 22)
    assert (hidden.status_code, hidden.data) == (404, unknown.data)
    assert made.world.get(stranger, f"/uploads/{made.uploads[p1]}").data == unknown.data
    # The same report and part of another body is another upload.
    assert made.open(p1, officer=stranger).status_code == 201


def test_malformed_requests(made: Made) -> None:
    """Ids in another spelling, unknown fields, no number: 422 before anything is opened; without a token 401."""
    world, officer = made.world, made.officer
    good = {"report": made.report, "part": b64u(made.parts[0]), "size": 65_640}
    for change in (
        {"report": made.report.upper()},
        {"part": "AAAA"},
        {"size": 0},
        {"size": "65640"},
        {"size": 2**60},
        {"more": 1},
    ):
        assert world.post(officer, "/uploads", {**good, **change}).status_code == 422, change
    assert world.client.post("/api/v1/uploads", json=good).status_code == 401


def test_bounds_of_one_body(made: Made) -> None:
    """A body has only so many unregistered uploads, and only so many bytes of them; another body is not affected."""
    world, size = made.world, made.spool.parts[made.parts[0]].layout.size
    store = world.services.get(PieceStore)
    few = Uploads(world.database, store, Faults(), Bounds(size, open_uploads=2))
    little = Uploads(world.database, store, Faults(), Bounds(size, open_reports=2))
    tiny = Uploads(world.database, store, Faults(), Bounds(size - 1))
    cpt, spt = (Caller("A" * 22, body, bytes(32)) for body in ("coe-cpt", "un-spt"))
    with world.database.unit_of_work(write=True) as uow:
        for n in (1, 2, 2, 1):
            few.open(uow, cpt, made.report, bytes([n] * 8), size)
        for bounded in (few, little):
            with pytest.raises(TooManyUploadsError):
                bounded.open(uow, cpt, made.report, bytes([3] * 8), size)
            bounded.open(uow, spt, made.report, bytes([3] * 8), size)
        with pytest.raises(UploadTooLargeError):
            tiny.open(uow, spt, made.report, bytes([4] * 8), size)


def test_what_is_never_registered_is_purged(made: Made) -> None:
    """A week after it was touched last it is gone, rows and pieces; what was touched since and what is registered stays."""
    world = made.world
    folder = Path(made.spool.directory).parent.parent
    kept = make_report(world, folder / "kept")
    kept.send()
    assert kept.register().status_code == 201
    made.send()
    world.clock.moment += LIFE - timedelta(hours=1)
    fresh = make_report(world, folder / "fresh")
    fresh.send()
    purge = world.services.get(Uploads).purge
    assert purge() == 0
    world.clock.moment += timedelta(hours=2)
    assert purge() == 1
    store = world.services.get(PieceStore)
    assert store.keys() == sorted([*kept.uploads.values(), *fresh.uploads.values()])
    assert world.get(made.officer, f"/uploads/{made.uploads[made.parts[0]]}").status_code == 404
    assert world.fsck() == []
    # The sender starts the same upload anew.
    made.uploads.clear()
    made.send()
    assert made.register().status_code == 201


def test_pieces_without_an_upload_are_swept(made: Made) -> None:
    """What a crash between rows and files left behind is found by its key."""
    store = made.world.services.get(PieceStore)
    with store.place("left-behind", 0, 1) as place:
        place.write(memoryview(b"x"), 0)
    assert [line for line in made.world.fsck() if "left-behind" in line]
    assert made.world.services.get(Uploads).purge() == 1
    assert store.keys() == []
