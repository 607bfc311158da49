"""What every command shares: the home, the language, where output goes, what is asked of the person, and the session.

Standard output carries results alone: with `--json` exactly one object. What was verified on the way, progress and
questions go to standard error.
"""

import json
import os
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from exchange.client.cli.terminal import plain
from exchange.client.clock import Clock
from exchange.client.errors import DeclinedError, FileFailedError, InputMissingError
from exchange.client.home import IDENTITY, Home
from exchange.client.http import Http
from exchange.client.identity import load_identity
from exchange.client.server_file import load_server
from exchange.client.session import Session
from exchange.texts import LANGUAGES, best_language, has, say
from keys.identity import Officer

HOME: Final = "EXCHANGE_HOME"
LANGUAGE: Final = "EXCHANGE_LANG"
PASSPHRASE_FILE: Final = "EXCHANGE_PASSPHRASE_FILE"  # noqa: S105  # a setting's name, not a passphrase


class App:
    """One run of the program. Commands get it as their first argument (`@click.pass_obj`)."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read what the environment says; options replace it as they are parsed."""
        env = os.environ if environment is None else environment
        self.home_path = Path(env.get(HOME) or Path("~/.exchange").expanduser())
        self.language = language_of(env.get(LANGUAGE) or env.get("LANG") or "")
        self.passphrase_file = Path(env[PASSPHRASE_FILE]) if env.get(PASSPHRASE_FILE) else None
        self.json = False
        self.yes = False
        self._home: Home | None = None
        self._clock: Clock | None = None
        self._http: Http | None = None
        self._officer: Officer | None = None
        self._session: Session | None = None

    # Speaking

    def text(self, key: str, **values: object) -> str:
        """Return what the catalogue has under `key` in the person's language."""
        return say(key, self.language, **values)

    def say(self, key: str, **values: object) -> None:
        """Tell, on standard error, what was verified or done (`exchange.client.telling.Teller`)."""
        click.echo(plain(self.text(key, **values)), err=True)

    def line(self, text: str) -> None:
        """Show a line that is no result on standard error."""
        click.echo(plain(text), err=True)

    def done(self, values: Mapping[str, Any], lines: str | Iterable[str] = ()) -> None:
        """End a command with its result: `values` as one object with --json, else `lines` for people."""
        if self.json:
            click.echo(json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True))
            return
        for line in [lines] if isinstance(lines, str) else lines:
            click.echo(plain(line))

    def word(self, table: str, value: str) -> str:
        """Return the catalogue's word for a code (`client.kind.npm`), or the code itself where it has none."""
        key = f"client.{table}.{value.replace('.', '_').replace('-', '_')}"
        return say(key, self.language) if has(key) else value

    # Asking

    def confirm(self, question: str) -> None:
        """Ask for a yes; DeclinedError for a no, InputMissingError where there is nobody to ask. `--yes` answers."""
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise InputMissingError("nobody to ask: --yes answers", option="--yes")
        if not click.confirm(plain(question), err=True):
            raise DeclinedError("declined")

    def secret(self, question: str, file: Path | None, option: str, *, new: bool = False) -> str:
        """Return a secret from a file (its last line end does not count) or, at a terminal, from the person.

        FileFailedError; InputMissingError names the option that a script would use.
        """
        if file is not None:
            return self.read(file).decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
        if not sys.stdin.isatty():
            raise InputMissingError(f"nobody to ask: use {option}", option=option)
        again: Any = self.text("client.ask.again") if new else False
        return str(click.prompt(question, hide_input=True, confirmation_prompt=again, err=True))

    def passphrase(self, *, new: bool = False) -> str:
        """Return the passphrase of this home's identity."""
        question = self.text("client.ask.new_passphrase" if new else "client.ask.passphrase")
        return self.secret(question, self.passphrase_file, "--passphrase-file", new=new)

    # Files that a person names

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file, or of standard input for `-`; FileFailedError."""
        try:
            return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        except OSError as error:
            raise FileFailedError(f"cannot be read: {error.strerror}", path=path) from error

    def write(self, path: Path, data: bytes, *, secret: bool = False) -> None:
        """Write a file as a whole, replacing one that is there; for its owner alone when `secret`. FileFailedError."""
        # A new file under a name nobody can know: in a folder that others may write to, a link or file of theirs could lie
        # in wait under one that can be guessed.
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(temporary, flags, 0o600 if secret else 0o644)
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise FileFailedError(f"cannot be written: {error.strerror}", path=path) from error

    # Working

    @property
    def home(self) -> Home:
        """The home folder."""
        if self._home is None:
            self._home = Home(self.home_path)
        return self._home

    @property
    def clock(self) -> Clock:
        """The corrected clock."""
        if self._clock is None:
            self._clock = Clock(self.home)
        return self._clock

    @property
    def officer(self) -> Officer:
        """The unlocked keys; the passphrase is asked for at first use."""
        if self._officer is None:
            identity = load_identity(self.home)
            self._officer = identity.unlock(self.passphrase())
        return self._officer

    @property
    def public_http(self) -> Http:
        """The server's public addresses, without unlocking any key."""
        return self._keep_http(None)

    @property
    def session(self) -> Session:
        """The officer's session; unlocks the keys, and verifies the directory at first use."""
        if self._session is None:
            officer = self.officer
            self._session = Session(self.home, self.clock, self._keep_http(officer), officer, self)
        return self._session

    def own_officer(self) -> bytes | None:
        """Return the id of this home's officer without unlocking anything; None where there is no identity."""
        return None if self.home.read(IDENTITY) is None else load_identity(self.home).officer

    def knows_server(self) -> bool:
        """Whether this home was told both its server and its exchange."""
        server = load_server(self.home)
        return server.url is not None and server.exchange is not None

    def close(self) -> None:
        """Close connections."""
        if self._http is not None:
            self._http.close()

    def _keep_http(self, officer: Officer | None) -> Http:
        if self._http is not None:
            self._http.close()
        self._http = Http(load_server(self.home).address, self.clock, self, officer, language=self.language)
        return self._http


def language_of(spelling: str) -> str:
    """Return our language for a locale ("fr_CH.UTF-8") or a tag; English when it is none of ours."""
    return best_language(spelling.partition(".")[0].replace("_", "-")) if spelling else LANGUAGES[0]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
