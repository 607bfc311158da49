"""Serving an instance with gunicorn inside this process, and what an instance tells its founders about itself."""

import logging
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from exchange.config import Config
from exchange.transparency.log_keys import LogKeys
from exchange.web.process import Process
from exchange.web.services import EXTENSION
from keys.custody import LOGS, Custody
from keys.encoding import b64u


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


def serve_forever(app: Flask, config: Config) -> None:
    """Serve `app` until a signal ends it. One worker process; its access log is ours (`exchange.web.access_log`)."""
    _log_to_stderr()

    def started(_worker: Any) -> None:
        process: Process = app.extensions[EXTENSION].get(Process)
        process.start()

    def ended(_server: Any, _worker: Any) -> None:
        process: Process = app.extensions[EXTENSION].get(Process)
        process.stop()

    settings = {
        "bind": f"{config.host}:{config.port}",
        "workers": 1,
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
