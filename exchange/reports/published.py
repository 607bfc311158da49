"""What of a report is published: by a rendition that two of its owner published here, or, as they stated, elsewhere."""

from collections.abc import Iterable, Sequence

from exchange.audit.statements import Stored
from exchange.reports import chains
from exchange.reports.chains import Determined
from exchange.sealing.descriptor import PartDescriptor
from exchange.statements import publication, publication_withdrawal
from exchange.statements.publication import Publication

LABELS = frozenset({publication.LABEL, publication_withdrawal.LABEL})
PUBLICATION = "publication"
_ORIGINAL = "original"


def standing(own: Iterable[Stored]) -> dict[bytes, Publication]:
    """Return the publications among a report's statements that no withdrawal ended, by hash, in the order recorded."""
    own = tuple(own)
    ended = {
        publication_withdrawal.read(each.statement).publication
        for each in own
        if each.label == publication_withdrawal.LABEL
    }
    return {
        each.hash: publication.read(each.statement)
        for each in own
        if each.label == publication.LABEL and each.hash not in ended
    }


def is_published(part: PartDescriptor, determined: Sequence[Determined], publications: Iterable[Publication]) -> bool:
    """Whether a part counts as published.

    A redacted rendition publishes no original: what it leaves out stays as confidential as it was.
    """
    here = any(
        part.id in each.parts and (each.variant == _ORIGINAL or part.variant != _ORIGINAL) for each in publications
    )
    return here or chains.value_of(determined, PUBLICATION, part.id) is True


def made_public(statement: bytes, determined: Sequence[Determined], publications: dict[bytes, Publication]) -> bool:
    """Whether a statement says that the State made a part public, and still stands: what OPCAT art. 16(2) asks for."""
    found = publications.get(statement)
    if found is not None:
        return found.basis.kind in ("request", "automatic")
    parts = {each.values.part for each in determined if each.fact == PUBLICATION}
    standing_facts = (chains.standing(determined, PUBLICATION, part).get(None) for part in parts)
    return any(each is not None and each.stored.hash == statement and each.values.value is True for each in standing_facts)
