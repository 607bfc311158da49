"""The console script loads one command; that must never be another than the whole program would run."""

from importlib import import_module

from exchange.client.cli.entry import PLACES, asked
from exchange.client.cli.main import main


def test_the_table_names_every_command_of_the_whole_program() -> None:
    """Each name loads the very command the whole program has under it, and none is left out."""
    loaded = {}
    for name, place in PLACES.items():
        module, _, attribute = place.partition(":")
        loaded[name] = getattr(import_module(f"exchange.client.cli.{module}"), attribute)
    assert loaded == dict(main.commands)


def test_what_is_no_plain_call_is_for_the_whole_program() -> None:
    """Help, an unknown word, options first, and nothing at all."""
    assert [asked(words) for words in ([], ["--help"], ["--json", "inbox"], ["nonsense"])] == [None] * 4
    assert asked(["directory", "sync"]) == "directory"
