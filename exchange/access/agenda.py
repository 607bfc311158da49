"""What an officer finds on a Monday: what arrived, what is due, which recalls wait for an answer, what waits for their second
signature, what waits for which State; each with its next step. As everywhere, nothing of any content.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

from exchange.access.answers import sentence_of
from exchange.access.asker import Asker, Askers
from exchange.access.decide import Access, judge_gathered
from exchange.access.inbox import INBOX, PURPOSE, SENT, Boxes, receivers_of
from exchange.access.recalls import Recalls
from exchange.audit.statements import Statements
from exchange.consents.register import Register, Registered
from exchange.db import UnitOfWork
from exchange.directory.snapshots import Snapshots
from exchange.reports.queries import Reports
from keys.encoding import b64u, format_time, unb64u
from policies import status as statuses
from policies.consent import PERMIT, Answer
from policies.decision import Decision

# Of each list the newest, or those due first.
MOST: Final = 20
# The newest reports of the own body that are looked at for what waits for a State.
_LOOKED_AT: Final = 50


class Agendas:
    """Gathers it."""

    def __init__(
        self,
        access: Access,
        askers: Askers,
        boxes: Boxes,
        reports: Reports,
        register: Register,
        statements: Statements,
        snapshots: Snapshots,
        recalls: Recalls,
    ) -> None:
        self._access = access
        self._askers = askers
        self._boxes = boxes
        self._reports = reports
        self._register = register
        self._statements = statements
        self._snapshots = snapshots
        self._recalls = recalls

    def read(self, uow: UnitOfWork, asker: Asker, language: str) -> dict[str, Any]:
        """Return {now, arrived, due, recalls, second_signature, states}: what waits, with the command that goes on."""
        waiting = self._register.waiting(uow, asker.organisation)
        return {
            "now": format_time(uow.now),
            "arrived": list(self._arrived(uow, asker)),
            "due": list(_due(uow, waiting))[:MOST],
            "recalls": list(self._to_answer(uow, asker))[:MOST],
            "second_signature": [*self._pending(uow, asker), *_unconfirmed(asker, waiting)][:MOST],
            "states": self._states(uow, asker, language),
        }

    def _arrived(self, uow: UnitOfWork, asker: Asker) -> Iterator[dict[str, Any]]:
        for item in self._boxes.page(uow, asker, INBOX, None, MOST).items:
            readable = any(part["view"] for part in item["parts"])
            named = {name: item[name] for name in ("report", "owner", "kind", "reference", "adopted_on", "registered")}
            command = f"exchange open {item['report']} --purpose {PURPOSE} -o FOLDER" if readable else None
            yield {**named, "available": readable, "command": command}

    def _to_answer(self, uow: UnitOfWork, asker: Asker) -> Iterator[dict[str, Any]]:
        """What others recalled and the own body has to answer, then what the own body recalled and others have not answered.

        Of the newest recalls of either kind.
        """
        for shown in (*self._recalls.arrived(uow, asker), *self._recalls.sent(uow, asker)):
            if not shown.open:
                continue
            values, by = shown.recalled.values, shown.recalled.values.reply_by
            report = values.report
            yield {
                "report": report,
                "recall": b64u(shown.recalled.stored.hash),
                "own": shown.own,
                "from": sorted({each.organisation for each in shown.open}),
                "reply_by": None if by is None else by.isoformat(),
                "over": by is not None and by < uow.now.date(),
                "command": f"exchange recalls {report}" if shown.own else f"exchange answer-recall {report} --answer ANSWER",
            }

    def _pending(self, uow: UnitOfWork, asker: Asker) -> Iterator[dict[str, Any]]:
        directory = self._snapshots.required(uow)
        own = next((each.sign for each in directory.officers if each.id == unb64u(asker.officer, 16)), None)
        for each in self._statements.pending_of(uow, asker.organisation):
            if own not in each.statement.kids:
                yield {
                    "what": "statement",
                    "id": b64u(each.hash),
                    "label": each.label.split("/")[1],
                    "state": None,
                    "reference": None,
                    "since": format_time(each.received),
                    "command": f"exchange confirm {b64u(each.hash)}",
                }

    def _states(self, uow: UnitOfWork, asker: Asker, language: str) -> list[dict[str, Any]]:
        rows = self._reports.list_candidates(uow, asker.organisation, SENT, None, _LOOKED_AT)
        gathered = self._access.gather_listed(uow, asker, rows, reasons=True)
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            about = gathered[row.report]
            for body, facts in sorted(receivers_of(uow, self._askers, about).items()):
                sent = about.document.sent[body]
                decision = judge_gathered(facts.asking("view", PURPOSE), uow.now)
                for answer in _missing(decision, sent):
                    item = {
                        "report": row.report,
                        "reference": about.document.reference,
                        "organisation": body,
                        "reason": answer.reason,
                        "sentence": sentence_of(answer.reason or "W_NO_CONSENT", language),
                        "command": f"exchange explain {row.report} --for {body}",
                    }
                    listed = found.setdefault(answer.state, [])
                    if len(listed) < MOST and item not in listed:
                        listed.append(item)
        return [{"state": state, "waiting": listed} for state, listed in sorted(found.items())]


def _missing(decision: Decision, sent: Collection[str]) -> Iterator[Answer]:
    """What States answer that do not agree, of parts that wait for nothing else before."""
    for result in decision.results:
        if not result.permitted and result.part in sent:
            yield from (answer for answer in result.answers if answer.outcome != PERMIT)


def _due(uow: UnitOfWork, waiting: list[Registered]) -> Iterator[dict[str, Any]]:
    """The requests whose answer is expected by a day, that day first; those whose day is over as well."""
    asked = [
        each
        for each in waiting
        if each.instrument.reply_by is not None and each.status(uow.now).state == statuses.PENDING
    ]
    for each in sorted(asked, key=lambda one: one.instrument.reply_by or uow.now):
        by = each.instrument.reply_by
        if by is not None:
            yield {
                "instrument": each.row.id,
                "state": each.row.state,
                "reference": each.terms["reference"],
                "reply_by": format_time(by),
                "over": by <= uow.now,
                "command": f"exchange consent show {each.row.id}",
            }


def _unconfirmed(asker: Asker, waiting: list[Registered]) -> Iterator[dict[str, Any]]:
    """Records of the own body that a second person may confirm: anybody but who recorded them."""
    for each in waiting:
        if each.row.recorder_body == asker.organisation and each.row.recorder != asker.officer:
            yield {
                "what": "authorisation",
                "id": each.row.id,
                "label": None,
                "state": each.row.state,
                "reference": each.terms["reference"],
                "since": format_time(each.events[-1].at),
                "command": f"exchange consent confirm {each.row.id}",
            }
