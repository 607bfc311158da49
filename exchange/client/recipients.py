"""Whom a report is sealed to: bodies with their current epoch and key, as the verified directory has them."""

from collections.abc import Iterable, Mapping

from exchange.client.report_errors import RecipientWithoutKeyError
from exchange.client.session import Session
from exchange.sealing.envelope import SealTo
from exchange.sealing.seal import Recipient


def recipient(session: Session, organisation: str, parts: frozenset[str] | None = None) -> Recipient:
    """Return a body with its current epoch's key; RecipientWithoutKeyError for one unknown or without an epoch yet."""
    directory = session.directory
    epoch = directory.current_epoch(organisation) if directory.has_organisation(organisation) else None
    if epoch is None:
        raise RecipientWithoutKeyError(f"nothing can be sealed to '{organisation}'", organisation=organisation)
    return Recipient(organisation, epoch.number, SealTo(session.public_key(epoch.key)), parts)


def recipients(
    session: Session,
    owner: str,
    originators: Iterable[str],
    to: Iterable[str],
    also: Mapping[str, frozenset[str]] | None = None,
) -> list[Recipient]:
    """Return owner, originators and addressees, each once, then those of `also` for the parts named; as `recipient`."""
    named = dict.fromkeys((owner, *originators, *to))
    whole = [recipient(session, organisation) for organisation in named]
    return [*whole, *(recipient(session, body, parts) for body, parts in (also or {}).items() if body not in named)]


def lock_key(session: Session) -> SealTo:
    """Return the exchange's lock key, as `root` names it."""
    return SealTo(session.public_key(session.directory.lock_key))
