"""Determinations as a report's facts: which of them stand, after those that came later in their chain.

A chain is (body, scope, part, fact). A value that names a body (`relevance`) or an event stands beside those that name
another; of the same name the last one counts. Where one determination is about all parts and another about one part, the
later of the two counts for that part.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.audit.statements import Stored
from exchange.reports.facts import ChainedDecision, EndedDecision
from exchange.statements import determination
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.determination_values import END, ORIGINATOR_DECISION, OVERRIDE
from exchange.statements.form import Link
from keys.encoding import b64u
from policies.facts import OriginatorDecision
from policies.times import read_end, read_instant

# Which field of a value tells two facts of one chain apart.
_NAMED_BY: Final = {"relevance": "organisation", "event": "name"}


@dataclass(frozen=True)
class Determined:
    """A stored determination with its values."""

    stored: Stored
    values: Determination

    @property
    def fact(self) -> str:
        """Which fact it states."""
        return self.values.fact

    @property
    def name(self) -> str | None:
        """What in the value tells it from others of its chain: a body or an event."""
        key = _NAMED_BY.get(self.fact)
        return None if key is None else str(self.values.value[key])

    @property
    def key_ids(self) -> frozenset[bytes]:
        """The key ids of its signers."""
        return self.stored.statement.kids


def read_all(stored: Iterable[Stored]) -> tuple[Determined, ...]:
    """Read stored determinations, in the order given."""
    return tuple(Determined(each, determination.read(each.statement)) for each in stored)


def chain_id(values: Determination, organisation: str) -> str:
    """Return the id under which the statements of a chain are found: SHA-256 of its name, base64url."""
    return b64u(hashlib.sha256(values.chain(organisation)).digest())


def report_chain(report: str, header: bytes, organisation: str) -> bytes:
    """Return the chain of an originator's decision about a whole report, which the header's own decision begins."""
    scope = ReportScope(report, header)
    link = Link(datetime.min, bytes(32), None)  # no part of a chain's name
    return Determination(link, scope, None, ORIGINATOR_DECISION, {}).chain(organisation)


def standing(determined: Iterable[Determined], fact: str, part: bytes | None = None) -> dict[str | None, Determined]:
    """Return by name the last determination of a fact that is about `part` or, where it says none, about all parts.

    `part` None asks for those about all parts alone.
    """
    found: dict[str | None, Determined] = {}
    for each in determined:
        if each.fact == fact and each.values.part in (None, part):
            found[each.name] = each
    return found


def value_of(determined: Iterable[Determined], fact: str, part: bytes | None = None) -> Any:
    """Return the value that stands of a fact without a name; None where nothing was determined."""
    found = standing(determined, fact, part).get(None)
    return None if found is None else found.values.value


def case_of(determined: Iterable[Determined]) -> str | None:
    """Return the case provided for by the treaty that stands, by its word; None where there is none."""
    value = value_of(determined, OVERRIDE)
    return None if value is None else str(value["case"])


def decisions(determined: Iterable[Determined], organisation: str) -> list[ChainedDecision | EndedDecision]:
    """Return an originator's decisions among these, and what ended some of them, each with its chain."""
    return [
        _chained(each, organisation)
        for each in determined
        if each.fact == ORIGINATOR_DECISION and each.values.value["organisation"] == organisation
    ]


def _chained(each: Determined, organisation: str) -> ChainedDecision | EndedDecision:
    chain, value = each.values.chain(organisation), each.values.value
    if value["effect"] == END:
        return EndedDecision(chain, value["grantee"])
    return ChainedDecision(chain, _decision(value, each.stored.hash))


def _decision(value: dict[str, Any], statement: bytes) -> OriginatorDecision:
    valid_from, valid_to = value["valid_from"], value["valid_to"]
    return OriginatorDecision(
        organisation=value["organisation"],
        effect=value["effect"],
        grantee=value["grantee"],
        actions=tuple(value["actions"]),
        parts=_texts(value["parts"]),
        kinds=_texts(value["kinds"]),
        states=_texts(value["states"]),
        valid_from=None if valid_from is None else read_instant(valid_from),
        valid_to=None if valid_to is None else read_end(valid_to),
        ref=b64u(statement),
    )


def _texts(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
