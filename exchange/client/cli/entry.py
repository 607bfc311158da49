"""The console script. It loads the one command that is asked for: on an old laptop loading all of them takes a second.

Whatever is not a plain call of a known command (help, a wrong word, nothing at all) is answered by the whole program.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from exchange.client.cli.program import program

# Commands whose module loads little of the rest; tests hold the table against the whole program.
PLACES: Final = {
    "identity": "identity:identity",
    "directory": "directory:directory",
    "authority": "authority:authority",
    "organisation": "organisation:organisation",
    "join": "join:join",
    "account": "account:account",
    "consent": "consent:consent",
    "note": "note:note",
    "audit": "audit:audit",
    "deposit": "transmit:deposit",
    "inbox": "reading:inbox",
    "sent": "reading:sent",
    "show": "reading:show",
    "open": "reading:open_command",
    "readers": "reading:readers",
    "explain": "report_acts:explain",
    "stop": "report_acts:stop",
    "lift": "report_acts:lift",
    "recall": "recall_acts:recall",
    "answer-recall": "recall_acts:answer_recall",
    "recalls": "recall_acts:recalls_command",
    "grant": "report_acts:grant",
    "decide": "report_acts:decide",
    "standing": "standing:standing",
    "approve": "approve:approve",
    "publish": "publish:publish",
    "unpublish": "publish:unpublish",
    "publications": "publish:list_publications",
    "treaty-case": "publish:treaty_case",
    "made-public": "publish:made_public",
    "coverage": "outlook:coverage",
    "today": "outlook:today",
    "pending": "report_acts:pending_command",
    "confirm": "report_acts:confirm",
}


def asked(words: Sequence[str]) -> str | None:
    """Return the command a line calls for, if it begins with one; None where options of the program come first."""
    return words[0] if words and words[0] in PLACES else None


def run() -> None:
    """Run the command line of this process and exit."""
    name = asked(sys.argv[1:])
    if name is None:
        from exchange.client.cli.main import main  # loading everything is what this avoids

        main()
    else:
        module, _, attribute = PLACES[name].partition(":")
        program((getattr(import_module(f"exchange.client.cli.{module}"), attribute),))()
