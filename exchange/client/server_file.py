"""`server.json`: which server this home speaks to, and which exchange is the right one.

The exchange is the hash of `root` and comes from outside the server: an invitation, a founding, a proposal that names this
officer, or `--exchange`. Instance and log keys are those of `root` once the directory has been verified.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from exchange.client.errors import ExchangeUnknownError, HomeDamagedError, ServerUnknownError, UrlUnsafeError
from exchange.client.home import SERVER, Home
from keys import fields
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import KeysError

# A name as DNS has it (an international one in its xn-- form), or an address.
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:.]{2,45}", re.ASCII)
_LOG: Final[fields.Schema] = {"ed25519": fields.text(2048), "mldsa44": fields.text(2048)}
_FILE: Final[fields.Schema] = {
    "exchange": fields.nullable(fields.HASH),
    "instance": fields.nullable(fields.text(100)),
    "logs": fields.mapping_of(fields.one_of("audit", "directory"), fields.an_object(_LOG)),
    "url": fields.nullable(fields.text(300)),
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Server:
    """What this home was told of its server. `logs`: per log its two verifier keys as text."""

    url: str | None = None
    exchange: bytes | None = None
    instance: str | None = None
    logs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address; ServerUnknownError when none is known."""
        if self.url is None:
            raise ServerUnknownError("this home knows no server")
        return self.url

    @property
    def pinned(self) -> bytes:
        """The hash of `root`; ExchangeUnknownError when nothing outside the server has named it."""
        if self.exchange is None:
            raise ExchangeUnknownError("the exchange is not known yet")
        return self.exchange

    def at(self, url: str) -> "Server":
        """Return the same exchange at this address; UrlUnsafeError."""
        return replace(self, url=safe_url(url))


def load_server(home: Home) -> Server:
    """Return what the home knows, nothing for a new one; HomeDamagedError."""
    data = home.read(SERVER)
    if data is None:
        return Server()
    try:
        body = fields.check(parse_object(data), _FILE)
        exchange = None if body["exchange"] is None else unb64u(body["exchange"])
        url = None if body["url"] is None else safe_url(body["url"])
    except (KeysError, UrlUnsafeError) as error:
        raise HomeDamagedError("server.json is not as it was written", path=home.path(SERVER)) from error
    return Server(url, exchange, body["instance"], body["logs"])


def save_server(home: Home, server: Server) -> None:
    """Keep what is known of the server."""
    body: dict[str, Any] = {
        "exchange": None if server.exchange is None else b64u(server.exchange),
        "instance": server.instance,
        "logs": {name: dict(keys) for name, keys in server.logs.items()},
        "url": server.url,
        "version": 1,
    }
    home.write(SERVER, canonical(body))


def safe_url(url: str) -> str:
    """Return the address without a final slash.

    UrlUnsafeError unless it is `https://HOST[:PORT]`, or `http://` to this machine itself: no path, query or name in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlUnsafeError("not an address", url=url) from error
    host = parts.hostname or ""
    plain = parts.scheme == "http" and is_loopback(host)
    if not _HOST.fullmatch(host) or not (parts.scheme == "https" or plain) or parts.path.rstrip("/") or "@" in parts.netloc:
        raise UrlUnsafeError("not https, and not this machine", url=url)
    if parts.query or parts.fragment:
        raise UrlUnsafeError("an address with a query", url=url)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def is_loopback(host: str) -> bool:
    """Whether a host is a name or address of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
