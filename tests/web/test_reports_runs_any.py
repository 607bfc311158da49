"""Any runs, any ranges: what is stored is what a plain model says, whatever is sent in whatever order; and a full disk."""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.reports.digest import content_digest, piece_hashes
from exchange.sealing.pieces import HEAD_BYTES, PIECE_BYTES, layout, padded_size, piece_hash, sealed_size
from exchange.storage.files import FileOperations
from exchange.storage.pieces import LocalPieceStore, PieceStore
from keys.encoding import b64u
from tests.web.exchange_world import API, ExchangeWorld
from tests.web.report_maker import Made, make_report, part

# Three pieces, the last short: 2 MiB and what the padding makes of a byte more.
DUE = layout(sealed_size(padded_size(2 * 2**20 + 1)))
WAYS = ["right", "right", "other", "short", "long", "truncated", "digest", "hashes", "both", "wrong digest", "wrong hashes"]


def bytes_of(number: int, other: bool = False) -> bytes:
    """A piece of the right size: one of two that might be sent."""
    return hashlib.shake_128(bytes([number, other])).digest(DUE.length(number))


PIECES = {(number, other): bytes_of(number, other) for number in range(DUE.count) for other in (False, True)}


@dataclass(frozen=True)
class Sent:
    """A request: pieces from `first`, as many, sent in one of the ways above."""

    first: int
    count: int
    way: str

    @property
    def numbers(self) -> range:
        """The pieces that are meant."""
        return range(self.first, min(self.first + self.count, DUE.count))

    @property
    def pieces(self) -> list[bytes]:
        """Their bytes."""
        return [PIECES[number, self.way == "other"] for number in self.numbers]

    @property
    def body(self) -> bytes:
        """What is sent."""
        whole = b"".join(self.pieces) or b"y"
        return {"short": whole[:-1], "long": whole + b"x"}.get(self.way, whole)

    @property
    def headers(self) -> dict[str, str]:
        """The digest, the hashes, or both; one of them may be wrong."""
        digest, hashes = content_digest(self.body), [piece_hash(piece) for piece in self.pieces]
        if self.way == "wrong digest":
            digest = content_digest(b"")
        if self.way == "wrong hashes" and hashes:
            hashes[-1] = bytes(32)
        found = {}
        if self.way not in ("hashes", "wrong hashes"):
            found["Content-Digest"] = digest
        if self.way in ("hashes", "both", "wrong hashes"):
            found["Exchange-Piece-Hashes"] = piece_hashes(hashes)
        return found

    def expected(self, stored: dict[int, bytes]) -> str:
        """The code of the answer, empty for 204; what is then stored is put into `stored`."""
        if self.first >= DUE.count:
            return "piece_number"
        if len(self.body) != sum(map(len, self.pieces)):
            return "bad_request" if not self.body else "piece_size"
        if self.way == "truncated":
            return "bad_request"
        if self.way.startswith("wrong"):
            return "digest_mismatch"
        if any(stored.get(number, piece) != piece for number, piece in zip(self.numbers, self.pieces, strict=True)):
            return "piece_differs"
        stored.update(zip(self.numbers, self.pieces, strict=True))
        return ""


sent = st.builds(Sent, st.integers(0, DUE.count), st.integers(1, DUE.count), st.sampled_from(WAYS))


class Sender:
    """Sends to one world, each time to an upload that nobody has used."""

    def __init__(self, folder: Path, replace: dict[type[Any], object] | None = None) -> None:
        self.world = ExchangeWorld(folder, replace)
        self.officer = self.world.officers("coe-cpt")[0]
        self.opened = 0

    def open(self) -> str:
        """A new upload."""
        self.opened += 1
        report = f"{self.opened:08x}-9999-4999-8999-999999999999"
        body = {"report": report, "part": b64u(bytes(8)), "size": DUE.size}
        return str(self.world.post(self.officer, "/uploads", body).json["upload"])

    def put(self, upload: str, what: Sent) -> Any:
        """One request."""
        body = what.body[:-1] if what.way == "truncated" else what.body
        headers = {**self.world.token(self.officer), **what.headers}
        return self.world.client.put(
            f"{API}/uploads/{upload}/pieces/{what.first}",
            headers=headers,
            input_stream=BytesIO(body),
            environ_overrides={"CONTENT_LENGTH": str(len(what.body))},
        )

    def stored(self, upload: str) -> dict[int, bytes]:
        """The pieces that the server says it has, as they lie on the disk."""
        store = self.world.services.get(PieceStore)
        numbers = self.world.get(self.officer, f"/uploads/{upload}").json["stored"]
        return {number: store.read(upload, DUE.offset(number), DUE.length(number)) for number in numbers}


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """A founded exchange and one who sends."""
    made = Sender(tmp_path_factory.mktemp("any") / "world")
    yield made
    made.world.close()


@settings(max_examples=settings.default.max_examples // 3)
@given(st.lists(sent, max_size=7))
def test_any_runs_in_any_order(sender: Sender, requests: list[Sent]) -> None:
    """Overlapping, repeated, torn, with other bytes or wrong digests: each answer, and the disk, are the model's."""
    upload, stored = sender.open(), dict[int, bytes]()
    for each in requests:
        answer = sender.put(upload, each)
        code = each.expected(stored)
        assert (answer.status_code == 204, answer.json["code"] if answer.data else "") == (not code, code), each
        assert sender.stored(upload) == stored


def test_any_runs_at_once(sender: Sender) -> None:
    """Two senders of each run, of the same bytes or others: of each piece one wins, whole, and the disk has what rows say."""
    upload = sender.open()
    runs = [Sent(first, count, way) for first in range(3) for count in (1, 2, 3) for way in ("right", "other", "hashes")]
    sender.world.token(sender.officer)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda each: sender.put(upload, each).status_code, [*runs, *runs]))
    assert set(answers) <= {204, 409}
    stored = sender.stored(upload)
    assert sorted(stored) == [0, 1, 2]
    for number, piece in stored.items():
        assert piece in (PIECES[number, False], PIECES[number, True])
    assert sender.world.fsck() == []


