"""What a header may declare: owner and originator, regime, kind, tier, days. Each rule has its error; none opens anything."""

from datetime import date, datetime, timedelta
from typing import Final

from exchange.reports import regimes
from exchange.reports.deposit import Deposit
from exchange.reports.errors import (
    AdoptedOnError,
    ApprovalRequiredError,
    KindNotExchangedError,
    KindUnknownError,
    NoRegimeError,
    OwnerNotOriginatorError,
    RegimeWrongError,
    StaleDirectoryError,
    UploadTooLargeError,
)
from exchange.reports.recipients import EVIDENCE, Addressed, Document, check_recipients
from exchange.statements.report_header import ReportHeader
from exchange.statements.signers import CLOCK_TOLERANCE
from exchange.web.errors import ClockOffError
from keys.replay_directory import Directory
from policies import vocabulary as words

# A package may travel to a machine with a network before it is sent; a header older than this is made anew.
OLDEST_HEADER: Final = timedelta(days=30)
# Kinds of document that can be the evidence of a State's declaration (domain facts, section 3.2).
EVIDENCE_KINDS: Final = ("note_verbale", "exchange_of_letters", "mou")

# Who approves is another officer than who transmits.
OFFICERS_OF_AN_APPROVED: Final = 2

_A_DAY: Final = timedelta(days=1)


def check_time(header: ReportHeader, now: datetime) -> None:
    """Hold the header's time: at most five minutes ahead of the server's clock, at most 30 days behind (ClockOffError)."""
    stated = header.stamp.time
    if stated - now > CLOCK_TOLERANCE or now - stated > OLDEST_HEADER:
        raise ClockOffError("a header's time is too far from the server's clock", now)


def check_directory_head(header: ReportHeader, number: int, size: int, root: bytes | None) -> None:
    """Hold the header to our directory: the log's `number`, a size within ours, and `root`, which ours had at that size.

    StaleDirectoryError: whoever made the header has verified another directory than this server has.
    """
    head = header.directory
    if head.n != number or head.size > size or head.root != root:
        raise StaleDirectoryError("the header was made with a directory that this server does not have")


def check_header(deposit: Deposit, today: date) -> None:
    """Hold a header to these rules, in this order:

    1. the owner made the document (OwnerNotOriginatorError; more than one originator was refused with the signature);
    2. a regime is laid down for the owner and is the one named; a part has none of its own, or R1, which is the
       strictest (NoRegimeError, RegimeWrongError);
    3. the owner issues documents of this kind, and they are exchanged (KindUnknownError, KindNotExchangedError); evidence
       is a note, a letter or an agreement (KindNotExchangedError);
    4. the day of adoption is given and has come, wherever on earth (AdoptedOnError).
    """
    header = deposit.header
    if header.owner not in header.originators:
        raise OwnerNotOriginatorError("the owner is not an originator of the report")
    laid_down = regimes.regime_of(header.owner)
    if laid_down is None:
        raise NoRegimeError(f"no regime is laid down for '{header.owner}': it transmits no documents")
    own = {part.regime for part in deposit.parts}
    if header.regime != laid_down or not own <= {None, regimes.STATE_LIFTED, laid_down}:
        raise RegimeWrongError(f"the regime of '{header.owner}' is {laid_down}")
    if header.kind in words.NEVER_EXCHANGED:
        raise KindNotExchangedError(f"documents of kind '{header.kind}' are not exchanged")
    kind = regimes.kind_of(header.owner, header.kind)
    if kind is None:
        raise KindUnknownError(f"'{header.owner}' issues no documents of kind '{header.kind}'")
    if not regimes.is_exchanged(kind) or (header.tier == EVIDENCE and header.kind not in EVIDENCE_KINDS):
        raise KindNotExchangedError(f"documents of kind '{header.kind}' are not exchanged like this")
    if header.adopted_on is None or header.adopted_on > today + _A_DAY:
        raise AdoptedOnError("a report names the day of its adoption, which has come")


def check_approval(deposit: Deposit, needed: bool, directory: Directory) -> None:
    """Hold a report of a body that has its transmissions approved: two officers signed its header, or it names no other body,
    and grants, which take two, name them later (ApprovalRequiredError). Evidence is confirmed with what it proves."""
    header = deposit.header
    others = {each.organisation for each in deposit.recipients} - {header.owner}
    officers = {officer.id for officer in map(directory.officer_at, deposit.statement.kids) if officer is not None}
    if needed and others and len(officers) < OFFICERS_OF_AN_APPROVED and header.tier != EVIDENCE:
        raise ApprovalRequiredError("a transmission of this body is approved by a second officer")


def check_size(deposit: Deposit, most_bytes: int) -> None:
    """UploadTooLargeError where the parts together are over `most_bytes`."""
    if sum(part.size for part in deposit.parts) > most_bytes:
        raise UploadTooLargeError(f"the parts of a report are over {most_bytes} bytes together")


def check_addressed(deposit: Deposit, directory: Directory) -> None:
    """Hold the header's recipients to `recipients.check_recipients`."""
    header = deposit.header
    states = {part.id: part.states for part in deposit.parts}
    document = Document(header.owner, header.kind, header.tier, states)
    check_recipients(
        directory, document, [Addressed(r.organisation, r.epoch, r.key, r.part) for r in deposit.recipients]
    )
