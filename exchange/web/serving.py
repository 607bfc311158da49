"""Serving an instance with gunicorn, and what an instance tells its founders about itself.

The process that was started forks the workers and puts a new one in the place of each that dies. It answers nothing itself
and has no connection open when it forks; what a worker uses, the worker opened (`exchange.web.process`).
"""

import logging
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from sqlalchemy import text

from exchange.config import Config, ConfigError
from exchange.db import Database
from exchange.transparency.log_keys import LogKeys
from exchange.web.process import Process
from exchange.web.services import EXTENSION
from keys.custody import LOGS, Custody
from keys.encoding import b64u

# PostgreSQL keeps these of its connections for those who repair it (superuser_reserved_connections).
_KEPT: Final = 3


def public_halves(custody: Custody, config: Config) -> dict[str, Any]:
    """Return what `exchange directory found --server` reads: instance name, address, both logs' vkeys, lock key."""
    logs = {}
    for log in LOGS:
        seeds = custody.log_seeds(log, 1)
        public = LogKeys(f"{custody.instance}/{log}/1", seeds.ed25519, seeds.mldsa44).public
        logs[log] = {"n": 1, "ed25519": public.ed25519.text, "mldsa44": public.mldsa44.text}
    lock = {"id": b64u(custody.lock_key_id), "public": b64u(custody.lock_public)}
    return {"instance": custody.instance, "url": config.public_url, "logs": logs, "lock_key": lock}


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with settings from our Config alone: no command line, no configuration file, no environment."""

    def __init__(self, app: Flask, settings: dict[str, Any]) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def check_connections(database: Database, config: Config) -> None:
    """Raise ConfigError where the workers of this host alone could ask PostgreSQL for more connections than it gives."""
    if database.engine.dialect.name != "postgresql":
        return
    with database.looking() as connection:
        most = int(connection.execute(text("select current_setting('max_connections')")).scalar_one())
    wanted = config.workers * config.connections
    if wanted > most - _KEPT:
        raise ConfigError(
            f"{config.workers} workers of {config.threads} threads may open {wanted} connections, and PostgreSQL gives "
            f"{most - _KEPT}: lower EXCHANGE_WORKERS or EXCHANGE_THREADS, or raise max_connections there"
        )


def serve_forever(app: Flask, config: Config) -> None:
    """Serve `app` with EXCHANGE_WORKERS processes until a signal ends it; the access log is `exchange.web.access_log`."""
    _log_to_stderr()

    def started(_worker: Any) -> None:
        process: Process = app.extensions[EXTENSION].get(Process)
        process.start()

    def ended(_server: Any, _worker: Any) -> None:
        process: Process = app.extensions[EXTENSION].get(Process)
        process.stop()

    settings = {
        "bind": f"{config.host}:{config.port}",
        "workers": config.workers,
        "threads": config.threads,
        "worker_class": "gthread",
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "timeout": 120,
        "graceful_timeout": 20,
        "limit_request_line": 2_048,
        "post_worker_init": started,
        "worker_exit": ended,
    }
    _Server(app, settings).run()


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    ours = logging.getLogger("exchange")
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
    ours.propagate = False
