"""The example in docs/spec/log-tree.md is true: a stranger who follows the page arrives where we do."""

import re
from pathlib import Path

from exchange.transparency import errors
from exchange.transparency.findings import FindingCode
from exchange.transparency.paths import consistency_proof, inclusion_proof
from exchange.transparency.store import MemoryLog
from exchange.transparency.tiles import format_bundle
from tests.unit.transparency.log_maker import AUDIT, NOW

PAGE = (Path(__file__).parents[3] / "docs" / "spec" / "log-tree.md").read_text()
EXAMPLE = PAGE[PAGE.index("## 8. An example") :]
ENTRIES = [b"", b"x", b"exchange"]


def named(label: str) -> bytes:
    """The hash the page gives under this label."""
    match = re.search(rf"^    {label} +([0-9a-f]{{64}})$", EXAMPLE, re.MULTILINE)
    assert match is not None, label
    return bytes.fromhex(match[1])


def test_hashes_and_proofs() -> None:
    """Leaf hashes, inner node, root, tile contents and both proofs."""
    log = MemoryLog(ENTRIES)
    leaves = [named(f"leaf {index}") for index in range(3)]
    assert list(log.hashes(0, 0, 3)) == leaves
    assert log.get(1, 0) == named("leaves 0-1")
    assert log.head() == (3, named("root"))
    assert inclusion_proof(log, 2, 3) == [named("leaves 0-1")]
    assert consistency_proof(log, 1, 3) == [leaves[1], leaves[2]]
    assert "`0000 0001 78 0008 65786368616e6765`" in EXAMPLE
    assert format_bundle(ENTRIES).hex() == "0000" + "000178" + "000865786368616e6765"


def test_keys_and_signature() -> None:
    """The vkey, the checkpoint's text with its Ed25519 line, and the id of the other key."""
    lines = {line.strip() for line in EXAMPLE.splitlines()}
    assert AUDIT.public.ed25519.text in lines
    text, _gap, signatures = AUDIT.sign_checkpoint(3, named("root"), NOW).decode().partition("\n\n")
    assert {*text.splitlines(), signatures.splitlines()[0]} <= lines
    assert f"`{AUDIT.public.mldsa44.key_id.hex()}`" in EXAMPLE


def test_every_code_is_on_the_page() -> None:
    """No error or finding of this room is left unexplained."""
    codes = [kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")]
    assert len(codes) > 5
    for code in [*codes, *FindingCode]:
        assert f"`{code}`" in PAGE, code
