"""A second reader, written from docs/spec/audit-entry.md with hashlib, hmac, json and AESGCM alone, agrees with ours."""

import base64
import hashlib
import hmac
import json
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exchange.ledger.bundle import build_bundle
from exchange.ledger.view import Readers
from exchange.ledger.vocabulary import ACTS


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(secret, info, size):
    return mac(secret, info + b"\x01")[:size]


def rebuild(values, names, opening):
    """com from sixteen values, where `opening(i, name)` gives (salt, None) or (None, h)."""
    hashes = []
    for i, value in enumerate(values):
        name = names[i] if i < len(names) else None
        salt, h = opening(i, name)
        if h is None:
            text = json.dumps([b64(salt), name, value], separators=(",", ":"), ensure_ascii=False)
            h = sha(b"exchange/audit/field/v1\0", text.encode())
        hashes.append(h)
    return sha(b"exchange/audit/entry/v1\0", *hashes)


def inside(data, fields):
    """(form, values, com, keys, signatures) of the 992 bytes inside a view; None for a dummy."""
    if data == bytes(992):
        return None
    form, at = data[0], 1
    seed = b""
    if form == 1:
        seed, at = data[1:33], 33
    size = struct.unpack(">H", data[at : at + 2])[0]
    values = json.loads(data[at + 2 : at + 2 + size])
    at += 2 + size
    names = fields[values[0]]
    if form == 1:

        def opening(i, name):
            if values[i] is None:
                return None, mac(seed, b"decoy" + bytes([i + 1]))
            return mac(seed, b"salt" + name.encode())[:16], None

    else:
        mask = struct.unpack(">H", data[at : at + 2])[0]
        at += 2
        openings = []
        for i in range(16):
            shown = mask & (0x8000 >> i)
            width = 16 if shown else 32
            piece, at = data[at : at + width], at + width
            openings.append((piece, None) if shown else (None, piece))

        def opening(i, name):
            return openings[i]

    com = rebuild(values, names, opening)
    k = data[at]
    keys = [data[at + 1 + 32 * i : at + 33 + 32 * i] for i in range(k)]
    at += 1 + 32 * k
    s = data[at]
    signatures = [data[at + 1 + 64 * i : at + 65 + 64 * i] for i in range(s)]
    assert not any(data[at + 1 + 64 * s :])
    return form, values, com, keys, signatures


def read_bundle(data, body, open_seal, fields):
    """What `body` finds in one bundle: (index, form, values, signatures), and the other views an office opened."""
    label = b"exchange/audit/bundle/v1\0"
    assert data.startswith(label)
    at = len(label)
    first, count = struct.unpack(">QH", data[at : at + 10])
    at += 10
    leaves = [data[at + 73 * i : at + 73 * (i + 1)] for i in range(count)]
    at += 73 * count
    views = [[data[at + 4096 * i + 1024 * j : at + 4096 * i + 1024 * (j + 1)] for j in range(4)] for i in range(count)]
    at += 4096 * count
    secrets, found, others = [], [], []
    for i, leaf in enumerate(leaves):
        com, vw = leaf[9:41], leaf[41:]
        if leaf[0] == 2:
            process, (day, seals) = data[at : at + 16], struct.unpack(">II", data[at + 16 : at + 24])
            at += 24
            hashed = b""
            for _ in range(seals):
                size = struct.unpack(">H", data[at : at + 2])[0]
                end = at + 2 + size + 4 + 1168
                hashed += data[at:end]
                name, epoch = data[at + 2 : at + 2 + size], struct.unpack(">I", data[end - 1172 : end - 1168])[0]
                if name.decode() == body:
                    info = b"exchange/audit/chain/v1\0" + struct.pack(">H", size) + name
                    info += struct.pack(">I", epoch) + process + struct.pack(">I", day)
                    secrets.append(open_seal(epoch, data[end - 1168 : end], info))
                at = end
            assert sha(hashed) == com
        if leaf[0] != 1:
            continue
        assert sha(*(sha(view) for view in views[i])) == vw
        for slot, view in enumerate(views[i]):
            for j, secret in enumerate(secrets):
                if expand(secret, b"tag", 16) != view[:16]:
                    continue
                key = expand(secret, b"view" + com, 32)
                secrets[j] = expand(secret, b"next", 32)
                form, values, rebuilt, keys, signatures = inside(
                    AESGCM(key).decrypt(bytes(12), view[16:], None), fields
                )
                assert rebuilt == com
                found.append((first + i, form, values, signatures))
                rest = [v for n, v in enumerate(views[i]) if n != slot]
                for other, other_key in zip(rest, keys, strict=bool(keys)):
                    others.append(inside(AESGCM(other_key).decrypt(bytes(12), other[16:], None), fields))
                    assert others[-1] is None or others[-1][2] == com
                break
    assert at == len(data)
    return found, others


@pytest.mark.parametrize("body", ["audit-cpt", "audit-spt", "coe-cpt", "un-spt"])
def test_both_readers_find_the_same(body, log, key_of_body):
    """Every act of the vocabulary, in two chains, read twice: same leaves, same values, same signatures."""
    for n, tag in enumerate(ACTS):
        if n == 20:
            log.new_chains()
        log.append(tag, signatures=(bytes([n]) * 64,))
    log.append("log:padding:append", readers=Readers("audit-cpt"))
    fields = {act.tag: act.fields for act in ACTS.values()}

    def open_seal(epoch, sealed, info):
        return key_of_body(body, epoch).open(sealed, info)

    theirs, others = read_bundle(build_bundle(0, log.stored), body, open_seal, fields)
    records, findings = log.read(body)
    assert findings == []
    assert [item[0] for item in theirs] == [record.index for record in records]
    for (_, form, values, signatures), record in zip(theirs, records, strict=True):
        assert tuple(values) == record.entry.values and tuple(signatures) == record.signatures
        assert (form == 1) == record.full
    assert bool(others) == body.startswith("audit-")
