"""The application as `wsgi` makes it, with one address more that says which modules its process has imported.

    flask --app tests.unit.house.telling serve
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from exchange import create_app
from exchange.config import from_environment

MODULES = "/test/modules"

app = create_app(from_environment(os.environ))
_inner = app.wsgi_app


def _telling(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] != MODULES:
        return _inner(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(sorted(sys.modules)).encode()]


app.wsgi_app = _telling  # type: ignore[method-assign]
