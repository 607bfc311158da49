"""Which event may follow which status, and who may sign it (docs/spec/consent.md, the life of an instrument).

Guards look at everything recorded, whether or not it acts yet: a withdrawal of an agreement that begins next month is
possible today. Opening takes two people; whatever closes takes one and acts at once.
"""

from collections.abc import Mapping
from typing import Final

from exchange.consents.errors import ComputedEventError, KeeperError, TransitionError
from exchange.statements import consent as consents
from exchange.statements.signers import Signer
from keys.replay_directory import Directory
from policies import status

# From the status that the recorded events lead to. What ends may be said a second time, by another person: no one person
# ends what an instrument excludes (docs/spec/consent.md, a deny).
ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "requested": frozenset({status.RECORDED}),
    "deferred": frozenset({status.PENDING}),
    "granted": frozenset({status.RECORDED, status.PENDING}),
    "partially_granted": frozenset({status.RECORDED, status.PENDING}),
    "refused": frozenset({status.RECORDED, status.PENDING}),
    "rejected": frozenset({status.RECORDED, status.PENDING, status.REJECTED}),
    "suspended": frozenset({status.IN_FORCE}),
    "disputed": frozenset({status.IN_FORCE, status.SUSPENDED}),
    "resumed": frozenset({status.SUSPENDED}),
    "withdrawn": frozenset({status.IN_FORCE, status.SUSPENDED, status.WITHDRAWN}),
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
