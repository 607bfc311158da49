"""Verifying both logs: online from the server's tiles, or offline from a copy, naming the spot of any tampering.

Online the keys are those of the pinned `root`, never the server's word. Offline a copy carries its own policy: if this home
knows the exchange, the policy must name the keys it has pinned, and the heads it has seen are held against the copy, as far
as that reaches; a stranger's machine can say only that the copy is what those keys signed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from exchange.client.audit_reading import wait_for_public
from exchange.client.errors import ServerRefusal
from exchange.client.report_errors import CopyMissingError
from exchange.client.session import Session
from exchange.client.sync import log_keys
from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.errors import TransparencyError
from exchange.transparency.findings import Report
from exchange.transparency.log_keys import LogPublicKeys
from exchange.transparency.merkle import TreeHead
from exchange.transparency.policy import Policy, make_policy
from exchange.transparency.policy_text import parse_policy
from exchange.transparency.tile_reader import Read
from exchange.transparency.verify_offline import verify_copy, verify_files
from keys.directory_root import Root

LOGS: Final = ("directory", "audit")
POLICY: Final = "policy"


@dataclass(frozen=True)
class Verified:
    """The reports on both logs by name, and whether the keys are those this home had pinned before."""

    reports: dict[str, Report]
    pinned: bool

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong in either."""
        return all(report.ok for report in self.reports.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        logs = {name: report.to_json() for name, report in self.reports.items()}
        return {"ok": self.ok, "keys_pinned": self.pinned, "logs": logs}


def verify_online(session: Session) -> Verified:
    """Fetch both logs' checkpoints, tiles and entries and verify them all against the pinned keys and heads.

    The directory's head must also be one that this home's replayed directory agrees with. What this home has seen of the
    audit log stands in public within about a minute: that is waited for, or a server that went back would be told from one
    that did not by nothing (NotPublicYetError). Raises what `Http` raises.
    """
    session.sync()
    # Where there is no checkpoint, or none that verifies, the verification below says so.
    with suppress(TransparencyError, ServerRefusal):
        wait_for_public(session, session.audit.pinned.size)
    root, directory = session.directory.root, session.directory
    known = {"directory": TreeHead(directory.size, directory.log_root), "audit": session.audit.pinned}
    reports = {}
    for name in LOGS:
        read = _served(session, name, root.logs[name].n)
        heads = _up_to_public(session, read, name, root, [known[name]])
        policy = policy_of(root)
        origin = log_keys(root, name).origin
        reports[name] = verify_files(read, policy, entries=read, origin=origin, known=heads)
    return Verified(reports, pinned=True)


def verify_offline(copy: Path, root: Root | None = None, known: dict[str, TreeHead] | None = None) -> Verified:
    """Verify a copy of both logs: an instance's folder, or one that holds `directory`, `audit` and `policy`.

    `root` and `known`: what this home has pinned; without, the copy's own policy says which keys signed. Raises
    CopyMissingError; a policy that cannot be read, or names other keys than the pinned ones, is a finding.
    """
    folder = copy / "logs" if (copy / "logs").is_dir() else copy
    if not all((folder / name).is_dir() for name in LOGS):
        raise CopyMissingError("no copy of both logs", path=copy)
    policy, complaint = _policy(folder, root)
    reports = {}
    for name in LOGS:
        origin = None if root is None else log_keys(root, name).origin
        place = folder / name
        heads = _within(_size(place), [known[name]] if known and name in known else [])
        if policy is None:
            reports[name] = Report()
        else:
            origin = origin or _origin(policy, name)
            reports[name] = verify_copy(place, policy, entries=place, origin=origin, known=heads)
        if complaint is not None:
            reports[name].add(complaint[0], POLICY, None, complaint[1])
    return Verified(reports, pinned=root is not None)


def policy_of(root: Root) -> Policy:
    """Return the policy that `root` gives: both logs with both keys, no verifiers yet."""
    return make_policy([log_keys(root, name) for name in LOGS])


def _policy(folder: Path, root: Root | None) -> tuple[Policy | None, tuple[str, str] | None]:
    """Return the policy to verify with, and what is wrong with the copy's own (code and detail)."""
    trusted = None if root is None else policy_of(root)
    try:
        written = parse_policy((folder / POLICY).read_bytes())
    except OSError as error:
        if trusted is None:
            raise CopyMissingError("the copy has no policy", path=folder) from error
        return trusted, ("policy_missing", "no such file")
    except TransparencyError as error:
        return trusted, (error.code, str(error))
    if trusted is None:
        return written, None
    if _keys(written) != _keys(trusted):
        return trusted, ("policy_differs", "other keys than the exchange's")
    return trusted, None


def _keys(policy: Policy) -> set[str]:
    return {log.vkey.text for log in policy.logs} | {w.vkey.text for w in policy.witnesses if policy.is_own(w)}


def _origin(policy: Policy, name: str) -> str | None:
    """Return the origin of the log of this name that the policy knows; None where it knows none or several."""
    found = [log.vkey.name for log in policy.logs if log.vkey.name.split("/")[-2:-1] == [name]]
    return found[0] if len(found) == 1 else None


def _served(session: Session, name: str, n: int) -> Read:
    """Return a reader of a log's files at the server; what it does not have is None, as for a file."""

    def read(path: str) -> bytes | None:
        try:
            public = not (name == "directory" and path.startswith("tile/entries/"))
            return session.http.get_bytes(f"/log/{name}/{n}/{path}", public=public)
        except ServerRefusal as refusal:
            if refusal.status == 404:
                return None
            raise

    return read


def _up_to_public(session: Session, read: Read, name: str, root: Root, known: Sequence[TreeHead]) -> list[TreeHead]:
    """Leave out heads beyond the size in public: a release is proven under sizes that get no tiles."""
    keys: LogPublicKeys = log_keys(root, name)
    try:
        size = keys.verify(read("checkpoint") or b"").checkpoint.size
    except TransparencyError:
        return list(known)
    return _within(size, known)


def _within(size: int, known: Sequence[TreeHead]) -> list[TreeHead]:
    return [head for head in known if 0 < head.size <= size]


def _size(copy: Path) -> int:
    """Return what size a copy's checkpoint says; 0 where it has none that can be read."""
    try:
        return parse_signed((copy / "checkpoint").read_bytes())[0].size
    except (OSError, TransparencyError):
        return 0
