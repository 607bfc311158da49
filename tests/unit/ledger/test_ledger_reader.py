"""Reading: each body finds what is its own and nothing else, and every attack on views and seals has its name."""

from dataclasses import replace

import pytest

from exchange.ledger.bundle import Stored
from exchange.ledger.entry import Entry
from exchange.ledger.errors import BundleOrderError
from exchange.ledger.leaf import ChainLeaf, EntryLeaf, SuccessorLeaf
from exchange.ledger.reader import LOOKAHEAD, LOOKAHEAD_OLD, LogReader
from exchange.ledger.record import FINDINGS, REMARKS, Finding
from exchange.ledger.view import (
    ACTOR_BODY,
    ACTOR_OFFICE,
    OFFICES,
    OWNER,
    OWNER_OFFICE,
    Readers,
    Views,
    _seal,
    seal_view,
    views_hash,
)
from exchange.ledger.view_body import Dummy, ViewBody
from exchange.ledger.vocabulary import PARTIAL_FIELDS

PERMIT, WITHHOLD = "access:release:permit", "access:release:withhold"


def codes(findings):
    """The codes of findings, with slots."""
    return [(finding.code, finding.index, finding.slot) for finding in findings]


def swap(log, index, **change):
    """Change what the server stores for a leaf."""
    log.stored[index] = replace(log.stored[index], **change)


def test_each_body_reads_its_own_acts_whole_and_no_other(log, fields_for):
    """Over a mixed log: offices and owner read the permit, a sign-in stays with the actor's side, padding with the host."""
    permit = log.append(PERMIT)
    sign_in = log.append("accounts:session:start", readers=Readers(None, "audit-spt", None, "un-spt"))
    padding = log.append("log:padding:append", readers=Readers("audit-cpt"))
    read = {body: log.read(body) for body in log.epochs}
    assert all(findings == [] for _, findings in read.values())
    found = {body: [record.index for record in records] for body, (records, _) in read.items()}
    assert found == {
        "audit-cpt": [permit, padding],
        "audit-spt": [permit, sign_in],
        "coe-cpt": [permit],
        "un-spt": [permit, sign_in],
    }
    for records, _ in read.values():
        assert all(record.entry == log.entries[record.index] and record.full for record in records)
    assert read["coe-cpt"][0][0].moment.isoformat() == "2026-03-10T12:00:00+00:00"
    assert log.read("npm-xa") == ([], [])


def test_a_withholding_reads_as_its_reader_may(log):
    """The owner's office reads the reason; the actor's side what it asked; the owner nothing."""
    index = log.append(WITHHOLD, signatures=(bytes(64),))
    read = {body: log.read(body) for body in log.epochs}
    assert all(findings == [] for _, findings in read.values())
    (office,) = read["audit-cpt"][0]
    assert office.full and office.fields["reason"] == "W_NO_CONSENT" and len(office.keys) == 3
    for body in ("audit-spt", "un-spt"):
        (record,) = read[body][0]
        assert tuple(record.fields) == PARTIAL_FIELDS and not record.full and record.keys == ()
        assert record.index == index and record.signatures == (bytes(64),)
    assert read["coe-cpt"][0] == []


def test_an_owner_opening_its_own_report_reads_one_record(log, fields_for):
    """Two views of one entry are one act."""
    log.append(PERMIT, fields_for(PERMIT, body="coe-cpt"), Readers("audit-cpt", "audit-cpt", "coe-cpt", "coe-cpt"))
    (record,), findings = log.read("coe-cpt")
    assert record.slots == (OWNER, ACTOR_BODY) and findings == []
    (record,), findings = log.read("audit-cpt")
    assert record.slots == (OWNER_OFFICE, ACTOR_OFFICE) and len(record.keys) == 3 and findings == []


def test_days_epochs_processes_and_bundles_follow_each_other(log):
    """Several chains, at once and one after the other, over more than one bundle; nothing is missed, nothing accused."""
    for day in range(4):
        if day == 2:
            log.epochs["un-spt"] = 2
        first, second = log.new_chains(), log.new_chains()
        for i in range(40):
            log.chains = (first, second)[i % 2]
            log.append(PERMIT if i % 3 else WITHHOLD)
        log.later(days=1)
    records, findings = log.read("un-spt")
    assert len(records) == 160 and findings == []
    assert [record.index for record in records] == sorted(log.entries)


