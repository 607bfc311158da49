"""What an instrument speaks of, and what a document is called by those that speak of it: so that the few that bear on a
document are found among all that a State has agreed to.

An instrument bears on a document if one of its provisions can name it (`policies.provisions.names_document`), or if it has
none: a refusal without provisions denies everything. Of any other instrument no permit and no denial can match.
"""

from typing import Final

from policies.facts import Document, Instrument, Provision

EVERYTHING: Final = "all"
_DOCUMENT: Final = "document"
_PART: Final = "part"


def spoken_of(instrument: Instrument) -> frozenset[str]:
    """Return the names of everything that an instrument's provisions speak of, whatever they say of it."""
    if not instrument.provisions:
        return frozenset({EVERYTHING})
    return frozenset(name for provision in instrument.provisions for name in _names(provision))


def names_of(document: Document) -> frozenset[str]:
    """Return the names by which an instrument can speak of a document: all, its kind, its visit, its id."""
    named = {EVERYTHING, f"kind/{document.kind}", f"{_DOCUMENT}/{document.id}"}
    return frozenset(named if document.visit is None else {*named, f"visit/{document.visit}"})


def _names(provision: Provision) -> list[str]:
    if provision.scope == EVERYTHING:
        return [EVERYTHING]
    if provision.scope == _PART:
        # A part is named as `document/part`: what names it alone names nothing.
        return [f"{_DOCUMENT}/{ref.partition('/')[0]}" for ref in provision.scope_ref if "/" in ref]
    return [f"{provision.scope}/{ref}" for ref in provision.scope_ref]
