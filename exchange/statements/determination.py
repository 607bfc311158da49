"""`determination`: a body states a fact that can open or close a gate: its decision to transmit, publication, and so on.

Payload: common fields with `prev`, `scope`, `part` (8 bytes or null), `fact`, `value`. Scope is one report ({report,
header}) or standing ({organisation, kinds, states}). Chained per body, scope, part and fact. One officer may close;
everything that opens takes two.
"""

from dataclasses import dataclass
from typing import Any, Final

from exchange.statements import form
from exchange.statements.determination_values import (
    APPROVAL,
    END,
    FACTS,
    ORIGINATOR_DECISION,
    OVERRIDE,
    check_value,
    opens,
)
from exchange.statements.errors import BrokenLinkError, OtherSubjectError, WrongSignerError
from exchange.statements.form import Link
from exchange.statements.signers import Signer, SignerBook, at_least, of_bodies
from keys import fields
from keys.encoding import b64u, canonical, unb64u
from keys.errors import MalformedError
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/determination/v1"
OPENING_OFFICERS: Final = 2

_REPORT_SCOPE: Final[fields.Schema] = {"header": fields.HASH, "report": fields.uuid}
_STANDING_SCOPE: Final[fields.Schema] = {
    "kinds": fields.nullable(fields.list_of(fields.name, least=1, most=64, ordered=True)),
    "organisation": fields.organisation,
    "states": fields.nullable(fields.list_of(fields.state, least=1, most=256, ordered=True)),
}
_SCHEMA: Final[fields.Schema] = {
    "fact": fields.one_of(*FACTS),
    "part": fields.nullable(fields.ID8),
    "scope": fields.any_of(fields.an_object(_REPORT_SCOPE), fields.an_object(_STANDING_SCOPE)),
    "value": fields.anything,
}


@dataclass(frozen=True)
class ReportScope:
    """One report, whose header has the hash `header` (32 bytes)."""

    report: str
    header: bytes

    def body(self) -> dict[str, Any]:
        """Return the scope as JSON values."""
        return {"header": b64u(self.header), "report": self.report}


@dataclass(frozen=True)
class StandingScope:
    """Every report of a body, or those of some kinds or States (None: any); both sorted."""

    organisation: str
    kinds: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None

    def body(self) -> dict[str, Any]:
        """Return the scope as JSON values."""
        return {
            "kinds": None if self.kinds is None else list(self.kinds),
            "organisation": self.organisation,
            "states": None if self.states is None else list(self.states),
        }


@dataclass(frozen=True)
class Determination:
    """A fact with its value (JSON values, not to be changed), in a scope, of one part (8 bytes) or all of them."""

    link: Link
    scope: ReportScope | StandingScope
    part: bytes | None
    fact: str
    value: Any

    @property
    def opens(self) -> bool:
        """Whether the value can open a gate: then it takes two officers."""
        return opens(self.fact, self.value)

    def chain(self, organisation: str) -> bytes:
        """Return the name of the chain this is a link of: canonical JSON of body, scope, part and fact."""
        part = None if self.part is None else b64u(self.part)
        return canonical([organisation, self.scope.body(), part, self.fact])


def build(determination: Determination) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {
        "fact": determination.fact,
        "part": None if determination.part is None else b64u(determination.part),
        "scope": determination.scope.body(),
        "value": determination.value,
    }
    statement = form.build(LABEL, determination.link, body)
    read(statement)
    return statement


def read(statement: Statement) -> Determination:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    link, body = form.read_linked(statement, LABEL, _SCHEMA)
    scope = _scope(body["scope"])
    part = None if body["part"] is None else unb64u(body["part"])
    determination = Determination(link, scope, part, body["fact"], body["value"])
    try:
        check_value(determination.fact, determination.value)
    except MalformedError as error:
        raise MalformedError(f"field 'value': {error}") from None
    if isinstance(scope, StandingScope):
        _check_standing(determination, scope)
    elif determination.fact == APPROVAL:
        raise MalformedError("field 'fact': approval is asked for by a standing determination")
    elif determination.fact == ORIGINATOR_DECISION:
        _check_single(determination)
    if determination.fact == OVERRIDE and determination.value is not None:
        if determination.value["vote"]["on"] > link.time.date().isoformat():
            raise MalformedError("field 'value': a vote that has not been taken yet")
    return determination


def parse(text: bytes) -> tuple[Determination, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(
    determination: Determination, statement: Statement, book: SignerBook, header: bytes | None = None
) -> tuple[Signer, ...]:
    """Return who determined it, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. all signers are officers of one body, which is the body that the scope and an originator's decision name
       (WrongSignerError);
    3. a determination on one report names the header given (OtherSubjectError);
    4. what opens was signed by two different officers (TooFewSignersError: pending).
    Whether that body is an originator, or may state this fact at all, is for the caller, who knows the report.
    """
    signers = book.signers(statement, determination.link.exchange)
    of_bodies(signers, (signers[0].organisation,))
    scope = determination.scope
    named = {scope.organisation} if isinstance(scope, StandingScope) else set()
    if determination.fact == ORIGINATOR_DECISION:
        named.add(determination.value["organisation"])
    if not named <= {signers[0].organisation}:
        raise WrongSignerError("a body decides for itself alone")
    if isinstance(scope, ReportScope) and scope.header != header:
        raise OtherSubjectError("a determination names another header")
    at_least(signers, OPENING_OFFICERS if determination.opens else 1)
    return signers


def follows(determination: Determination, last: bytes | None) -> None:
    """Hold a determination to its chain: `last` is the hash of the one before, None for the first (BrokenLinkError)."""
    if determination.link.prev != last:
        raise BrokenLinkError("a determination does not follow the last one")


def _scope(body: dict[str, Any]) -> ReportScope | StandingScope:
    if "report" in body:
        return ReportScope(body["report"], unb64u(body["header"]))
    kinds, states = body["kinds"], body["states"]
    return StandingScope(
        body["organisation"], None if kinds is None else tuple(kinds), None if states is None else tuple(states)
    )


def _check_standing(determination: Determination, scope: StandingScope) -> None:
    """A standing scope is for an originator's decision, which repeats its limits so that it reads alone as it acts, and for
    approval, which has none."""
    if determination.fact == APPROVAL and (determination.part, scope.kinds, scope.states) == (None, None, None):
        return
    if determination.fact != ORIGINATOR_DECISION or determination.part is not None:
        raise MalformedError("field 'scope': standing for an originator's decision alone, and for no part")
    value = determination.value
    if value["parts"] is not None or {k: value[k] for k in ("kinds", "organisation", "states")} != scope.body():
        raise MalformedError("field 'value': other limits than the scope's")


def _check_single(determination: Determination) -> None:
    value = determination.value
    if value["effect"] == END:
        raise MalformedError("field 'effect': a decision on one report is a permit or a denial")
    if value["kinds"] is not None or value["states"] is not None:
        raise MalformedError("field 'value': kinds and states are for a standing decision")
    if determination.part is not None and value["parts"] != [b64u(determination.part)]:
        raise MalformedError("field 'value': other parts than the determination's")
