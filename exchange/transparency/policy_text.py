"""The text of a tlog-policy file, read and written.

Reading takes what the specification permits: blank lines, comments, spaces and tabs, any order of logs and witnesses.
Writing gives one spelling: logs, witnesses, groups, quorum. Names are octets to the specification, and stay what they are.
"""

from typing import Final

from exchange.transparency.errors import LogFormatError
from exchange.transparency.note import number
from exchange.transparency.policy import Group, Log, Policy, Witness
from exchange.transparency.vkey import parse_vkey

MAX_BYTES: Final = 512 * 1024


def parse_policy(data: bytes) -> Policy:
    """Return the policy a file spells; LogFormatError, with the line's number, for anything else."""
    if len(data) > MAX_BYTES or not data.endswith(b"\n"):
        raise LogFormatError("a policy that is too long, or does not end in a newline")
    if any((byte < 0x20 and byte not in b"\t\n") or byte == 0x7F for byte in data):
        raise LogFormatError("a policy with a control character")
    reader = _Reader()
    for place, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if words and not words[0].startswith("#"):
            try:
                reader.line(words)
            except LogFormatError as error:
                raise LogFormatError(f"line {place} of a policy: {error}") from error
    return reader.policy()


def format_policy(policy: Policy) -> bytes:
    """Return the one spelling this project gives a policy; LogFormatError for a name that no line could hold."""
    lines = [["log", log.vkey.text, log.url or ""] for log in policy.logs]
    lines += [["witness", witness.name, witness.vkey.text, witness.url or ""] for witness in policy.witnesses]
    lines += [["group", group.name, _count(group), *group.members] for group in policy.groups]
    lines.append(["quorum", policy.quorum])
    text = "".join(" ".join(word for word in words if word) + "\n" for words in lines)
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise LogFormatError("a policy with a name that is not UTF-8") from error
    if parse_policy(data) != policy:
        raise LogFormatError("a policy with a name or an address that no line can hold")
    return data


class _Reader:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.defined: set[str] = set()

    def line(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                self.logs.append(Log(parse_vkey(vkey), *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self.witnesses.append(Witness(name, parse_vkey(vkey), *url))
                self.defined.add(name)
            case ["group", name, count, *members] if members:
                self.known(members)
                self.groups.append(Group(name, _threshold(count, len(members)), tuple(members)))
                self.defined.add(name)
            case ["quorum", name] if self.quorum is None:
                self.known([name] if name != "none" else [])
                self.quorum = name
            case _:
                raise LogFormatError("not a log, witness, group or quorum line, or a second quorum")

    def known(self, names: list[str]) -> None:
        # The order of witnesses and groups is lost in a Policy, so what stands above must be checked line by line.
        if not set(names) <= self.defined:
            raise LogFormatError("a name that is not defined above")

    def policy(self) -> Policy:
        if self.quorum is None:
            raise LogFormatError("a policy without a quorum line")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)


def _threshold(count: str, members: int) -> int:
    return {"any": 1, "all": members}.get(count) or number(count)


def _count(group: Group) -> str:
    if group.threshold == 1:
        return "any"
    return "all" if group.threshold == len(group.members) else str(group.threshold)
