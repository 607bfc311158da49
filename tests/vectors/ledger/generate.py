"""Makes the vectors of this folder: `PYTHONPATH=. python tests/vectors/ledger/generate.py` from the root."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exchange.ledger.bundle import BUNDLE_LEAVES, Stored, build_bundle, parse_bundle
from exchange.ledger.chain import ReadingBody, key_of, next_of, tag_of
from exchange.ledger.chain_writer import Chains
from exchange.ledger.commit import salt_of
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, SuccessorLeaf, minute_of
from exchange.ledger.reader import LogReader
from exchange.ledger.view import Readers, seal_view, views_for
from exchange.ledger.view_body import Dummy, ViewBody
from exchange.ledger.vocabulary import PARTIAL_FIELDS
from keys.encoding import b64u
from keys.seat_open import SealKey

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
BODIES = ("audit-cpt", "audit-spt", "coe-cpt", "un-spt")
OFFICES = {"coe-cpt": "audit-cpt", "un-spt": "audit-spt"}
SIGNATURE = bytes(range(64))


def fixed(text: str, size: int = 32) -> bytes:
    """Bytes that are the same in every run."""
    return hashlib.sha256(text.encode()).digest()[:size]


ASK = {
    "actor": b64u(fixed("actor", 16)),
    "body": "un-spt",
    "report": "7b1c1f0e-3c4e-4c38-9b0b-0d6a2f1f5a11",
    "part": b64u(fixed("part", 8)),
    "action": "view",
    "purpose": "follow_up",
    "request": b64u(fixed("request")),
    "asked": "2026-03-10T12:00:05Z",
    "nonce": b64u(fixed("nonce", 16)),
}
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "permit": (
        "access:release:permit",
        ASK
        | {
            "owner": "coe-cpt",
            "envelope": b64u(fixed("envelope")),
            "basis": b64u(fixed("basis")),
            "reason": "P_CONSENT",
        },
    ),
    "withhold": (
        "access:release:withhold",
        ASK | {"owner": "coe-cpt", "basis": b64u(fixed("basis")), "reason": "W_NO_CONSENT", "code": "N_UNAVAILABLE"},
    ),
    "withhold, unknown id": (
        "access:release:withhold",
        ASK | {"reason": "W_NO_CONSENT", "code": "N_UNAVAILABLE"},
    ),
    "stop": (
        "reports:report:stop",
        {name: ASK[name] for name in ("actor", "report", "asked")}
        | {"body": "coe-cpt", "owner": "coe-cpt", "statement": b64u(fixed("statement"))},
    ),
    "consent": (
        "consents:instrument:confirm",
        {
            "actor": ASK["actor"],
            "body": "coe-cpt",
            "owner": "coe-cpt",
            "state": "XA",
            "instrument": b64u(fixed("instrument", 16)),
            "statement": b64u(fixed("consent")),
            "prev": b64u(fixed("prev")),
            "effective": "2026-03-11",
            "by_state": False,
            "version": 2,
            "asked": ASK["asked"],
        },
    ),
    "padding": ("log:padding:append", {}),
}


def write(name: str, value: Any) -> None:
    """Write one file of vectors."""
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def entry_of(name: str) -> Entry:
    """The entry of a named vector."""
    tag, fields = ACTS[name]
    return Entry.make(tag, fields, fixed(f"seed {name}"))


def entry_vector(name: str) -> dict[str, Any]:
    """Everything that follows from one seed and its values."""
    entry = entry_of(name)
    part = entry.partial(entry.act.visible)
    vector: dict[str, Any] = {
        "name": name,
        "fields": list(entry.act.fields),
        **entry.to_json(),
        "salts": {field: b64u(salt_of(entry.seed, field)) for field in entry.fields},
        "hashes": [b64u(h) for h in entry.hashes],
        "com": b64u(entry.com),
        "partial": {"values": list(part.values), "openings": [b64u(o) for o in part.openings]},
    }
    if "statement" in entry.fields:
        vector["ticket"] = entry.ticket(1, 7, minute_of(NOW), fixed("vw")).to_json()
    return vector


def view_vectors() -> list[dict[str, Any]]:
    """A full view with keys, a full one without, a partial one and a dummy, along one chain."""
    secret, vectors = fixed("c_0"), []
    keys = tuple(fixed(f"key {i}") for i in range(3))
    withhold = entry_of("withhold")
    for name, com, body in (
        ("full, with keys", entry_of("permit").com, ViewBody(entry_of("permit"), keys, (SIGNATURE,))),
        ("full, without keys", entry_of("permit").com, ViewBody(entry_of("permit"), (), (SIGNATURE,))),
        ("partial", withhold.com, ViewBody(withhold.partial(PARTIAL_FIELDS), (), (SIGNATURE,))),
        ("dummy", entry_of("padding").com, Dummy()),
    ):
        tag, key = tag_of(secret), key_of(secret, com)
        vectors.append(
            {
                "name": name,
                "secret": b64u(secret),
                "com": b64u(com),
                "tag": b64u(tag),
                "key": b64u(key),
                "next": b64u(next_of(secret)),
                "inside": b64u(body.encode()),
                "view": b64u(seal_view(tag, key, body)),
            }
        )
        secret = next_of(secret)
    return vectors


def seal_key(body: str) -> SealKey:
    """A body's key."""
    return SealKey(fixed(f"key of {body}"))


