"""Registration over HTTP: one request records everything, once; and catching up where something moved meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from exchange.audit.statements import Statements
from exchange.logs.services import Logs
from exchange.reports.queries import Reports
from exchange.sealing import descriptors
from exchange.sealing import seal as sealing
from exchange.sealing.envelope import SealTo
from exchange.statements.form import Stamp
from exchange.statements.report_header import DirectoryHead
from keys.custody import LockKey
from keys.encoding import b64u, parse_uuid, unb64u
from tests import databases
from tests.unit.keys.directory_builder import seed
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, header_values, make_report, part, recipient, registered


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def nothing_recorded(made: Made) -> None:
    """No row, no statement, no entry."""
    world = made.world
    with world.database.unit_of_work() as uow:
        assert world.services.get(Reports).find(uow, made.report) is None
        assert world.services.get(Statements).of(uow, "report", made.report) == []
    assert "reports:report:register" not in world.acts("coe-cpt")


def test_a_report_is_registered_with_its_entry(world: ExchangeWorld, tmp_path: Path) -> None:
    """Two parts for two bodies: the ticket is of the header's own entry, which owner and both offices read; fsck is clean."""
    made = make_report(
        world,
        tmp_path,
        parts=[part("p1"), part("p2", language="fr", data=b"x" * 2_000_000)],
        recipients=["un-spt", "npm-xa"],
        held_until=world.clock.now() + timedelta(minutes=30),
    )
    made.send()
    answer = made.register()
    assert answer.status_code == 201, answer.text
    body = answer.json
    assert (body["report"], body["header"]) == (made.report, b64u(made.header.hash))
    assert body["server_time"] == "2026-03-02T09:20:00Z"
    record = world.read("coe-cpt").last("reports:report:register")
    expected = {
        "actor": made.officer.id,
        "body": "coe-cpt",
        "owner": "coe-cpt",
        "report": made.report,
        "kind": "visit_report",
        "tier": "confidential",
        "regime": "R1",
        "parts": 2,
        "recipients": 6,
        "held_until": "2026-03-02T09:50:00Z",
        "statement": body["header"],
    }
    assert {name: record.fields[name] for name in expected} == expected
    assert record.index == body["ticket"]["index"]
    assert "reports:report:register" in world.acts("audit-cpt")
    assert "reports:report:register" not in world.acts("un-spt")
    assert world.fsck() == []


def test_the_ticket_proves_the_header(world: ExchangeWorld, tmp_path: Path) -> None:
    """Ticket and header give the leaf that stands at the ticket's index of the audit log."""
    made = registered(world, tmp_path)
    with world.database.unit_of_work() as uow:
        stored = world.services.get(Reports).header(uow, made.report)
        index = stored.ticket.index
        (leaf,) = world.services.get(Logs).leaves(uow, "audit", index, index + 1)
    assert stored.text == made.package.header
    assert stored.ticket.leaf(made.header.hash) == leaf


def test_the_same_header_again_and_another(world: ExchangeWorld, tmp_path: Path) -> None:
    """The first answer again, weeks later too and from a colleague, with no second entry; another header is refused."""
    made = make_report(world, tmp_path)
    made.send()
    first = made.register()
    size = world.size()
    world.clock.moment += timedelta(days=60)
    again = made.register(officer=world.officers("coe-cpt")[1])
    assert again.status_code == 200
    assert {**again.json, "server_time": ""} == {**first.json, "server_time": ""}
    assert "reports:report:register" not in world.acts("coe-cpt", since=size)
    assert code(made.register(made.signed(class_ordinal=3))) == (409, "registration_differs")
    # Two people's signatures under the very same payload are the same header.
    assert made.register(made.signed(*world.officers("coe-cpt")[:2])).status_code == 200


def test_registrations_at_once(world: ExchangeWorld, tmp_path: Path) -> None:
    """The same header several times at once, and another one for the same report: one report, one entry."""
    made = make_report(world, tmp_path)
    made.send()
    world.token(made.officer)
    packages = [made.package] * 3 + [made.signed(class_ordinal=3)]
    with ThreadPoolExecutor(4) as threads:
        answers = [answer.status_code for answer in threads.map(made.register, packages)]
    assert sorted(answers[:3]) == [200, 200, 201] or sorted(answers) == [201, 409, 409, 409]
    assert answers.count(201) == 1
    assert world.acts("coe-cpt").count("reports:report:register") == 1
    assert world.fsck() == []


