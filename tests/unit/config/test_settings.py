"""Settings: read once, frozen, refused when unsafe, and the refusal names the setting and the fix."""

import dataclasses
import re
from pathlib import Path

import pytest

from exchange.config import ARGON2_SETTINGS, SETTINGS, Argon2Cost, Config, ConfigError, from_environment, is_loopback

PROJECT = Path(__file__).parents[3]


def test_defaults_are_safe_and_local() -> None:
    """Without any setting: loopback, plain HTTP at a name passkeys accept, SQLite in the instance, a checkpoint a minute."""
    config = from_environment({})
    assert (config.host, config.public_url, config.plain) == ("127.0.0.1", "http://localhost:8443", True)
    assert config.database_url == f"sqlite:///{Path('instance').absolute() / 'exchange.sqlite'}"
    assert config.token_endpoint == "http://localhost:8443/oauth/token"
    assert (config.public_checkpoint_seconds, config.token_seconds) == (60, 600)
    assert config.argon2 == Argon2Cost(65_536, 3, 1)


def test_every_setting_is_read() -> None:
    """Each setting reaches its field."""
    config = from_environment(
        {
            "EXCHANGE_INSTANCE": "/srv/x",
            "DATABASE_URL": "sqlite:////srv/y.sqlite",
            "EXCHANGE_HOST": "0.0.0.0",
            "EXCHANGE_PORT": "9000",
            "EXCHANGE_PUBLIC_URL": "https://exchange.example/",
            "EXCHANGE_THREADS": "4",
            "EXCHANGE_PROXIES": "1",
            "EXCHANGE_SESSION_IDLE_SECONDS": "120",
            "EXCHANGE_SESSION_SECONDS": "240",
            "EXCHANGE_TOKEN_SECONDS": "300",
            "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "120",
            "EXCHANGE_MAX_REQUEST_BYTES": "4000000",
            "EXCHANGE_MAX_REPORT_BYTES": "8000000",
            "EXCHANGE_RATE_LIMITS": "0",
            "EXCHANGE_WORKERS": "3",
            "EXCHANGE_SHARED": "/srv/x",
            "EXCHANGE_ACCEL": "/pieces/",
            "REDIS_URL": "unix:///run/redis.sock",
            "EXCHANGE_SMTP_URL": "smtps://us:secret@mail.example:466",
            "EXCHANGE_MAIL_FROM": "notices@exchange.example",
            "EXCHANGE_ARGON2_MEMORY_KIB": "131072",
            "EXCHANGE_ARGON2_PASSES": "4",
            "EXCHANGE_ARGON2_LANES": "2",
            "EXCHANGE_HOME": "not the server's",
            "PATH": "/bin",
        }
    )
    assert config == Config(
        Path("/srv/x"), "sqlite:////srv/y.sqlite", "0.0.0.0", 9000, "https://exchange.example", 4, 1, 120, 240, 300, 120,
        4_000_000, 8_000_000, False, Argon2Cost(131_072, 4, 2), 3, Path("/srv/x"), "/pieces/", "unix:///run/redis.sock",
        "smtps://us:secret@mail.example:466", "notices@exchange.example",
    )
    assert config.custody_file == Path("/srv/x/custody.json")


def test_what_hosts_share_and_what_each_has_of_its_own() -> None:
    """Pieces and logs lie in the shared folder, secrets in each host's own; one host alone has them side by side."""
    database = "postgresql://exchange@db/exchange"
    two = from_environment({"EXCHANGE_INSTANCE": "/srv/own", "EXCHANGE_SHARED": "/mnt/all", "DATABASE_URL": database})
    assert (two.pieces_dir, two.logs_dir) == (Path("/mnt/all/pieces"), Path("/mnt/all/logs"))
    assert two.custody_file == Path("/srv/own/custody.json")
    one = from_environment({"EXCHANGE_INSTANCE": "/srv/own"})
    assert (one.pieces_dir, one.logs_dir, one.workers) == (Path("/srv/own/pieces"), Path("/srv/own/logs"), 1)


def test_no_password_in_what_settings_print() -> None:
    """Addresses of a database and of Redis may hold passwords."""
    addresses = {"DATABASE_URL": "postgresql://x:planted@db/x", "REDIS_URL": "redis://:planted@cache/0"}
    assert "planted" not in repr(from_environment(addresses))
    with pytest.raises(ConfigError) as caught:
        from_environment({"REDIS_URL": "http://:planted@cache/0"})
    assert "planted" not in str(caught.value)


