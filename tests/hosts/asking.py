"""Officers who ask for tokens all the time, each token an entry in the audit log: the load under which hosts are tried."""

import threading
import time

import httpx

from tests.hosts.machines import Machines

TOKENS, START = "accounts:token:issue", "operator:instance:start"


class Load:
    """Officers who ask for tokens, each an entry in the audit log, until they are told to stop."""

    def __init__(self, machines: Machines, officers: int, hosts: int = 1) -> None:
        """Nobody asks yet."""
        self.machines = machines
        self.done = threading.Event()
        self.given: list[float] = []
        self.broken: list[float] = []
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._ask, args=(n, n % hosts)) for n in range(officers)]

    def _ask(self, number: int, host: int) -> None:
        person = self.machines.officer(number)
        while not self.done.is_set():
            try:
                answer = self.machines.asks_token(person, host)
            except httpx.TransportError:
                self.broken.append(time.monotonic())
                continue
            if answer.status_code == 200:
                self.given.append(time.monotonic())
            else:
                self.refused.append(answer.text)

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.done.set()
        for thread in self._threads:
            thread.join(60)


def entries_of(machines: Machines, act: str) -> int:
    """How many entries of an act the audit office of coe-cpt reads."""
    return sum(record.act.tag == act for record in machines.reads("audit-cpt"))
