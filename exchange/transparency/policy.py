"""C2SP tlog-policy: which logs a reader knows, and whose cosignatures it wants (https://c2sp.org/tlog-policy).

A policy is a value: the text is read by `policy_text`, a checkpoint judged by `evaluate`. A log's ML-DSA-44 key stands in
it as a witness named, in its key, as the log's origin, so that any tool can hold a checkpoint to both of the log's keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from exchange.transparency.errors import LogFormatError, UnknownLogError
from exchange.transparency.log_keys import LogPublicKeys
from exchange.transparency.vkey import KeyType, Vkey

NONE: Final = "none"
LOG_GROUP: Final = "log"
VERIFIER_GROUP: Final = "verifiers"
BOTH_GROUP: Final = "both"
MAX_LINES_OF_A_KIND: Final = 64


@dataclass(frozen=True)
class Log:
    """A `log` line: the log's Ed25519 key, named as its origin; a URL if the line has one."""

    vkey: Vkey
    url: str | None = None


@dataclass(frozen=True)
class Witness:
    """A `witness` line: the name it has in this policy, its key, a URL if the line has one."""

    name: str
    vkey: Vkey
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """A `group` line: it has cosigned when at least `threshold` of its members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Logs, witnesses, groups (each after its members) and the name of the quorum; LogFormatError when not a policy."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def __post_init__(self) -> None:
        """Check what tlog-policy asks for, so that no other policy can exist."""
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_LINES_OF_A_KIND:
            raise LogFormatError(f"a policy with over {MAX_LINES_OF_A_KIND} logs, witnesses or groups")
        if any(log.vkey.type is not KeyType.ED25519 for log in self.logs):
            raise LogFormatError("a log line in a policy holds an Ed25519 key")
        if any(witness.vkey.type is KeyType.ED25519 for witness in self.witnesses):
            raise LogFormatError("a witness line in a policy holds a cosignature key")
        _check_distinct([log.vkey for log in self.logs])
        _check_distinct([witness.vkey for witness in self.witnesses])
        _check_names(self)

    def log_keys(self, origin: str) -> LogPublicKeys:
        """Return both keys of a log; UnknownLogError unless the policy has exactly one of each kind under this origin."""
        plain = [log.vkey for log in self.logs if log.vkey.name == origin]
        timed = [
            witness.vkey
            for witness in self.witnesses
            if witness.vkey.name == origin and witness.vkey.type is KeyType.MLDSA44
        ]
        if len(plain) != 1 or len(timed) != 1:
            raise UnknownLogError(f"not exactly one key of each kind for the log '{origin}'")
        return LogPublicKeys(plain[0], timed[0])

    def is_own(self, witness: Witness) -> bool:
        """Whether a witness is one of the policy's logs itself: by the name of its key, or by the key."""
        return any(witness.vkey.name == log.vkey.name or witness.vkey.public == log.vkey.public for log in self.logs)

    def own_keys_suffice(self) -> bool:
        """Whether the logs alone could meet the quorum: then meeting it says nothing that a log did not say itself."""
        return (
            self.quorum == NONE or self.quorum_time({w.name: 1 for w in self.witnesses if self.is_own(w)}) is not None
        )

    def quorum_time(self, times: Mapping[str, int]) -> int | None:
        """Return when the quorum was first met, given when each witness (by its name here) cosigned; None if not met.

        A group is met at the time of its `threshold`-th earliest member. With `quorum none` there is no such time.
        """
        met = dict(times)
        for group in self.groups:
            members = sorted(met[name] for name in group.members if name in met)
            if len(members) >= group.threshold:
                met[group.name] = members[group.threshold - 1]
        return met.get(self.quorum)


def make_policy(
    logs: Sequence[LogPublicKeys], verifiers: Sequence[Witness] = (), threshold: int | None = None
) -> Policy:
    """Return the policy of this project for these logs: `quorum log`, or with verifiers `quorum both`.

    `threshold` says how many verifiers are wanted, all when None. A log's witness is named after the last two elements of
    its origin ("audit-1"). LogFormatError when names collide or the threshold cannot be met.
    """
    own = tuple(Witness("-".join(keys.origin.split("/")[-2:]), keys.mldsa44) for keys in logs)
    groups = [Group(LOG_GROUP, 1, tuple(witness.name for witness in own))]
    if verifiers:
        wanted = len(verifiers) if threshold is None else threshold
        groups.append(Group(VERIFIER_GROUP, wanted, tuple(witness.name for witness in verifiers)))
        groups.append(Group(BOTH_GROUP, 2, (LOG_GROUP, VERIFIER_GROUP)))
    return Policy(tuple(Log(keys.ed25519) for keys in logs), (*own, *verifiers), tuple(groups), groups[-1].name)


def without_mldsa44(policy: Policy) -> Policy:
    """Return the policy without its ML-DSA-44 keys, for tools that know Ed25519 alone; our own readers refuse it.

    A group keeps its threshold, at most the members it has left; an empty group goes; a quorum that went is `none`.
    """
    witnesses = tuple(witness for witness in policy.witnesses if witness.vkey.type is not KeyType.MLDSA44)
    names = {witness.name for witness in witnesses}
    groups = []
    for group in policy.groups:
        members = tuple(name for name in group.members if name in names)
        if members:
            groups.append(Group(group.name, min(group.threshold, len(members)), members))
            names.add(group.name)
    return Policy(policy.logs, witnesses, tuple(groups), policy.quorum if policy.quorum in names else NONE)


def _check_distinct(vkeys: Sequence[Vkey]) -> None:
    if len({vkey.public for vkey in vkeys}) != len(vkeys):
        raise LogFormatError("a policy with the same public key twice")
    if len({(vkey.name, vkey.key_id) for vkey in vkeys}) != len(vkeys):
        raise LogFormatError("a policy with two keys of the same name and id")


def _check_names(policy: Policy) -> None:
    defined: set[str] = set()
    used: set[str] = set()
    for name, members, threshold in (
        *((witness.name, (), 0) for witness in policy.witnesses),
        *((group.name, group.members, group.threshold) for group in policy.groups),
    ):
        if not name or name == NONE or name in defined:
            raise LogFormatError("a policy with a name twice, or a reserved one")
        if not set(members) <= defined or used & set(members) or len(set(members)) != len(members):
            raise LogFormatError("a policy with a group member that is not defined above it, or listed twice")
        if members and not 1 <= threshold <= len(members):
            raise LogFormatError("a policy with a group that cannot be met")
        defined.add(name)
        used |= set(members)
    if any(not group.members for group in policy.groups):
        raise LogFormatError("a policy with a group of nobody")
    if policy.quorum not in defined | {NONE}:
        raise LogFormatError("a policy with a quorum that is not defined")