def test_one_part_opened_by_many_at_once(sender: Sender) -> None:
    """All get the same upload, and what one has sent the others find."""
    body = {"report": "aaaaaaaa-9999-4999-8999-999999999999", "part": b64u(bytes(8)), "size": DUE.size}
    sender.world.token(sender.officer)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: sender.world.post(sender.officer, "/uploads", body), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json["upload"] for answer in answers}) == 1


class FullDisk(FileOperations):
    """A disk that has no room, or is broken, while `error` says so: at a step, after some of a piece was written."""

    error: int | None = None
    step = "write"

    def write(self, descriptor: int, data: memoryview, offset: int) -> None:
        if self.error and self.step == "write" and offset >= PIECE_BYTES:
            super().write(descriptor, data[:1000], offset)
            raise OSError(self.error, os.strerror(self.error))
        super().write(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        if self.error and self.step == "sync":
            raise OSError(self.error, os.strerror(self.error))
        super().sync(descriptor)


@pytest.mark.parametrize("step", ["write", "sync"])
@pytest.mark.parametrize(
    ("error", "status", "code"), [(errno.ENOSPC, 507, "disk_full"), (errno.EIO, 500, "storage_failed")]
)
def test_a_disk_without_room(tmp_path: Path, step: str, error: int, status: int, code: str) -> None:
    """The run is refused as a whole, nothing of it counts; once there is room the same request is taken."""
    disk = FullDisk()
    sender = Sender(tmp_path / "world", {PieceStore: LocalPieceStore(tmp_path / "world" / "instance" / "pieces", disk)})
    try:
        upload, run = sender.open(), Sent(0, 3, "right")
        disk.error, disk.step = error, step
        answer = sender.put(upload, run)
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert sender.stored(upload) == {}
        assert sender.world.fsck() == []
        disk.error = None
        assert sender.put(upload, run).status_code == 204
        assert sender.stored(upload) == {number: PIECES[number, False] for number in range(3)}
        assert sender.world.fsck() == []
    finally:
        sender.world.close()


# Ranges of a part that is registered


@dataclass(frozen=True, repr=False)
class Part:
    """A registered part: where it is read, and its bytes."""

    made: Made
    path: str
    whole: bytes

    def ask(self, asked: str) -> Any:
        """GET with a Range field."""
        world = self.made.world
        return world.client.get(self.path, headers={**world.token(self.made.officer), "Range": asked})


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Part]:
    """A report of one short part."""
    folder = tmp_path_factory.mktemp("ranges")
    made = make_report(ExchangeWorld(folder / "world"), folder, parts=[part()])
    made.send()
    assert made.register().status_code == 201
    (p1,) = made.parts
    yield Part(made, f"{API}/reports/{made.report}/parts/{b64u(p1)}/content", made.spool.parts[p1].piece(0))
    made.world.close()


@given(st.integers(0, 70_000), st.none() | st.integers(0, 70_000))
def test_any_range_from_the_beginning(registered: Part, begin: int, last: int | None) -> None:
    """RFC 9110, 14.1.2: from the first byte to the last, which may lie beyond the end; beginning after the end: 416."""
    size = len(registered.whole)
    answer = registered.ask(f"bytes={begin}-{'' if last is None else last}")
    if last is not None and last < begin:
        assert (answer.status_code, answer.data) == (200, registered.whole)
    elif begin >= size:
        assert (answer.status_code, answer.json["code"]) == (416, "range_beyond")
    else:
        end = size if last is None else min(last + 1, size)
        assert (answer.status_code, answer.data) == (206, registered.whole[begin:end])
        assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{size}"


@given(st.integers(1, 70_000))
def test_any_range_from_the_end(registered: Part, count: int) -> None:
    """So many last bytes; all of them where there are not so many."""
    answer = registered.ask(f"bytes=-{count}")
    assert (answer.status_code, answer.data) == (206, registered.whole[-count:])


TOKENS = st.sampled_from(["bytes", "=", "-", ",", " ", "0", "1", "65615", "99999999999999999999", "x", "\t", "lines", "+1"])


@given(st.lists(TOKENS, max_size=9).map("".join) | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20))
def test_any_field_at_all(registered: Part, field: str) -> None:
    """Never an error: the whole, one range of it that the answer names, or 416."""
    answer = registered.ask(field)
    size = len(registered.whole)
    assert answer.status_code in (200, 206, 416), field
    if answer.status_code == 200:
        assert answer.data == registered.whole
    elif answer.status_code == 206:
        named = re.fullmatch(rf"bytes (\d+)-(\d+)/{size}", answer.headers["Content-Range"])
        assert named is not None
        assert answer.data == registered.whole[int(named[1]) : int(named[2]) + 1]
        assert len(answer.data) == int(named[2]) + 1 - int(named[1]) > 0


def test_the_pieces_are_those_meant() -> None:
    """Three pieces, of which the last is short."""
    assert DUE.count == 3
    assert DUE.length(0) == HEAD_BYTES + PIECE_BYTES
    assert DUE.length(2) < DUE.length(1) == PIECE_BYTES
