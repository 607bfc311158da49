"""A report that the CPT has sealed with the client's own code, and a server that shows it to the SPT and releases it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx

from exchange.client import sealing
from exchange.client.deposit_plan import PartPlan, Plan
from exchange.client.progress import NoMeter
from exchange.client.sealing import Terms
from exchange.client.session import Session
from exchange.ledger.leaf import minute_of
from exchange.sealing.descriptors import shown_to
from exchange.sealing.envelope import lock_info
from exchange.sealing.package import Package
from exchange.sealing.spool import Spool
from exchange.statements import release_request
from keys.custody import LockKey
from keys.encoding import b64u, format_time
from keys.statement import Statement, parse
from tests.unit.client.fake_exchange import desk, officer_of
from tests.unit.client.fake_log import VW, At
from tests.unit.keys.directory_builder import Person, seed

CONTENT = b"what the report says. " * 5000


class Report:
    """A sealed report and what an honest server says of it; tests change `body`, `pieces` or `released` before opening."""

    def __init__(
        self, here: At, folder: Path, *, signed_by: Person | None = None, to: tuple[str, ...] = ("un-spt",)
    ) -> None:
        self.here = here
        self.owner = here.world.officers("coe-cpt")[0]
        file = folder / "report.txt"
        file.write_bytes(CONTENT)
        part = PartPlan("p1", file, ("XA",), "en", title="A visit")
        self.plan = Plan((part,), to, "visit_report", None)
        made = desk(folder / "owner", here.server, self.owner)
        self.session = Session(made.home, made.clock, made.http, officer_of(self.owner), made.told)
        self.spool = self._sealed(signed_by)
        self.package: Package = self.spool.package
        self.header: Statement = parse(self.package.header)
        self.id = str(self.header.body["report"])
        self.part = next(iter(self.spool.parts))
        self.pieces = {n: self.spool.parts[self.part].piece(n) for n in range(self.spool.parts[self.part].layout.count)}
        self.lock = LockKey(seed("lock"))
        self.body = self._shown()
        self.released: dict[str, Any] = {}
        self.receipts: list[str] = []
        self._serve()

    def _sealed(self, signed_by: Person | None) -> Spool:
        spool = sealing.seal(self.session, Terms.of(self.plan, "coe-cpt"), bytes(32), NoMeter())
        if signed_by is None:
            return spool
        header = parse(spool.package.header)
        forged = Statement(header.typ, header.payload).signed_by(signed_by.sign)
        changed = Package(forged.text, spool.package.descriptors, spool.package.manifests, spool.package.envelopes)
        return spool.renew(changed)

    def _shown(self) -> dict[str, Any]:
        fields = {"actor": self.owner.id, "body": "coe-cpt", "owner": "coe-cpt", "report": self.id}
        fields |= {"kind": "visit_report", "tier": "confidential", "regime": "R1", "parts": 1, "recipients": 2}
        stored = self.here.store("reports:report:register", fields, self.header)
        shown = shown_to(self.package.descriptors, [self.part], "un-spt")
        index = stored["ticket"]["index"]
        return {
            "report": self.id,
            "header": stored["statement"],
            "ticket": stored["ticket"],
            "proof": self.here.proof(index),
            **shown.to_json(),
            "manifests": {b64u(self.part): b64u(self.package.manifests[self.part])},
            "grants": [],
            "permitted": {b64u(self.part): [["view", "follow_up"]]},
        }

    def envelope(self, organisation: str = "un-spt") -> bytes:
        """Take the lock off a recipient's envelope, as the server does at release."""
        named = [s.value for s in self.package.descriptors.recipients if s.value.organisation == organisation]
        locked = self.package.envelopes[named[0].envelope]
        return self.lock.open(locked.sealed, lock_info(self.spool.report, self.part, organisation))

    def _serve(self) -> None:
        answers = self.here.server.answers
        base = f"/api/v1/reports/{self.id}"
        answers[base] = lambda request: httpx.Response(200, json=self.body)
        answers[f"{base}/parts/{b64u(self.part)}/content"] = self._content
        answers[f"{base}/parts/{b64u(self.part)}/release"] = self._release
        answers["/api/v1/statements"] = self._take

    def _content(self, request: httpx.Request) -> httpx.Response:
        whole = b"".join(self.pieces[n] for n in sorted(self.pieces))
        first, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        said = {"Content-Range": f"bytes {first}-{last}/{len(whole)}"}
        return httpx.Response(206, content=whole[int(first) : int(last) + 1], headers=said)

    def _release(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        statement = parse(body["statement"].encode())
        asked = release_request.read(statement)
        envelope = self.released.get("envelope") or self.envelope()
        fields = {
            "actor": self.here.person.id,
            "body": "un-spt",
            "owner": "coe-cpt",
            "report": self.id,
            "part": b64u(self.part),
            "action": asked.action,
            "purpose": asked.purpose,
            "request": b64u(statement.hash),
            "envelope": b64u(hashlib.sha256(envelope).digest()),
            "reason": "P_CONSENT",
            "asked": format_time(asked.stamp.time),
            "nonce": b64u(asked.stamp.nonce),
        }
        index, entry = self.here.enter("access:release:permit", fields)
        minute = minute_of(self.here.world.now)
        told = {
            "n": 1,
            "index": index,
            "time": format_time(self.here.world.now.replace(second=0)),
            "vw": b64u(VW),
            **entry.to_json(),
            "act": "access:release:permit",
            "envelope": b64u(envelope),
            "size": index + 1,
            **self.here.proof(index, body["audit_size"]),
        }
        if minute % 60:
            raise AssertionError("a leaf's time is a whole minute")
        return httpx.Response(200, json=told)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.receipts.append(json.loads(request.content)["statement"])
        return httpx.Response(201, json={"hash": "x"})
