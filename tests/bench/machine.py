"""What a measurement was made on, in plain facts: no names, no addresses, no paths."""

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

from tests.programs import find

GIB: Final = 1 << 30
# How each peer says its version.
_PEERS: Final = {"age": ["age", "--version"], "gpg": ["gpg", "--version"], "nginx": ["nginx", "-v"]}
_PACKAGES: Final = ("cryptography", "Flask", "SQLAlchemy", "pysqlite3", "gunicorn", "httpx", "tlog-scales")


def facts() -> dict[str, str]:
    """Return what there is to say of this machine and of the programs that are compared, by name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    said = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory / GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, {_distribution()}",
        "python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            said[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            said[package] = "not installed"
    for name, command in _PEERS.items():
        said[name] = _version(command)
    return said


def _processor() -> str:
    """The processor's model, as the system has it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    except OSError:
        return "unknown"


def _version(command: Sequence[str]) -> str:
    program = find(command[0])
    if program is None:
        return "not installed"
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "unknown"
