"""What a person wants to transmit: files as parts, recipients, and what policy must know; and how it is known again.

A plan's fingerprint finds the spool of the same command, so that running it again resumes. It covers the files by place,
size and time of change: a file that was touched since is another plan, and a new report with new keys.
"""

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from exchange.client.errors import FileFailedError, UsageError
from exchange.sealing import manifest as manifests
from exchange.sealing.descriptor import language
from exchange.sealing.manifest import Manifest
from exchange.statements import words
from keys import fields
from keys.encoding import canonical
from keys.errors import MalformedError

_LABEL: Final = b"exchange/deposit-plan/v1\0"

# What people call a class, and the common ordinal that policy compares with a clearance (docs/spec/consent.md).
CLASSES: Final = {"unclassified": 0, "restricted": 1, "confidential": 2, "strictly-confidential": 3}
PERSONAL: Final = {"yes": True, "no": False}
_PART_KEYS: Final = frozenset({"id", "file", "state", "language", "variant", "personal-data", "title", "regime"})
_UNKNOWN_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True)
class PartPlan:
    """One file: its local name (p1 …), and what its descriptor will say. `states` are codes such as XA."""

    name: str
    file: Path
    states: tuple[str, ...]
    language: str
    variant: str = "original"
    personal_data: bool = False
    title: str | None = None
    regime: str | None = None

    @property
    def size(self) -> int:
        """The file's size in bytes; FileFailedError."""
        return _stat(self.file)[0]


@dataclass(frozen=True)
class Plan:
    """A report to transmit. `hold`: minutes for which nobody else gets a key; `title` that of parts without their own.

    Tier and class ordinal None: those laid down for the kind. `without`: bodies it does not go to although a standing
    decision sends it. `needs_approval`: nobody else is a recipient before a second officer has approved it.
    """

    parts: tuple[PartPlan, ...]
    to: tuple[str, ...]
    kind: str
    adopted_on: date | None
    tier: str | None = None
    title: str | None = None
    visit: str | None = None
    originators: tuple[str, ...] = ()
    source_label: str | None = None
    class_ordinal: int | None = None
    reference: str | None = None
    responds_to: str | None = None
    hold: int | None = None
    without: tuple[str, ...] = ()
    needs_approval: bool = False
    note: str | None = field(default=None, repr=False)

    def fingerprint(self, officer: bytes) -> bytes:
        """Return the 32 bytes by which the spool of this plan is found again; FileFailedError."""
        parts = []
        for part in self.parts:
            size, changed = _stat(part.file)
            parts.append([*_values(part), size, changed])
        rest: list[Any] = [
            sorted(self.to),
            self.kind,
            None if self.adopted_on is None else self.adopted_on.isoformat(),
            self.tier,
            self.title,
            self.visit,
            sorted(self.originators),
            self.source_label,
            self.class_ordinal,
            self.reference,
            self.responds_to,
            self.hold,
            self.note,
        ]
        # A plan without these is known by the fingerprint it always had.
        if self.without:
            rest.append(["without", *sorted(self.without)])
        if self.needs_approval:
            rest.append(["needs-approval"])
        return hashlib.sha256(_LABEL + officer + canonical([parts, rest], limit=None)).digest()

    def manifest(self, part: PartPlan) -> Manifest:
        """Return the manifest of a part."""
        return Manifest(
            part=part.name,
            title=part.title or self.title or part.file.stem,
            file_name=part.file.name,
            media_type=mimetypes.guess_type(part.file.name)[0] or _UNKNOWN_TYPE,
            size=part.size,
            note=self.note,
        )


