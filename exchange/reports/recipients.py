"""To whom an envelope may be made at all: what holds for the recipients of a header and of a later grant alike.

These are bounds on what the server keeps, not the decision who may read: that is made anew at each release.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exchange.reports.errors import RecipientNotPermittedError, RecipientUnknownError, StaleEpochError
from keys.replay_directory import Directory
from policies import vocabulary as words

ALERT: Final = "alert"
EVIDENCE: Final = "evidence"


@dataclass(frozen=True)
class Addressed:
    """A body, the epoch and key its envelope was made for, and the part."""

    organisation: str
    epoch: int
    key: bytes
    part: bytes


@dataclass(frozen=True)
class Document:
    """What bears on its recipients: owner, kind, tier, and the States of each part by the part's id."""

    owner: str
    kind: str
    tier: str
    states: Mapping[bytes, tuple[str, ...]]

    @property
    def is_alert(self) -> bool:
        """Whether it is about a person at risk."""
        return self.tier == ALERT or self.kind == words.ALERT_KIND


def check_recipients(directory: Directory, document: Document, recipients: Iterable[Addressed]) -> None:
    """Hold recipients to these rules, for each but the owner:

    1. the directory has the body, and it has an epoch (RecipientUnknownError);
    2. epoch and key are its current ones, the owner's too (StaleEpochError, naming every body concerned);
    3. an alert goes to no State; evidence to the States of the part and the owner's audit office alone, and nothing else
       to an audit office (RecipientNotPermittedError).
    """
    listed = tuple(recipients)
    for each in listed:
        if not directory.has_organisation(each.organisation) or directory.current_epoch(each.organisation) is None:
            raise RecipientUnknownError(f"no body '{each.organisation}' that could be sealed to")
    stale = [each for each in listed if not directory.is_current_epoch(each.organisation, each.epoch, each.key)]
    if stale:
        raise StaleEpochError("an envelope is not for its body's current epoch", {each.organisation for each in stale})
    for each in listed:
        if each.organisation != document.owner and not _permitted(directory, document, each):
            raise RecipientNotPermittedError(f"'{each.organisation}' can be no recipient of this document")


def _permitted(directory: Directory, document: Document, each: Addressed) -> bool:
    kind = directory.organisation(each.organisation).kind
    if document.is_alert and words.is_state(each.organisation, kind):
        return False
    if document.tier == EVIDENCE:
        by_statute = {words.STATE_PREFIX + state for state in document.states.get(each.part, ())}
        by_statute.add(directory.audit_office(document.owner) or document.owner)
        return each.organisation in by_statute
    return kind != "audit"
