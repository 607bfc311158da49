"""Which file names a manifest may carry: those that are safe, and mean the same, on every reader's machine.

A name comes from another body's machine and ends up in a reader's folder and on their screen. So it is one plain name:
no path, no device, nothing invisible that would let a name look like another.
"""

import re
import unicodedata
from typing import Final

from exchange.sealing.errors import FileNameError

# Common file systems take 255 bytes; the rest is left for what a reader's system adds ("name (copy).pdf").
MOST_NAME_BYTES: Final = 200

# Path separators of all systems, and what Windows refuses in a name.
_FORBIDDEN: Final = frozenset('/\\:*?"<>|')

# Joiners are invisible, and needed to spell names in Persian and in Indic scripts.
_JOINERS: Final = frozenset("\u200c\u200d")

# Control, format (turns the direction of text, among others), surrogate, private use, unassigned, line and paragraph
# separators: a name with one of these can look like another name.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Names that Windows gives to devices, with or without an extension.
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)


def check_file_name(name: str) -> None:
    """FileNameError unless `name` is one safe file name; the message never repeats it, for it may be confidential."""
    if not name or len(name.encode("utf-8", "surrogatepass")) > MOST_NAME_BYTES:
        raise FileNameError(f"a file name has 1 to {MOST_NAME_BYTES} bytes")
    if any(c in _FORBIDDEN or (unicodedata.category(c) in _UNSEEN and c not in _JOINERS) for c in name):
        raise FileNameError("a file name has a separator or a character that cannot be seen")
    if unicodedata.normalize("NFC", name) != name:
        raise FileNameError("a file name is not in normal form C")
    if name[0] in ". -" or name[-1] in ". ":
        raise FileNameError("a file name begins or ends with a dot, a space or a hyphen")
    if _DEVICE.fullmatch(name.partition(".")[0].rstrip(" ")):
        raise FileNameError("a file name is that of a device")
