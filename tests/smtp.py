"""A real SMTP server on loopback for tests: it keeps what it is given, or refuses it."""

import datetime
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME, PASSWORD = "us", "a/secret"


@dataclass
class Post:
    """What arrived, in order; while `refuses`, nothing is taken."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a message, as the server asks."""
        if self.refuses:
            return f"451 {envelope.rcpt_tos[0]} cannot be reached now"
        lines = envelope.content.replace(b"\r\n", b"\n")
        self.messages.append(message_from_bytes(lines, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"


@contextmanager
def post_office(*, tls: ssl.SSLContext | None = None, at_once: bool = False) -> Iterator[Post]:
    """Serve SMTP: plain without `tls`; with it TLS from the first byte (`at_once`) or STARTTLS, and a name is asked for."""
    post = Post()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and given == LoginPassword(NAME.encode(), PASSWORD.encode())
        return AuthResult(success=known)

    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0}
    if tls is not None:
        options |= {"authenticator": check, "auth_required": True}
        options |= {"ssl_context": tls} if at_once else {"tls_context": tls, "require_starttls": True}
        options |= {"auth_require_tls": not at_once}
    controller = _Anywhere(post, **options)
    controller.start()
    try:
        post.port = controller.bound
        yield post
    finally:
        controller.stop()


class _Anywhere(Controller):  # type: ignore[misc]
    """A server on a port that the system chooses."""

    @property
    def bound(self) -> int:
        """The port."""
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        self.port = self.bound
        super()._trigger_server()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate of 127.0.0.1: the server's side, and what trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime(2020, 1, 1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, datetime.datetime(2100, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    (folder / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return own, ssl.create_default_context(cafile=str(folder / "tls.crt"))
