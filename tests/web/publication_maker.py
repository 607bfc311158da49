"""What officers sign and send to publish a rendition; the plain file is theirs, and of no sealed part.

    made = registered(world, tmp_path); asked = request_of(world)
    answer = published(made, DATA, request(asked))      # anna signs, boris sends the file and signs: 201
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from exchange.statements import publication, publication_withdrawal
from exchange.statements.form import Stamp
from exchange.statements.publication import Basis, Comments, Publication, PublicFile
from exchange.statements.publication_withdrawal import PublicationWithdrawal
from keys.encoding import b64u
from keys.statement import Statement
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import Instrument, granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made

DATA = b"Report to the Government of XA, as published.\n"
COMMENTS = b"Comments of the Government of XA.\n"


def public_file(data: bytes = DATA, name: str = "report-xa-en.txt", **changes: Any) -> PublicFile:
    """The file of these bytes."""
    return replace(PublicFile(name, "text/plain", len(data), hashlib.sha256(data).digest()), **changes)


def asked_by(world: ExchangeWorld, state: str = "XA", *people: Person, **changes: Any) -> Instrument:
    """A State's request that the CPT publishes, recorded and confirmed by two focal points of the CPT; or another's."""
    kind, grantee = changes.pop("kind", "specific"), changes.pop("grantee", "coe-cpt")
    provision = permit(grantee, actions=["publish"], **changes)
    return granted(world, instrument(state, [provision], kind=kind), *people)


def request(*asked: Instrument, kind: str = "request") -> Basis:
    """The basis that names these agreements."""
    return Basis(kind, publication.in_order(each.id for each in asked))


def signed(made: Made, basis: Basis, *signers: Person, comments: bytes | None = None, **changes: Any) -> Statement:
    """A publication of every part of a report, as DATA, in English."""
    said = None if comments is None else Comments(public_file(comments, "comments-xa-en.txt"), "en")
    values = Publication(
        Stamp.fresh(made.world.clock.now(), made.world.founding.directory.exchange),
        made.report,
        made.header.hash,
        publication.in_order(made.parts),
        "en",
        "original",
        public_file(),
        said,
        basis,
    )
    statement = publication.build(replace(values, **changes))
    for person in signers:
        statement = statement.signed_by(person.sign)
    return statement


def send(made: Made, person: Person, statement: Statement, data: bytes = DATA, role: str = "rendition") -> Any:
    """PUT a file of a publication."""
    path = f"/publications/{b64u(statement.hash)}/files/{role}"
    return made.world.put(person, path, data=data, headers={"Content-Type": "application/octet-stream"})


def published(made: Made, basis: Basis, people: Sequence[Person] = (), **changes: Any) -> tuple[Statement, Any]:
    """Propose by the first officer of the owner, send and confirm by the second; return the statement and the last answer."""
    first, second = people or made.world.officers(made.values.owner)[:2]
    statement = signed(made, basis, first, **changes)
    answer = made.world.say(first, statement)
    assert answer.status_code == 202, answer.text
    sent = send(made, second, statement)
    assert sent.status_code == 204, sent.text
    if changes.get("comments") is not None:
        assert send(made, second, statement, changes["comments"], "comments").status_code == 204
    return statement, made.world.say(second, statement.signed_by(second.sign))


def withdrawal(made: Made, published: Statement, *signers: Person, **changes: Any) -> Statement:
    """A withdrawal of a publication."""
    stamp = Stamp.fresh(made.world.clock.now(), made.world.founding.directory.exchange)
    statement = publication_withdrawal.build(
        replace(PublicationWithdrawal(stamp, made.report, published.hash), **changes)
    )
    for person in signers:
        statement = statement.signed_by(person.sign)
    return statement
