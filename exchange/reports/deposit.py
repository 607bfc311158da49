"""A deposit as it was posted: the package taken apart and its header read. Nothing here asks a table."""

from dataclasses import dataclass

from exchange.reports.errors import ReportIncompleteError
from exchange.sealing import package as packages
from exchange.sealing.deposit import check_deposit
from exchange.sealing.descriptor import PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import HeaderLists
from exchange.sealing.package import Package
from exchange.statements import report_header
from exchange.statements.report_header import ReportHeader
from keys.encoding import parse_uuid
from keys.statement import Statement

# What a package may carry to the server beside the deposit itself: its own copy of the directory, which is not read.
_PASSED_OVER = frozenset({"directory"})


@dataclass(frozen=True)
class Deposit:
    """A package without parts, its header, and the header's statement."""

    package: Package
    header: ReportHeader
    statement: Statement

    @property
    def report(self) -> bytes:
        """The report's id as 16 bytes."""
        return parse_uuid(self.header.report)

    @property
    def parts(self) -> tuple[PartDescriptor, ...]:
        """The parts' descriptors."""
        return tuple(salted.value for salted in self.package.descriptors.parts)

    @property
    def recipients(self) -> tuple[RecipientDescriptor, ...]:
        """The recipients' descriptors, one per body and part."""
        return tuple(salted.value for salted in self.package.descriptors.recipients)


def parse(body: bytes) -> Deposit:
    """Take a posted package apart.

    Raises PackageError and DescriptorError of `sealing`, MalformedError and UnknownVersionError of `keys`, and
    ReportIncompleteError for members that a registration does not take.
    """
    package = packages.from_bytes(body)
    if package.extras.keys() - _PASSED_OVER:
        raise ReportIncompleteError("a registration takes header, descriptors, manifests and envelopes alone")
    header, statement = report_header.parse(package.header)
    return Deposit(package, header, statement)


def check_belongs(deposit: Deposit) -> None:
    """Hold descriptors, manifests and envelopes to the header's lists (`exchange.sealing.deposit`, with its errors)."""
    header = deposit.header
    lists = HeaderLists(header.parts, header.recipients, header.links)
    check_deposit(deposit.package, lists, header.owner, header.originators)
