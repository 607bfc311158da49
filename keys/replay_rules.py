"""The rule of each kind (docs/spec/directory.md, section 6): what must hold, who must have signed, what it changes.

Each rule checks its content first and its signers last, so SignersMissingError means that signatures are all that is
missing. `signers` are key ids whose signatures were verified and whose keys are good; `statement_hash` is the statement's.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from keys.directory_authority import AuditOffice, AuthorityAdd
from keys.directory_bodies import AUDIT, EpochAdd, FocalPoints, OrganisationAdd
from keys.directory_kinds import Kind
from keys.directory_officers import OfficerEnrol, OfficerLeave, OfficerMandate
from keys.directory_payload import NamedOfficer
from keys.directory_root import Root
from keys.replay_errors import (
    DuplicateKeyError,
    DuplicateOfficerError,
    DuplicateOrganisationError,
    EpochNumberError,
    GuardianNeededError,
    KeyNotGoodError,
    LastFocalPointError,
    MandateWidensError,
    SeatCountError,
    SignersMissingError,
    TwoBodiesError,
    UnexpectedSignerError,
    UnknownLogError,
    WrongKindOfBodyError,
)
from keys.replay_records import Authority, Ended, Epoch, Mandate, Officer, Organisation
from keys.replay_state import State


def apply_rule(state: State, kind: Kind, signers: frozenset[bytes], statement_hash: bytes, logged: datetime) -> None:
    """Check `kind` against its rule and write what it says into `state`; a ReplayError for each rule broken."""
    if isinstance(kind, Root):
        _root(state, kind, signers, statement_hash)
    elif isinstance(kind, OrganisationAdd):
        _organisation_add(state, kind, signers, statement_hash)
    elif isinstance(kind, FocalPoints):
        _focal_points(state, kind, signers)
    elif isinstance(kind, EpochAdd):
        _epoch(state, kind, signers, logged)
    elif isinstance(kind, OfficerEnrol):
        _enrol(state, kind, signers)
    elif isinstance(kind, OfficerMandate):
        _mandate(state, kind, signers)
    elif isinstance(kind, OfficerLeave):
        _leave(state, kind, signers)
    elif isinstance(kind, AuditOffice):
        _audit_office(state, kind, signers)
    else:
        _authority(state, kind, signers)


def newly_named(kind: Kind) -> frozenset[bytes]:
    """Return the signing keys a statement itself names and that sign it: founders, first focal points, a joiner."""
    if isinstance(kind, Root):
        return frozenset(founder.sign for founder in kind.founders)
    if isinstance(kind, OrganisationAdd):
        return frozenset(officer.sign for officer in kind.focal_points)
    if isinstance(kind, OfficerEnrol):
        return frozenset({kind.officer.sign})
    return frozenset()


def _root(state: State, root: Root, signers: frozenset[bytes], statement_hash: bytes) -> None:
    if len({founder.officer for founder in root.founders}) != len(root.founders):
        raise DuplicateOfficerError("a founder is named twice")
    state.root, state.exchange = root, statement_hash
    state.take_key(root.lock_key, "lock")
    for founder in root.founders:
        state.founders[founder.officer] = founder
        state.take_officer_keys(founder)
    _need_all(signers, newly_named(root))
    _only(signers, newly_named(root))


def _organisation_add(state: State, add: OrganisationAdd, signers: frozenset[bytes], statement_hash: bytes) -> None:
    if add.organisation in state.organisations:
        raise DuplicateOrganisationError(f"the directory has the body '{add.organisation}' already")
    state.organisations[add.organisation] = Organisation(
        id=add.organisation,
        kind=add.kind,
        state=add.state,
        added=statement_hash,
        added_index=state.index,
        focal_points=tuple(sorted(officer.officer for officer in add.focal_points)),
        officers=(),
    )
    for officer in add.focal_points:
        state.enrol(_member(officer, add.organisation, state.index))
    named = newly_named(add)
    founders = _founder_keys(state)
    _only(signers, named | founders)
    _need_all(signers, named)
    _need_quorum(state, signers)


def _focal_points(state: State, change: FocalPoints, signers: frozenset[bytes]) -> None:
    body = state.organisation(change.organisation)
    for officer in change.focal_points:
        state.member(officer, body.id)
    if len(body.focal_points) < 2:
        raise GuardianNeededError(f"'{body.id}' has a single focal point, and guardian bodies do not exist yet")
    _need_focal_points(state, body, signers, 2)
    state.organisations[body.id] = replace(body, focal_points=tuple(sorted(change.focal_points)))


def _epoch(state: State, new: EpochAdd, signers: frozenset[bytes], logged: datetime) -> None:
    body = state.organisation(new.organisation)
    due = len(body.epochs) + 1
    if new.epoch != due:
        raise EpochNumberError(f"epoch {new.epoch} of '{body.id}' where epoch {due} is due")
    if new.seat_count != len(body.officers):
        raise SeatCountError(f"{new.seat_count} seats for {len(body.officers)} active officers of '{body.id}'")
    state.take_key(new.key, "epoch", organisation=body.id)
    _need_focal_points(state, body, signers, 1)
    epoch = Epoch(new.epoch, new.key, new.seats_root, body.officers, state.index, logged)
    state.organisations[body.id] = replace(body, epochs=(*body.epochs, epoch))
    state.epoch_due = None


def _enrol(state: State, enrol: OfficerEnrol, signers: frozenset[bytes]) -> None:
    body = state.organisation(enrol.organisation)
    state.enrol(_member(enrol.officer, body.id, state.index))
    _need_all(signers, newly_named(enrol))
    _need_focal_points(state, body, signers, 1, also=newly_named(enrol))


def _mandate(state: State, new: OfficerMandate, signers: frozenset[bytes]) -> None:
    body = state.organisation(new.organisation)
    officer = state.member(new.officer, body.id)
    is_focal_point = officer.id in body.focal_points
    if new.focal_point and not is_focal_point:
        raise MandateWidensError("a mandate makes a focal point of an officer who is not one")
    if is_focal_point and not new.focal_point:
        _keep_one(body)
    _need_focal_points(state, body, signers, 1)
    mandate = Mandate(new.focal_point, new.valid_from, new.valid_to, new.private, state.index)
    state.officers[officer.id] = replace(officer, mandate=mandate)
    if not new.focal_point:
        state.organisations[body.id] = replace(body, focal_points=_without(body.focal_points, officer.id))


def _leave(state: State, leave: OfficerLeave, signers: frozenset[bytes]) -> None:
    body = state.organisation(leave.organisation)
    officer = state.member(leave.officer, body.id)
    if state.root is None or leave.ended_at.n != state.root.logs["audit"].n:
        raise UnknownLogError(f"the directory names no audit log {leave.ended_at.n}")
    if officer.id in body.focal_points:
        _keep_one(body)
    _need_focal_points(state, body, signers, 1)
    state.officers[officer.id] = replace(officer, ended=Ended(state.index, leave.ended_at))
    state.organisations[body.id] = replace(
        body,
        focal_points=_without(body.focal_points, officer.id),
        officers=_without(body.officers, officer.id),
    )
    state.epoch_due = body.id


def _audit_office(state: State, choice: AuditOffice, signers: frozenset[bytes]) -> None:
    body = state.organisation(choice.organisation)
    office = state.organisation(choice.office)
    if office.kind != AUDIT:
        raise WrongKindOfBodyError(f"'{office.id}' is not an audit office")
    _need_focal_points(state, body, signers, 1)
    state.organisations[body.id] = replace(body, audit_office=office.id)


def _authority(state: State, add: AuthorityAdd, signers: frozenset[bytes]) -> None:
    body = state.organisation(add.organisation)
    officer = state.member(add.officer, body.id)
    if officer.sign != add.sign:
        raise KeyNotGoodError("the authority's key is not the officer's signing key")
    _only(signers, _founder_keys(state))
    _need_quorum(state, signers)
    if len({founder.organisation for founder in state.founders.values() if founder.sign in signers}) < 2:
        raise TwoBodiesError("an authority is confirmed by founders of two bodies")
    authority = Authority(body.id, add.treaty, officer.id, officer.sign, add.valid_from, add.valid_to, state.index)
    state.authorities[body.id] = (*state.authorities.get(body.id, ()), authority)


def _member(named: NamedOfficer, organisation: str, index: int) -> Officer:
    if len({named.sign, named.seal, named.stop}) != 3:
        raise DuplicateKeyError("an officer names one key for two uses")
    return Officer(named.officer, organisation, named.sign, named.seal, named.stop, named.profile, index)


def _without(officers: tuple[bytes, ...], gone: bytes) -> tuple[bytes, ...]:
    return tuple(officer for officer in officers if officer != gone)


def _keep_one(body: Organisation) -> None:
    if len(body.focal_points) < 2:
        raise LastFocalPointError(f"'{body.id}' would be left without a focal point")


def _founder_keys(state: State) -> frozenset[bytes]:
    """The founders' keys; those whose officer left cannot be among the signers, so they need no thought here."""
    return frozenset(founder.sign for founder in state.founders.values())


def _need_quorum(state: State, signers: frozenset[bytes]) -> None:
    quorum = state.root.quorum if state.root else 0
    count = len(signers & _founder_keys(state))
    if count < quorum:
        raise SignersMissingError(f"signed by {count} of the {quorum} founders due")


def _need_focal_points(
    state: State, body: Organisation, signers: frozenset[bytes], due: int, also: Iterable[bytes] = ()
) -> None:
    focal_keys = frozenset(state.officers[officer].sign for officer in body.focal_points)
    _only(signers, focal_keys | frozenset(also))
    count = len(signers & focal_keys)
    if count < due:
        raise SignersMissingError(f"signed by {count} of the {due} focal points of '{body.id}' due")


def _need_all(signers: frozenset[bytes], due: frozenset[bytes]) -> None:
    if not due <= signers:
        raise SignersMissingError(f"signed by {len(due & signers)} of the {len(due)} keys it names")


def _only(signers: frozenset[bytes], permitted: frozenset[bytes]) -> None:
    if not signers <= permitted:
        raise UnexpectedSignerError("signed by an officer who has no part in this statement")
