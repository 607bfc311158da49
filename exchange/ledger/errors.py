"""Errors of the room `ledger`: one root, leaves where a caller acts differently. Sentences stand in the catalogue."""

from typing import ClassVar


class LedgerError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "ledger_error"


class UnknownActError(LedgerError):
    """An act, or a field of an act, that this build's vocabulary does not have: never skipped."""

    code = "unknown_act"


class BadEntryError(LedgerError):
    """Values that are not an entry: a field of another act, a missing one, or a value its field does not take."""

    code = "bad_entry"


class EntryTooLargeError(LedgerError):
    """An entry that does not fit the fixed size of a view."""

    code = "entry_too_large"


class BadLeafError(LedgerError):
    """Bytes that are not one of the three leaves of an audit log."""

    code = "bad_leaf"


class BadTicketError(LedgerError):
    """A ticket that is not in its one spelling."""

    code = "bad_ticket"


class BadViewError(LedgerError):
    """The inside of a view that is neither of the two forms nor a dummy."""

    code = "bad_view"


class ClosedViewError(LedgerError):
    """A view that does not open with the key at hand."""

    code = "closed_view"


class WrongBuilderError(LedgerError):
    """Full views asked for an act whose reason is not everybody's to read, or the other way round."""

    code = "wrong_view_builder"


class ChainStateError(LedgerError):
    """View secrets asked of chains that may not give any: not standing yet, a turn open, a lost outcome, a fork."""

    code = "chain_state"


class NoChainError(LedgerError):
    """A reader for whom these chains hold no secrets: its body or epoch is newer than they are."""

    code = "no_chain"


class BadBundleError(LedgerError):
    """Bytes that are not a bundle of leaves, views and chain seals."""

    code = "bad_bundle"


class BundleOrderError(LedgerError):
    """A bundle given to a reader out of order: every reading begins at leaf 0 and leaves nothing out."""

    code = "bundle_order"


class ExportFormatError(LedgerError):
    """An export format that this build does not make."""

    code = "export_format"
