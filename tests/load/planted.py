"""The application with a mistake planted in it: an entry is written for a decision that nobody looks at again.

`flask --app tests.load.planted serve`. A decision is made in a reading unit, and what it relied on is taken on trust where
its entry is written; the moment between the two is long enough for a withdrawal. The races must find it out.
"""

import os
import time
from typing import Any

from exchange import create_app
from exchange.access.relied import Footing, Relied
from exchange.config import from_environment

_MOMENT = 0.03
_marks = Footing.report


def _slowly(self: Footing, *facts: Any) -> Relied:
    marks = _marks(self, *facts)
    time.sleep(_MOMENT)
    return marks


def _on_trust(self: Footing, uow: Any, relied: Relied) -> bool:
    return True


Footing.report = _slowly  # type: ignore[method-assign]
Footing.stands = _on_trust  # type: ignore[method-assign]
app = create_app(from_environment(os.environ))
