"""What an officer's machine signs and checks around a release: requests, consents, receipts, and the answer's proofs.

    granted(world, instrument("XA", [permit("un-spt")]))      # recorded and confirmed by two focal points of the CPT
    answer = ask(made, chen, made.parts[0])                   # POST …/release with a signed request
    opened(made, chen, made.parts[0], answer)                 # proof, entry, envelope, content: the plain file
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf
from exchange.sealing.envelope import EnvelopePlace, envelope_hash, inner_info
from exchange.statements import consent, receipt, release_request
from exchange.statements.consent import Consent
from exchange.statements.form import Link, Stamp
from exchange.statements.receipt import Receipt
from exchange.statements.release_request import ReleaseRequest
from exchange.transparency.log_keys import LogPublicKeys
from exchange.transparency.merkle import TreeHead, leaf_hash
from exchange.transparency.proof import ConsistencyProof, InclusionProof
from keys.encoding import b64u, parse_time, unb64u
from keys.statement import Statement
from tests.unit.keys.directory_builder import Person, seed
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made


def permit(*grantees: str, **changes: Any) -> dict[str, Any]:
    """A provision that permits these bodies to view and download everything, whenever adopted."""
    provision: dict[str, Any] = {
        "effect": "permit", "scope": "all", "scope_ref": None, "time_scope": "all", "adopted_from": None,
        "adopted_to": None, "grantees": list(grantees), "actions": ["view", "download"], "purposes": None,
        "languages": None, "variants": None, "valid_from": None, "valid_to": None, "embargo_until": None,
        "embargo_event": None, "embargo_rule": "last",
    }
    return {**provision, **changes}


def deny(*grantees: str, **changes: Any) -> dict[str, Any]:
    """A provision that denies these bodies, or without any everybody, everything."""
    body = permit(*grantees, effect="deny", actions=["see_existence"], **changes)
    return body if grantees else {**body, "grantees": None}


def instrument(state: str, provisions: Sequence[Mapping[str, Any]], **changes: Any) -> dict[str, Any]:
    """The body of a record."""
    body: dict[str, Any] = {
        "amends": [], "authority_competent": True, "conditions": [], "evidence": None, "form": "note_verbale",
        "kind": "standing", "provisions": list(provisions), "received_on": "2026-02-28", "reference": "NV 7/2026",
        "reply_by": None, "state": state, "supersedes": [], "undertaking": None,
    }
    return {**body, **changes}


@dataclass
class Instrument:
    """An instrument as it grows: its id, the record, the last statement."""

    world: ExchangeWorld
    id: bytes
    record: Statement
    last: Statement

    @property
    def name(self) -> str:
        """The id as statements spell it."""
        return b64u(self.id)

    def next(self, event: str, *signers: Person, **changes: Any) -> Statement:
        """The next event, signed; not posted."""
        prev = self.record.hash if event in ("granted", "partially_granted") else self.last.hash
        link = Link(changes.pop("time", None) or self.world.clock.now(), self.world.founding.directory.exchange, prev)
        values = Consent(link, self.id, event, {"effective": None, "reason": None, **changes})
        return _signed(consent.build(values), signers)

    def say(self, event: str, person: Person, **changes: Any) -> Any:
        """Sign the next event and post it; what was taken is the last from now on."""
        statement = self.next(event, person, **changes)
        answer = self.world.say(person, statement)
        if answer.status_code == 201:
            self.last = statement
        return answer


def signed_record(world: ExchangeWorld, body: Mapping[str, Any], *signers: Person, id: bytes | None = None) -> Statement:
    """A record of an instrument, signed; not posted."""
    name = id or seed(f"instrument {uuid.uuid4()}")[:16]
    link = Link(world.clock.now(), world.founding.directory.exchange, None)
    return _signed(consent.build(Consent(link, name, "recorded", dict(body))), signers)


def recorded(world: ExchangeWorld, body: Mapping[str, Any], person: Person | None = None) -> Instrument:
    """Record an instrument by one focal point of the CPT, or by another officer."""
    by = person or world.officers("coe-cpt")[0]
    statement = signed_record(world, body, by)
    answer = world.say(by, statement)
    assert answer.status_code == 201, answer.text
    return Instrument(world, consent.read(statement).instrument, statement, statement)


def granted(world: ExchangeWorld, body: Mapping[str, Any], *people: Person) -> Instrument:
    """Record and confirm an instrument by two focal points of the CPT, or by others."""
    first, second = people or world.officers("coe-cpt")[:2]
    made = recorded(world, body, first)
    answer = made.say("granted", second)
    assert answer.status_code == 201, answer.text
    return made


def signed_request(
    made: Made, person: Person, part: bytes, action: str = "view", purpose: str = "follow_up", **changes: Any
) -> Statement:
    """A release-request of `person`; `time`, `report`, `exchange` and `signers` replace what it says and who signs."""
    stamp = Stamp.fresh(
        changes.get("time") or made.world.clock.now(),
        changes.get("exchange") or made.world.founding.directory.exchange,
    )
    values = ReleaseRequest(stamp, changes.get("report") or made.report, part, action, purpose)
    return _signed(release_request.build(values), changes.get("signers") or [person])


def ask(made: Made, person: Person, part: bytes, action: str = "view", purpose: str = "follow_up", **changes: Any) -> Any:
    """Ask for the release of a part."""
    statement = changes.pop("statement", None) or signed_request(made, person, part, action, purpose, **changes)
    report = changes.get("report") or made.report
    body = {"statement": statement.text.decode("ascii"), "audit_size": changes.get("audit_size", 0)}
    return made.world.post(person, f"/reports/{report}/parts/{b64u(part)}/release", body)


def signed_receipt(made: Made, person: Person, part: bytes, request: Statement, answer: Mapping[str, Any]) -> Statement:
    """The receipt of an opening."""
    stamp = Stamp.fresh(made.world.clock.now(), made.world.founding.directory.exchange)
    values = Receipt(stamp, made.report, part, request.hash, answer["n"], answer["index"])
    return receipt.build(values).signed_by(person.sign)


def head_of(world: ExchangeWorld, answer: Mapping[str, Any]) -> TreeHead:
    """The head that an answer's checkpoint shows, both signatures verified."""
    log = world.founding.directory.log("audit")
    signed = LogPublicKeys.parse(log.ed25519, log.mldsa44).verify(answer["checkpoint"].encode())
    assert signed.checkpoint.size == answer["size"]
    return signed.checkpoint.head


