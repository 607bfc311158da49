"""Error codes of the room: stable, one a class, never reused."""

import inspect
import re
from types import ModuleType

import pytest

import exchange.statements.errors
import keys.errors


@pytest.mark.parametrize("module", [keys.errors, exchange.statements.errors], ids=lambda module: module.__name__)
def test_every_error_has_a_code_of_its_own(module: ModuleType) -> None:
    """snake_case, unique in the room, and every class stands under the room's root."""
    found = [c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == module.__name__]
    codes = [c.code for c in found]
    assert len(found) > 5
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)
    assert all(issubclass(c, keys.errors.KeysError) for c in found)
    assert all("code" in vars(c) and c.__doc__ for c in found)


def test_the_codes_are_these() -> None:
    """A code is part of the interface: changing one must be meant."""
    classes = [c for c in vars(keys.errors).values() if inspect.isclass(c) and issubclass(c, Exception)]
    assert {c.code for c in classes} == {
        "keys_error",
        "malformed",
        "unknown_version",
        "bad_key",
        "bad_signature",
        "cannot_open",
        "key_mismatch",
        "identity_damaged",
        "wrong_passphrase",
        "passphrase_short",
        "not_enough_memory",
        "custody_error",
        "custody_missing",
        "custody_exists",
        "custody_unsafe",
        "custody_damaged",
        "unknown_key",
    }