def test_who_may_register(world: ExchangeWorld, tmp_path: Path) -> None:
    """An officer of another body, the right body's header signed by a stranger, and nobody at all."""
    made = make_report(world, tmp_path)
    made.send()
    size = world.size()
    stranger = world.officers("un-spt")[0]
    assert code(made.register(officer=stranger)) == (403, "signer_other_body")
    assert code(made.register(made.signed(stranger))) == (403, "signer_other_body")
    assert code(made.register(made.signed(made.officer, stranger))) == (403, "signer_other_body")
    unknown = world.founding.person("coe-cpt")
    assert code(made.register(made.signed(unknown))) == (403, "signer_unknown")
    assert world.client.post("/api/v1/reports", data=b"").status_code == 401
    assert "reports:report:register" not in world.acts("coe-cpt", since=size)
    assert made.register().status_code == 201


def test_a_signer_who_left(world: ExchangeWorld, tmp_path: Path) -> None:
    """Their header counts no more, though a colleague sends it."""
    made = make_report(world, tmp_path)
    made.send()
    world.submit(*world.founding.leave(made.officer, size=world.size(), submit=True))
    colleague = world.officers("coe-cpt")[0]
    assert code(made.register(officer=colleague)) == (403, "signer_ended")


def test_a_changed_signature(world: ExchangeWorld, tmp_path: Path) -> None:
    """A header whose signature is another statement's."""
    made = make_report(world, tmp_path)
    made.send()
    other = made.signed(class_ordinal=1).header.split(b"\n")
    mixed = b"\n".join([made.package.header.split(b"\n")[0], *other[1:]])
    assert code(made.register(replace(made.package, header=mixed))) == (422, "bad_signature")


def test_a_clock_far_off(world: ExchangeWorld, tmp_path: Path) -> None:
    """Ten minutes ahead is told the server's time; three days behind is a package that travelled; two months are not."""
    made = make_report(world, tmp_path)
    made.send()
    for moved, expected in ((timedelta(minutes=10), 400), (timedelta(days=-60), 400), (timedelta(days=-3), 201)):
        stamp = Stamp.fresh(world.clock.now() + moved, made.values.stamp.exchange)
        answer = made.register(made.signed(stamp=stamp))
        assert answer.status_code == expected, moved
        if expected == 400:
            assert (answer.json["code"], answer.json["server_time"]) == ("clock_off", "2026-03-02T09:20:00Z")


def test_another_exchange(world: ExchangeWorld, tmp_path: Path) -> None:
    """A header made for another exchange."""
    made = make_report(world, tmp_path)
    stamp = Stamp.fresh(world.clock.now(), bytes(32))
    assert code(made.register(made.signed(stamp=stamp))) == (422, "statement_other_exchange")


def test_a_directory_this_server_does_not_have(world: ExchangeWorld, tmp_path: Path) -> None:
    """A size beyond ours, another root, another log; an older state of ours is fine while keys and epochs are current."""
    made = make_report(world, tmp_path)
    made.send()
    head = made.values.directory
    for wrong in (
        replace(head, size=head.size + 1),
        replace(head, root=bytes(32)),
        replace(head, n=2),
        DirectoryHead(1, 1, head.root),
    ):
        assert code(made.register(made.signed(directory=wrong))) == (409, "stale_directory")
    with world.database.unit_of_work() as uow:
        first = DirectoryHead(1, 1, world.services.get(Logs).root_at(uow, "directory", 1))
    assert made.register(made.signed(directory=first)).status_code == 201


def test_an_epoch_that_changed_meanwhile(world: ExchangeWorld, tmp_path: Path) -> None:
    """409 names the body; the client wraps again over the same ciphertext, signs anew, and nothing is sent twice."""
    made = make_report(world, tmp_path)
    made.send()
    world.submit(world.founding.epoch("un-spt"))
    answer = made.register()
    assert code(answer) == (409, "stale_epoch")
    assert answer.json["organisations"] == ["un-spt"]
    nothing_recorded(made)
    assert made.register(rewrapped(made)).status_code == 201
    assert world.fsck() == []


def rewrapped(made: Made) -> Any:
    """The same ciphertext under new envelopes and a new header."""
    world = made.world
    keys = {part_id: made.content_key(part_id) for part_id in made.parts}
    to = {part_id: [recipient(world, body) for body in ("coe-cpt", "un-spt")] for part_id in made.parts}
    lock = SealTo(world.founding.lock.public)
    sealed = sealing.rewrap(made.package, parse_uuid(made.report), keys, "coe-cpt", ["coe-cpt"], to, lock)
    made.values = header_values(world, made.report, "coe-cpt", sealed, {})
    made.package = sealed.package(b"")
    return made.signed()


