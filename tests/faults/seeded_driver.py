"""The people of a run: they send what the plan says, repeat the same bytes until they are answered, and note what they know.

A lane is one person's machine after another; lanes run at once. What was refused because it came too early, or signed by a
clock that is wrong, is signed anew and sent again, as a person would.
"""

import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from exchange.reports.digest import content_digest
from keys.encoding import b64u, parse_time
from tests.faults.seeded_acts import Acts, Message, NotYetError
from tests.faults.seeded_hosts import Answer, Host, LostError
from tests.faults.seeded_ledger import Ledger
from tests.faults.seeded_plan import CUT, LATE, TOGETHER, TWICE, Plan, Step
from tests.faults.seeded_world import RunWorld
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import API
from tests.web.report_maker import Made
from tests.web.support import ENDPOINT, FakeOfficer, make_assertion

TRIES: Final = 30
ANEW: Final = 6
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
OCTETS: Final = {"Content-Type": "application/octet-stream"}
# What a client mends by signing anew: a clock that was put right meanwhile, something newer than it knew.
STALE: Final = frozenset({"clock_off", "stale_directory", "stale_epoch", "statement_time", "leaf_time", "broken_chain"})
OWN_CHECK: Final = "nobody answers"


class Driver:
    """Sends the steps of a plan to its hosts."""

    def __init__(self, plan: Plan, world: RunWorld, hosts: Sequence[Host], ledger: Ledger) -> None:
        self.plan, self.world, self.hosts, self.ledger = plan, world, hosts, ledger
        self.acts = Acts(world)
        self._tokens: dict[str, str] = {}
        self._done: set[int] = set()
        self._early: list[Step] = []
        self._late: list[Message] = []
        self._lock = threading.Lock()

    def run(self) -> None:
        """Send everything: the lanes at once, then what came too early, then what was sent long ago and arrives again."""
        self._learn_time()
        lanes = [[step for step in self.plan.steps if step.lane == lane] for lane in range(self.plan.lanes)]
        _at_once([lambda lane=lane: self._lane(lane) for lane in lanes if lane])
        for _round in range(ANEW):
            early, self._early = self._early, []
            for step in sorted(early, key=lambda step: step.number):
                self._step(step)
        for step in self._early:
            self.ledger.found(f"step {step.number}, {step.kind}, is refused though nothing is missing any more")
        for message in self._late:
            self.ledger.count("late")
            self._settle(message, self._other(0))

    # Steps

    def _lane(self, steps: Sequence[Step]) -> None:
        for step in steps:
            for fault in self.plan.faults:
                if fault.before == step.number:
                    self.hosts[fault.host].arm(fault)
            self._step(step)

    def _step(self, step: Step) -> None:
        """Do a step, or keep it for later."""
        ready = all(number in self._done for number in step.after)
        try:
            done = self._publish(step) if step.kind == "publish" else self._act(step, ready)
        except NotYetError:
            done = step.kind == "receipt" and ready  # the release that it is about was refused
        with self._lock:
            if done:
                self._done.add(step.number)
            else:
                self._early.append(step)
        if not done:
            self.ledger.count("too early")

    def _act(self, step: Step, ready: bool) -> bool:
        if step.kind == "deposit":
            self._send_pieces(step)
        for _ in range(ANEW):
            message = self.acts.register(step) if step.kind == "deposit" else self.acts.message(step)
            deed = message.deed
            if deed is None:
                raise AssertionError("a step is a deed")
            self.ledger.begin(deed)
            answer = self._delivered(step, message)
            self.acts.took(step, message)
            if answer.status < 300:
                if step.delivery == LATE and step.kind not in ("release", "receipt"):
                    self._late.append(message)
                return True
            if answer.code not in STALE:
                # Refusing an envelope is an answer; whether it was right is for the check to say.
                return step.kind == "release" and answer.code.startswith("N_") and ready
            self.ledger.count("signed anew")
        self.ledger.found(f"step {step.number}, {step.kind}, is refused again and again as {answer.code}")
        return True

    def _publish(self, step: Step) -> bool:
        for _ in range(TRIES):
            host = self.hosts[step.host]
            try:
                code = host.publish()
            except LostError:
                code = "lost"
                host.revive()
            if code is None:
                self.ledger.count("publications")
                return True
            self.ledger.count("publications repeated")
        self.ledger.found(f"step {step.number}: nothing can be made public any more: {code}")
        return True

    # Deposits

    def _send_pieces(self, step: Step) -> None:
        made = self.acts.report(step, step.makes)
        for part in made.parts:
            spooled = made.spool.parts[part]
            body = {"report": made.report, "part": b64u(part), "size": spooled.layout.size}
            opened = self._delivered(step, Message(made.officer, "POST", f"{API}/uploads", _json(body)))
            upload = opened.json.get("upload")
            if upload is None:
                self.ledger.found(f"step {step.number}: an upload was refused as {opened.code}")
                return
            numbers = list(range(spooled.layout.count))
            random.Random(f"pieces {self.plan.seed} {step.number}").shuffle(numbers)
            for n in numbers:
                self._send_piece(step, made, f"{API}/uploads/{upload}/pieces/{n}", spooled.piece(n))

    def _send_piece(self, step: Step, made: Made, path: str, piece: bytes) -> None:
        headers = {**OCTETS, "Content-Digest": content_digest(piece)}
        answer = self._delivered(step, Message(made.officer, "PUT", path, piece, headers=headers))
        if answer.status >= 300:
            self.ledger.found(f"step {step.number}: a piece was refused as {answer.code}")

    # One request on its way

    def _delivered(self, step: Step, message: Message) -> Answer:
        """Send as the step's requests travel; return one of the answers."""
        if step.delivery == TOGETHER:
            answers: list[Answer] = []
            self.ledger.count("sent twice at once")
            places = (step.host, self._other(step.host))
            _at_once([lambda place=place: answers.append(self._settle(message, place)) for place in places])
            return min(answers, key=lambda answer: answer.status)
        if step.delivery == CUT:
            self.ledger.count("cut by the client")
            self._attempt(message, step.host, cut=True)
        answer = self._settle(message, step.host)
        if step.delivery == TWICE:
            self.ledger.count("sent twice")
            return min(answer, self._settle(message, self._other(step.host)), key=lambda found: found.status)
        return answer

    def _other(self, host: int) -> int:
        return (host + 1) % len(self.hosts)

    def _settle(self, message: Message, host: int) -> Answer:
        """Send the same bytes until there is an answer that says whether it is done."""
        for tries in range(TRIES):
            answer = self._attempt(message, host)
            if answer is not None:
                self._note(message, answer)
                return answer
            time.sleep(0.005 * tries)
        what = "request" if message.deed is None else message.deed.kind
        self.ledger.found(f"a {what} is never answered: {message.method} {message.path.rpartition('/')[2]}")
        return Answer(599, {"code": OWN_CHECK})

    def _attempt(self, message: Message, host: int, *, cut: bool = False) -> Answer | None:
        """Send once; None when nobody knows what became of it."""
        server = self.hosts[host]
        self.ledger.count("requests")
        if message.deed is not None:
            self.ledger.sending(message.deed)
        try:
            headers = {**message.headers, "Authorization": f"Bearer {self._token(message.person, server)}"}
            answer = server.send(message.method, message.path, headers, message.data, cut=cut)
        except LostError as lost:
            self._doubt(message, "answers lost")
            if not cut or str(lost) != "cut":
                server.revive()
            return None
        if answer.status == 401:
            self._tokens.pop(message.person.id, None)
            return None
        if answer.status >= 500 or answer.status == 429:
            self._doubt(message, f"answered {answer.status}")
            return None
        return answer

    def _doubt(self, message: Message, what: str) -> None:
        if message.deed is None:
            self.ledger.count(what)
        else:
            self.ledger.doubt(message.deed, what)

    def _note(self, message: Message, answer: Answer) -> None:
        if answer.code == "clock_off":
            self.world.clock.set(parse_time(str(answer.json["server_time"])))
        deed = message.deed
        if deed is None:
            return
        if answer.status < 300:
            self.ledger.acknowledged(deed, answer.json)
            if "checkpoint" in answer.json:
                self.ledger.shown("audit", str(answer.json["checkpoint"]))
        else:
            self.ledger.refused(deed, answer.code)

    # Who one is, and what time it is

    def _token(self, person: Person, server: Host) -> str:
        known = self._tokens.get(person.id)
        if known is not None:
            return known
        for _ in range(TRIES):
            jti = secrets.token_hex(16)
            fake = FakeOfficer(person.organisation, person.id, person.sign)
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": make_assertion(fake, self.world.clock.now(), ENDPOINT, jti=jti),
            }
            answer = server.send("POST", "/oauth/token", FORM, urlencode(form).encode())
            if answer.status == 200:
                self.ledger.count("tokens")
                token = self._tokens[person.id] = str(answer.json["access_token"])
                return token
            self.ledger.count(f"token answered {answer.status}")
            if "server_time" in answer.json:
                self.world.clock.set(parse_time(str(answer.json["server_time"])))
        raise LostError(f"no token for {person.organisation}: {answer.text}")

    def _learn_time(self) -> None:
        answer = self.hosts[0].send("GET", f"{API}/instance", {}, b"")
        self.world.clock.set(parse_time(str(answer.json["server_time"])))


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _at_once(jobs: Sequence[Callable[[], Any]]) -> None:
    """Run jobs in threads, the last one's error to the caller; a single job in this thread."""
    if len(jobs) == 1:
        jobs[0]()
        return
    errors: list[BaseException] = []

    def guarded(job: Callable[[], Any]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


