"""Sending one message through the operator's mail server: SMTP with TLS, by the standard library.

The address of that server: `smtps://` (TLS from the first byte), `smtp+starttls://` (TLS before anything is said), or
`smtp://`, which is for a relay on this machine alone. Name and password, percent-encoded, stand before the host.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from exchange.notices.errors import MailFailedError
from exchange.web.services import Clock

WAIT_SECONDS: Final = 20
# What this machine calls itself is its operator's matter, and nothing that a message needs.
_OWN_NAME: Final = "localhost"
_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Mailer(Protocol):
    """Sends e-mail. `offered` is False where the operator has named no server."""

    @property
    def offered(self) -> bool:
        """Whether this exchange sends e-mail at all."""

    def send(self, to: str, subject: str, text: str, language: str) -> None:
        """Hand one message to the mail server; MailFailedError where it does not take it."""


@dataclass(frozen=True)
class MailServer:
    """The operator's mail server, read from its address."""

    scheme: str
    host: str
    port: int
    name: str | None = None
    password: str | None = field(default=None, repr=False)


def read_server(url: str) -> MailServer:
    """Return the server a (checked) address names; `exchange.config` has refused any other."""
    parts = urlsplit(url)
    return MailServer(
        parts.scheme,
        parts.hostname or "",
        parts.port or _PORTS[parts.scheme],
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )


class SmtpMailer:
    """Sends through the operator's server, one connection a message."""

    def __init__(self, server: MailServer | None, sender: str, clock: Clock, trust: ssl.SSLContext | None = None) -> None:
        """`server`: None where none is named. `trust`: whose certificates count, the system's where none is given."""
        self._server = server
        self._sender = sender
        self._clock = clock
        self._trust = trust

    @property
    def offered(self) -> bool:
        """Whether a server is named."""
        return self._server is not None

    def send(self, to: str, subject: str, text: str, language: str) -> None:
        """Hand one message to the server; MailFailedError, which holds neither address nor answer, where it is not taken."""
        if self._server is None:
            raise MailFailedError("no mail server is named")
        message = self._message(to, subject, text, language)
        try:
            with self._connected(self._server) as line:
                if self._server.name is not None:
                    line.login(self._server.name, self._server.password or "")
                line.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # Never the text: a server's answer repeats the address.
            raise MailFailedError(f"the mail server did not take a message ({type(error).__name__})") from None

    def _connected(self, server: MailServer) -> smtplib.SMTP:
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(server.host, server.port, _OWN_NAME, timeout=WAIT_SECONDS, context=self._context())
        line = smtplib.SMTP(server.host, server.port, _OWN_NAME, WAIT_SECONDS)
        if server.scheme == "smtp+starttls":
            try:
                line.starttls(context=self._context())
            except BaseException:
                line.close()
                raise
        return line

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _message(self, to: str, subject: str, text: str, language: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = make_msgid(domain=self._sender.partition("@")[2])
        # RFC 3834: so that no machine answers.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        message["Content-Language"] = language
        return message