def stored_log() -> list[Stored]:
    """A successor, a chain, and six acts."""
    chains = Chains.draw([ReadingBody(body, 1, seal_key(body).public) for body in BODIES], NOW)
    stored = [
        Stored(SuccessorLeaf(minute_of(NOW), fixed("checkpoint"), bytes(32)).data),
        Stored(chains.leaf, chain=chains.record),
    ]
    chains.stand()
    for name in ACTS:
        entry = entry_of(name)
        readers = Readers.of(entry, OFFICES, "audit-cpt")
        with chains.begin() as turn:
            views = views_for(entry, readers, turn, () if name == "padding" else (SIGNATURE,))
            turn.committed()
        stored.append(Stored(EntryLeaf(minute_of(NOW), entry.com, views.vw).data, views.sealed))
    return stored


def read(data: bytes, body: str) -> dict[str, Any]:
    """What one body reads in a bundle."""
    reading = LogReader(body, {1: seal_key(body)}).read(parse_bundle(data))
    return {
        "records": [
            {
                "index": record.index,
                "time": record.time,
                "full": record.full,
                "slots": list(record.slots),
                "values": list(record.entry.values),
                "signatures": [b64u(s) for s in record.signatures],
                "keys": len(record.keys),
            }
            for record in reading.records
        ],
        "findings": [
            {"index": finding.index, "code": finding.code, "slot": finding.slot} for finding in reading.findings
        ],
    }


def at_view(count: int, row: int, slot: int) -> int:
    """Where a view begins in a bundle of `count` leaves."""
    return 35 + 73 * count + 4096 * row + 1024 * slot


def tampered(data: bytes, count: int) -> dict[str, tuple[str, list[tuple[int, bytes]]]]:
    """Attacks by name: who reads, and which bytes are replaced at which offset."""

    def view(row: int, slot: int) -> bytes:
        at = at_view(count, row, slot)
        return data[at : at + 1024]

    seals = at_view(count, count, 0) + 16 + 4 + 4
    flipped = bytes([data[at_view(count, 2, 3) + 100] ^ 1])
    return {
        "view_flipped": ("un-spt", [(at_view(count, 2, 3) + 100, flipped)]),
        "view_flipped_seen_by_office": ("audit-cpt", [(at_view(count, 2, 3) + 100, flipped)]),
        "view_zeroed": ("un-spt", [(at_view(count, 2, 3), bytes(1024))]),
        "views_of_two_leaves_swapped": (
            "un-spt",
            [(at_view(count, 2, 3), view(3, 3)), (at_view(count, 3, 3), view(2, 3))],
        ),
        "views_of_two_slots_swapped": (
            "coe-cpt",
            [(at_view(count, 2, 2), view(2, 3)), (at_view(count, 2, 3), view(2, 2))],
        ),
        "commitment_changed": ("un-spt", [(35 + 73 * 2 + 9, bytes(32))]),
        "seal_zeroed": ("audit-cpt", [(seals + 2 + len("audit-cpt") + 4, bytes(1168))]),
        "chain_of_another_day": ("un-spt", [(35 + 73 + 1, (60).to_bytes(8, "big"))]),
    }


