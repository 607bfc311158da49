"""The access log: which route answered what. Never a path as sent, a query, a header, or a caller.

Below /reports nothing of the route is logged, and no address: lines about reports must not say who opened what
(promise P7). Nor is the address of whoever was served anything else: a token before an opening and a receipt after it
would say whose it was. Who was refused is logged with the address, so that the operator finds who guesses. The log goes
to the logger "exchange.access"; gunicorn's own access log stays off.
"""

import logging
from typing import Final

from flask import Flask, Response, request

log = logging.getLogger("exchange.access")

_HIDDEN: Final = "/reports"
_REFUSED: Final = 400


def shown(rule: str) -> str:
    """Return what may be logged of a route's template: everything below /reports becomes one ellipsis."""
    head, mark, rest = rule.partition(_HIDDEN)
    return f"{head}{mark}/…" if mark and rest.startswith(("/", "<")) else rule


def register(app: Flask) -> None:
    """Log one line for each answer of `app`, and silence the development server's own lines, which quote paths."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    @app.after_request
    def log_answer(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule is not None else "-"
        served = response.status_code < _REFUSED
        address = "-" if served or _HIDDEN in rule else request.remote_addr or "-"
        log.info("%s %s %s %d", address, request.method, shown(rule), response.status_code)
        return response
