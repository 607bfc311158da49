"""The one place that reads the clock and chooses implementations.

`build` fills a container of services, rooms below first, and `attach` hands it and every feature's routes to the
application. A test passes `replace={Kind: value}` and nothing is patched.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Flask
from flask_babel import Babel
from flask_openapi import APIBlueprint, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from exchange.access.feature import FEATURE as ACCESS
from exchange.accounts.feature import FEATURE as ACCOUNTS
from exchange.audit.feature import FEATURE as AUDIT
from exchange.config import Config
from exchange.consents.feature import FEATURE as CONSENTS
from exchange.database_url import POSTGRESQL, kind_of
from exchange.db import Database, DbError
from exchange.directory.feature import FEATURE as DIRECTORY
from exchange.logs.feature import FEATURE as LOGS
from exchange.notices.feature import FEATURE as NOTICES
from exchange.publications.feature import FEATURE as PUBLICATIONS
from exchange.reports.feature import FEATURE as REPORTS
from exchange.storage import mounts
from exchange.storage.feature import FEATURE as STORAGE
from exchange.web import access_log, caller, csrf, headers, limits, openapi, problems, showing
from exchange.web.errors import NotPreparedError
from exchange.web.feature import Feature
from exchange.web.language import language, text
from exchange.web.limits import Limits
from exchange.web.process import Process
from exchange.web.services import EXTENSION, Clock, Services
from exchange.web.sessions import ClocklessSessions
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
    PUBLICATIONS,
    ACCESS,
    NOTICES,
)


_ASK_AGAIN_SECONDS: Final = 10.0


class SystemClock:
    """The clock of this machine, which is the embedded database's too."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return datetime.now(UTC)


class DatabaseClock:
    """The clock of a database that several hosts share, for what has no unit of work: hosts that disagree on the time
    still sign checkpoints, and tell the time, by one clock.

    It asks every ten seconds and counts on in between. While the database is away it counts on from what it heard last.
    """

    def __init__(self, database: Database, machine: SystemClock) -> None:
        """`machine` is believed only until the database has answered for the first time."""
        self._database = database
        self._machine = machine
        self._asking = threading.Lock()
        self._heard: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        heard = self._heard
        if heard is None or time.monotonic() - heard[1] > _ASK_AGAIN_SECONDS:
            # One thread asks, the others go on with what was heard: no more than one connection is ever taken for this.
            if self._asking.acquire(blocking=heard is None):
                try:
                    heard = self._ask()
                finally:
                    self._asking.release()
        if heard is None:
            return self._machine.now()
        return heard[0] + timedelta(seconds=time.monotonic() - heard[1])

    def _ask(self) -> tuple[datetime, float] | None:
        try:
            with self._database.unit_of_work() as uow:
                self._heard = (uow.now, time.monotonic())
        except DbError:
            pass
        return self._heard


def prepared(config: Config) -> bool:
    """True once `flask prepare` has made this instance's custody file."""
    return config.custody_file.exists()


def open_database(config: Config, clock: Clock) -> Database:
    """Return the database of an instance. In service its own clock counts; a clock that a test puts in is obeyed."""
    own_clock = isinstance(clock, SystemClock)
    return Database(config.database_url, clock.now, own_clock=own_clock, connections=config.connections)


def build(config: Config, replace: Mapping[type[Any], object] | None = None) -> Services:
    """Return every service of a prepared instance. Errors of keys.custody when its file is damaged or open to others."""
    services = Services(replace)
    services.put(Config, config)
    services.put(SystemClock, SystemClock())
    services.put(Clock, services.get(SystemClock))
    services.put(Custody, FileCustody.load(config.custody_file))
    services.put(Database, open_database(config, services.get(Clock)))
    if kind_of(config.database_url) == POSTGRESQL:
        services.put(Clock, DatabaseClock(services.get(Database), services.get(SystemClock)))
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
    mounts.check(config)
    services = build(config, replace)
    app.secret_key = services.get(Custody).session_secret
    app.session_interface = ClocklessSessions()
    app.extensions[EXTENSION] = services
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies)  # type: ignore[method-assign]
    process = Process(services, FEATURES, background)
    services.put(Process, process)
    app.before_request(process.start)
    services.put(Limits, limits.build(app, config, services.get(Custody).session_secret))
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
