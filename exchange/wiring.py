"""The one place that reads the clock and chooses implementations.

`build` fills a container of services, rooms below first, and `attach` hands it and every feature's routes to the
application. A test passes `replace={Kind: value}` and nothing is patched.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_openapi import APIBlueprint, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from exchange.access.feature import FEATURE as ACCESS
from exchange.accounts.feature import FEATURE as ACCOUNTS
from exchange.audit.feature import FEATURE as AUDIT
from exchange.config import Config
from exchange.consents.feature import FEATURE as CONSENTS
from exchange.db import Database
from exchange.directory.feature import FEATURE as DIRECTORY
from exchange.logs.feature import FEATURE as LOGS
from exchange.reports.feature import FEATURE as REPORTS
from exchange.storage.feature import FEATURE as STORAGE
from exchange.web import access_log, caller, csrf, headers, limits, openapi, problems, showing
from exchange.web.errors import NotPreparedError
from exchange.web.feature import Feature
from exchange.web.language import language, text
from exchange.web.process import Process
from exchange.web.services import EXTENSION, Clock, Services
from keys.custody import Custody, FileCustody

# Rooms below first: a feature's `build` finds the services of those before it.
FEATURES: Sequence[Feature] = (
    STORAGE,
    LOGS,
    AUDIT,
    DIRECTORY,
    ACCOUNTS,
    REPORTS,
    CONSENTS,
    ACCESS,
)


class SystemClock:
    """The clock of this machine, which is the embedded database's too."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return datetime.now(UTC)


def prepared(config: Config) -> bool:
    """True once `flask prepare` has made this instance's custody file."""
    return config.custody_file.exists()


def open_database(config: Config, clock: Clock) -> Database:
    """Return the database of an instance. In service its own clock counts; a clock that a test puts in is obeyed."""
    return Database(config.database_url, clock.now, own_clock=isinstance(clock, SystemClock))


def build(config: Config, replace: Mapping[type[Any], object] | None = None) -> Services:
    """Return every service of a prepared instance. Errors of keys.custody when its file is damaged or open to others."""
    services = Services(replace)
    services.put(Config, config)
    services.put(Clock, SystemClock())
    services.put(Custody, FileCustody.load(config.custody_file))
    services.put(Database, open_database(config, services.get(Clock)))
    for feature in FEATURES:
        if feature.build is not None:
            feature.build(services)
    return services


def flask_settings(config: Config) -> dict[str, Any]:
    """Return Flask's own settings: cookies no script and no other site can use, and bounds on what is read."""
    return {
        "SESSION_COOKIE_NAME": "exchange" if config.plain else "__Host-exchange",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": not config.plain,
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=config.session_seconds),
        # Pages name a static file with its content's digest (`asset`): under that address it never changes.
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
        "MAX_CONTENT_LENGTH": config.max_request_bytes,
        "MAX_FORM_MEMORY_SIZE": 65_536,
        "MAX_FORM_PARTS": 100,
        "TRAP_HTTP_EXCEPTIONS": False,
        "PROPAGATE_EXCEPTIONS": False,
    }


def attach_pages(app: Flask) -> None:
    """Give templates the reader's language, the catalogue and dates, and answer every error of `app`."""
    Babel(app, locale_selector=language)
    app.jinja_env.globals.update(text=text, language=language)
    showing.register(app)
    problems.register(app)


def attach_unprepared(app: Flask, config: Config) -> None:
    """Answer everything with 503 until `flask prepare` has been run."""
    headers.register(app, config, SystemClock())

    @app.before_request
    def refuse() -> None:
        raise NotPreparedError("this instance is not prepared: run flask prepare")


def attach(app: OpenAPI, config: Config, replace: Mapping[type[Any], object] | None, background: bool) -> None:
    """Build the services and attach every feature. The order of the `before_request` gates is the order here."""
    services = build(config, replace)
    app.secret_key = services.get(Custody).session_secret
    app.extensions[EXTENSION] = services
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies)  # type: ignore[method-assign]
    process = Process(services, FEATURES, background)
    services.put(Process, process)
    app.before_request(process.start)
    services.put(Limiter, limits.build(app, config))
    headers.register(app, config, services.get(Clock))
    access_log.register(app)
    csrf.register(app)
    public = openapi.OPEN_ENDPOINTS.union(*(feature.public for feature in FEATURES))
    caller.register(app, public)
    for feature in FEATURES:
        for blueprint in feature.blueprints:
            if isinstance(blueprint, APIBlueprint):
                app.register_api(blueprint)
            else:
                app.register_blueprint(blueprint)
        for command in feature.commands:
            app.cli.add_command(command)
        if feature.setup is not None:
            feature.setup(app, services)
    openapi.publish(app)
