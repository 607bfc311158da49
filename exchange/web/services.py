"""What this process runs with, by type. `exchange.wiring` fills it once; a feature asks for what it needs.

    with unit_of_work(write=True) as uow:
        service(Reports).register(uow, ...)

Tests replace a service through `create_app(config, replace={Kind: value})`; nothing is patched.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar, cast

from flask import current_app

from exchange.db import Database, UnitOfWork
from exchange.web.errors import NotPreparedError

T = TypeVar("T")
EXTENSION: Final = "exchange"


class Clock(Protocol):
    """The one clock of a process. Decisions use `UnitOfWork.now`; this is for what has no unit of work."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""


class Services:
    """A container of one value a type. A `pinned` value stands whatever is put later under the same type."""

    def __init__(self, pinned: Mapping[type[Any], object] | None = None) -> None:
        self._pinned = dict(pinned or {})
        self._values: dict[type[Any], object] = dict(self._pinned)

    def put(self, kind: type[T], value: T) -> None:
        """Keep `value` as the service of type `kind`, unless a test has pinned another."""
        if kind not in self._pinned:
            self._values[kind] = value

    def get(self, kind: type[T]) -> T:
        """Return the service of type `kind`; LookupError when wiring never made one."""
        try:
            return cast(T, self._values[kind])
        except KeyError:
            raise LookupError(f"no service {kind.__name__}: is its feature listed in exchange.wiring?") from None


def services() -> Services:
    """Return the services of the current application; NotPreparedError before `flask prepare`."""
    found = current_app.extensions.get(EXTENSION)
    if found is None:
        raise NotPreparedError("this instance is not prepared: run `flask --app wsgi prepare --name HOST -o server.json`")
    return cast(Services, found)


def service(kind: type[T]) -> T:
    """Return the current application's service of type `kind`."""
    return services().get(kind)


def unit_of_work(*, write: bool = False) -> AbstractContextManager[UnitOfWork]:
    """Open a unit of work on the current application's database (`exchange.db.Database.unit_of_work`)."""
    return service(Database).unit_of_work(write=write)
