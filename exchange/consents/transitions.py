"""Which event may follow which status, and who may sign it (docs/spec/consent.md, section 8).

Guards look at everything recorded, whether or not it acts yet: a withdrawal of an agreement that begins next month is
possible today. Opening takes two people; whatever closes takes one and acts at once.
"""

from collections.abc import Mapping
from typing import Final

from exchange.consents.errors import ComputedEventError, FindingError, KeeperError, TransitionError
from exchange.consents.register import Registered
from exchange.statements import consent as consents
from exchange.statements.signers import Signer
from keys.encoding import b64u
from keys.replay_directory import Directory
from policies import status

# What was in force may be closed whatever has been recorded since: a suspension, withdrawal or finding that acts on a later
# day must not keep anybody from closing today.
_CLOSABLE: Final = frozenset({status.IN_FORCE, status.SUSPENDED, status.WITHDRAWN, status.INVALIDATED})

# From the status that the recorded events lead to. What ends may be said a second time, by another person: no one person
# ends what an instrument excludes (docs/spec/consent.md, a deny).
ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "requested": frozenset({status.RECORDED}),
    "deferred": frozenset({status.PENDING}),
    "granted": frozenset({status.RECORDED, status.PENDING}),
    "partially_granted": frozenset({status.RECORDED, status.PENDING}),
    "refused": frozenset({status.RECORDED, status.PENDING}),
    "rejected": frozenset({status.RECORDED, status.PENDING, status.REJECTED}),
    "suspended": _CLOSABLE,
    "disputed": _CLOSABLE,
    "resumed": frozenset({status.SUSPENDED}),
    "withdrawn": _CLOSABLE,
    "invalidated": frozenset({status.IN_FORCE, status.SUSPENDED, status.REFUSED, status.INVALIDATED}),
}
# Nobody signs these: the clock lapses an instrument, and another instrument's `supersedes` replaces it.
COMPUTED: Final = frozenset({"lapsed", "superseded"})
# What closes: any officer of the recorder's body, at any hour.
CLOSING: Final = frozenset({"suspended", "disputed", "withdrawn"})
KEEPERS: Final = frozenset({"mechanism", "secretariat"})


def check_follows(event: str, state: str) -> None:
    """TransitionError unless `event` may follow `state`; ComputedEventError for one that is never signed."""
    if event in COMPUTED:
        raise ComputedEventError(f"'{event}' follows from other facts and is not recorded by hand")
    if state not in ALLOWED[event]:
        raise TransitionError(f"'{event}' cannot follow '{state}'")


def check_recorder(directory: Directory, signer: Signer, state: str) -> None:
    """Recording: an authority of the State, or a focal point of a mechanism or secretariat; KeeperError otherwise."""
    if consents.by_state(signer, state):
        return
    kind = directory.organisation(signer.organisation).kind
    if kind not in KEEPERS or not directory.is_focal_point(signer.officer):
        raise KeeperError("the register is kept by focal points of mechanisms and secretariats")


def check_keeper(directory: Directory, signer: Signer, state: str, recorder_body: str, event: str) -> None:
    """Any later event: an authority of the State, or the recorder's body; what does not close, a focal point of it."""
    if consents.by_state(signer, state):
        return
    if signer.organisation != recorder_body:
        raise KeeperError("an instrument is kept by the body that recorded it, and by its State")
    if event not in CLOSING and not directory.is_focal_point(signer.officer):
        raise KeeperError("only a focal point may record this")


def check_resumes(signer: Signer, state: str) -> None:
    """KeeperError unless an authority of the State resumes what that State's authority itself suspended or disputed."""
    if not consents.by_state(signer, state):
        raise KeeperError("what the State itself suspended or disputed, the State itself resumes")


def check_finding(signer: Signer, found: Registered) -> None:
    """FindingError where one person alone would find void what replaced others: those would stand again.

    So another officer has closed it before (suspended, disputed, withdrawn, or found it void, whenever that acts), or an
    authority of the State says so itself. What replaced nothing only closes, and one person is enough.
    """
    if consents.by_state(signer, found.row.state) or not found.instrument.supersedes:
        return
    officer = b64u(signer.officer)
    if not any(each.type in (*CLOSING, "invalidated") and each.by != officer for each in found.events):
        raise FindingError("what replaced others is found void by two people")
