"""A small directory for tests of statements: officers of three bodies, one who left, one State authority."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from exchange.statements.consent import Consent
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.form import Link, Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.statements.lift import Lift
from exchange.statements.publication import Basis, Comments, Publication, PublicFile
from exchange.statements.publication_withdrawal import PublicationWithdrawal
from exchange.statements.recall import Recall
from exchange.statements.recall_answer import RecallAnswer
from exchange.statements.receipt import Receipt
from exchange.statements.release_request import ReleaseRequest
from exchange.statements.report_header import DirectoryHead, ReportHeader
from exchange.statements.signers import Signer, SignerBook
from exchange.statements.stop import Stop
from keys.signing import SigningKey

EXCHANGE = b"x" * 32
HEADER = b"h" * 32
NOW = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)
REPORT = "00010203-0405-4607-8809-0a0b0c0d0e0f"
PART = b"part-one"
STAMP = Stamp(NOW, EXCHANGE, b"n" * 16)
DIGESTS = tuple(bytes([n]) * 32 for n in range(8))


def key(name: str) -> SigningKey:
    """The signing key of a named officer."""
    return SigningKey(name.encode().ljust(32, b"."))


OFFICERS = {
    "anna": Signer(key("anna").public, b"anna".ljust(16, b"."), "coe-cpt"),
    "boris": Signer(key("boris").public, b"boris".ljust(16, b"."), "coe-cpt"),
    "chen": Signer(key("chen").public, b"chen".ljust(16, b"."), "un-spt"),
    "dina": Signer(key("dina").public, b"dina".ljust(16, b"."), "npm-xa"),
    "gone": Signer(key("gone").public, b"gone".ljust(16, b"."), "coe-cpt", ended_at=(1, 100)),
    "xa": Signer(key("xa").public, b"xa".ljust(16, b"."), "state:XA", authority_of=frozenset({"XA"})),
    # A second key of anna's: two keys are not two people.
    "anna-2": Signer(key("anna-2").public, b"anna".ljust(16, b"."), "coe-cpt"),
}
BY_KID = {key(name).key_id: signer for name, signer in OFFICERS.items()}
BOOK = SignerBook(EXCHANGE, BY_KID.get)


def at(n: int, index: int) -> SignerBook:
    """The book for a statement whose ticket puts it at (n, index)."""
    return replace(BOOK, place=(n, index))


HEADER_VALUE = ReportHeader(
    stamp=STAMP,
    report=REPORT,
    owner="coe-cpt",
    originators=("coe-cpt",),
    kind="visit_report",
    tier="confidential",
    regime="R1",
    visit="V1",
    reference="2026/7",
    source_label="CPT restricted",
    class_ordinal=2,
    adopted_on=date(2025, 7, 4),
    held_until=NOW,
    directory=DirectoryHead(1, 12, b"r" * 32),
    parts=DIGESTS,
    recipients=DIGESTS,
    links=DIGESTS,
)
STOP = Stop(STAMP, REPORT, HEADER)
LIFT = Lift(STAMP, REPORT, b"s" * 32)
RECALL = Recall(STAMP, REPORT, HEADER, PART, "withdrawal", b"i" * 16, date(2026, 4, 10))
ANSWER = RecallAnswer(Link(NOW, EXCHANGE, b"p" * 32), b"r" * 32, REPORT, PART, "un-spt", "destroyed")
REQUEST = ReleaseRequest(STAMP, REPORT, PART, "view", "follow_up")
RECEIPT = Receipt(STAMP, REPORT, PART, b"q" * 32, 1, 7)
GRANT = Grant(
    STAMP,
    REPORT,
    HEADER,
    (
        GrantRecipient("npm-xa", 1, b"k" * 32, PART, b"e" * 32),
        GrantRecipient("un-spt", 2, b"k" * 32, PART, b"f" * 32),
    ),
)
PROVISION: dict[str, Any] = {
    "actions": ["view", "download"],
    "adopted_from": None,
    "adopted_to": None,
    "effect": "permit",
    "embargo_event": None,
    "embargo_rule": "last",
    "embargo_until": None,
    "grantees": ["un-spt"],
    "languages": ["fr"],
    "purposes": None,
    "scope": "document",
    "scope_ref": REPORT,
    "time_scope": None,
    "valid_from": None,
    "valid_to": "2027-01-01",
    "variants": None,
}
INSTRUMENT: dict[str, Any] = {
    "amends": [],
    "authority_competent": True,
    "conditions": ["mark_copies", {"kind": "language_only", "parameter": ["fr"]}],
    "evidence": None,
    "form": "note_verbale",
    "kind": "specific",
    "provisions": [PROVISION],
    "received_on": "2026-03-01",
    "reference": "112/2026",
    "reply_by": None,
    "state": "XA",
    "supersedes": [],
    "undertaking": None,
}
INSTRUMENT_ID = b"i" * 16
RECORD = Consent(Link(NOW, EXCHANGE, None), INSTRUMENT_ID, "recorded", INSTRUMENT)
EVENT_BODY: dict[str, Any] = {"effective": None, "reason": None}
DECISION: dict[str, Any] = {
    "actions": ["view", "download"],
    "effect": "permit",
    "grantee": "un-spt",
    "kinds": None,
    "organisation": "coe-cpt",
    "parts": None,
    "states": None,
    "valid_from": None,
    "valid_to": None,
}
DETERMINATION = Determination(
    Link(NOW, EXCHANGE, None), ReportScope(REPORT, HEADER), None, "originator_decision", DECISION
)


def event(name: str, prev: bytes | None, **body: Any) -> Consent:
    """An event of the instrument."""
    return Consent(Link(NOW, EXCHANGE, prev), INSTRUMENT_ID, name, {**EVENT_BODY, **body})

PUBLIC_FILE = PublicFile("visit-report-xa-en.pdf", "application/pdf", 1_024, b"s" * 32)
PUBLICATION = Publication(
    stamp=STAMP,
    report=REPORT,
    header=HEADER,
    parts=(PART,),
    language="en",
    variant="original",
    rendition=PUBLIC_FILE,
    comments=Comments(replace(PUBLIC_FILE, name="comments-xa-fr.pdf"), "fr"),
    basis=Basis("request", (INSTRUMENT_ID,)),
)
PUBLICATION_WITHDRAWAL = PublicationWithdrawal(STAMP, REPORT, b"w" * 32)
OVERRIDE: dict[str, Any] = {
    "case": "opcat-16-4-report",
    "heard_on": "2026-03-01",
    "vote": {"abstaining": 1, "against": 2, "for": 6, "members": 10, "on": "2026-03-02"},
}