def test_there_is_a_connection_more_than_threads_can_hold() -> None:
    """Each thread may hold one connection and ask for a second: somebody always gets it, so nobody waits for ever."""
    assert from_environment({"EXCHANGE_THREADS": "16"}).connections == 24
    assert 4 * from_environment({}).connections <= 100 - 3, "four workers fit PostgreSQL as it comes"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"EXCHANGE_HOST": "0.0.0.0"}, "EXCHANGE_PROXIES"),
        ({"EXCHANGE_HOST": "10.0.0.1", "EXCHANGE_PUBLIC_URL": "https://x.example"}, "127.0.0.1"),
        ({"EXCHANGE_PUBLIC_URL": "http://exchange.example"}, "https"),
        ({"EXCHANGE_PUBLIC_URL": "https://exchange.example"}, "EXCHANGE_PROXIES"),
        ({"EXCHANGE_PUBLIC_URL": "https://exchange.example/path", "EXCHANGE_PROXIES": "1"}, "without a path"),
        ({"EXCHANGE_PUBLIC_URL": "ftp://exchange.example"}, "EXCHANGE_PUBLIC_URL"),
        (
            {"EXCHANGE_PUBLIC_URL": "https://x.example", "EXCHANGE_PROXIES": "1", "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "5"},
            "60",
        ),
        ({"EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "0"}, "1 and 3600"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "sqlite"),
        ({"DATABASE_URL": "sqlite:///"}, "sqlite"),
        ({"DATABASE_URL": "sqlite:///relative.sqlite"}, "postgresql"),
        ({"DATABASE_URL": "not an address"}, "postgresql"),
        ({"EXCHANGE_TOKEN_SECONDS": "100000"}, "3600"),
        ({"EXCHANGE_SESSION_IDLE_SECONDS": "90000"}, "EXCHANGE_SESSION_SECONDS"),
        ({"EXCHANGE_MAX_REQUEST_BYTES": "1000"}, "2 MiB"),
        ({"EXCHANGE_ARGON2_MEMORY_KIB": "1024"}, "19456"),
        ({"EXCHANGE_THREADS": "0"}, "1 and 256"),
        ({"EXCHANGE_PORT": "70000"}, "65535"),
        ({"EXCHANGE_PORT": "-1"}, "EXCHANGE_PORT"),
        ({"EXCHANGE_PORT": "eight"}, "docs/configuration.md"),
        ({"EXCHANGE_RATE_LIMITS": "maybe"}, "EXCHANGE_RATE_LIMITS"),
        ({"EXCHANGE_SECRET_KEY": "dev"}, "not a setting"),
        ({"EXCHANGE_WORKERS": "0"}, "1 and 64"),
        ({"EXCHANGE_SHARED": "/mnt/exchange"}, "postgresql"),
        ({"EXCHANGE_ACCEL": "pieces"}, "internal location"),
        ({"EXCHANGE_ACCEL": "/"}, "internal location"),
        ({"REDIS_URL": "memcached://cache"}, "redis://"),
        ({"EXCHANGE_SMTP_URL": "http://mail.example", "EXCHANGE_MAIL_FROM": "n@x.example"}, "smtps://"),
        ({"EXCHANGE_SMTP_URL": "smtps://", "EXCHANGE_MAIL_FROM": "n@x.example"}, "smtps://"),
        ({"EXCHANGE_SMTP_URL": "smtps://host:port", "EXCHANGE_MAIL_FROM": "n@x.example"}, "smtps://"),
        ({"EXCHANGE_SMTP_URL": "smtp://mail.example", "EXCHANGE_MAIL_FROM": "n@x.example"}, "starttls"),
        ({"EXCHANGE_SMTP_URL": "smtps://mail.example"}, "EXCHANGE_MAIL_FROM"),
        ({"EXCHANGE_SMTP_URL": "smtp://localhost", "EXCHANGE_MAIL_FROM": "Us <n@x>"}, "EXCHANGE_MAIL_FROM"),
    ],
)
def test_unsafe_settings_are_refused_with_the_fix(settings: dict[str, str], named: str) -> None:
    """The message holds what to set instead; a misspelt setting is never ignored."""
    with pytest.raises(ConfigError) as caught:
        from_environment(settings)
    assert named in str(caught.value)
    assert caught.value.code == "config_invalid"


def test_a_quicker_checkpoint_is_for_loopback_alone() -> None:
    """A demonstration on one machine may publish every second."""
    assert from_environment({"EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "1"}).public_checkpoint_seconds == 1


def test_settings_are_frozen() -> None:
    """Nothing changes them after they were read."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        from_environment({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True),
        ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("localhost.example", False), ("", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    """Only names and addresses of this machine count."""
    assert is_loopback(host) is loopback


def test_every_setting_is_documented() -> None:
    """docs/configuration.md has a row for each setting, and no row for anything else."""
    text = (PROJECT / "docs/configuration.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z0-9_]+)`", text, re.MULTILINE)) == {*SETTINGS, *ARGON2_SETTINGS}


def test_a_refused_database_address_is_not_repeated() -> None:
    """It may hold a password."""
    with pytest.raises(ConfigError) as caught:
        from_environment({"DATABASE_URL": "mysql://exchange:hunter2@db.example/x"})
    assert "hunter2" not in str(caught.value) and caught.value.__suppress_context__
