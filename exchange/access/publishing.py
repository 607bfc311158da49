"""Whether the rules carry a publication: the one question of `exchange.publications` that needs policy and the register.

Nothing is decided here that `policies` does not: the owner is asked about as a body that wants to `publish`, for the purpose
of publication, in the language and variant of the rendition, as if nothing of the report were public yet. What was agreed
to about transmission is not asked: to publish and to transmit are different actions (docs/spec/publications.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from exchange.access.asker import Askers
from exchange.access.decide import Access, judge
from exchange.access.facts import Gathered
from exchange.db import UnitOfWork
from exchange.publications.errors import BasisError, PersonalDataError
from exchange.reports import regimes
from exchange.reports.queries import Reports
from exchange.reports.rows import ReportRow
from exchange.statements.publication import Publication
from keys.encoding import b64u
from policies import vocabulary as words
from policies.decision import PartResult
from policies.facts import Facts, Part

_ORIGINAL: Final = "original"
_PUBLISHABLE: Final = ("confidential", "free")
# Which reasons of policy carry which basis; `partial` is the SPT's own power and asks no State again.
_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "request": ("P_CONSENT",),
    "automatic": ("P_CONSENT",),
    "override": ("P_OVERRIDE",),
    "own": ("P_ORIGINATOR", "P_FREE_TIER"),
}
# A State's standing agreement is automatic publication, what it asks about one document a request.
_KINDS: Final[Mapping[str, str]] = {"request": "specific", "automatic": "standing"}


class Publishing:
    """Answers `Publications` about bases."""

    def __init__(self, access: Access, askers: Askers, reports: Reports) -> None:
        self._access = access
        self._askers = askers
        self._reports = reports

    def check(self, uow: UnitOfWork, values: Publication, row: ReportRow) -> None:
        """Hold a publication to the rules as they stand now; its parts are the report's. In this order:

        1. the report is not stopped, no part recalled, and it is no alert or evidence (BasisError);
        2. no original holds data on a person who has not agreed to publication (PersonalDataError);
        3. the statement its basis names stands: the State made a part public, or the treaty's case is determined (BasisError);
        4. policy permits the owner to publish each part for a reason that carries the basis; where that is what States agreed
           to, the agreements named are those it rests on, each of the kind named (BasisError).
        """
        gathered = self._access.gather(uow, self._askers.body(uow, row.owner), row.report)
        if gathered is None:
            raise BasisError("no such report")
        document = gathered.facts.document
        if document.stopped or document.tier not in _PUBLISHABLE or document.kind in words.NEVER_EXCHANGED:
            raise BasisError("a report that is stopped, or not of a kind that is published")
        named = {b64u(part) for part in values.parts}
        parts = [part for part in document.parts if part.id in named]
        if any(part.recalled is not None for part in parts):
            raise BasisError("a part is recalled")
        if values.variant == _ORIGINAL and any(_unconsented(gathered.facts, part, uow.now) for part in parts):
            raise PersonalDataError("an original with data on persons who have not agreed")
        self._check_statement(uow, values, row)
        if values.basis.kind != "partial":
            _check_decision(gathered, values, parts, uow.now)

    def _check_statement(self, uow: UnitOfWork, values: Publication, row: ReportRow) -> None:
        basis = values.basis
        if basis.kind == "partial" and not (
            regimes.partial_publication(row.owner)
            and basis.statement is not None
            and self._reports.made_public(uow, row.report, basis.statement)
        ):
            raise BasisError("no part was made public by the State, or the treaty knows no such case")
        if basis.kind == "override" and self._reports.override(uow, row.report) != basis.statement:
            raise BasisError("the determination named is not the one that stands")


def _check_decision(gathered: Gathered, values: Publication, parts: Sequence[Part], now: datetime) -> None:
    basis = values.basis
    decision = judge(_wanting_to_publish(gathered.facts, values, parts), now)
    carrying = [each for each in decision.results if each.permitted and each.reason in _REASONS[basis.kind]]
    if {each.part for each in carrying} != {part.id for part in parts}:
        raise BasisError(f"not every part may be published on the basis '{basis.kind}'")
    if basis.kind in _KINDS:
        _check_agreements(gathered, values, carrying)


def _check_agreements(gathered: Gathered, values: Publication, results: Sequence[PartResult]) -> None:
    """For every part each State's permit rests on an agreement named, and every one named is rested on."""
    found = {b64u(each): gathered.find(b64u(each)) for each in values.basis.instruments}
    kind = _KINDS[values.basis.kind]
    if any(each is None or each.instrument.kind != kind for each in found.values()):
        raise BasisError(f"an agreement named is not a '{kind}' one that bears on the report")
    names = {each.instrument.ref or each.row.id: id for id, each in found.items() if each is not None}
    answers = [answer for result in results for answer in result.answers]
    relied = [names.keys() & set(answer.basis) for answer in answers]
    if not all(relied) or set().union(*relied) != names.keys():
        raise BasisError("the agreements named are not those that carry the publication")


def _wanting_to_publish(facts: Facts, values: Publication, parts: Sequence[Part]) -> Facts:
    """The facts as if nothing were public, for the rendition in the place of each part; persons have been asked before."""
    rendered = tuple(
        replace(part, published=False, personal_data=False, language=values.language, variant=values.variant)
        for part in parts
    )
    override = facts.document.override if values.basis.kind == "override" else None
    request = replace(
        facts.request, action="publish", purpose="publication", language=None, variant=None, recused=False
    )
    return replace(facts, request=request, document=replace(facts.document, parts=rendered, override=override))


def _unconsented(facts: Facts, part: Part, now: datetime) -> bool:
    """Whether a part holds data on persons of whom none expressly agreed that the owner publishes them."""
    names = {part.id, f"{facts.document.id}/{part.id}"}
    return part.personal_data and not any(
        consent.part in names
        and consent.action == "publish"
        and consent.grantee == facts.request.organisation
        and not (consent.withdrawn if isinstance(consent.withdrawn, bool) else now >= consent.withdrawn)
        for consent in facts.person_consents
    )
