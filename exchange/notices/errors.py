"""Errors of the room `notices`. None holds an address."""

from typing import ClassVar


class NoticesError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "notices_failed"


class MailNotOfferedError(NoticesError):
    """This exchange sends no e-mail: its operator has named no server to send it through."""

    code = "mail_not_offered"


class MailAddressError(NoticesError):
    """An address that is not NAME@HOST as mail programs write it."""

    code = "mail_address"


class MailCodeError(NoticesError):
    """A code that was not sent to this address, is over a day old, or was guessed at too often."""

    code = "mail_code"


class MailAskedOftenError(NoticesError):
    """A code was sent a moment ago; the next is sent after some minutes."""

    code = "mail_asked_often"


class MailFailedError(NoticesError):
    """The server that sends e-mail did not take it."""

    code = "mail_failed"
