"""A hostile review of reading: chains of view keys that are given twice."""

from datetime import timedelta

from exchange.ledger.bundle import Stored
from exchange.ledger.leaf import minute_of


def test_a_chain_that_is_given_again_is_a_finding_and_no_crash(log):
    """The same seals under a second leaf, days apart: the reader used to stumble when it put the older one aside."""
    first = log.new_chains()
    log.append()
    log.stored.append(Stored(first.record.leaf(minute_of(log.now), bytes(32)).data, chain=first.record))
    log.append()
    log.now += timedelta(days=3)
    log.new_chains()
    last = log.append()
    records, findings = log.read("coe-cpt")
    assert [(finding.code, finding.index) for finding in findings] == [("chain_repeated", 2)]
    assert [record.index for record in records] == [1, 3, last]
