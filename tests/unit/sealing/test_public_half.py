"""What the server may import of this room opens nothing, and what people read of its values tells nothing."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.unit.sealing.sealed_report import part

ROOM = Path(__file__).parents[3] / "exchange" / "sealing"
PUBLIC = sorted(path.stem for path in ROOM.glob("*.py") if path.stem != "__init__")
PRIVATE = ("exchange.sealing.unseal", "keys.seat_open", "keys.identity", "exchange.client", "flask", "sqlalchemy", "httpx")


def test_importing_all_of_the_public_half_loads_no_private_half() -> None:
    """In a process of its own: every public module, and then no private one, no web, no database in `sys.modules`."""
    lines = [f"import exchange.sealing.{name}" for name in PUBLIC]
    code = "\n".join([*lines, "import sys", f"print([n for n in sys.modules if n.startswith({PRIVATE!r})])"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_private_half_names_what_decrypts() -> None:
    """No public module imports a decryptor, an AEAD or a private key of any kind."""
    for name in PUBLIC:
        tree = ast.parse((ROOM / f"{name}.py").read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        assert not {n for n in names if "Decryptor" in n or "Private" in n or n in ("AESGCM", "SealKey", "unseal")}, name


def test_a_repr_says_no_word_of_a_title_or_file_name() -> None:
    """Values end up in tracebacks and logs; what they hold must not."""
    shown = repr(part("p1")) + repr(part("p1").manifest)
    for word in ("Visit report", "report-en", "text/plain", "annexes"):
        assert word not in shown
