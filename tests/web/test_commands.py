"""The operator's commands: what they make, what they refuse, and that a second run does no harm."""

import json
import os
from pathlib import Path

import pytest
from flask_openapi import OpenAPI

from exchange import create_app
from exchange.db import Database
from exchange.storage.pieces import PieceStore
from exchange.transparency.log_keys import LogPublicKeys
from exchange.web.feature import Founding
from keys.custody import FileCustody
from keys.encoding import b64u, unb64u
from keys.suite import USE_SEAL, key_id
from tests import databases
from tests.web.support import container, make_config


@pytest.fixture
def bare(tmp_path: Path) -> OpenAPI:
    """Return the application of an instance that is not prepared."""
    return create_app(make_config(tmp_path), background=False)


def test_prepare_makes_keys_and_tables_and_prints_public_halves(bare: OpenAPI, tmp_path: Path) -> None:
    """What it prints is enough to found an exchange, and holds no private half."""
    runner = bare.test_cli_runner()
    result = runner.invoke(args=["prepare", "--name", "exchange.example"])
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert (told["instance"], told["url"]) == ("exchange.example", "http://localhost:8443")
    for log in ("directory", "audit"):
        vkeys = told["logs"][log]
        assert vkeys["n"] == 1
        assert LogPublicKeys.parse(vkeys["ed25519"], vkeys["mldsa44"]).origin == f"exchange.example/{log}/1"
    assert b64u(key_id(USE_SEAL, unb64u(told["lock_key"]["public"]))) == told["lock_key"]["id"]
    custody = FileCustody.load(tmp_path / "instance" / "custody.json")
    secrets = [custody.session_secret, *(x for log in custody.logs.values() for x in (log.ed25519, log.mldsa44))]
    assert not any(b64u(secret) in result.stdout for secret in secrets)
    assert os.stat(tmp_path / "instance").st_mode & 0o077 == 0
    app = create_app(make_config(tmp_path), background=False)
    assert app.test_cli_runner().invoke(args=["fsck"]).stdout == "sound\n"
    container(app).get(Database).dispose()


def test_prepare_twice_keeps_the_keys(bare: OpenAPI, tmp_path: Path) -> None:
    """Run again after an interruption it finishes and prints the same; under another name it refuses and keeps all."""
    runner = bare.test_cli_runner()
    output = tmp_path / "server.json"
    first = runner.invoke(args=["prepare", "--name", "exchange.example", "-o", str(output)])
    assert first.stdout == f"prepared exchange.example: give {output} to the founders\n"
    databases.emptied(tmp_path / "instance")
    again = runner.invoke(args=["prepare", "--name", "exchange.example"])
    assert json.loads(again.stdout) == json.loads(output.read_text(encoding="ascii"))
    kept = (tmp_path / "instance" / "custody.json").read_bytes()
    other = runner.invoke(args=["prepare", "--name", "other.example"])
    assert (other.exit_code, other.stdout) == (1, "")
    assert "custody_exists: " in other.stderr
    assert (tmp_path / "instance" / "custody.json").read_bytes() == kept


@pytest.mark.parametrize("command", [["serve"], ["fsck"], ["upgrade"], ["init", "--root", __file__]])
def test_nothing_runs_before_prepare(bare: OpenAPI, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command says what to run first, in the operator's language."""
    monkeypatch.setenv("LANG", "fr_CH.UTF-8")
    result = bare.test_cli_runner().invoke(args=command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Ce serveur n'est pas encore installé.\nnot_prepared: ")
    assert "prepare --name" in result.stderr


def test_fsck_names_each_finding(app: OpenAPI) -> None:
    """Damage is named by room and check, the rest is still checked, and the exit is 1."""
    stranger = container(app).get(PieceStore).path("x").with_name("no part")
    stranger.parent.mkdir()
    stranger.write_bytes(b"")
    result = app.test_cli_runner().invoke(args=["fsck"])
    assert result.exit_code == 1
    assert "storage/pieces: 'no part' among the pieces is no part's file" in result.stdout
    assert "run `flask --app wsgi upgrade`" in result.stdout, "the fixture's tables were made without migrations"
    assert "finding(s)" in result.stdout


def test_serve_refuses_tables_of_another_version(app: OpenAPI) -> None:
    """A server never runs on tables it does not know."""
    result = app.test_cli_runner().invoke(args=["serve"])
    assert result.exit_code == 1
    assert "upgrade" in result.stderr


def test_init_hands_the_founding_to_the_directory(app: OpenAPI, tmp_path: Path) -> None:
    """`flask init --root FILE` gives the file's bytes to whoever founds, and prints the root's hash."""
    seen: list[bytes] = []

    class Founder:
        def found(self, submission: bytes) -> str:
            seen.append(submission)
            return "the-hash"

    services = container(app)
    services._values[Founding] = Founder()
    (tmp_path / "root.jws").write_bytes(b"signed\n")
    result = app.test_cli_runner().invoke(args=["init", "--root", str(tmp_path / "root.jws")])
    assert (result.exit_code, result.stdout) == (0, "founded: root the-hash\n")
    assert seen == [b"signed\n"]
