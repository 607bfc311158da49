"""How a home is told its server and exchange: --server, --exchange, --root."""

from pathlib import Path

from exchange.client.cli.app import App
from exchange.client.errors import UsageError
from exchange.client.founding import Halves, check_halves, read_halves, remember
from exchange.client.proposals import read_proposal
from exchange.client.server_file import Server, safe_url
from keys.directory_kinds import read_kind
from keys.directory_root import Root


def halves_or_url(app: App, server: str) -> tuple[Halves | None, str]:
    """Return what --server says: the operator's server.json, or an address alone. UrlUnsafeError, MalformedError."""
    if server.startswith(("https://", "http://")):
        return None, safe_url(server)
    halves = read_halves(app.read(Path(server)))
    return halves, halves.url


def told_server(app: App, server: str | None, exchange: bytes | None, root: Path | None = None) -> None:
    """Keep what the options say, if they say anything; a root file must be for the server of server.json."""
    halves, url = halves_or_url(app, server) if server is not None else (None, None)
    if root is not None:
        statement = read_proposal(app.read(root)).statements[0]
        kind = read_kind(statement)
        if not isinstance(kind, Root) or exchange not in (None, statement.hash):
            raise UsageError("not the root of this exchange", detail="--root")
        if halves is not None:
            check_halves(halves, kind)
        exchange = statement.hash
    if halves is not None:
        remember(app.home, halves.server(exchange))
    elif url is not None or exchange is not None:
        remember(app.home, Server(url, exchange))
