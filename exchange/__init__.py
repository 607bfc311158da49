"""The Confidential Report Exchange: each room in its own package (docs/spec/server.md says how the server's fit together).

`create_app` imports Flask inside the function, so that the command line of an officer never drags it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_openapi import OpenAPI

    from exchange.config import Config


def create_app(config: Config, *, replace: Mapping[type[Any], object] | None = None, background: bool = True) -> OpenAPI:
    """Return the Flask application for `config`.

    An instance that `flask prepare` has not made yet gives an application that knows the operator's commands and answers
    every request with 503. `replace` pins services for tests; `background` False keeps this process without threads.
    """
    from exchange import commands, wiring
    from exchange.web.openapi import new_app

    app = new_app(__name__)
    app.config.from_mapping(wiring.flask_settings(config))
    commands.register(app, config)
    wiring.attach_pages(app)
    if wiring.prepared(config):
        wiring.attach(app, config, replace, background)
    else:
        wiring.attach_unprepared(app, config)
    return app