def test_another_lock_key(world: ExchangeWorld, tmp_path: Path) -> None:
    """Envelopes under a lock key that is not the current one."""
    made = make_report(world, tmp_path, lock=LockKey(seed("another lock")).public)
    made.send()
    assert code(made.register()) == (409, "stale_lock_key")
    nothing_recorded(made)


def test_pieces_that_are_not_there(world: ExchangeWorld, tmp_path: Path) -> None:
    """Nothing sent, all but one sent, and then all: the answer says how many are missing of which part."""
    made = make_report(world, tmp_path, parts=[part(data=bytes(2_500_000))])
    (p1,) = made.parts
    answer = made.register()
    assert code(answer) == (409, "pieces_missing")
    assert (answer.json["part"], answer.json["missing"]) == (b64u(p1), 3)
    made.open(p1)
    made.put(p1, 1)
    made.put(p1, 2)
    assert made.register().json["missing"] == 1
    nothing_recorded(made)
    made.put(p1, 0)
    assert made.register().status_code == 201


def test_pieces_that_are_not_those_described(world: ExchangeWorld, tmp_path: Path) -> None:
    """Whole pieces of the right size, of another ciphertext; and an upload of another size."""
    made = make_report(world, tmp_path)
    (p1,) = made.parts
    made.open(p1)
    assert made.put(p1, 0, bytes(made.spool.parts[p1].layout.size)).status_code == 204
    assert code(made.register()) == (409, "piece_root_differs")
    other = make_report(world, tmp_path)
    larger = make_report(world, tmp_path, parts=[part(data=bytes(100_000))])
    other.open(other.parts[0], size=larger.spool.parts[larger.parts[0]].layout.size)
    assert code(other.register()) == (409, "piece_root_differs")
    nothing_recorded(made)


def test_a_commitment_that_is_not_the_ciphertexts(world: ExchangeWorld, tmp_path: Path) -> None:
    """A descriptor that names another commitment than the head of piece 0 has, consistently with its header."""
    made = make_report(world, tmp_path)
    made.send()
    (shown,) = made.package.descriptors.parts
    changed = descriptors.salted(replace(shown.value, commitment=bytes(32)))
    every = descriptors.of([changed], made.package.descriptors.recipients)
    lists = descriptors.fill(every)
    made.package = replace(made.package, descriptors=every)
    package = made.signed(parts=lists.parts, recipients=lists.recipients, links=lists.links)
    assert code(made.register(package)) == (409, "piece_root_differs")


def test_uploads_of_another_body_do_not_count(world: ExchangeWorld, tmp_path: Path) -> None:
    """Pieces are found by body, report and part: what another body sent under the same ids is not the owner's."""
    made = make_report(world, tmp_path)
    stranger = world.officers("un-spt")[0]
    (p1,) = made.parts
    made.open(p1, officer=stranger)
    assert made.put(p1, 0, officer=stranger).status_code == 204
    assert code(made.register()) == (409, "pieces_missing")


def test_the_server_cannot_read_what_it_took(world: ExchangeWorld, tmp_path: Path) -> None:
    """No word of the report, its title or its file name lies anywhere in the instance."""
    made = registered(world, tmp_path)
    words = [b"Southtown", b"Visit report", b"report-en.txt"]
    files = databases.stored(world.config.instance)
    assert any(made.report.encode() in data for data in files.values()), "the search would find what is there"
    for name, data in files.items():
        assert not any(word in data for word in words), name


def test_no_inner_envelope_is_kept(world: ExchangeWorld, tmp_path: Path) -> None:
    """The lock that was taken off at registration left nothing behind: no inner envelope lies in the instance."""
    made = registered(world, tmp_path)
    reports = world.services.get(Reports)
    with world.database.unit_of_work() as uow:
        kept = reports.envelope_for(uow, made.report, made.parts[0], "un-spt")
    assert kept is not None
    inner = reports.unlock(kept)
    assert len(inner) == 1_168
    for name, data in databases.stored(world.config.instance).items():
        assert inner[:64] not in data, name


def test_the_clients_signature_is_in_the_views(world: ExchangeWorld, tmp_path: Path) -> None:
    """Whoever reads the entry holds the signature under the header, too."""
    made = registered(world, tmp_path)
    record = world.read("audit-cpt").last("reports:report:register")
    assert record.signatures == tuple(signature.value for signature in made.header.signatures)
    assert unb64u(record.fields["statement"]) == made.header.hash