def test_a_newcomer_without_the_old_key_is_told_and_reads_what_is_new(log, key_of_body):
    """No history link: what was sealed to epoch 1 stays closed, and that is a remark, not an accusation."""
    log.append()
    log.epochs["un-spt"] = 2
    log.new_chains()
    new = log.append()
    records, findings = log.read("un-spt", {2: key_of_body("un-spt", 2)})
    assert [record.index for record in records] == [new]
    assert codes(findings) == [("no_key", 0, None)] and {"no_key"} == REMARKS


def test_a_rolled_back_entry_leaves_no_finding(log):
    """Readers notice gaps, and a rollback is none."""
    log.append()
    log.append(commit=False)
    log.append()
    for body in log.epochs:
        records, findings = log.read(body)
        assert len(records) == 2 and findings == []


def test_a_successor_leaf_is_passed_over(log):
    """0x03 has nothing to read."""
    log.stored.append(Stored(SuccessorLeaf(60, bytes(32), bytes(32)).data))
    log.append()
    assert log.read("un-spt")[1] == []


def test_bundles_are_read_from_the_first_on_and_none_is_left_out(log):
    """Starting late or skipping would hide gaps."""
    for _ in range(300):
        log.append("log:padding:append", readers=Readers("audit-cpt"))
    first, second = log.bundles()
    reader = LogReader("audit-cpt", {})
    with pytest.raises(BundleOrderError):
        reader.read(second)
    reader.read(first)
    with pytest.raises(BundleOrderError):
        reader.read(first)


# Attacks by whoever holds the server


@pytest.mark.parametrize("slot", range(4))
def test_a_changed_view_is_named(slot, log):
    """One flipped bit: everybody sees that the leaf commits to other views; its reader that it does not open."""
    index = log.append()
    views = list(log.stored[index].views)
    views[slot] = views[slot][:500] + bytes([views[slot][500] ^ 1]) + views[slot][501:]
    swap(log, index, views=tuple(views))
    for i, body in enumerate(("audit-cpt", "audit-spt", "coe-cpt", "un-spt")):
        _, findings = log.read(body)
        expected = [("views_altered", index, None)]
        if i == slot:
            expected.append(("view_closed", index, slot))
        elif i in OFFICES:
            expected.append(("other_view_closed", index, slot))
        assert codes(findings) == expected


def test_random_views_from_the_start_show_as_a_gap(log):
    """The leaf commits to noise; when the chain goes on, its readers know a view is missing, and where."""
    log.append()
    hidden = log.append()
    noise = tuple(bytes([i]) * 1024 for i in range(4))
    leaf = EntryLeaf(60, log.entries[hidden].com, views_hash(noise)).data
    swap(log, hidden, leaf=leaf, views=noise)
    after = log.append()
    records, findings = log.read("un-spt")
    assert [record.index for record in records] == [1, after]
    assert codes(findings) == [("gap", after, None)]
    assert findings[0].detail == "views 2 to 2 of chain 0"


def test_a_chain_whose_first_views_never_came_is_noticed(log):
    """The chain's later views are there, its first are not."""
    for _ in range(5):
        log.append(commit=True)
    del log.stored[1:4]
    records, findings = log.read("coe-cpt")
    assert len(records) == 2 and codes(findings) == [("gap", 1, None)]
    assert findings[0].detail == "views 1 to 3 of chain 0"


def test_a_gap_is_recognised_up_to_the_lookahead(log):
    """As many missing views in a row as the reader promises; the chain is found again."""
    chains = log.new_chains()
    for _ in range(LOOKAHEAD - 1):
        with chains.begin() as turn:
            turn.next_view_secret("un-spt")
            turn.committed()
    index = log.append(readers=Readers(None, None, None, "un-spt"), tag="access:matrix:read")
    (record,), findings = log.read("un-spt")
    assert record.index == index and codes(findings) == [("gap", index, None)]


def test_an_old_chain_is_still_heard_days_later(log):
    """A view under a chain of long ago is read and accuses nobody."""
    old = log.new_chains()
    log.append()
    for _ in range(5):
        log.later(days=1)
        log.new_chains()
    log.chains = old
    late = log.append()
    records, findings = log.read("un-spt")
    assert [record.index for record in records] == [1, late] and findings == []


