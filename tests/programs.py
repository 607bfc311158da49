"""Programs that tests start and Python does not bring: found on the PATH or where Debian keeps servers, missed by name.

A missing one is a failure, never a skip: `make test-full` installs them all, and whoever asked for a test wants to know.
"""

import os
import shutil
from typing import Final

# Debian's servers (nginx) lie where the PATH of an ordinary user does not lead.
_SERVERS: Final = ("/usr/sbin", "/usr/local/sbin")


class ProgramMissingError(Exception):
    """A program that a test needs is not on this machine."""


def find(name: str) -> str | None:
    """Return the path of a program, None where it is not on this machine."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_SERVERS)))


def program(*names: str, package: str) -> str:
    """Return the path of the first of these that is there; ProgramMissingError, which names the Debian package."""
    for name in names:
        found = find(name)
        if found is not None:
            return found
    raise ProgramMissingError(f"{names[0]} is not on this machine: `make test-full` installs it (Debian's {package})")
