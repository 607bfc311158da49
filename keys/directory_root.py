"""`root`: the founding act. Its hash names the exchange, and everything a stranger must trust stands in it or follows.

Founders are officers-to-be of bodies that need not be in the directory yet; their signing keys form the root quorum.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from keys import fields
from keys.directory_payload import KEY_ID, Space, label
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.errors import MalformedError
from keys.statement import Statement, new

ED25519: Final = 0x01
MLDSA44: Final = 0x06
LOGS: Final = ("audit", "directory")
FIRST_LOG: Final = 1
# A founder alone could open the exchange to anyone (P13: what opens takes two).
LEAST_QUORUM: Final = 2

_KEY_BYTES: Final = {ED25519: 32, MLDSA44: 1312}
_HOST: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[0-9]{1,5})?", re.ASCII)
_FOUNDER: Final[fields.Schema] = {
    "officer": fields.ID16,
    "organisation": fields.organisation,
    "seal": KEY_ID,
    "sign": KEY_ID,
    "stop": KEY_ID,
}
_LOG: Final[fields.Schema] = {"ed25519": fields.text(2048), "mldsa44": fields.text(2048), "n": fields.one_of(FIRST_LOG)}


def instance_name(value: object) -> None:
    """Check the name of an exchange: a lower-case host name, a port if need be, at most 100 characters."""
    if not isinstance(value, str) or len(value) > 100 or not _HOST.fullmatch(value):
        raise MalformedError("not the name of a host")


_ROOT: Final[fields.Schema] = {
    "founders": fields.list_of(fields.an_object(_FOUNDER), least=LEAST_QUORUM, most=64),
    "host": fields.organisation,
    "lock_key": KEY_ID,
    "logs": fields.an_object({name: fields.an_object(_LOG) for name in LOGS}),
    "nonce": fields.ID16,
    "quorum": fields.integer(LEAST_QUORUM, 64),
    "subject": instance_name,
    "time": fields.time,
    "witnesses": fields.list_of(fields.anything, most=0),
}


@dataclass(frozen=True)
class Founder:
    """One founder: an officer-to-be, the body they come from, and three key ids."""

    officer: bytes
    organisation: str
    sign: bytes
    seal: bytes
    stop: bytes


@dataclass(frozen=True)
class LogKeys:
    """A log's two verifier keys (C2SP signed-note text form), both named as its origin."""

    n: int
    ed25519: str
    mldsa44: str


@dataclass(frozen=True)
class Root:
    """The values of `root`; `instance` is its subject."""

    KIND: ClassVar[str] = "root"

    time: datetime
    nonce: bytes
    instance: str
    host: str
    quorum: int
    founders: tuple[Founder, ...]
    logs: Mapping[str, LogKeys]
    lock_key: bytes

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the exchange itself."""
        return "exchange", self.instance

    def statement(self) -> Statement:
        """Return the unsigned statement; every founder signs it."""
        body = {
            "founders": [_founder_body(founder) for founder in self.founders],
            "host": self.host,
            "lock_key": b64u(self.lock_key),
            "logs": {
                name: {"ed25519": log.ed25519, "mldsa44": log.mldsa44, "n": log.n} for name, log in self.logs.items()
            },
            "nonce": b64u(self.nonce),
            "quorum": self.quorum,
            "subject": self.instance,
            "time": format_time(self.time),
            "witnesses": [],
        }
        return new(label(self.KIND), body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Root":
        """Return the values of a payload.

        MalformedError also for a quorum over the number of founders, founders of a single body, and log keys that are not
        named as their log's origin.
        """
        fields.check(body, _ROOT)
        founders = tuple(_read_founder(item) for item in body["founders"])
        if body["quorum"] > len(founders):
            raise MalformedError("the quorum is over the number of founders")
        if len({founder.organisation for founder in founders}) < 2:
            raise MalformedError("the founders all come from one body")
        logs = {name: _read_log(body["subject"], name, body["logs"][name]) for name in LOGS}
        return cls(
            time=parse_time(body["time"]),
            nonce=unb64u(body["nonce"]),
            instance=body["subject"],
            host=body["host"],
            quorum=body["quorum"],
            founders=founders,
            logs=logs,
            lock_key=unb64u(body["lock_key"]),
        )


def origin(instance: str, log: str, n: int) -> str:
    """Return the origin of log n of an exchange: `<instance>/<directory|audit>/<n>`."""
    return f"{instance}/{log}/{n}"


def check_vkey(text: str, name: str, algorithm: int) -> None:
    """Check a verifier key in the text form of C2SP signed-note: name, key hash in hex, base64 of algorithm and key.

    Raises MalformedError unless the name is `name`, the key one of `algorithm` (ED25519 or MLDSA44) of the right length,
    and the key hash the first four bytes of SHA-256(name || newline || algorithm || key).
    """
    found, _, rest = text.partition("+")
    short, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise MalformedError("a verifier key is not in its text form") from error
    expected = hashlib.sha256(name.encode("ascii") + b"\n" + data).hexdigest()[:8]
    if found != name or short != expected or base64.b64encode(data).decode("ascii") != encoded:
        raise MalformedError("a verifier key is not named as its log")
    if not data or data[0] != algorithm or len(data) != 1 + _KEY_BYTES[algorithm]:
        raise MalformedError("a verifier key is not of its algorithm")


def _read_log(instance: str, name: str, body: Mapping[str, Any]) -> LogKeys:
    expected = origin(instance, name, body["n"])
    check_vkey(body["ed25519"], expected, ED25519)
    check_vkey(body["mldsa44"], expected, MLDSA44)
    return LogKeys(body["n"], body["ed25519"], body["mldsa44"])


def _founder_body(founder: Founder) -> dict[str, Any]:
    return {
        "officer": b64u(founder.officer),
        "organisation": founder.organisation,
        "seal": b64u(founder.seal),
        "sign": b64u(founder.sign),
        "stop": b64u(founder.stop),
    }


def _read_founder(body: Mapping[str, Any]) -> Founder:
    return Founder(
        officer=unb64u(body["officer"]),
        organisation=body["organisation"],
        sign=unb64u(body["sign"]),
        seal=unb64u(body["seal"]),
        stop=unb64u(body["stop"]),
    )
