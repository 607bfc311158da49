"""The audit log in public: at most once in the configured time, only after an act, at multiples of 16."""

import threading

from exchange.ledger.vocabulary import PADDING
from exchange.logs.faults import Faults
from tests.unit.audit.audit_maker import CPT_AUDIT, FakeBodies, Instance, StillClock, permit


def public(instance: Instance) -> int:
    return instance.logs.public_checkpoint("audit").size


def test_it_moves_once_in_the_configured_time(instance: Instance) -> None:
    """Acts of a minute become public together, padded with decoys that only the host's office can tell."""
    instance.clock.forward(seconds=60)
    first = public(instance)
    instance.record(permit())
    assert instance.publisher.publish() is True
    assert public(instance) == first + 16
    instance.record(permit())
    instance.clock.forward(seconds=59)
    assert instance.publisher.publish() is False
    assert public(instance) == first + 16
    instance.clock.forward(seconds=1)
    assert instance.publisher.publish() is True
    assert public(instance) == first + 32 == instance.size()
    tags = [record.act.tag for record in instance.read(CPT_AUDIT)[0]]
    assert tags.count("access:release:permit") == 2 and set(tags) > {PADDING}
    assert instance.fsck() == []


def test_it_stands_still_while_nothing_happens(instance: Instance) -> None:
    """Padding is no act: it never causes a further move."""
    instance.record(permit())
    instance.clock.forward(seconds=60)
    instance.publisher.publish()
    size = public(instance)
    for _ in range(3):
        instance.clock.forward(seconds=600)
        assert instance.publisher.publish() is False
    assert public(instance) == size == instance.size()


def test_a_full_multiple_gets_no_decoys(instance: Instance) -> None:
    """Padding to a multiple of 16 adds nothing where the size is one."""
    instance.clock.forward(seconds=60)
    instance.publisher.publish()
    for _ in range(16 - instance.size() % 16):
        instance.record(permit())
    size = instance.size()
    instance.clock.forward(seconds=60)
    assert instance.publisher.publish() is True
    assert public(instance) == size == instance.size()


def test_a_new_chain_among_the_decoys_still_ends_at_a_multiple(instance: Instance) -> None:
    """Midnight brings a leaf of its own."""
    instance.clock.moment = instance.clock.moment.replace(hour=23, minute=59, second=50)
    instance.record(permit())
    instance.clock.forward(seconds=20)
    assert instance.publisher.publish(at_once=True)
    assert public(instance) % 16 == 0 and public(instance) == instance.size()
    assert instance.fsck() == []


def test_a_restart_does_not_move_it_sooner(tmp_path) -> None:
    """What a new process knows is the checkpoint's own time, and that is enough."""
    clock, bodies = StillClock(), FakeBodies()
    bodies.everybody()
    first = Instance(tmp_path, clock, bodies).start()
    size = public(first)
    first.record(permit())
    first.close()
    clock.forward(seconds=30)
    second = Instance(tmp_path, clock, bodies).start()
    assert public(second) == size
    clock.forward(seconds=30)
    assert second.publisher.publish() is True
    assert public(second) > size
    second.close()


def test_writers_wait_while_it_pads_and_publishes(tmp_path) -> None:
    """An act that comes meanwhile lands behind the published multiple, so its size is never signed in between."""
    clock, bodies = StillClock(), FakeBodies()
    bodies.everybody()
    landed: list[int] = []
    writers: list[threading.Thread] = []

    class Intrude(Faults):
        def at(self, point: str) -> None:
            if point == "audit.publish.after-padding":
                writers.append(threading.Thread(target=lambda: landed.append(instance.record(permit()))))
                writers[0].start()

    instance = Instance(tmp_path, clock, bodies, replace={Faults: Intrude()})
    instance.record(permit())
    assert instance.publisher.publish(at_once=True)
    writers[0].join(10)
    assert public(instance) == 16 and landed == [16]
    instance.close()


def test_many_threads_may_publish_and_record_at_once(instance: Instance) -> None:
    """Every public size is a multiple of 16, and nothing is lost."""
    errors: list[BaseException] = []

    def work(k: int) -> None:
        try:
            for _ in range(5):
                if k % 2:
                    instance.record(permit())
                    instance.logs.prove("audit", instance.size() - 1)
                else:
                    instance.publisher.publish(at_once=True)
                    assert public(instance) % 16 == 0
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    instance.publisher.publish(at_once=True)
    tags = [record.act.tag for record in instance.read(CPT_AUDIT)[0]]
    assert tags.count("access:release:permit") == 10
    assert instance.fsck() == []
