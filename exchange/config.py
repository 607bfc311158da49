"""The server's settings: read once from the environment, frozen, and refused when unsafe (docs/configuration.md).

A refusal names the setting and the fix. There is no default secret: what must stay secret lies in the custody file
that `flask prepare` makes.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from exchange.database_url import SQLITE, kind_of

MIB: Final = 1 << 20
BACKGROUND_CONNECTIONS: Final = 8
REDIS_SCHEMES: Final = ("redis", "rediss", "unix")
SMTP_SCHEMES: Final = ("smtp", "smtp+starttls", "smtps")
_SENDER: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,189}", re.ASCII)
_ACCEL: Final = re.compile(r"(/[A-Za-z0-9_-]+)+/?", re.ASCII)


class ConfigError(Exception):
    """A setting that is malformed or unsafe; the message says which, and what to set instead."""

    code: ClassVar[str] = "config_invalid"


@dataclass(frozen=True)
class Argon2Cost:
    """What one password check costs: memory in KiB, passes, lanes (Argon2id, RFC 9106)."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 1


@dataclass(frozen=True)
class Config:
    """Every setting of one process. Built by `from_environment`, or directly in tests; `check` runs either way."""

    instance: Path = Path("instance")
    database_url: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8443
    public_url: str = ""
    threads: int = 16
    proxies: int = 0
    session_idle_seconds: int = 1_800
    session_seconds: int = 28_800
    token_seconds: int = 600
    public_checkpoint_seconds: int = 60
    max_request_bytes: int = 20 * MIB
    max_report_bytes: int = 16 * 1024 * MIB
    rate_limits: bool = True
    argon2: Argon2Cost = field(default_factory=Argon2Cost)
    workers: int = 1
    shared: Path | None = None
    accel: str = ""
    redis_url: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""

    def __post_init__(self) -> None:
        instance = self.instance.absolute()
        object.__setattr__(self, "instance", instance)
        object.__setattr__(self, "shared", (self.shared or instance).absolute())
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{instance / 'exchange.sqlite'}")
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://localhost:{self.port}")
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        check(self)

    @property
    def custody_file(self) -> Path:
        """Where the server's secrets lie: log keys, lock key, session secret. Never in the database or its backups."""
        return self.instance / "custody.json"

    @property
    def shared_dir(self) -> Path:
        """The folder that all hosts of one exchange see: pieces and logs. The instance's own where there is one host."""
        return self.shared or self.instance

    @property
    def pieces_dir(self) -> Path:
        """Where sealed pieces lie."""
        return self.shared_dir / "pieces"

    @property
    def publications_dir(self) -> Path:
        """Where published renditions lie: plain files, apart from everything sealed."""
        return self.shared_dir / "publications"

    @property
    def logs_dir(self) -> Path:
        """Where both logs' public files and the last signed checkpoints lie, outside the database."""
        return self.shared_dir / "logs"

    @property
    def connections(self) -> int:
        """The most connections to the database that one worker opens.

        Each thread may hold one and ask for a second (a reading unit while it holds the writer's); with one more than there
        are threads somebody always gets the second, so nobody waits for ever. Some are for what runs in the background.
        """
        return self.threads + BACKGROUND_CONNECTIONS

    @property
    def token_endpoint(self) -> str:
        """The token endpoint's address, the one audience an assertion may name."""
        return f"{self.public_url}/oauth/token"

    @property
    def plain(self) -> bool:
        """True when readers reach this server by plain HTTP, which is possible on loopback alone."""
        return self.public_url.startswith("http://")


