"""Everything policy needs to know of one report, gathered from signed statements: a plain value that asks no table.

The order of what is gathered is that of the audit log's entries. Nothing here opens by default: what no statement says is
not so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from exchange.statements.standing import count_decision, end_permits
from policies.facts import Document, OriginatorDecision, PersonConsent


@dataclass(frozen=True)
class ChainedDecision:
    """An originator's decision as it was signed, and the chain of statements it is a link of (None: it stands alone)."""

    chain: bytes | None
    decision: OriginatorDecision


@dataclass(frozen=True)
class EndedDecision:
    """The end of what a chain permitted to a body (None: to any). A denial it leaves standing."""

    chain: bytes
    grantee: str | None


@dataclass(frozen=True)
class DocumentFacts:
    """A report as it stands now.

    `document`: what the gates ask of it, ids as the policy model spells them (report UUID, part ids base64url).
    `sent`: the bodies it was sent to, by name, its owner left out, each with the parts (base64url) it was sent.
    `basis`: the hashes of all statements that this rests on, header first. `person_consents` is empty: no statement of
    this version carries one, so the person's gate withholds.
    """

    report: str
    header: bytes
    owner: str
    registered: datetime
    reference: str | None
    source_label: str | None
    kind: str
    adopted_on: date
    document: Document
    sent: Mapping[str, frozenset[str]]
    decisions: tuple[ChainedDecision | EndedDecision, ...]
    document_events: Mapping[str, datetime]
    basis: tuple[bytes, ...]
    person_consents: tuple[PersonConsent, ...] = field(default=())

    def decisions_for(self, grantee: str) -> tuple[OriginatorDecision, ...]:
        """Return the originators' decisions that bear on a body, in the order recorded; `ref` names the statement.

        Of each chain the last that speaks of this body, or of any, stands in the place of those before it: so a denial to
        everyone ends earlier permits, and a later permit, which two officers signed, ends a denial for its grantee. The end
        of a permit, which one officer may sign, ends no denial.
        """
        chains: dict[bytes | int, dict[str | None, _Placed]] = {}
        for place, each in enumerate(self.decisions):
            chain = chains.setdefault(place if each.chain is None else each.chain, {})
            if isinstance(each, EndedDecision):
                end_permits(chain, each.grantee)
            else:
                count_decision(chain, each.decision.grantee, _Placed(place, each.decision))
        found = [chain.get(grantee, chain.get(None)) for chain in chains.values()]
        standing = sorted((each for each in found if each is not None), key=lambda each: each.place)
        return tuple(each.decision for each in standing)


@dataclass(frozen=True)
class _Placed:
    """A decision and its place in the order recorded."""

    place: int
    decision: OriginatorDecision

    @property
    def effect(self) -> str:
        """Whether it permits or denies."""
        return self.decision.effect
