"""What a State agreed to against what it was asked for, computed on this machine from the signed terms.

The server computes the same and refuses another word (`consent_word`). What is wider or narrower is said to the person before
the confirmation is signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange.client import register
from exchange.client.register import Shown
from exchange.client.report_errors import InstrumentFileError
from exchange.client.session import Session
from exchange.statements import instrument as instruments
from policies.case_file import instrument_from_json
from policies.comparison import GRANTED, compare
from policies.errors import PoliciesError
from policies.times import read_instant

_ASKING = frozenset({"requested", "deferred"})


@dataclass(frozen=True)
class Against:
    """An answer held against the request with this id (None: the State was asked nothing): the event, and what differs."""

    request: str | None
    event: str
    narrower: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "request": self.request,
            "event": self.event,
            "narrower": list(self.narrower),
            "wider": list(self.wider),
        }


def against_request(session: Session, shown: Shown, effective: str | None) -> Against:
    """Compare an authorisation that was shown with the request it answers, which is fetched and verified as well.

    One that was itself asked for is compared with itself: its terms are what the State was asked, and agreed to.
    """
    terms = shown.record.value.body
    named = instruments.answers(terms)
    if named is not None:
        return terms_against(session, terms, effective)
    if any(event.value.event in _ASKING for event in shown.events):
        return _compared(shown.listed.id, terms, terms, effective)
    return Against(None, GRANTED)


def terms_against(session: Session, terms: Mapping[str, Any], effective: str | None = None) -> Against:
    """Compare the terms of a record, made or to be made, with the request they answer."""
    named = instruments.answers(terms)
    if named is None:
        return Against(None, GRANTED)
    return _compared(named, register.show(session, named).record.value.body, terms, effective)


def _compared(request: str, asked: Mapping[str, Any], given: Mapping[str, Any], effective: str | None) -> Against:
    try:
        starts = None if effective is None else read_instant(effective)
        found = compare(_instrument(asked), _instrument(given), starts)
    except PoliciesError as error:
        raise InstrumentFileError("the rules cannot read the authorisation", detail=str(error)) from error
    return Against(request, found.event, found.narrower, found.wider)


def _instrument(terms: Mapping[str, Any]) -> Any:
    return instrument_from_json({"id": "terms", **instruments.read_by_policy(terms)}, ())