def is_loopback(host: str) -> bool:
    """True when `host` is a name or address of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check(config: Config) -> None:
    """Raise ConfigError when the settings, taken together, are unsafe."""
    _check_address(config)
    try:
        kind_of(config.database_url)
    except ValueError:
        # Never with the text itself: it may hold a password.
        raise ConfigError("DATABASE_URL must be sqlite:////an/absolute/file or postgresql://…") from None
    if not 1 <= config.public_checkpoint_seconds <= 3_600:
        raise ConfigError("EXCHANGE_PUBLIC_CHECKPOINT_SECONDS must lie between 1 and 3600")
    if config.public_checkpoint_seconds < 60 and not (is_loopback(config.host) and config.plain):
        raise ConfigError(
            "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS below 60 shows who acts when: set it to 60, or serve on loopback only"
        )
    if not 60 <= config.token_seconds <= 3_600:
        raise ConfigError("EXCHANGE_TOKEN_SECONDS must lie between 60 and 3600")
    if not 60 <= config.session_idle_seconds <= config.session_seconds <= 86_400:
        raise ConfigError("EXCHANGE_SESSION_IDLE_SECONDS must be 60 or more, at most EXCHANGE_SESSION_SECONDS (86400)")
    if config.max_request_bytes < 2 * MIB or config.max_report_bytes < config.max_request_bytes:
        raise ConfigError("EXCHANGE_MAX_REQUEST_BYTES must be 2 MiB or more, and at most EXCHANGE_MAX_REPORT_BYTES")
    if not 1 <= config.threads <= 256:
        raise ConfigError("EXCHANGE_THREADS must lie between 1 and 256")
    _check_hosts(config)
    _check_mail(config)
    cost = config.argon2
    if cost.memory_kib < 19_456 or cost.passes < 2 or cost.lanes < 1:
        raise ConfigError("EXCHANGE_ARGON2_MEMORY_KIB must be 19456 or more, EXCHANGE_ARGON2_PASSES 2 or more")


def _check_address(config: Config) -> None:
    url = urlsplit(config.public_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.path or url.query or url.fragment:
        raise ConfigError(f"EXCHANGE_PUBLIC_URL must be https://HOST without a path, not {config.public_url!r}")
    if not 1 <= config.port <= 65_535:
        raise ConfigError("EXCHANGE_PORT must lie between 1 and 65535")
    if config.plain and not is_loopback(url.hostname):
        raise ConfigError(f"EXCHANGE_PUBLIC_URL {config.public_url!r} is plain HTTP off loopback: use https")
    if not is_loopback(config.host) and (config.plain or not config.proxies):
        raise ConfigError(
            f"EXCHANGE_HOST {config.host!r} is not loopback: set it to 127.0.0.1, or put a TLS proxy in front, "
            "set EXCHANGE_PUBLIC_URL to its https address and EXCHANGE_PROXIES to 1"
        )
    if not config.plain and not config.proxies:
        raise ConfigError("EXCHANGE_PUBLIC_URL is https: set EXCHANGE_PROXIES to the number of proxies that end TLS")


def _check_hosts(config: Config) -> None:
    if not 1 <= config.workers <= 64:
        raise ConfigError("EXCHANGE_WORKERS must lie between 1 and 64")
    if config.shared_dir != config.instance and kind_of(config.database_url) == SQLITE:
        raise ConfigError(
            "EXCHANGE_SHARED is for several hosts, and these cannot share an SQLite file: "
            "set DATABASE_URL to postgresql://…, or leave EXCHANGE_SHARED out"
        )
    if config.accel and not _ACCEL.fullmatch(config.accel):
        raise ConfigError("EXCHANGE_ACCEL must be empty or the path of an internal location, as /pieces/")
    if config.redis_url and urlsplit(config.redis_url).scheme not in REDIS_SCHEMES:
        # Never with the text itself: it may hold a password.
        raise ConfigError("REDIS_URL must be redis://HOST:PORT/N, rediss://… or unix:///an/absolute/socket")


def _check_mail(config: Config) -> None:
    if not config.smtp_url:
        return
    # Never with the text itself: it may hold a password.
    url = urlsplit(config.smtp_url)
    try:
        sound = bool(url.hostname) and url.port != 0 and not (url.path.strip("/") or url.query or url.fragment)
    except ValueError:
        sound = False
    if url.scheme not in SMTP_SCHEMES or not sound:
        raise ConfigError("EXCHANGE_SMTP_URL must be smtps://NAME:PASSWORD@HOST, smtp+starttls://… or smtp://localhost")
    if url.scheme == "smtp" and not is_loopback(url.hostname or ""):
        raise ConfigError("EXCHANGE_SMTP_URL is plain SMTP off loopback: use smtps:// or smtp+starttls://")
    if _SENDER.fullmatch(config.mail_from) is None:
        raise ConfigError("EXCHANGE_MAIL_FROM must be the address that notices come from, as notices@HOST")


def _text(value: str) -> str:
    return value


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError
    return int(value)


def _yes(value: str) -> bool:
    return {"1": True, "0": False}[value]


# setting -> (field, reader). docs/configuration.md lists exactly these.
SETTINGS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "EXCHANGE_INSTANCE": ("instance", Path),
    "DATABASE_URL": ("database_url", _text),
    "EXCHANGE_HOST": ("host", _text),
    "EXCHANGE_PORT": ("port", _number),
    "EXCHANGE_PUBLIC_URL": ("public_url", _text),
    "EXCHANGE_THREADS": ("threads", _number),
    "EXCHANGE_PROXIES": ("proxies", _number),
    "EXCHANGE_SESSION_IDLE_SECONDS": ("session_idle_seconds", _number),
    "EXCHANGE_SESSION_SECONDS": ("session_seconds", _number),
    "EXCHANGE_TOKEN_SECONDS": ("token_seconds", _number),
    "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": ("public_checkpoint_seconds", _number),
    "EXCHANGE_MAX_REQUEST_BYTES": ("max_request_bytes", _number),
    "EXCHANGE_MAX_REPORT_BYTES": ("max_report_bytes", _number),
    "EXCHANGE_RATE_LIMITS": ("rate_limits", _yes),
    "EXCHANGE_WORKERS": ("workers", _number),
    "EXCHANGE_SHARED": ("shared", Path),
    "EXCHANGE_ACCEL": ("accel", _text),
    "REDIS_URL": ("redis_url", _text),
    "EXCHANGE_SMTP_URL": ("smtp_url", _text),
    "EXCHANGE_MAIL_FROM": ("mail_from", _text),
}
ARGON2_SETTINGS: Final[Mapping[str, str]] = {
    "EXCHANGE_ARGON2_MEMORY_KIB": "memory_kib",
    "EXCHANGE_ARGON2_PASSES": "passes",
    "EXCHANGE_ARGON2_LANES": "lanes",
}


def from_environment(environment: Mapping[str, str]) -> Config:
    """Return the settings in `environment`; ConfigError for a malformed, unsafe or unknown EXCHANGE_* setting."""
    values: dict[str, Any] = {}
    cost: dict[str, int] = {}
    for name, value in environment.items():
        try:
            if name in SETTINGS:
                target, read = SETTINGS[name]
                values[target] = read(value)
            elif name in ARGON2_SETTINGS:
                cost[ARGON2_SETTINGS[name]] = _number(value)
            elif name.startswith("EXCHANGE_") and name not in ELSEWHERE:
                raise ConfigError(f"{name} is not a setting: see docs/configuration.md for the list")
        except (ValueError, KeyError) as error:
            raise ConfigError(f"{name} cannot be {value!r}: see docs/configuration.md for what it takes") from error
    return Config(argon2=Argon2Cost(**cost), **values)


# Read by other programs of this project: the officers' command line and the test targets.
ELSEWHERE: Final = frozenset(
    {"EXCHANGE_HOME", "EXCHANGE_LANG", "EXCHANGE_PASSPHRASE_FILE", "EXCHANGE_FULL_TESTS", "EXCHANGE_TEST_ENGINE"}
)
