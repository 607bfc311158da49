"""The programs we are compared with, and files of a size: made before, removed after, ended when done."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import PeerMissingError
from tests.programs import find

MIB = 1 << 20


def need(program: str, package: str) -> str:
    """Return the path of a program; PeerMissingError, which names its Debian package, where it is not installed."""
    found = find(program)
    if found is None:
        raise PeerMissingError(package)
    return found


def random_file(path: Path, size: int) -> Path:
    """Write a file of this many random bytes, durably, so that nobody's measurement pays for it later."""
    with path.open("wb") as file:
        left = size
        while left:
            left -= file.write(os.urandom(min(MIB, left)))
        file.flush()
        os.fsync(file.fileno())
    return path


def make_durable(path: Path) -> None:
    """Make a file that another program has written, and its name, survive a power cut: what ours has done by then."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Age:
    """Debian's `age`, with keys of its own kind (X25519) for a number of recipients."""

    def __init__(self, folder: Path, recipients: int) -> None:
        """Make the recipients' keys; PeerMissingError."""
        self._age, keygen = need("age", "age"), need("age-keygen", "age")
        self._identity = folder / "age-identities"
        made = [
            subprocess.run([keygen], check=True, capture_output=True, text=True).stdout for _ in range(recipients)
        ]
        self._identity.write_text("".join(made))
        self._recipients = [
            line.split()[-1] for text in made for line in text.splitlines() if line.startswith("# public key:")
        ]

    def encrypt(self, plain: Path, out: Path, recipients: int) -> None:
        """Encrypt a file for the first so many recipients and make the result durable."""
        to = [word for recipient in self._recipients[:recipients] for word in ("-r", recipient)]
        subprocess.run([self._age, *to, "-o", str(out), str(plain)], check=True, capture_output=True)
        make_durable(out)

    def decrypt(self, sealed: Path, out: Path) -> None:
        """Decrypt a file and make the result durable."""
        command = [self._age, "-d", "-i", str(self._identity), "-o", str(out), str(sealed)]
        subprocess.run(command, check=True, capture_output=True)
        make_durable(out)


class Gpg:
    """Debian's `gpg` as it comes (Curve25519, AES-256), without compression, in a home of its own."""

    def __init__(self, gpg: str, home: Path, users: Sequence[str]) -> None:
        """Take what `gpg_home` has made; call that."""
        self._gpg, self._home, self._users = gpg, home, users

    def encrypt(self, plain: Path, out: Path, recipients: int) -> None:
        """Encrypt a file for the first so many recipients and make the result durable."""
        to = [word for user in self._users[:recipients] for word in ("-r", user)]
        run_gpg(self._gpg, self._home, "--trust-model", "always", *NO_COMPRESSION, *to, "-o", str(out), "-e", str(plain))
        make_durable(out)

    def decrypt(self, sealed: Path, out: Path) -> None:
        """Decrypt a file and make the result durable."""
        run_gpg(self._gpg, self._home, "-o", str(out), "-d", str(sealed))
        make_durable(out)


NO_COMPRESSION = ("--compress-algo", "none")


def run_gpg(gpg: str, home: Path, *arguments: str) -> None:
    """Run gpg in a home, asking nobody anything."""
    command = [gpg, "--homedir", str(home), "--batch", "--quiet", "--no-tty", "--yes", *arguments]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def gpg_home(recipients: int) -> Iterator[Gpg]:
    """Give gpg with keys for so many recipients; its agent ends with the block. PeerMissingError.

    The home has a short path: the agent's socket lies in it.
    """
    gpg, conf = need("gpg", "gnupg"), need("gpgconf", "gnupg")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        users = [f"reader-{number}@exchange.example" for number in range(recipients)]
        try:
            for user in users:
                run_gpg(
                    gpg, home, "--passphrase", "", "--quick-generate-key", user, "future-default", "default", "never"
                )
            yield Gpg(gpg, home, users)
        finally:
            subprocess.run([conf, "--homedir", folder, "--kill", "all"], check=False, capture_output=True)
