"""Whatever is sent to the server's own parsers, they answer with the room's error or a value in its one form."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.accounts.assertion import verify
from exchange.accounts.errors import AssertionInvalidError, LoginNameInvalidError
from exchange.accounts.passwords import login_name
from exchange.config import SETTINGS, Config, ConfigError, from_environment
from exchange.storage.errors import StorageError
from exchange.storage.pieces import LocalPieceStore
from exchange.texts import LANGUAGES, best_language
from exchange.web.caller import ActiveOfficer
from keys.signing import SigningKey

KEY = SigningKey(bytes(32))
ACTIVE = ActiveOfficer("coe-cpt", KEY.key_id, KEY.public)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOKENISH = st.from_regex(r"[A-Za-z0-9_.=-]{0,80}", fullmatch=True)


@given(st.text() | TOKENISH)
def test_no_text_is_an_assertion(text: str) -> None:
    """Arbitrary text never passes and raises nothing but the room's error."""
    with pytest.raises(AssertionInvalidError):
        verify(text, "officer", ACTIVE, "http://localhost:8443/oauth/token", NOW)


@given(st.text())
def test_any_accept_language_gives_one_of_ours(header: str) -> None:
    """The header is a stranger's: it never fails, and never names a language we lack."""
    assert best_language(header) in LANGUAGES


@given(st.dictionaries(st.sampled_from(sorted(SETTINGS)), st.text(max_size=30) | st.integers().map(str), max_size=4))
def test_any_environment_gives_settings_or_the_rooms_error(environment: dict[str, str]) -> None:
    """A malformed setting is always a ConfigError that names it or its fix."""
    try:
        assert isinstance(from_environment(environment), Config)
    except ConfigError as error:
        assert any(name in str(error) for name in (*SETTINGS, "EXCHANGE_"))


@given(st.text())
def test_a_login_name_has_one_form(text: str) -> None:
    """What is accepted comes back unchanged when read again."""
    try:
        name = login_name(text)
    except LoginNameInvalidError:
        return
    assert login_name(name) == name


@given(st.text())
def test_no_name_of_a_part_leaves_its_folder(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    """A part's name is plain, or refused before the disk is touched."""
    root = tmp_path_factory.getbasetemp() / "pieces"
    try:
        path = LocalPieceStore(root).path(key)
    except StorageError:
        return
    assert path.parent == root and path.resolve() == path
