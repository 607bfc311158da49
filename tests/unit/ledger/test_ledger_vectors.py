"""The vectors other implementations run: ours gives what they say, defect by defect."""

import json
from pathlib import Path

import pytest

from exchange.ledger.bundle import parse_bundle
from exchange.ledger.chain import key_of, next_of, tag_of
from exchange.ledger.commit import salt_of
from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.errors import LedgerError
from exchange.ledger.leaf import parse_leaf
from exchange.ledger.reader import LogReader
from exchange.ledger.ticket import Ticket
from exchange.ledger.view import open_view, seal_view
from exchange.ledger.view_body import parse_view_body
from keys.encoding import b64u, unb64u
from keys.seat_open import SealKey

FOLDER = Path(__file__).parents[2] / "vectors/ledger"
PARSERS = {"leaf": parse_leaf, "inside": parse_view_body, "ticket": Ticket.parse, "bundle": parse_bundle}


def load(name):
    """One file of vectors."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def files(folder):
    """The files of a folder, which is never empty."""
    found = sorted(path.relative_to(FOLDER).as_posix() for path in (FOLDER / folder).glob("*.json"))
    if not found:
        raise FileNotFoundError(f"no vectors in {folder}")
    return found


LOG = load("log.json")


@pytest.mark.parametrize("vector", load("entries.json"), ids=lambda vector: vector["name"])
def test_entries(vector):
    """Salts, hashes, commitment, part and ticket."""
    entry = Entry.from_json({"seed": vector["seed"], "values": vector["values"]})
    assert list(entry.act.fields[: len(vector["fields"])]) == vector["fields"]
    assert {name: b64u(salt_of(entry.seed, name)) for name in entry.fields} == vector["salts"]
    assert [b64u(h) for h in entry.hashes] == vector["hashes"] and b64u(entry.com) == vector["com"]
    openings = tuple(unb64u(opening) for opening in vector["partial"]["openings"])
    part = PartialEntry(tuple(vector["partial"]["values"]), openings)
    assert part == entry.partial(entry.act.visible) and b64u(part.com) == vector["com"]
    if "ticket" in vector:
        ticket = Ticket.from_json(vector["ticket"])
        assert ticket.com(unb64u(entry.fields["statement"])) == entry.com
        assert entry.ticket(ticket.n, ticket.index, ticket.time, ticket.vw) == ticket


@pytest.mark.parametrize("vector", load("views.json"), ids=lambda vector: vector["name"])
def test_views(vector):
    """Tag, key and next secret; the view opens, and seals to the same bytes again."""
    secret, com = unb64u(vector["secret"]), unb64u(vector["com"])
    tag, key = tag_of(secret), key_of(secret, com)
    assert [b64u(value) for value in (tag, key, next_of(secret))] == [vector[n] for n in ("tag", "key", "next")]
    inside = open_view(unb64u(vector["view"]), key)
    assert b64u(inside) == vector["inside"]
    assert b64u(seal_view(tag, key, parse_view_body(inside))) == vector["view"]


def findings_of(data, body):
    """What a body's reader finds in a bundle: records and findings as the vectors write them."""
    key = SealKey(unb64u(LOG["seeds"][body]))
    reading = LogReader(body, {LOG["epoch"]: key}).read(parse_bundle(data))
    return reading.records, [{"index": f.index, "code": f.code, "slot": f.slot} for f in reading.findings]


@pytest.mark.parametrize("body", LOG["reads"])
def test_the_log(body):
    """Each body reads what the vector says, and finds nothing to complain of."""
    records, findings = findings_of(unb64u(LOG["bundle"]), body)
    due = LOG["reads"][body]
    assert findings == due["findings"] == []
    assert len(records) == len(due["records"]) > 0
    for record, expected in zip(records, due["records"], strict=True):
        assert (record.index, record.time, record.full) == (expected["index"], expected["time"], expected["full"])
        assert list(record.slots) == expected["slots"] and list(record.entry.values) == expected["values"]
        assert [b64u(s) for s in record.signatures] == expected["signatures"]
        assert len(record.keys) == expected["keys"]


@pytest.mark.parametrize("name", files("bad"))
def test_one_defect_each(name):
    """A typed error with the code the file names."""
    case = load(name)
    with pytest.raises(LedgerError) as error:
        PARSERS[case["as"]](unb64u(case["data"]))
    assert error.value.code == case["error"]


@pytest.mark.parametrize("name", files("tampered"))
def test_one_attack_each(name):
    """The findings the file names: leaf, code and view."""
    case = load(name)
    data = bytearray(unb64u(LOG["bundle"]))
    for patch in case["patches"]:
        piece = unb64u(patch["bytes"])
        data[patch["at"] : patch["at"] + len(piece)] = piece
    _, findings = findings_of(bytes(data), case["body"])
    assert findings == case["findings"] != []