def check(plan: Plan) -> Plan:
    """Return the plan when it can be sealed; UsageError says what is wrong with it, FileFailedError names a file.

    FileNameError and ManifestError for a name, title or note that no manifest may have. No two parts share a local or a file
    name: a reader who opens all of them puts them into one folder.
    """
    if not plan.parts:
        raise UsageError("a report has no part", detail="FILE")
    for what, values in (("id", [p.name for p in plan.parts]), ("file", [p.file.name for p in plan.parts])):
        if len(set(values)) != len(values):
            raise UsageError(f"two parts have the same {what}", what=what)
    for part in plan.parts:
        _check_part(plan, part)
    for organisation in (*plan.to, *plan.originators):
        _checked(fields.organisation, organisation, "--to")
    if both := sorted(set(plan.to) & set(plan.without)):
        raise UsageError(f"'{both[0]}' is named with --to and --without", detail="--without")
    _checked(fields.name, plan.kind, "--kind")
    _checked(fields.nullable(fields.one_of(*words.TIERS)), plan.tier, "--tier")
    _checked(fields.nullable(fields.text(120, least=1)), plan.reference, "--reference")
    _checked(fields.nullable(fields.text(64, least=1)), plan.visit, "--visit")
    _checked(fields.nullable(fields.uuid), plan.responds_to, "--responds-to")
    return plan


def held_until(plan: Plan, now: datetime) -> datetime | None:
    """Return until when the report is held, counted from `now`; None without a hold."""
    return None if plan.hold is None else now + timedelta(minutes=plan.hold)


def parse_part(text: str, number: int) -> PartPlan:
    """Return the part that `id=p1,file=F,state=XA,language=fr,variant=original,personal-data=no` describes; UsageError.

    `state` may be repeated; `id` is p1, p2 … when left out. A comma in a file's name cannot be written here: rename it.
    """
    found: dict[str, str] = {}
    states: list[str] = []
    for item in text.split(","):
        name, equals, value = item.partition("=")
        if not equals or name not in _PART_KEYS or name in found:
            raise UsageError(f"--part: '{name}' is not understood", detail="--part")
        if name == "state":
            states.append(value)
        else:
            found[name] = value
    if "file" not in found:
        raise UsageError("--part: no file", detail="--part")
    personal = found.get("personal-data", "no")
    if personal not in PERSONAL:
        raise UsageError("--part: personal-data is yes or no", detail="--part")
    return PartPlan(
        name=found.get("id", f"p{number}"),
        file=Path(found["file"]),
        states=tuple(sorted(set(states))),
        language=found.get("language", ""),
        variant=found.get("variant", "original"),
        personal_data=PERSONAL[personal],
        title=found.get("title"),
        regime=found.get("regime"),
    )


def completed(parts: Sequence[PartPlan], states: Sequence[str], language: str | None) -> tuple[PartPlan, ...]:
    """Return the parts with the options that stand for all: States and language where a part names none."""
    common = tuple(sorted(set(states)))
    return tuple(
        replace(part, states=part.states or common, language=part.language or (language or "")) for part in parts
    )


def _check_part(plan: Plan, part: PartPlan) -> None:
    if not part.states:
        raise UsageError("a part concerns no State: --state", detail="--state")
    for state in part.states:
        _checked(fields.state, state, "--state")
    if not part.language:
        raise UsageError("a part has no language: --language", detail="--language")
    _checked(language, part.language, "--language")
    _checked(fields.one_of(*words.VARIANTS), part.variant, "variant")
    _checked(fields.nullable(fields.one_of(*words.REGIMES)), part.regime, "regime")
    # Checks file name, title and note before anything is sealed: FileNameError, ManifestError.
    manifests.encode(plan.manifest(part))


def _checked(checker: fields.Checker, value: object, what: str) -> None:
    try:
        checker(value)
    except MalformedError as error:
        raise UsageError(f"{what}: {error}", what=what) from error


def _stat(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError as error:
        raise FileFailedError(f"cannot be read: {error.strerror}", path=file) from error
    return found.st_size, found.st_mtime_ns // 1000


def _values(part: PartPlan) -> list[Any]:
    return [
        part.name,
        str(part.file.absolute()),
        list(part.states),
        part.language,
        part.variant,
        part.personal_data,
        part.title,
        part.regime,
    ]
