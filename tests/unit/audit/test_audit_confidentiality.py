"""What the log tells those who may not read it: nothing. Planted names are found in no leaf, tile, table or file."""

from sqlalchemy import inspect, text

from exchange.audit.events import Event
from exchange.ledger.view import VIEW_BYTES
from keys.encoding import b64u, unb64u
from tests import databases
from tests.unit.audit.audit_maker import CPT, OFFICER, PART, REPORT, SPT, Instance, permit, withhold

PLANTED = {
    "report": REPORT.encode(),
    "report as bytes": bytes.fromhex(REPORT.replace("-", "")),
    "officer": OFFICER.encode(),
    "officer as bytes": unb64u(OFFICER),
    "part": PART.encode(),
    "part as bytes": unb64u(PART),
    "body": SPT.encode(),
    "owner": CPT.encode(),
    "purpose": b"follow_up",
    "reason": b"W_NO_CONSENT",
    "act": b"access:release",
    "request": b64u(b"r" * 32).encode(),
    "request as bytes": b"r" * 32,
    "signature": b"s" * 64,
}
# Whose chains there are is no secret among members, and stands beside each leaf 0x02.
OF_CHAINS = {"body", "owner"}


def acts(instance: Instance) -> None:
    """A permit, a withholding, one for an unknown id, a receipt: what no table may hold."""
    for event in (permit(request=b64u(b"r" * 32)), withhold(request=b64u(b"r" * 32)), withhold(owner=None)):
        instance.record(Event(event.act, event.fields, (b"s" * 64,)))
    fields = permit(request=b64u(b"r" * 32)).fields
    wanted = ("actor", "body", "owner", "report", "part", "request", "nonce", "asked")
    receipt = {name: fields[name] for name in wanted} | {"n": 1, "index": 1, "statement": b64u(b"r" * 32)}
    instance.record(Event("access:receipt:record", receipt))
    instance.publisher.publish(at_once=True)


def found_in(data: bytes) -> set[str]:
    return {name for name, value in PLANTED.items() if value in data}


def test_no_file_of_the_instance_holds_a_planted_name(instance: Instance) -> None:
    """Database, write-ahead log, tiles, checkpoints: every byte is searched."""
    acts(instance)
    for name, data in databases.stored(instance.config.instance).items():
        assert found_in(data) <= (OF_CHAINS if name.startswith("database") else set()), name


def test_only_the_chains_table_names_bodies(instance: Instance) -> None:
    """And it names every body, whoever acted."""
    acts(instance)
    with instance.unit(write=False) as uow:
        for table in inspect(uow.session.connection()).get_table_names():
            rows = uow.session.execute(text(f'SELECT * FROM "{table}"')).all()
            data = b"\0".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)
            assert found_in(data) == (OF_CHAINS if table == "audit_seals" else set()), table


def test_nothing_tells_one_act_from_another(instance: Instance) -> None:
    """Leaves and views of a permit, a withholding, a receipt and a decoy have the same form and length."""
    acts(instance)
    with instance.unit(write=False) as uow:
        leaves = instance.logs.leaves(uow, "audit", 0, instance.size())
        views = uow.session.scalars(text('SELECT views FROM audit_views ORDER BY "index"')).all()
    entries = [leaf for leaf in leaves if leaf[0] == 1]
    assert {len(leaf) for leaf in leaves} == {73}
    assert len(entries) == len(views) and {len(view) for view in views} == {4 * VIEW_BYTES}
    assert len({leaf[9:] for leaf in entries}) == len(entries)
    pieces = [view[i : i + VIEW_BYTES] for view in views for i in range(0, len(view), VIEW_BYTES)]
    assert len({piece[:16] for piece in pieces}) == len(pieces)


def test_no_repr_shows_what_an_act_says(instance: Instance) -> None:
    """Values that pass through logs and tracebacks stay silent."""
    event = permit()
    recorded = instance.audit.record_only(event)
    for shown in (repr(event), repr(recorded), repr(instance.audit)):
        assert found_in(shown.encode()) - {"act"} == set()
