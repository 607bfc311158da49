"""What the room `accounts` gives the application."""

from datetime import timedelta

from exchange.accounts import signin
from exchange.accounts.api import api
from exchange.accounts.pages import blueprint as pages
from exchange.accounts.passwords import Passwords
from exchange.accounts.services import Accounts
from exchange.accounts.token_endpoint import blueprint
from exchange.accounts.tokens import Tokens
from exchange.audit.services import Audit
from exchange.config import Config
from exchange.db import Database
from exchange.web.caller import Authenticator, KeyDirectory
from exchange.web.feature import Background, Feature
from exchange.web.services import Services

_PURGE_SECONDS = 300


def _build(services: Services) -> None:
    config = services.get(Config)

    def directory() -> KeyDirectory:
        return services.get(KeyDirectory)

    tokens = Tokens(directory, services.get(Audit), config.token_seconds)
    services.put(Tokens, tokens)
    services.put(Authenticator, tokens)
    accounts = Accounts(
        services.get(Database),
        directory,
        Passwords(config.argon2),
        services.get(Audit),
        timedelta(seconds=config.session_idle_seconds),
        timedelta(seconds=config.session_seconds),
    )
    services.put(Accounts, accounts)


def _purge(services: Services) -> None:
    with services.get(Database).unit_of_work(write=True) as uow:
        services.get(Tokens).purge(uow)
        services.get(Accounts).purge(uow)


FEATURE = Feature(
    "accounts",
    build=_build,
    setup=signin.setup,
    blueprints=(api, blueprint, pages),
    background=(Background("purge", lambda _config: _PURGE_SECONDS, _purge),),
)
