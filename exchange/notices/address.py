"""Which e-mail addresses are taken: those an HTML form takes, ASCII alone, so that nothing in one can be read twice."""

import re
from typing import Final

from exchange.notices.errors import MailAddressError

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# The form of a valid e-mail address of the HTML Living Standard, with a dot in the host.
_ADDRESS: Final = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+", re.ASCII)
MOST: Final = 254


def read_address(text: str) -> str:
    """Return an address without the space around it; MailAddressError for anything that is none."""
    address = text.strip()
    if len(address) > MOST or _ADDRESS.fullmatch(address) is None:
        raise MailAddressError("not an e-mail address")
    return address
