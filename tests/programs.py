"""Programs that tests start and Python does not bring: found on the PATH, and missed by name.

A missing one is a failure, never a skip: `make test-full` installs them all, and whoever asked for a test wants to know.
"""

import shutil


class ProgramMissingError(Exception):
    """A program that a test needs is not on this machine."""


def program(*names: str, package: str) -> str:
    """Return the path of the first of these that is there; ProgramMissingError, which names the Debian package."""
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    raise ProgramMissingError(f"{names[0]} is not on the PATH: `make test-full` installs it (Debian's {package})")