def bad_inside(change: Any) -> bytes:
    """The inside of the full view vector, changed."""
    keys = tuple(fixed(f"key {i}") for i in range(3))
    data: bytes = change(ViewBody(entry_of("permit"), keys, (SIGNATURE,)).encode())
    return data


def bad(bundle: bytes) -> dict[str, dict[str, Any]]:
    """Defects by name."""
    leaf = EntryLeaf(60, bytes(32), bytes(32)).data
    ticket = entry_of("stop").ticket(1, 7, minute_of(NOW), fixed("vw")).text
    cases: dict[str, tuple[str, bytes, str]] = {
        "leaf_short": ("leaf", leaf[:-1], "bad_leaf"),
        "leaf_unknown_kind": ("leaf", b"\x04" + leaf[1:], "bad_leaf"),
        "leaf_time_with_seconds": ("leaf", leaf[:8] + b"\x3d" + leaf[9:], "bad_leaf"),
        "leaf_successor_without_zeros": ("leaf", b"\x03" + leaf[1:-1] + b"\1", "bad_leaf"),
        "inside_unknown_form": ("inside", bad_inside(lambda d: b"\x03" + d[1:]), "bad_view"),
        "inside_filling_not_zeros": ("inside", bad_inside(lambda d: d[:-1] + b"\1"), "bad_view"),
        "inside_value_of_no_kind": ("inside", bad_inside(lambda d: d.replace(b'"view"', b'"VIEW"')), "bad_view"),
        "inside_unknown_act": ("inside", bad_inside(lambda d: d.replace(b":permit", b":perhap")), "unknown_act"),
        "inside_escaped_letter": (
            "inside",
            bad_inside(lambda d: d.replace(b'"follow_up"', b'"f\\u006fl"')),
            "bad_view",
        ),
        "ticket_with_newline": ("ticket", ticket + b"\n", "bad_ticket"),
        "ticket_position_of_act": ("ticket", ticket.replace(b'"position":6', b'"position":1'), "bad_ticket"),
        "ticket_time_with_seconds": ("ticket", ticket.replace(b"12:00:00Z", b"12:00:01Z"), "bad_ticket"),
        "bundle_cut": ("bundle", bundle[:100], "bad_bundle"),
        "bundle_unknown_label": ("bundle", b"exchange/audit/bundle/v2\0" + bundle[25:100], "bad_bundle"),
        "bundle_not_at_256": ("bundle", bundle[:32] + b"\1" + bundle[33:100], "bad_bundle"),
    }
    return {name: {"as": kind, "data": b64u(data), "error": code} for name, (kind, data, code) in cases.items()}


def main() -> None:
    """Write every file."""
    write("entries.json", [entry_vector(name) for name in ACTS])
    write("views.json", view_vectors())
    stored = stored_log()
    data = build_bundle(0, stored[:BUNDLE_LEAVES])
    keys = {body: b64u(seal_key(body).seed) for body in BODIES}
    log = {"bundle": b64u(data), "epoch": 1, "seeds": keys, "reads": {body: read(data, body) for body in BODIES}}
    write("log.json", log)
    for name, case in bad(data).items():
        write(f"bad/{name}.json", case)
    for name, (body, patches) in tampered(data, len(stored)).items():
        changed = bytearray(data)
        for at, piece in patches:
            changed[at : at + len(piece)] = piece
        findings = read(bytes(changed), body)["findings"]
        patched = [{"at": at, "bytes": b64u(piece)} for at, piece in patches]
        write(f"tampered/{name}.json", {"body": body, "patches": patched, "findings": findings})


if __name__ == "__main__":
    main()
