"""Sealing a report into the spool, and making header and envelopes anew when directory or lock key have moved on.

A file is encrypted once. Whatever else becomes stale before the server has the report (an epoch, the lock key, the
clock) is made anew over the same ciphertext, from content keys that only this officer can open.
"""

import shutil
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from exchange.client.deposit_plan import CLASSES, PartPlan, Plan, held_until
from exchange.client.errors import FileFailedError
from exchange.client.progress import Meter
from exchange.client.recipients import lock_key, recipient, recipients
from exchange.client.regime import default_class, default_tier, regime_of
from exchange.client.session import Session
from exchange.client.standing import Also
from exchange.sealing import seal as sealing
from exchange.sealing import spool as spools
from exchange.sealing.deposit import check_deposit
from exchange.sealing.descriptor import LinkDescriptor
from exchange.sealing.envelope import SealTo
from exchange.sealing.errors import DiskError, SpoolDifferentError, SpoolMissingError
from exchange.sealing.package import Package
from exchange.sealing.pieces import padded_size
from exchange.sealing.seal import PartToSeal, Sealed, SealRequest
from exchange.sealing.spool import Spool, SpoolWriter
from exchange.sealing.unseal.content import open_kept_key
from exchange.statements import report_header
from exchange.statements.form import Stamp
from exchange.statements.report_header import DirectoryHead, ReportHeader

# The class of a kind for which none is laid down.
ORDINARY = CLASSES["confidential"]


@dataclass(frozen=True)
class Terms:
    """What a header says beside its lists: the plan, and what the originators' rules lay down where it says nothing.

    `also`: whom it goes to beside the plan's own addressees, by standing decisions.
    """

    plan: Plan
    regime: str
    tier: str
    class_ordinal: int
    also: tuple[Also, ...] = ()

    def bodies(self, owner: str, states: Sequence[str]) -> tuple[str, ...]:
        """Return who is a recipient of a part that concerns these States, each once; of a draft the makers alone."""
        makers = (owner, *(self.plan.originators or (owner,)))
        if self.plan.needs_approval:
            return tuple(dict.fromkeys(makers))
        also = [each.organisation for each in self.also if tuple(sorted(set(states))) in each.states]
        return tuple(dict.fromkeys((*makers, *self.plan.to, *also)))

    @classmethod
    def of(cls, plan: Plan, owner: str) -> "Terms":
        """Return the terms of a plan of this owner; RegimeUnknownError where it, or an originator, transmits nothing."""
        originators = plan.originators or (owner,)
        laid_down = default_class(originators, plan.kind)
        return cls(
            plan,
            regime_of(originators),
            plan.tier or default_tier(originators, plan.kind),
            plan.class_ordinal if plan.class_ordinal is not None else laid_down if laid_down is not None else ORDINARY,
        )


def find_spool(session: Session, fingerprint: bytes) -> Spool | None:
    """Return the finished spool of this plan, and remove what killed or damaged sealings of it left.

    A spool that is not as it was written is given up: a new report with new keys is due, and the person is told.
    """
    root = session.home.spool
    if spools.discard_unfinished(root, fingerprint):
        session.teller.say("client.sealing_anew")
    try:
        return spools.find(root, fingerprint)
    except (SpoolDifferentError, SpoolMissingError):
        for folder in root.glob(f"*.{fingerprint.hex()}"):
            shutil.rmtree(folder, ignore_errors=True)
        session.teller.say("client.spool_given_up")
        return None


def seal(session: Session, terms: Terms, fingerprint: bytes, meter: Meter) -> Spool:
    """Seal every part once and commit the spool; nothing is left of it when that fails.

    Raises RecipientWithoutKeyError, errors of `exchange.sealing`, FileFailedError.
    """
    plan, owner = terms.plan, session.organisation
    originators = plan.originators or (owner,)
    request = SealRequest(
        owner=owner,
        originators=originators,
        parts=[_part(plan, part) for part in plan.parts],
        recipients=_recipients(session, terms, owner, originators),
        lock_key=lock_key(session),
        keep_for=SealTo(session.officer.seal.public),
        links=[] if plan.responds_to is None else [LinkDescriptor("responds_to", plan.responds_to)],
    )
    total = sum(padded_size(part.size) for part in plan.parts)
    with SpoolWriter.begin(session.home.spool, uuid.uuid4().bytes, fingerprint) as writer:
        with meter.stage("client.sealing", total) as advance:
            sealed = sealing.seal(request, writer, advance)
        return writer.commit(_packaged(session, terms, sealed), session.officer.seal.key_id)


