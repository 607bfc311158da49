"""What people do in the SIGKILL tests, and how it is seen afterwards that it was done, once, and nothing else was lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from tests import databases
from tests.faults.sigkill_world import TEXT, WORDS, World, authorisation
from tests.scripts.running import Person, Said
from tests.smtp import post_office

# Three pieces, so that some are missing after the first.
CONTENT = bytes(range(256)) * 10_000


@dataclass(frozen=True)
class Act:
    """A person, the words they type, and the check of what came of it. `prepare` runs before the server can die."""

    who: str
    words: Callable[[World], list[object]]
    check: Callable[[World, Said], None]
    prepare: Callable[[World], object] = lambda world: None

    def types(self, world: World, expect: int = 0) -> Said:
        """Type the command."""
        person: Person = world.person(self.who)
        return person.types(*self.words(world), expect=expect)


def rows(world: World, table: str, **where: object) -> int:
    """How many rows of a table have these values."""
    condition = " and ".join(f"{name} = :{name}" for name in where) or "true"
    with databases.behind(world.database) as database:
        count = database.scalar(text(f"select count(*) from {table} where {condition}"), where)
    return int(count or 0)


def statements(world: World, label: str) -> int:
    """How many statements of a label stand."""
    return rows(world, "signed_statement", label=f"exchange/{label}/v1")


def opened(person: Person, world: World, report: str, name: str, content: bytes) -> None:
    """The report opens, and holds what was sent."""
    out = world.folder / f"opened-{person.name}-{name}"
    person.types("open", report, "--purpose", "follow_up", "-o", out)
    assert (out / name).read_bytes() == content


def no_findings(world: World, report: str) -> list[Mapping[str, Any]]:
    """The owner reads every entry on a report and has nothing to complain about; return the releases."""
    read = world.cpt.asks("readers", report)
    assert read["findings"] == []
    releases: list[Mapping[str, Any]] = read["releases"]
    return releases


# Transmitting


def _file(world: World) -> None:
    (world.folder / "sent.bin").write_bytes(CONTENT)


def _deposit(world: World) -> list[object]:
    return ["deposit", world.folder / "sent.bin", *WORDS, "--to", "un-spt", "--reference", "sent"]


def _deposited(world: World, said: Said) -> None:
    assert "nothing is encrypted again" in said.err
    assert statements(world, "report-header") == rows(world, "reports") == 3
    report = next(word for word in said.out.split() if word.count("-") == 4)
    opened(world.second, world, report, "sent.bin", CONTENT)


# Reading


def _open(world: World) -> list[object]:
    return ["open", world.facts["released"], "--purpose", "follow_up", "-o", world.folder / "read"]


def _read(world: World, said: Said) -> None:
    assert (world.folder / "read" / "released.txt").read_bytes() == TEXT
    world.settle()  # the receipt, too, is in public then
    releases = no_findings(world, world.facts["released"])
    assert {release["body"] for release in releases} == {"un-spt"} and releases[-1]["received"]


# The register


def _history(world: World, instrument: str) -> list[str]:
    shown = world.second.asks("consent", "history", instrument)
    return [event["event"] for event in shown["events_verified"]]


def _record(world: World) -> list[object]:
    file = world.folder / "agreement.json"
    file.write_bytes(authorisation(world.facts["released"], reference="recorded-here"))
    return ["consent", "record", file, "--adds", "--yes"]


def _recorded(world: World, said: Said) -> None:
    found = [
        item["instrument"]
        for item in world.cpt.asks("consent", "list")["instruments"]
        if item["terms"]["reference"] == "recorded-here"
    ]
    assert len(found) == 1 and found[0] in said.out
    assert _history(world, found[0]) == ["recorded"]


def _confirmed(world: World, said: Said) -> None:
    assert _history(world, world.facts["waiting"]) == ["recorded", "granted"]


def _withdrawn(world: World, said: Said) -> None:
    assert _history(world, world.facts["standing"]) == ["recorded", "granted", "withdrawn"]
    refused = world.spt.asks(*_open(world), expect=1)
    assert refused["code"] == "N_UNAVAILABLE"


# Later statements on a report


def _stopped(world: World, said: Said) -> None:
    assert world.cpt.asks("show", world.facts["released"])["stopped"]
    assert statements(world, "stop") == 2
    assert world.spt.asks(*_open(world), expect=1)["code"] == "N_UNAVAILABLE"


def _lifted(world: World, said: Said) -> None:
    assert not world.cpt.asks("show", world.facts["stopped"])["stopped"]
    assert statements(world, "lift") == 1


def _recall(world: World) -> list[object]:
    return ["recall", world.facts["released"], "--reason", "error", "--yes"]


def _asked_back(world: World) -> None:
    world.server.start()
    world.cpt.types(*_recall(world))
    world.server.stop()


def _recalled(world: World, said: Said) -> None:
    (shown,) = world.cpt.asks("show", world.facts["released"])["recalls"]
    assert [asked["organisation"] for asked in shown["asked"]] == ["un-spt"]
    (notice,) = world.spt.asks("inbox")["recalls"]
    assert notice["recall"] == shown["recall"]
    assert statements(world, "recall") == rows(world, "recalls") == rows(world, "recall_notices") == 1
    assert world.spt.asks(*_open(world), expect=1)["code"] == "N_UNAVAILABLE"


def _answered(world: World, said: Said) -> None:
    (shown,) = world.cpt.asks("show", world.facts["released"])["recalls"]
    assert [asked["answers"] for asked in shown["asked"]] == [["destroyed"]]
    assert statements(world, "recall-answer") == 1


def _granted(world: World, said: Said) -> None:
    cells = world.cpt.asks("show", world.facts["stopped"])["access"]["cells"]
    assert "un-spt" in {cell["organisation"] for cell in cells}
    assert statements(world, "grant") == 1


def _decided(world: World, said: Said) -> None:
    cells = world.cpt.asks("show", world.facts["released"])["access"]["cells"]
    found = {cell["reason"] for cell in cells if cell["organisation"] == "un-spt" and cell["action"] == "view"}
    assert found == {"W_ORIGINATOR"}
    assert statements(world, "determination") == 1


def _proposed(world: World, said: Said) -> None:
    waiting = [item["label"] for item in world.cpt.asks("pending")["pending"]]
    assert waiting.count("exchange/determination/v1") == 1 and len(waiting) == 3


# Publications


def _published_file(world: World) -> Path:
    return world.folder / "public.txt"


def _propose_publication(world: World) -> None:
    """XA asks the CPT to publish, and one officer proposes it."""
    _published_file(world).write_bytes(TEXT)
    file = world.folder / "request.json"
    report = world.facts["released"]
    permit = {"effect": "permit", "scope": "document", "scope_ref": report, "actions": ["publish"]}
    provisions = [{**permit, "grantees": ["coe-cpt"]}]
    file.write_bytes(authorisation(report, provisions=provisions, reference="publish"))
    world.server.start()
    asked = world.cpt.asks("consent", "record", file, "--adds", "--yes")["instrument"]
    world.second.asks("consent", "confirm", asked, "--yes")
    words = ["--file", _published_file(world), "--basis", "request", "--agreement", asked, "--yes"]
    world.facts["publication"] = world.cpt.asks("publish", report, *words)["hash"]
    world.server.stop()


def _publish(world: World) -> list[object]:
    return ["confirm", world.facts["publication"], "--file", _published_file(world), "--yes"]


def _published(world: World, said: Said) -> None:
    (listed,) = world.spt.asks("publications")["publications"]
    assert (listed["id"], listed["withdrawn"]) == (world.facts["publication"], None)
    assert statements(world, "publication") == rows(world, "publications") == rows(world, "publication_files") == 1
    path = f"/api/v1/publications/{listed['id']}/files/rendition"
    assert httpx.get(world.server.url + path, trust_env=False).content == TEXT


def _publish_whole(world: World) -> None:
    _propose_publication(world)
    world.server.start()
    world.second.asks(*_publish(world))
    world.server.stop()


def _unpublish(world: World) -> list[object]:
    return ["unpublish", world.facts["released"], world.facts["publication"], "--yes"]


def _unpublished(world: World, said: Said) -> None:
    (listed,) = world.spt.asks("publications")["publications"]
    assert listed["withdrawn"] and statements(world, "publication-withdrawal") == 1
    path = f"/api/v1/publications/{listed['id']}/files/rendition"
    assert httpx.get(world.server.url + path, trust_env=False).status_code == 404


# Notices by e-mail

_ASK = ["account", "notices", "--address", "spt@body.example"]


def _post_office(world: World) -> None:
    post = world.ends.enter_context(post_office())
    world.facts["post"] = post
    world.server.environment["EXCHANGE_SMTP_URL"] = f"smtp://127.0.0.1:{post.port}"
    world.server.environment["EXCHANGE_MAIL_FROM"] = "notices@exchange.example"


def _asked_for_notices(world: World, said: Said) -> None:
    assert rows(world, "notice_addresses") == len(world.facts["post"].messages) == 1


def _code_sent(world: World) -> None:
    _post_office(world)
    world.server.start()
    world.spt.types(*_ASK)
    world.server.stop()
    (message,) = world.facts["post"].messages
    words = message.get_content().split()
    (world.folder / "code").write_text(words[words.index("code:") + 1])


def _give_code(world: World) -> list[object]:
    return ["account", "confirm-notices", "--code-file", world.folder / "code"]


def _notices(confirmed: bool) -> Callable[[World, Said], None]:
    def check(world: World, said: Said) -> None:
        shown = world.spt.asks("account", "notices")
        assert shown["confirmed"] is confirmed and rows(world, "notice_addresses") == int(confirmed)

    return check


def _notices_begun(world: World) -> None:
    _code_sent(world)
    world.server.start()
    world.spt.types(*_give_code(world))
    world.server.stop()


# The directory


def _submitted(world: World, said: Said) -> None:
    listed = world.spt.asks("directory", "verify") and world.spt.asks("directory", "list")
    assert [body["id"] for body in listed["organisations"]].count("audit-cpt") == 1
    assert listed["size"] == rows(world, "directory_leaves") == 6


def _rotated(world: World, said: Said) -> None:
    listed = world.spt.asks("directory", "verify") and world.spt.asks("directory", "list")
    (body,) = [body for body in listed["organisations"] if body["id"] == "coe-cpt"]
    # New keys made twice, where the first answer was lost, are only newer keys.
    assert [epoch["number"] for epoch in body["epochs"]] in ([1, 2], [1, 2, 3])


def _decide(effect: str) -> Callable[[World], list[object]]:
    return lambda world: ["decide", world.facts["released"], "--effect", effect, "--for", "un-spt", "--yes"]


ACTS: Mapping[str, Act] = {
    "deposit": Act("cpt", _deposit, _deposited, _file),
    "release": Act("spt", _open, _read),
    "record": Act("cpt", _record, _recorded),
    "confirm": Act("second", lambda world: ["consent", "confirm", world.facts["waiting"], "--yes"], _confirmed),
    "withdraw": Act("cpt", lambda world: ["consent", "withdraw", world.facts["standing"], "--yes"], _withdrawn),
    "stop": Act("second", lambda world: ["stop", world.facts["released"], "--no-proof"], _stopped),
    "recall": Act("cpt", _recall, _recalled),
    "answer": Act(
        "spt",
        lambda world: ["answer-recall", world.facts["released"], "--answer", "destroyed", "--yes"],
        _answered,
        _asked_back,
    ),
    "publish-file": Act("second", _publish, _published, _propose_publication),
    "unpublish": Act("cpt", _unpublish, _unpublished, _publish_whole),
    "lift": Act("second", lambda world: ["confirm", world.facts["lift"], "--yes"], _lifted),
    "grant": Act("second", lambda world: ["confirm", world.facts["grant"], "--yes"], _granted),
    "decide": Act("cpt", _decide("deny"), _decided),
    "propose": Act("cpt", _decide("permit"), _proposed),
    "submit": Act("cpt", lambda world: ["directory", "submit", world.folder / world.facts["proposal"]], _submitted),
    "notices-ask": Act("spt", lambda world: list(_ASK), _asked_for_notices, _post_office),
    "notices-confirm": Act("spt", _give_code, _notices(True), _code_sent),
    "notices-stop": Act("spt", lambda world: ["account", "notices", "--stop"], _notices(False), _notices_begun),
    "rotate": Act("cpt", lambda world: ["organisation", "rotate"], _rotated),
}
