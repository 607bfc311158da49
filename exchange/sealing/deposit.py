"""Whether a deposit belongs together: all that can be checked of it without a key (docs/spec/report.md, "Deposit").

The depositor's client runs it before sending, the server at registration. What is left for the server alone: statement
and signer, uploaded pieces against size and root, and each envelope, once its lock is off, against its hash.
"""

import hmac
from collections.abc import Sequence

from exchange.sealing.descriptor import RecipientDescriptor
from exchange.sealing.descriptors import HeaderLists, check_all
from exchange.sealing.errors import DepositIncompleteError, RecipientError
from exchange.sealing.manifest import sealed_hash
from exchange.sealing.package import Package
from keys.encoding import b64u


def check_deposit(package: Package, lists: HeaderLists, owner: str, originators: Sequence[str]) -> None:
    """Check a package against its header's lists of digests, its owner and its originators.

    1. The header names every descriptor, and no more fillers than the rule gives (DescriptorMismatchError).
    2. There is a part, and each has one descriptor, and one manifest of the hash it names (DepositIncompleteError).
    3. Each recipient descriptor is of one of these parts and has one envelope, and no envelope is left over
       (DepositIncompleteError).
    4. No recipient is named twice for a part, none with two epochs or keys; the owner and every originator are
       recipients of every part (RecipientError).
    """
    check_all(lists, package.descriptors)
    parts = _check_parts(package)
    recipients = [s.value for s in package.descriptors.recipients]
    _check_envelopes(package, parts, recipients)
    check_recipients(parts, recipients, owner, originators)


def _check_parts(package: Package) -> frozenset[bytes]:
    found = [s.value for s in package.descriptors.parts]
    ids = frozenset(part.id for part in found)
    if not found or len(ids) != len(found):
        raise DepositIncompleteError("a deposit has no part, or one described twice")
    if package.manifests.keys() != ids:
        raise DepositIncompleteError("a deposit's manifests are not those of its parts")
    for part in found:
        if not hmac.compare_digest(sealed_hash(package.manifests[part.id]), part.manifest):
            raise DepositIncompleteError(f"the manifest of part {b64u(part.id)} is not the one its descriptor names")
    return ids


def _check_envelopes(package: Package, parts: frozenset[bytes], recipients: Sequence[RecipientDescriptor]) -> None:
    if any(recipient.part not in parts for recipient in recipients):
        raise DepositIncompleteError("a recipient is named for a part that the deposit does not have")
    named = [recipient.envelope for recipient in recipients]
    if len(set(named)) != len(named) or package.envelopes.keys() != set(named):
        raise DepositIncompleteError("a deposit's envelopes are not those its recipients' descriptors name")


def check_recipients(
    parts: frozenset[bytes], recipients: Sequence[RecipientDescriptor], owner: str, originators: Sequence[str]
) -> None:
    """RecipientError unless each is named once a part under one key, and owner and originators for every part."""
    pairs = {(recipient.organisation, recipient.part) for recipient in recipients}
    keys = {(recipient.organisation, recipient.epoch, recipient.key) for recipient in recipients}
    if len(pairs) != len(recipients) or len(keys) != len({organisation for organisation, _, _ in keys}):
        raise RecipientError("a recipient is named twice for a part, or with two keys")
    for organisation in (owner, *originators):
        for part in parts:
            if (organisation, part) not in pairs:
                raise RecipientError(f"'{organisation}' is not a recipient of part {b64u(part)}")
