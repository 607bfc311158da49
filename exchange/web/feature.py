"""What a feature gives the application: one `FEATURE` in `exchange/<room>/feature.py`, one line in `exchange.wiring`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import click
from flask import Blueprint, Flask

from exchange.config import Config
from exchange.web.services import Services


@dataclass(frozen=True)
class Check:
    """One check of `flask fsck`: `run` yields each finding as a sentence that names no secret; nothing means sound."""

    name: str
    run: Callable[[Services], Iterable[str]]


@dataclass(frozen=True)
class Background:
    """Something one thread of this process does every `seconds(config)`; its failures are logged, and it goes on."""

    name: str
    seconds: Callable[[Config], int]
    run: Callable[[Services], None]


@dataclass(frozen=True)
class Feature:
    """A room's part in the application. Everything but the name may be left out.

    build       make the room's services and put them into the container; called once, rooms below first
    setup       attach what needs the Flask application itself (a login manager, template globals)
    blueprints  flask_openapi APIBlueprints (see `exchange.web.openapi.api_blueprint`) and plain page Blueprints
    public      endpoint names ("directory_api.join") under /api that need no token
    commands    `flask …` commands for the operator; they run inside the application context
    checks      what `flask fsck` asks
    start       recovery before the first request of a process (after every fork, never for a command)
    background  what is done again and again while the process serves
    """

    name: str
    build: Callable[[Services], None] | None = None
    setup: Callable[[Flask, Services], None] | None = None
    blueprints: Sequence[Blueprint] = ()
    public: frozenset[str] = frozenset()
    commands: Sequence[click.Command] = ()
    checks: Sequence[Check] = ()
    start: Callable[[Services], None] | None = None
    background: Sequence[Background] = ()


class Founding(Protocol):
    """Who `flask init --root FILE` hands the founding to: the directory room puts one into the container."""

    def found(self, submission: bytes) -> str:
        """Check and record the founding; return the hash of the root as base64url. Typed errors of its own room."""
