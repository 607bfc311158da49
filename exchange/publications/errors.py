"""Errors of the room `publications`. What is wrong with a statement itself, `exchange.statements` says."""

from typing import ClassVar


class PublicationsError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "publication_refused"


class BasisError(PublicationsError):
    """A publication that its basis does not carry: a State has not agreed, or the treaty provides for no such case."""

    code = "publication_basis"


class PersonalDataError(PublicationsError):
    """An original with data on persons who have not all agreed expressly: a redacted rendition may be published."""

    code = "publication_personal_data"


class FileMissingError(PublicationsError):
    """The second officer's signature came before the file: whoever confirms sends the file first."""

    code = "publication_file_missing"


class FileDiffersError(PublicationsError):
    """A file of another length or SHA-256 than the first officer signed."""

    code = "publication_file_differs"


class FirstSignerError(PublicationsError):
    """The file comes from the officer who signed first: it is the second who looks at it and sends it."""

    code = "publication_first_signer"


class FileTooLargeError(PublicationsError):
    """A file over what this instance takes in one request."""

    code = "publication_too_large"


class WithdrawnError(PublicationsError):
    """A withdrawal of what was withdrawn before, or of a publication that this report does not have."""

    code = "publication_ended"
