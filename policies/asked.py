"""One part as it is asked for: the facts, and what several gates derive from them, computed once and only when needed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from policies import vocabulary as words
from policies.consent import PERMIT, Answer, Consents
from policies.facts import Document, Facts, OriginatorDecision, Part, Request

Permits = dict[str, list[OriginatorDecision]]


@dataclass(frozen=True)
class Asked:
    """A part of the document in a request at an instant, with what the States answer to that request."""

    facts: Facts
    part: Part
    now: datetime
    consents: Consents

    @property
    def request(self) -> Request:
        """Who asks, and for what."""
        return self.facts.request

    @property
    def document(self) -> Document:
        """The document the part belongs to."""
        return self.facts.document

    @cached_property
    def regime(self) -> str:
        """The regime of the part: R1 if either says so, else the part's, else the document's."""
        if "R1" in (self.document.regime, self.part.regime):
            return "R1"
        return self.part.regime or self.document.regime

    @property
    def by_originator(self) -> bool:
        """Whether the requester is one of the bodies that made the document."""
        return self.request.organisation in self.document.originators

    @property
    def by_state(self) -> bool:
        """Whether a State asks."""
        return words.is_state(self.request.organisation, self.request.organisation_kind)

    @property
    def on_the_ladder(self) -> bool:
        """Whether the action is to see, view, download or print."""
        return self.request.action in words.LADDER

    @property
    def is_alert(self) -> bool:
        """Whether the document is an allegation of reprisals, by its tier or its kind."""
        return self.document.tier == "alert" or self.document.kind == words.ALERT_KIND

    def names_this_part(self, parts: tuple[str, ...] | None) -> bool:
        """Whether a list of parts, null for any, names this one: by its id, or as `document/part`."""
        return parts is None or self.part.id in parts or f"{self.document.id}/{self.part.id}" in parts

    @cached_property
    def deciding(self) -> tuple[str, ...]:
        """The originators who must have decided: all but the requester and, in R1, the States, whose consent is asked."""
        return tuple(
            dict.fromkeys(
                originator
                for originator in self.document.originators
                if originator != self.request.organisation
                and not (self.regime == "R1" and originator.startswith(words.STATE_PREFIX))
            )
        )

    @cached_property
    def originator_permits(self) -> Permits:
        """Of the originators who must decide and did so for this body and kind: each with its permits, if no deny."""
        found: Permits = {}
        for originator in self.deciding:
            decisions = [each for each in self.facts.originator_decisions if each.organisation == originator]
            permits = [each for each in decisions if each.effect == "permit" and self._permits(each)]
            if permits and not any(each.effect == "deny" and self._denies(each) for each in decisions):
                found[originator] = permits
        return found

    def _permits(self, decision: OriginatorDecision) -> bool:
        return (
            decision.grantee == self.request.organisation
            and (decision.kinds is None or self.document.kind in decision.kinds)
            and (decision.states is None or set(self.part.states) <= set(decision.states))
        )

    def _denies(self, decision: OriginatorDecision) -> bool:
        return (
            decision.grantee in (None, self.request.organisation)
            and (decision.kinds is None or self.document.kind in decision.kinds)
            and (decision.states is None or not set(self.part.states).isdisjoint(decision.states))
        )

    @cached_property
    def narrowed(self) -> tuple[str | None, Permits]:
        """The originators' permits that cover this request; with the reason, once one of them has none left."""
        left = self.originator_permits
        for reason, covers in self._narrowing:
            left = {originator: [each for each in permits if covers(each)] for originator, permits in left.items()}
            if not all(left.values()):
                return reason, left
        return None, left

    @property
    def _narrowing(self) -> tuple[tuple[str, Callable[[OriginatorDecision], bool]], ...]:
        action, now = self.request.action, self.now
        return (
            ("W_SCOPE_ACTION", lambda each: not words.PERMITTED_BY[action].isdisjoint(each.actions)),
            ("W_SCOPE_PART", lambda each: self.names_this_part(each.parts)),
            ("W_EMBARGO", lambda each: each.valid_from is None or now >= each.valid_from),
            ("W_EXPIRED", lambda each: each.valid_to is None or now < each.valid_to),
        )

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """What each State concerned answers: those of the part, then those among the other originators, each once."""
        states = [name for state in self.part.states for name in self.consents.register.answering(state)]
        states += [
            originator.removeprefix(words.STATE_PREFIX)
            for originator in self.document.originators
            if originator.startswith(words.STATE_PREFIX) and originator != self.request.organisation
        ]
        return tuple(self.consents.answer(state, self.part) for state in dict.fromkeys(states))

    @property
    def all_states_permit(self) -> bool:
        """Whether every State concerned permits."""
        return all(each.outcome == PERMIT for each in self.answers)
