"""How the rooms below the command line tell a person what was verified: by catalogue key, so that they know no language."""

from typing import Protocol


class Teller(Protocol):
    """Whoever speaks to the person: the command line, or a test."""

    def say(self, key: str, **values: object) -> None:
        """Tell what the catalogue has under `key`, with these values."""
        ...


class Silent:
    """Tells nobody."""

    def say(self, key: str, **values: object) -> None:
        """Do nothing."""