def _recipients(session: Session, terms: Terms, owner: str, originators: Sequence[str]) -> list[sealing.Recipient]:
    if terms.plan.needs_approval:
        return recipients(session, owner, originators, ())
    return recipients(session, owner, originators, terms.plan.to, {a.organisation: a.parts for a in terms.also})


def is_current(session: Session, terms: Terms, spool: Spool) -> bool:
    """Whether a spool was sealed to whom it is due now: the same bodies, each under its epoch and the lock key of the
    directory just verified. A standing decision may have been made or ended since.

    The server looks too; that it should is no reason to hand it envelopes for somebody who has left since.
    """
    sealed, directory = spool.package, session.directory
    named = [salted.value for salted in sealed.descriptors.recipients]
    due = {
        (body, salted.value.id)
        for salted in sealed.descriptors.parts
        for body in terms.bodies(session.organisation, salted.value.states)
    }
    if {(each.organisation, each.part) for each in named} != due:
        return False
    known = all(directory.has_organisation(each.organisation) for each in named)
    epochs = known and all(directory.is_current_epoch(each.organisation, each.epoch, each.key) for each in named)
    return epochs and all(locked.lock_key == directory.lock_key for locked in sealed.envelopes.values())


def renew(session: Session, terms: Terms, spool: Spool) -> Spool:
    """Put a new header and new envelopes over the same ciphertext: for the recipients, epochs, lock key, directory and
    clock of now.

    Raises RecipientWithoutKeyError where a recipient is no longer in the directory, EnvelopeError where the kept keys are
    another officer's.
    """
    old = spool.package
    keys = {part: open_kept_key(spool.kept_key(part), spool.report, part, session.officer.seal) for part in spool.parts}
    header, _ = report_header.parse(old.header)
    named = {
        salted.value.id: [recipient(session, body) for body in terms.bodies(header.owner, salted.value.states)]
        for salted in old.descriptors.parts
    }
    sealed = sealing.rewrap(old, spool.report, keys, header.owner, header.originators, named, lock_key(session))
    return spool.renew(_packaged(session, terms, sealed))


def _packaged(session: Session, terms: Terms, sealed: Sealed) -> Package:
    """Sign the header over what was sealed, and hold the whole to the rules the server will hold it to."""
    plan, directory = terms.plan, session.directory
    now = session.now()
    header = ReportHeader(
        stamp=Stamp.fresh(now, directory.exchange),
        report=str(uuid.UUID(bytes=sealed.report)),
        owner=sealed.owner,
        originators=tuple(sorted(sealed.originators)),
        kind=plan.kind,
        tier=terms.tier,
        regime=terms.regime,
        visit=plan.visit,
        reference=plan.reference,
        source_label=plan.source_label,
        class_ordinal=terms.class_ordinal,
        adopted_on=plan.adopted_on,
        held_until=held_until(plan, now),
        directory=DirectoryHead(directory.log("directory").n, directory.size, directory.log_root),
        parts=sealed.lists.parts,
        recipients=sealed.lists.recipients,
        links=sealed.lists.links,
    )
    statement = report_header.build(header).signed_by(session.officer.sign)
    made = sealed.package(statement.text)
    check_deposit(made, sealed.lists, sealed.owner, sealed.originators)
    return made


def _part(plan: Plan, part: PartPlan) -> PartToSeal:
    return PartToSeal(
        manifest=plan.manifest(part),
        open=partial(_open, part.file),
        states=part.states,
        language=part.language,
        variant=part.variant,
        personal_data=part.personal_data,
        regime=part.regime,
    )


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise FileFailedError(f"cannot be read: {error.strerror}", path=file) from error


def forget(spool: Spool) -> None:
    """Remove a spool that the server has; a folder that stays is found and removed with the next command."""
    with suppress(DiskError):
        spool.remove()