def test_a_readers_memory_does_not_grow_with_the_days(log, key_of_body):
    """Chains of two days and more ago are kept in mind with a short window."""
    for _ in range(12):
        log.new_chains()
        log.later(days=1)
    reader = LogReader("un-spt", {1: key_of_body("un-spt")})
    for bundle in log.bundles():
        reader.read(bundle)
    assert len(reader._expected) == 2 * LOOKAHEAD + 10 * LOOKAHEAD_OLD


def test_views_swapped_between_leaves_are_named(log):
    """Both leaves commit to other views; the tags come out of order, and the keys depend on the commitment."""
    one, two = log.append(), log.append()
    first, second = log.stored[one].views, log.stored[two].views
    swap(log, one, views=second)
    swap(log, two, views=first)
    _, findings = log.read("un-spt")
    found = codes(findings)
    assert ("views_altered", one, None) in found and ("views_altered", two, None) in found
    assert ("gap", one, None) in found and ("view_closed", one, ACTOR_BODY) in found


def test_altered_seals_are_named(log):
    """The leaf commits to the seals; a changed one also does not open for its body."""
    log.append()
    record = log.stored[0].chain
    seals = list(record.seals)
    position = [seal.body for seal in seals].index("un-spt")
    seals[position] = replace(seals[position], sealed=seals[position].sealed[:-1] + b"\0")
    swap(log, 0, chain=replace(record, seals=tuple(seals)))
    assert codes(log.read("coe-cpt")[1]) == [("seals_altered", 0, None)]
    assert codes(log.read("un-spt")[1]) == [("seals_altered", 0, None), ("seal_closed", 0, None)]


def test_a_chain_that_leaves_a_body_out_is_named(log):
    """Who was a reader and is left out by a later chain would never see an act again."""
    log.append()
    del log.epochs["un-spt"]
    log.new_chains()
    assert codes(log.read("un-spt")[1]) == [("seal_missing", 2, None)]


def test_a_chain_of_another_day_is_named(log):
    """The day is bound into every seal, and is the leaf's."""
    log.append()
    leaf = log.stored[0].leaf
    swap(log, 0, leaf=ChainLeaf(60, leaf[9:41], leaf[41:]).data)
    assert codes(log.read("coe-cpt")[1]) == [("chain_day", 0, None)]


def test_an_entry_before_any_chain_is_named(log):
    """Nobody could ever read it."""
    entry = Entry.make("log:padding:append", {})
    noise = (bytes(1024),) * 4
    log.append_raw(entry, Views(noise))
    assert codes(log.read("un-spt")[1]) == [("entry_before_chain", 0, None)]


# Attacks by whoever writes the views


def forge(log, builder):
    """Append a leaf whose views `builder(turn)` made, as a dishonest writer could."""
    chains = log.chains or log.new_chains()
    with chains.begin() as turn:
        entry, views = builder(turn)
        turn.committed()
    return log.append_raw(entry, views)


def test_a_view_of_another_entry_is_named(log, readers, fields_for):
    """A view that tells its reader another story than the commitment."""

    def lie(turn):
        honest = Entry.make(PERMIT, fields_for(PERMIT))
        told = Entry.make(PERMIT, fields_for(PERMIT) | {"purpose": "archive"})
        shown = [honest, honest, told, honest]
        return honest, _seal(honest, readers.slots, shown, turn, (), OFFICES)

    index = forge(log, lie)
    assert codes(log.read("coe-cpt")[1]) == [("view_other_entry", index, OWNER)]
    for office in ("audit-cpt", "audit-spt"):
        assert codes(log.read(office)[1]) == [("other_view_differs", index, OWNER)]
    assert codes(log.read("un-spt")[1]) == []