def prove(world: ExchangeWorld, proof: Mapping[str, Any], leaf: bytes, index: int, since: TreeHead | None = None) -> None:
    """Hold an answer to its proofs: the leaf stands at its index, and the log continues what was verified before."""
    head = head_of(world, proof)
    InclusionProof(index, proof["size"], tuple(unb64u(node) for node in proof["inclusion"])).verify(leaf_hash(leaf), head.root)
    if since is not None:
        nodes = tuple(unb64u(node) for node in proof["consistency"])
        ConsistencyProof(since.size, head.size, nodes).verify(since.root, head.root)


def entry_of(answer: Mapping[str, Any]) -> Entry:
    """The entry of a release, rebuilt from seed and values."""
    return Entry.from_json({"seed": answer["seed"], "values": answer["values"]})


def leaf_of(answer: Mapping[str, Any]) -> bytes:
    """The leaf that a release's entry commits to."""
    seconds = int(parse_time(answer["time"]).timestamp())
    return EntryLeaf(seconds, entry_of(answer).com, unb64u(answer["vw"])).data


def content_key(made: Made, organisation: str, part: bytes, answer: Mapping[str, Any]) -> bytes:
    """Open the envelope of a release with the key of the body's epoch it was made for."""
    world = made.world
    descriptor = made.package.descriptors.part(part)
    assert descriptor is not None
    envelope = unb64u(answer["envelope"])
    for (body, number), key in world.founding.epoch_keys.items():
        if body != organisation:
            continue
        place = EnvelopePlace(
            uuid.UUID(made.report).bytes, made.values.owner, descriptor.commitment, part, organisation, number, key.key_id
        )
        try:
            return key.open(envelope, inner_info(place))
        except Exception:
            continue
    raise AssertionError("no epoch of the body opens the envelope")


def check_permit(made: Made, person: Person, part: bytes, answer: Any, since: TreeHead | None = None) -> dict[str, Any]:
    """Hold a permit to everything it must be, and return the entry's fields."""
    assert answer.status_code == 200, answer.text
    body = answer.json
    prove(made.world, body, leaf_of(body), body["index"], since)
    fields = dict(entry_of(body).fields)
    assert fields["act"] == body["act"] == "access:release:permit"
    assert (fields["report"], fields["part"]) == (made.report, b64u(part))
    assert (fields["actor"], fields["body"]) == (person.id, person.organisation)
    assert fields["owner"] == made.values.owner
    assert fields["envelope"] == b64u(envelope_hash(unb64u(body["envelope"])))
    assert content_key(made, person.organisation, part, body) == made.content_key(part)
    return fields


def moment(world: ExchangeWorld) -> datetime:
    """The server's clock."""
    return world.clock.now()


def _signed(statement: Statement, signers: Sequence[Person]) -> Statement:
    for person in signers:
        statement = statement.signed_by(person.sign)
    return statement
