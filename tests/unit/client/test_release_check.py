"""Step 3 of opening: whatever of a release answer does not prove its own entry is refused, and nothing is opened with it."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange.client.errors import AuditForkedError
from exchange.client.release_check import ReleaseAnswer, check_release
from exchange.client.report_errors import ReleaseNotProvenError
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import minute_of
from exchange.sealing.unseal.opening import ReleaseClaim
from exchange.statements import release_request
from exchange.statements.form import Stamp
from exchange.statements.release_request import ReleaseRequest
from exchange.transparency.errors import ProofError, SignatureError
from keys.encoding import b64u, format_time, parse_uuid
from keys.errors import MalformedError
from tests.unit.client.fake_log import VW, At, at

REPORT = "abcdef00-0000-4000-8000-000000000001"
PART = bytes(range(8))
ENVELOPE = bytes(1_168)
TAG = "access:release:permit"


class Release:
    """A request that was answered."""

    def __init__(self, here: At, **change: Any) -> None:
        """Ask, and enter the permit; `change` replaces fields of the entry."""
        self.here = here
        stamp = Stamp.fresh(here.world.now, here.session.directory.exchange)
        self.request = ReleaseRequest(stamp, REPORT, PART, "view", "follow_up")
        statement = release_request.build(self.request).signed_by(here.person.sign)
        envelope = hashlib.sha256(ENVELOPE).digest()
        self.claim = ReleaseClaim(parse_uuid(REPORT), PART, "view", "follow_up", statement.hash, envelope)
        self.fields = {
            "actor": here.person.id,
            "body": "un-spt",
            "owner": "coe-cpt",
            "report": REPORT,
            "part": b64u(PART),
            "action": "view",
            "purpose": "follow_up",
            "request": b64u(statement.hash),
            "envelope": b64u(envelope),
            "reason": "P_CONSENT",
            "asked": format_time(here.world.now),
            "nonce": b64u(stamp.nonce),
            **change,
        }
        self.since = here.session.audit.pinned
        self.index, self.entry = here.enter(TAG, self.fields)
        self.body = self.answer(self.entry)

    def answer(self, entry: Entry) -> dict[str, Any]:
        """Return the answer for an entry, with the proof of the leaf that was entered."""
        return {
            "n": 1,
            "index": self.index,
            "time": format_time(self.here.world.now.replace(second=0)),
            "vw": b64u(VW),
            "seed": b64u(entry.seed),
            "act": TAG,
            "values": list(entry.values),
            "envelope": b64u(ENVELOPE),
            "size": len(self.here.server.audit),
            **self.here.proof(self.index, self.since.size),
        }

    def check(self, **change: Any) -> int:
        """Check the answer with some members replaced; return the entry's index."""
        answer = ReleaseAnswer.read({**self.body, **change}, self.since)
        return check_release(self.here.session, answer, self.claim, self.request, "coe-cpt").index


@pytest.fixture
def here(tmp_path: Path) -> At:
    """An SPT officer."""
    return at(tmp_path / "home")


def test_an_honest_answer_is_proven_and_becomes_the_pin(here: At) -> None:
    """The entry is ours, included, signed; the log in it is the newest this home has seen."""
    release = Release(here)
    assert release.check() == release.index
    assert here.session.audit.pinned.size == len(here.server.audit)
    here.later(1)
    following = Release(here)
    assert following.since.size and following.check() == following.index


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actor", b64u(bytes(16))),
        ("body", "coe-cpt"),
        ("owner", "un-spt"),
        ("report", "abcdef00-0000-4000-8000-000000000002"),
        ("part", b64u(bytes(8))),
        ("action", "download"),
        ("purpose", "protection"),
        ("request", b64u(bytes(32))),
        ("envelope", b64u(bytes(32))),
        ("asked", "2026-03-02T09:00:01Z"),
        ("nonce", b64u(bytes(16))),
    ],
)
def test_an_entry_that_says_something_else_is_refused(here: At, field: str, value: str) -> None:
    """The log may hold it and prove it: it does not say that *this* request got *this* envelope, so it does not count."""
    with pytest.raises(ReleaseNotProvenError) as caught:
        Release(here, **{field: value}).check()
    assert caught.value.values["field"] == field


def test_a_withholding_is_no_permit(here: At) -> None:
    """An entry of another act never opens anything."""
    release = Release(here)
    values = ["access:release:withhold", *release.entry.values[1:]]
    with pytest.raises(ReleaseNotProvenError):
        release.check(values=values)
    with pytest.raises(ReleaseNotProvenError):
        release.check(values=["something:else:entirely", *release.entry.values[1:]])


def test_an_entry_that_is_not_in_the_log_is_refused(here: At) -> None:
    """Another seed, another views' hash, another place, a cut proof: the leaf is not under the signed root."""
    release = Release(here)
    for change in (
        {"seed": b64u(bytes(32))},
        {"vw": b64u(bytes(32))},
        {"index": release.index - 1},
        {"inclusion": release.body["inclusion"][:-1]},
    ):
        with pytest.raises(ProofError):
            release.check(**change)


def test_another_log_or_an_unsigned_one_is_refused(here: At) -> None:
    """The number is that of the log that `root` names, and both its keys have signed."""
    release = Release(here)
    with pytest.raises(ReleaseNotProvenError):
        release.check(n=2)
    note = release.body["checkpoint"]
    cut = note[: note.rindex("\n", 0, -1) + 1]
    with pytest.raises(SignatureError):
        release.check(checkpoint=cut)


def test_a_history_that_does_not_continue_ours_is_refused(here: At) -> None:
    """After one release was proven, another history is a fork, however well it is signed."""
    Release(here).check()
    here.server.audit[0] = b"another first entry"
    with pytest.raises(AuditForkedError):
        Release(here).check()


@pytest.mark.parametrize("minutes", [-7, 7])
def test_an_entry_of_another_hour_is_refused(here: At, minutes: int) -> None:
    """More than five minutes from this machine's clock, either way."""
    release = Release(here)
    entered = minute_of(here.world.now) + 60 * minutes
    with pytest.raises(ReleaseNotProvenError) as caught:
        release.check(time=format_time(datetime.fromtimestamp(entered, UTC)))
    assert caught.value.values["field"] == "time"


@pytest.mark.parametrize(
    "missing", ["n", "index", "seed", "values", "envelope", "checkpoint", "inclusion", "vw", "time"]
)
def test_an_answer_that_lacks_something_is_malformed(here: At, missing: str) -> None:
    """And so is one whose values are not sixteen; members we do not know are passed over."""
    body = Release(here).body
    cut = {name: value for name, value in body.items() if name != missing}
    with pytest.raises(MalformedError):
        ReleaseAnswer.read(cut, here.session.audit.pinned)
    with pytest.raises(MalformedError):
        ReleaseAnswer.read({**body, "values": []}, here.session.audit.pinned)
    assert ReleaseAnswer.read({**body, "more": 1}, here.session.audit.pinned).index == body["index"]
