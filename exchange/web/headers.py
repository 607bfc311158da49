"""The headers every answer carries: what a browser may load, embed, guess, remember and tell others.

Sources: CSP level 3, HTML (COOP, COEP), Fetch (CORP), RFC 9111 (no-store), RFC 6797 (HSTS).
"""

from typing import Final

from flask import Flask, Response

from exchange.config import Config
from exchange.web.language import for_machines
from exchange.web.services import Clock
from keys.encoding import format_time

PAGE_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
MACHINE_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
SERVER_TIME: Final = "Exchange-Time"

_FIXED: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("X-Frame-Options", "DENY"),
)


def register(app: Flask, config: Config, clock: Clock) -> None:
    """Put the headers on every answer of `app`. A view may set its own Cache-Control (public log tiles do)."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _FIXED:
            response.headers[name] = value
        machine = for_machines()
        response.headers["Content-Security-Policy"] = MACHINE_POLICY if machine else PAGE_POLICY
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if machine:
            response.headers[SERVER_TIME] = format_time(clock.now())
        if not config.plain:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        return response
