"""What officers do, and how often: every act is one or more real requests whose answers are checked.

An act that is not the officer's, or has nothing to work on, does nothing and costs nothing.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from exchange.ledger.ticket import Ticket
from keys.encoding import b64u
from keys.statement import parse
from tests.load.founding import MECHANISMS
from tests.load.officer import Officer, Unexpected
from tests.load.papers import Report
from tests.load.scene import OTHER, STATES, Scene

Act = Callable[[Scene, Officer], Awaitable[None]]

# Of those who opened a part, so many say so at once; the others' machines are offline.
_RECEIPTS: Final = 0.7


async def inbox(scene: Scene, officer: Officer) -> None:
    """A page of what arrived; now and then the next one. Nothing is in it that the body may not know of."""
    page = (await officer.get("inbox", "/reports", box="inbox", limit=20)).json
    check_listed(scene, officer, page)
    if page["next"] is not None and scene.rng.random() < 0.3:
        # Another officer may have closed that very report in between.
        answer = await officer.get("inbox", "/reports", (200, 404), box="inbox", limit=20, after=page["next"])
        if answer.status == 200:
            check_listed(scene, officer, answer.json)
        elif page["next"] not in {moving.report.id for moving, _lock in scene.moving}:
            raise Unexpected("inbox: the next page is refused")


def check_listed(scene: Scene, officer: Officer, page: Mapping[str, Any]) -> None:
    """Hold a page of the inbox to who may know of what."""
    for item in page["items"]:
        report = scene.announced.get(item["report"])
        if report is None or officer.body not in (*report.readers, *report.granting):
            raise Unexpected("inbox: a report that is not this body's")


async def sent(scene: Scene, officer: Officer) -> None:
    """A page of what one's own body sent."""
    page = (await officer.get("sent", "/reports", box="sent", limit=20)).json
    if any(scene.announced[item["report"]].owner != officer.body for item in page["items"]):
        raise Unexpected("sent: another body's report")


async def show(scene: Scene, officer: Officer) -> None:
    """A report's header with the proof that it stands in the log."""
    report = scene.readable_by(officer.body)
    if report is None:
        return
    since = officer.seen.pinned
    found = (await officer.get("show", f"/reports/{report.id}", audit_size=since.size)).json
    header = parse(found["header"].encode())
    if header.hash != report.header.hash:
        raise Unexpected("show: another header")
    ticket = Ticket.from_json(found["ticket"])
    officer.seen.accept(found["proof"], since, ticket.leaf_hash(header.hash), ticket.index)


async def piece(scene: Scene, officer: Officer) -> None:
    """A sealed piece, which must be the bytes that were sent."""
    report = scene.readable_by(officer.body)
    if report is None:
        return
    part, n = scene.rng.choice(list(report.digests))
    answer = await officer.get("piece get", f"/reports/{report.id}/parts/{b64u(part)}/pieces/{n}")
    if hashlib.sha256(answer.body).digest() != report.digests[part, n]:
        raise Unexpected("piece get: other bytes")


async def read(scene: Scene, officer: Officer) -> None:
    """Ask for an envelope, check entry and proofs, and often confirm that the part was opened."""
    report = scene.readable_by(officer.body)
    if report is not None:
        await opened(scene, officer, report)


async def opened(scene: Scene, officer: Officer, report: Report) -> None:
    """Release one part of a report that is open, and often send the receipt."""
    part = scene.rng.choice(report.parts)
    asked = await officer.release(report, part)
    if scene.rng.random() < _RECEIPTS and asked.index is not None:
        n = asked.body["n"]
        receipt = officer.floor.desk.receipt(officer.person, report.id, part, asked.request.hash, n, asked.index)
        await officer.say("receipt", receipt)


async def read_moving(scene: Scene, officer: Officer) -> None:
    """Ask for a report that may be closed at any moment; the timeline tells which answer was due."""
    mine = [moving for moving, _lock in scene.moving if officer.body in moving.report.readers]
    if mine:
        moving = scene.rng.choice(mine)
        moving.note(await officer.release(moving.report, scene.rng.choice(moving.report.parts), (200, 404)))


async def withheld(scene: Scene, officer: Officer) -> None:
    """Ask for what was never meant for one's body."""
    report = scene.a_report(lambda each: officer.body not in (each.owner, *each.readers, *each.granting))
    if report is not None:
        asked = await officer.release(report, report.parts[0], (200, 404), act="release withheld")
        if asked.index is not None and officer.body not in report.granting:  # granted in this moment: then it was due
            raise Unexpected("release withheld: released")


async def deposit(scene: Scene, officer: Officer) -> None:
    """Transmit a report."""
    await scene.deposit(officer)


async def move(scene: Scene, officer: Officer) -> None:
    """Close a moving report of one's body, or open it again."""
    mine = [(moving, lock) for moving, lock in scene.moving if officer in moving.keepers and not lock.locked()]
    if not mine:
        return
    moving, lock = scene.rng.choice(mine)
    async with lock:
        if moving.stopped is not None:
            await moving.lift()
        elif not moving.agreed:
            await moving.agree()
        elif scene.rng.random() < 0.5:
            await moving.stop()
        else:
            await moving.withdraw()


async def grant(scene: Scene, officer: Officer) -> None:
    """Name the NPM of the State as a later recipient, by two."""
    def fits(each: Report) -> bool:
        npm = f"npm-{each.states[0].lower()}"
        return each.owner == officer.body and npm not in each.readers and npm not in each.granting

    report = scene.a_report(fits)
    if report is None:
        return
    npm = f"npm-{report.states[0].lower()}"
    report.granting.add(npm)  # it may be listed before the answer has come, and must not be counted on until then
    statement, beside = await asyncio.to_thread(officer.floor.desk.grant, report, npm)
    other = next(each for each in scene.keepers[officer.body] if each is not officer)
    await officer.say("grant", statement.signed_by(officer.person.sign), beside, (202,))
    await other.say("grant", statement.signed_by(other.person.sign))
    report.granted.add(npm)