@pytest.mark.parametrize(
    ("tag", "shown", "with_keys", "expected"),
    [
        (
            WITHHOLD,
            "eeee",
            (0,),
            {"un-spt": "view_misplaced", "coe-cpt": "view_misplaced", "audit-cpt": "other_view_differs"},
        ),
        (WITHHOLD, "eppp", (0,), {"coe-cpt": "view_misplaced", "audit-cpt": "other_view_differs"}),
        (WITHHOLD, "ep-w", (0,), {"un-spt": "view_misplaced", "audit-cpt": "other_view_differs"}),
        (WITHHOLD, "ep-l", (0,), {"un-spt": "view_misplaced", "audit-cpt": "other_view_differs"}),
        (WITHHOLD, "ep-p", (), {"audit-cpt": "keys_missing"}),
        (WITHHOLD, "ep-p", (0, 3), {"un-spt": "keys_misplaced", "audit-cpt": "other_view_differs"}),
        (WITHHOLD, "pp-p", (0,), {"audit-cpt": "view_misplaced"}),
        (PERMIT, "eeep", (0, 1), {"un-spt": "view_misplaced", "audit-spt": "other_view_differs"}),
        (PERMIT, "eeee", (0,), {"audit-spt": "keys_missing", "audit-cpt": "other_view_differs"}),
        (PERMIT, "eeee", (0, 1, 2), {"coe-cpt": "keys_misplaced", "audit-spt": "other_view_differs"}),
    ],
)
def test_a_view_with_too_much_or_too_little_is_named(tag, shown, with_keys, expected, log, readers, fields_for):
    """By its own reader and by the office with its key. e whole, p the due part, w a wider part, l a lesser, - a dummy."""

    def build(turn):
        entry = Entry.make(tag, fields_for(tag))
        kinds = {
            "e": entry,
            "p": entry.partial(PARTIAL_FIELDS),
            "w": entry.partial([*PARTIAL_FIELDS, "reason"]),
            "l": entry.partial(PARTIAL_FIELDS[:-1]),
            "-": None,
        }
        slots = [None if kind == "-" else reader for kind, reader in zip(shown, readers.slots, strict=True)]
        return entry, _seal(entry, slots, [kinds[kind] for kind in shown], turn, (), with_keys)

    forge(log, build)
    for body, code in expected.items():
        assert code in {finding.code for finding in log.read(body)[1]}, body


def test_other_signatures_in_another_view_are_named(log, readers, fields_for):
    """A signature shown to one and kept from another."""

    def build(turn):
        entry = Entry.make(PERMIT, fields_for(PERMIT))
        secrets = [turn.next_view_secret(reader) for reader in readers.slots]
        keys = [secret.key(entry.com) for secret in secrets]
        sealed = []
        for slot, secret in enumerate(secrets):
            others = tuple(key for i, key in enumerate(keys) if i != slot) if slot in OFFICES else ()
            body = ViewBody(entry, others, (bytes(64),) if slot != ACTOR_BODY else ())
            sealed.append(seal_view(secret.tag, keys[slot], body))
        return entry, Views(tuple(sealed))

    index = forge(log, build)
    assert codes(log.read("audit-cpt")[1]) == [("other_view_differs", index, ACTOR_BODY)]


def test_a_dummy_or_noise_under_a_readers_tag_is_named(log, readers, fields_for):
    """The tag says there is something to read; there is not."""

    def build(turn):
        entry = Entry.make(PERMIT, fields_for(PERMIT))
        secret = turn.next_view_secret("un-spt")
        dummy = seal_view(secret.tag, secret.key(entry.com), Dummy())
        return entry, Views((dummy, bytes(1024), bytes(1024), bytes(1024)))

    index = forge(log, build)
    assert codes(log.read("un-spt")[1]) == [("view_malformed", index, 0)]


def test_a_view_handed_to_the_wrong_body_is_named(log, fields_for):
    """A view in the owner's place for a body that is not the owner."""
    index = log.append(PERMIT, readers=Readers("audit-cpt", "audit-spt", "un-spt", "un-spt"))
    assert codes(log.read("un-spt")[1]) == [("view_misplaced", index, OWNER)]


def test_an_act_of_a_later_vocabulary_is_reported_and_not_skipped(log, monkeypatch):
    """A reader that is too old says at which leaf it stopped understanding."""
    index = log.append("access:matrix:read")
    import exchange.ledger.vocabulary as vocabulary

    monkeypatch.setattr(vocabulary, "ACTS", {t: a for t, a in vocabulary.ACTS.items() if t != "access:matrix:read"})
    records, findings = log.read("coe-cpt")
    assert records == [] and codes(findings) == [("act_unknown", index, OWNER)]


def test_every_finding_has_its_sentence():
    """A finding names leaf and view in words."""
    for code in FINDINGS:
        assert FINDINGS[code] in Finding(7, code, 1, "detail").sentence
    assert Finding(7, "gap", detail="x").sentence.startswith("leaf 7: views that should")
    assert Finding(7, "view_closed", 2).sentence.startswith("leaf 7, view 3: ")
