"""What the transcripts share: a real server in a process of its own, and people who type commands into homes of their own.

A person's commands run in this process, through the same entry point, with their own home, and with standard input that
is no terminal: whatever would be asked must come from a file or an option.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from exchange.client.cli.main import main
from tests import databases
from tests.served import ROOT, Served

PHRASE = "a quiet river in winter"
INSTANCE = "exchange.example"


@dataclass
class Said:
    """What a command left: its exit code, its result, and what it told on the way."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)


class Server(Served):
    """An instance in a folder, with the operator's commands and a process that serves it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Choose a free port of loopback; nothing is made yet."""
        super().__init__(
            folder,
            {
                "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "1",
                "EXCHANGE_RATE_LIMITS": "0",
                **databases.settings(folder / "instance"),
                **settings,
            },
        )
        self.halves = folder / "server.json"

    def operator(self, *words: str, expect: int = 0) -> str:
        """Run one of the operator's commands."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def prepare(self) -> None:
        """Make the instance's keys."""
        self.operator("prepare", "--name", INSTANCE, "-o", str(self.halves))

    def found(self, root: Path) -> None:
        """Record the founding."""
        self.operator("init", "--root", str(root))


@dataclass
class Person:
    """Someone with a home folder of their own."""

    name: str
    folder: Path
    language: str = "en"
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Their home."""
        return self.folder / self.name

    @property
    def phrase(self) -> Path:
        """The file with their passphrase."""
        path = self.folder / f"{self.name}.phrase"
        if not path.exists():
            path.write_text(PHRASE + "\n")
        return path

    def file(self, name: str) -> Path:
        """A file of theirs outside the home."""
        return self.folder / f"{self.name}-{name}"

    def types(self, *words: object, expect: int = 0) -> Said:
        """Run `exchange …` and return what it said; its exit code must be `expect`."""
        environment = {
            "EXCHANGE_HOME": str(self.home),
            "EXCHANGE_LANG": self.language,
            "EXCHANGE_PASSPHRASE_FILE": str(self.phrase),
            **self.environment,
        }
        done = CliRunner().invoke(main, [str(word) for word in words], env=environment, prog_name="exchange")
        said = Said(done.exit_code, done.stdout, done.stderr)
        assert said.code == expect, f"{words} ended with {said.code}\n{said.out}\n{said.err}"
        return said

    def asks(self, *words: object, expect: int = 0) -> Any:
        """As `types` with --json; returns the object."""
        return self.types(*words, "--json", expect=expect).value

    def makes_keys(self, organisation: str) -> Path:
        """Make an identity and a card for a body; return the card."""
        self.asks("identity", "new", "--memory-mib", "64")
        card = self.file("card.json")
        self.asks("identity", "show", "--card", "--organisation", organisation, "-o", card)
        return card

    @property
    def officer(self) -> str:
        """Their number."""
        return str(self.asks("identity", "show")["officer"])


@dataclass
class Exchange:
    """A founded exchange: its server and its founders, both bodies with keys."""

    server: Server
    folder: Path
    cpt: Person
    spt: Person

    def person(self, name: str, language: str = "en") -> Person:
        """Someone new."""
        return Person(name, self.folder, language)


def found(folder: Path) -> Exchange:
    """Found an exchange of CPT and SPT on a server that runs, as the runbook says."""
    server = Server(folder)
    server.prepare()
    cpt, spt = Person("cpt", folder), Person("spt", folder)
    cards = [cpt.makes_keys("coe-cpt"), spt.makes_keys("un-spt")]
    root = folder / "root.json"
    cpt.asks("directory", "found", "--server", server.halves, "--host", "coe-cpt", "--founder", cards[1], "-o", root)
    spt.asks("directory", "cosign", root, "--server", server.halves, "--yes")
    server.found(root)
    server.start()
    add_body(cpt, spt, "coe-cpt", "mechanism", [cards[0]])
    add_body(cpt, spt, "un-spt", "mechanism", [cards[1]])
    cpt.asks("organisation", "rotate")
    spt.asks("organisation", "rotate")
    return Exchange(server, folder, cpt, spt)


def add_body(
    proposer: Person, other: Person, organisation: str, kind: str, cards: list[Path], *rest: object
) -> Path:
    """Let a body in with the signatures of both founders; `rest` are people and options, people sign after them."""
    people = [item for item in rest if isinstance(item, Person)]
    options = [item for item in rest if not isinstance(item, Person)]
    proposal = proposer.file(f"{organisation.replace(':', '-')}.json")
    named = [word for card in cards for word in ("--focal-point", card)]
    proposer.asks("organisation", "add", organisation, "--kind", kind, *named, *options, "-o", proposal)
    for signer in (other, *people):
        signer.asks("directory", "cosign", proposal, "--yes")
    proposer.asks("directory", "submit", proposal)
    return proposal