async def explain(scene: Scene, officer: Officer) -> None:
    """Why a report may be viewed, or may not, as far as one is told."""
    report = scene.readable_by(officer.body)
    if report is not None:
        await officer.get("explain", f"/reports/{report.id}/explain", action="view")


async def matrix(scene: Scene, officer: Officer) -> None:
    """Who may do what with a report of one's own."""
    report = scene.a_report(lambda each: each.owner == officer.body)
    if report is not None:
        cells = (await officer.get("matrix", f"/reports/{report.id}/access")).json["cells"]
        if not cells:
            raise Unexpected("matrix: empty")


async def consents(scene: Scene, officer: Officer) -> None:
    """The register, of one State."""
    found = (await officer.get("consents", "/consents", state=scene.rng.choice(STATES))).json["instruments"]
    if found and scene.rng.random() < 0.3:
        await officer.get("consent show", f"/consents/{scene.rng.choice(found)['instrument']}")


async def declare(scene: Scene, officer: Officer) -> None:
    """The State's own authority records an agreement to one report."""
    if officer is not scene.officers[officer.body][0] or scene.rng.random() > 0.2:
        return
    state = officer.body.removeprefix("state:")
    report = scene.a_report(lambda each: each.states == (state,) and OTHER[each.owner] in each.readers)
    if report is not None:
        desk = officer.floor.desk
        record = desk.record(officer.person, state, (OTHER[report.owner],), report.id)
        await officer.say("consent record", record)
        await officer.say("consent confirm", desk.event(officer.person, record, record.hash, "granted"))


async def pending(scene: Scene, officer: Officer) -> None:
    """What waits for a second signature."""
    await officer.get("pending", "/statements/pending")


async def account(scene: Scene, officer: Officer) -> None:
    """One's own account and seats."""
    await officer.get("account", "/account")
    await officer.get("seats", "/account/seats")


async def sync(scene: Scene, officer: Officer) -> None:
    """The directory since the last time, which is all of it for a new machine."""
    size = officer.floor.desk.founding.directory.size
    since = 0 if scene.rng.random() < 0.1 else max(0, size - scene.rng.randrange(1, 40))
    found = (await officer.get("directory sync", "/directory", **{"from": since})).json
    if found["size"] != size or len(found["entries"]) != size - since:
        raise Unexpected("directory sync: another size")


async def tiles(scene: Scene, officer: Officer) -> None:
    """The audit log in public, as a verifier fetches it: checkpoint, then a tile of leaves' hashes."""
    note = (await officer.ask("checkpoint", "GET", "/log/audit/1/checkpoint", anonymous=True)).body.decode()
    size = officer.floor.notebook.head(note).size
    if size:
        last, width = divmod(size, 256)
        number = scene.rng.randrange(last + 1) if width else scene.rng.randrange(last)
        part = width if number == last else 0
        path = f"/log/audit/1/tile/0/{spelled(number)}"
        got = await officer.ask("tile", "GET", f"{path}.p/{part}" if part else path, due=(200, 404), anonymous=True)
        if got.status == 404 and part:
            # A log drops a partial tile once the full one stands (tlog-tiles): then that one's first hashes are taken.
            got = await officer.ask("tile", "GET", path, anonymous=True)
            part = 0
        if got.status != 200 or len(got.body) != 32 * (part or 256):
            raise Unexpected(f"tile: {got.status}, or another size")


def spelled(number: int) -> str:
    """A tile's number as its path spells it: groups of three digits, all but the last with an x."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


async def audit(scene: Scene, officer: Officer) -> None:
    """Read on in the audit log: the head, the last bundle, and a proof."""
    since = officer.seen.pinned
    head = (await officer.get("audit head", "/audit/head", **{"from": since.size})).json
    officer.seen.accept(head, since)
    size = head["size"]
    if size:
        # The head may be the committed one; bundles go as far as the public one.
        await officer.get("audit bundle", f"/audit/bundles/{max(0, size // 256 - 1)}", (200, 404) if size < 512 else (200,))
    noted = [index for index in list(officer.floor.notebook.leaves)[-4000:-2000:50]]
    if noted:
        index, pinned = scene.rng.choice(noted), officer.seen.pinned
        proof = await officer.get("audit proof", "/audit/proof", (200, 404), index=index, **{"from": pinned.size})
        if proof.status == 200:
            officer.seen.accept(proof.json, pinned, officer.floor.notebook.leaves[index], index)


EVERYBODY: Final[Mapping[Act, int]] = {account: 3, sync: 4, tiles: 6}
READERS: Final[Mapping[Act, int]] = {
    inbox: 22, show: 14, piece: 8, read: 18, read_moving: 4, withheld: 3, explain: 3,
}  # fmt: skip
AUTHORS: Final[Mapping[Act, int]] = {sent: 6, deposit: 2, matrix: 2, consents: 2, pending: 2}
KEEPERS: Final[Mapping[Act, int]] = {move: 20, grant: 6}


def acts_of(scene: Scene, officer: Officer) -> Mapping[Act, int]:
    """What an officer does, with weights."""
    found = dict(EVERYBODY)
    if officer.body.startswith("audit-"):
        return {**found, audit: 20}
    if officer.body.startswith("state:"):
        return {**found, inbox: 8, consents: 8, declare: 2}
    found |= READERS
    if officer.body in MECHANISMS:
        found |= AUTHORS
        if officer in scene.keepers[officer.body]:
            found |= KEEPERS
    return found


