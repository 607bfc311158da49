"""Errors of the room `sealing`: one root, leaves only where a caller or a person acts differently.

Each leaf carries a stable `code`; the sentence a person reads for it stands in the message catalogue, never here.
"""

from typing import ClassVar


class SealingError(Exception):
    """Root of everything this room raises; `code` is stable and names the sentence people read."""

    code: ClassVar[str] = "sealing_error"


class BadSizeError(SealingError):
    """A ciphertext size that no padded file gives, or a size beyond what the format permits."""

    code = "bad_size"


class PieceSizeError(SealingError):
    """A piece that is shorter or longer than its place requires."""

    code = "piece_size"


class PieceNumberError(SealingError):
    """A piece number that a ciphertext of this size does not have."""

    code = "piece_number"


class PieceMissingError(SealingError):
    """A piece that is not there although the ciphertext has one of that number."""

    code = "piece_missing"


class RootMismatchError(SealingError):
    """Pieces that do not give the root their descriptor names: damaged, reordered, or another part's."""

    code = "root_mismatch"


class SourceChangedError(SealingError):
    """The file to be sealed grew, shrank or could not be read to its end while it was read."""

    code = "source_changed"


class DescriptorError(SealingError):
    """A descriptor, or a list of them, that is not in the one permitted form."""

    code = "descriptor_malformed"


class DescriptorMismatchError(SealingError):
    """A descriptor that the header's list of digests does not contain."""

    code = "descriptor_mismatch"


class DepositIncompleteError(SealingError):
    """A deposit whose header, descriptors, manifests and envelopes do not belong together, each to each."""

    code = "deposit_incomplete"


class RecipientError(SealingError):
    """Recipients that are not permitted: the owner or an originator missing, or one named twice for a part."""

    code = "recipients_wrong"


class ManifestError(SealingError):
    """A manifest, or a value meant for one, that is not in the one permitted form."""

    code = "manifest_malformed"


class FileNameError(SealingError):
    """A file name that is not safe on every machine: separators, control characters, reserved names, too long."""

    code = "file_name_unsafe"


class EnvelopeError(SealingError):
    """An envelope of the wrong size, or whose hash is not the one its descriptor names."""

    code = "envelope_mismatch"


class PackageError(SealingError):
    """A container that is not in the one permitted form: not ZIP as we write it, foreign names, damaged members."""

    code = "package_malformed"


class PackageTooLargeError(PackageError):
    """A container with more members, or larger ones, than the format permits."""

    code = "package_too_large"


class SpoolMissingError(SealingError):
    """A spool, or a part of one, that is not there: what was sealed is lost, a new report with new keys is due."""

    code = "spool_missing"


class SpoolDifferentError(SealingError):
    """A spool that does not hold what its record says: it is not sent, a new report with new keys is due."""

    code = "spool_different"


class SpoolUnfinishedError(SealingError):
    """A spool whose sealing never ended: sealing starts anew."""

    code = "spool_unfinished"


class DiskFullError(SealingError):
    """No room left on the disk; what had been written is removed."""

    code = "disk_full"


class DiskError(SealingError):
    """The disk refused a read or a write for another reason than room; what had been written is removed."""

    code = "disk_failed"


class CommitmentError(SealingError):
    """A content key, or a ciphertext, that does not go with the commitment its descriptor names."""

    code = "commitment_mismatch"


class ContentError(SealingError):
    """Content that does not decrypt: damaged, cut short, or sealed under another context."""

    code = "content_damaged"


class TrueSizeError(SealingError):
    """A true size that the padded file cannot have, or padding that is not all zeros."""

    code = "true_size_wrong"


class NotNamedError(SealingError):
    """Neither the header nor a grant names this reader for this part."""

    code = "not_named"


class OtherReportError(SealingError):
    """A header, grant or descriptor of another report or part than the one being opened."""

    code = "other_report"


class FileThereError(SealingError):
    """A file of this name is there already; nothing is ever overwritten."""

    code = "file_exists"
