"""The application of a run's server process: `flask --app tests.faults.seeded_app serve`.

FAULT_ARMED and FAULT_FIRED name the files of `SeededByFile`; FAULT_CLOCK is by how many seconds this host's clock is wrong.
POST /faults/publish, outside the application, makes both logs public now, as the background would at its time.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from exchange import create_app
from exchange.audit.publisher import AuditPublisher
from exchange.config import from_environment
from exchange.logs.services import Logs
from exchange.texts import code_of
from exchange.web.services import EXTENSION, Services
from tests.faults.seeded_faults import SeededByFile, ShiftedClock, services

PUBLISH = "/faults/publish"


def publish(found: Services) -> str | None:
    """Make both logs public; return the code of what went wrong, or None."""
    try:
        found.get(Logs).publish_directory()
        found.get(AuditPublisher).publish(at_once=True)
    except Exception as error:
        return code_of(error) or type(error).__name__
    return None


def with_publish(app: Callable[..., Iterable[bytes]], found: Services) -> Callable[..., Iterable[bytes]]:
    """Put the address in front of an application."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PUBLISH:
            return app(environ, start)
        code = publish(found)
        start("200 OK" if code is None else "500 Internal Server Error", [("Content-Type", "text/plain")])
        return [(code or "").encode("ascii")]

    return answer


if "FAULT_ARMED" in os.environ:
    faults = SeededByFile(Path(os.environ["FAULT_ARMED"]), Path(os.environ["FAULT_FIRED"]))
    config = from_environment(os.environ)
    app = create_app(config, replace=services(config, ShiftedClock(float(os.environ["FAULT_CLOCK"])), faults))
    app.wsgi_app = with_publish(app.wsgi_app, app.extensions[EXTENSION])  # type: ignore[method-assign]
