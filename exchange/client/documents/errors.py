"""The room's one error: a file that is not what its form lays down, or too large to be looked into."""

from exchange.client.errors import ClientError


class DocumentError(ClientError):
    """A file that cannot be looked into. The message says why and quotes nothing of the file."""

    code = "document_unreadable"
