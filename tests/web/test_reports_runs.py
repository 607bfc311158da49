"""Runs of pieces over HTTP: whole pieces or nothing, overlaps, races with other bytes, and the part fetched by ranges."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange.access.sending import send
from exchange.reports.queries import SealedContent
from exchange.storage.pieces import PieceStore
from keys.encoding import b64u
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import API, ExchangeWorld
from tests.web.report_maker import Made, make_report, part

BIG = bytes(range(256)) * 16_500  # five pieces


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of one part in five pieces, sealed, its upload open."""
    made = make_report(world, tmp_path, parts=[part(data=BIG)])
    assert made.open(made.parts[0]).json["pieces"] == 5
    return made


def run(made: Made, first: int, end: int) -> bytes:
    """Some pieces that follow each other."""
    return b"".join(made.spool.parts[made.parts[0]].piece(n) for n in range(first, end))


def get(made: Made, person: Person, path: str, field: str | None) -> Any:
    """GET with a Range field, or without."""
    headers = made.world.token(person) | ({} if field is None else {"Range": field})
    return made.world.client.get(API + path, headers=headers)


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def test_a_part_in_two_runs(made: Made) -> None:
    """The last run ends with the shorter piece; sent again, overlapping, they change nothing; the report registers."""
    (p1,) = made.parts
    assert made.put(p1, 3, run(made, 3, 5)).status_code == 204
    assert made.stored(p1) == [3, 4]
    assert made.put(p1, 0, run(made, 0, 4)).status_code == 204
    assert made.put(p1, 0, run(made, 0, 5)).status_code == 204
    path = made.world.services.get(PieceStore).path(made.uploads[p1])
    assert path.read_bytes() == run(made, 0, 5)
    assert made.register().status_code == 201
    assert made.world.fsck() == []


def test_a_body_is_whole_pieces(made: Made) -> None:
    """A byte too few or too many, pieces beyond the last, none at all, a length that is not said: nothing is stored."""
    (p1,) = made.parts
    whole = run(made, 1, 3)
    for first, body in ((1, whole[:-1]), (1, whole + b"x"), (3, run(made, 3, 5) + whole), (0, whole)):
        assert code(made.put(p1, first, body)) == (422, "piece_size")
    assert code(made.put(p1, 5, whole)) == (422, "piece_number")
    assert code(made.put(p1, 1, b"")) == (400, "bad_request")
    assert made.stored(p1) == []


def test_other_bytes_in_a_run(made: Made) -> None:
    """One piece of a run is stored with other bytes: 409, what was stored stays, and nothing of the run counts."""
    (p1,) = made.parts
    made.put(p1, 2)
    forged = run(made, 1, 2) + bytes(len(run(made, 2, 3))) + run(made, 3, 4)
    assert code(made.put(p1, 1, forged)) == (409, "piece_differs")
    assert made.stored(p1) == [2]
    assert made.world.fsck() == []
    assert made.put(p1, 0, run(made, 0, 5)).status_code == 204
    assert made.register().status_code == 201


def test_races_with_other_bytes(made: Made) -> None:
    """Runs that overlap, right and wrong, all at once: every row has the hash of the bytes on the disk, whoever won."""
    (p1,) = made.parts
    made.world.token(made.officer)
    chance = random.Random(3)
    wrong = bytes(len(run(made, 0, 5)))
    jobs = []
    for _ in range(24):
        first = chance.randrange(5)
        end = chance.randrange(first + 1, 6)
        right = run(made, first, end)
        jobs.append((first, right if chance.random() < 0.5 else wrong[: len(right)]))
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda job: made.put(p1, *job).status_code, jobs))
    assert set(answers) <= {204, 409}
    assert made.world.fsck() == []


def test_ranges_of_a_part(made: Made) -> None:
    """All of it, some, its end, all as a range; several or another unit count as none; after the end there is nothing."""
    (p1,) = made.parts
    made.put(p1, 0, run(made, 0, 5))
    made.register()
    whole, path = run(made, 0, 5), f"/reports/{made.report}/parts/{b64u(p1)}/content"
    size = len(whole)

    def ask(field: str | None) -> Any:
        return get(made, made.officer, path, field)

    for field in (None, "bytes=0-1,4-5", "lines=1-2"):
        answer = ask(field)
        assert (answer.status_code, answer.data) == (200, whole)
    ranges = (("bytes=0-0", 0, 1), ("bytes=1000-", 1000, size), ("bytes=-5", size - 5, size), (f"bytes=0-{size - 1}", 0, size))
    for field, begin, end in ranges:
        answer = ask(field)
        assert (answer.status_code, answer.data) == (206, whole[begin:end])
        assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{size}"
    assert code(ask(f"bytes={size}-")) == (416, "range_beyond")


def test_what_is_withheld_looks_like_what_is_not_there(made: Made) -> None:
    """To a body that may not know of the report, whatever range it asks for."""
    (p1,) = made.parts
    made.put(p1, 0, run(made, 0, 5))
    made.register()
    stranger = made.world.officers("npm-xa")[0]
    nowhere = "99999999-9999-4999-8999-999999999999"
    answers = [
        get(made, stranger, f"/reports/{report}/parts/{b64u(p1)}/content", field).data
        for report in (made.report, nowhere)
        for field in ("bytes=0-1", "bytes=99999999-")
    ]
    assert len(set(answers)) == 1


def test_with_a_web_server_in_front(made: Made, tmp_path: Path) -> None:
    """The answer is empty, and names the file under the internal location; nothing of this machine's paths is in it."""
    content = SealedContent("key", tmp_path / "key", 10)
    for accel in ("/sealed", "/sealed/"):
        answer = send(content, accel)
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["X-Accel-Redirect"] == "/sealed/key"
        assert str(tmp_path) not in str(answer.headers)
    assert replace(content, key="other") != content
