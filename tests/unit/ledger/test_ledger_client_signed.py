"""The server cannot invent acts: what a client signed is rebuilt from the entry, and its signature checked."""

import pytest

from exchange.ledger.client_signed import check_client_signature, rebuild_signed
from exchange.ledger.entry import Entry
from exchange.ledger.errors import BadEntryError
from exchange.ledger.record import Record
from exchange.ledger.vocabulary import PARTIAL_FIELDS
from exchange.statements import receipt, release_request
from exchange.statements.form import Stamp
from exchange.statements.receipt import Receipt
from exchange.statements.release_request import ReleaseRequest
from keys.encoding import b64u, canonical, parse_time, unb64u
from keys.errors import BadSignatureError
from keys.signing import SigningKey
from keys.statement import Statement

EXCHANGE = bytes(range(32))
KEY, OTHER = SigningKey(bytes(32)), SigningKey(b"\1" * 32)
KEYS = [(OTHER.key_id, OTHER.public), (KEY.key_id, KEY.public)]
ASK = {
    "report": "7b1c1f0e-3c4e-4c38-9b0b-0d6a2f1f5a11",
    "part": b64u(bytes(8)),
    "action": "view",
    "purpose": "follow_up",
    "nonce": b64u(bytes(range(16))),
}
RECEIPT = {
    "report": ASK["report"],
    "part": ASK["part"],
    "request": b64u(bytes(32)),
    "n": 1,
    "index": 7,
    "nonce": ASK["nonce"],
}
TIME = "2026-03-10T12:00:05Z"


def request_record(fields_for, tag="access:release:permit", signer=KEY, **lie):
    """A record of a release, with the request signed by `signer`; `lie` changes a field after signing."""
    payload = ASK | {"time": TIME, "exchange": b64u(EXCHANGE)}
    signed = Statement("exchange/release-request/v1", canonical(payload)).signed_by(signer)
    fields = fields_for(tag) | ASK | {"asked": TIME, "request": b64u(signed.hash)} | lie
    return Record(3, 60, Entry.make(tag, fields), bytes(32), (0,), (signed.signatures[0].value,)), signed


@pytest.mark.parametrize("tag", ["access:release:permit", "access:release:withhold"])
def test_the_request_is_rebuilt_from_the_entry(tag, fields_for):
    """Same payload, same hash, and the signature in the view is the actor's."""
    record, signed = request_record(fields_for, tag)
    assert rebuild_signed(record.fields, EXCHANGE).payload == signed.payload
    assert check_client_signature(record, EXCHANGE, KEYS) == KEY.key_id


def test_a_receipt_is_rebuilt_from_the_entry(fields_for):
    """The receipt too is kept nowhere but in the views."""
    tag = "access:receipt:record"
    payload = RECEIPT | {"time": TIME, "exchange": b64u(EXCHANGE)}
    signed = Statement("exchange/receipt/v1", canonical(payload)).signed_by(KEY)
    fields = fields_for(tag) | RECEIPT | {"asked": TIME, "statement": b64u(signed.hash)}
    record = Record(3, 60, Entry.make(tag, fields), bytes(32), (0,), (signed.signatures[0].value,))
    assert check_client_signature(record, EXCHANGE, KEYS) == KEY.key_id


@pytest.mark.parametrize("lie", [{"purpose": "archive"}, {"part": b64u(b"\1" * 8)}, {"asked": "2026-03-10T12:00:06Z"}])
def test_another_ask_than_was_signed_is_noticed(lie, fields_for):
    """The entry says something else than the hash it names."""
    record, _ = request_record(fields_for, **lie)
    with pytest.raises(BadEntryError):
        check_client_signature(record, EXCHANGE, KEYS)


def test_an_act_nobody_signed_is_noticed(fields_for):
    """No key of the actor fits, or there is no signature at all; another exchange's request does not count."""
    record, _ = request_record(fields_for, signer=SigningKey(b"\2" * 32))
    with pytest.raises(BadSignatureError):
        check_client_signature(record, EXCHANGE, KEYS)
    bare = Record(3, 60, record.entry, bytes(32), (0,))
    with pytest.raises(BadSignatureError):
        check_client_signature(bare, EXCHANGE, KEYS)
    with pytest.raises(BadEntryError):
        check_client_signature(record, bytes(32), KEYS)


def test_the_payloads_are_those_the_statements_room_makes(fields_for):
    """This room may not import that one; so a test holds both to the same bytes."""
    stamp = Stamp(parse_time(TIME), EXCHANGE, nonce=unb64u(ASK["nonce"]))
    part = unb64u(ASK["part"])
    request = release_request.build(ReleaseRequest(stamp, ASK["report"], part, "view", "follow_up"))
    record, signed = request_record(fields_for)
    assert request == rebuild_signed(record.fields, EXCHANGE) and request.hash == signed.hash
    made = receipt.build(Receipt(stamp, ASK["report"], part, bytes(32), 1, 7))
    fields = {"act": "access:receipt:record", "asked": TIME, "statement": b64u(made.hash)} | RECEIPT
    assert rebuild_signed(fields, EXCHANGE) == made


def test_partial_views_and_other_acts_have_nothing_to_rebuild(fields_for):
    """None, and no guess."""
    record, _ = request_record(fields_for, "access:release:withhold")
    part = Record(3, 60, record.entry.partial(PARTIAL_FIELDS), bytes(32), (3,), record.signatures)
    assert check_client_signature(part, EXCHANGE, KEYS) is None
    assert rebuild_signed({"act": "audit:log:read"}, EXCHANGE) is None
