"""Errors of the room `accounts`. None says whether an officer, a name or a key exists."""

from collections.abc import Mapping
from typing import ClassVar


class AccountsError(Exception):
    """Root of everything this room raises. `oauth` is RFC 6749's word for it, where the token endpoint answers."""

    code: ClassVar[str] = "account_failed"
    oauth: ClassVar[str] = ""

    @property
    def members(self) -> Mapping[str, object]:
        """Further members of the problem document: `error`, as RFC 6749 section 5.2 names it."""
        return {"error": self.oauth} if self.oauth else {}


class AssertionInvalidError(AccountsError):
    """A client assertion that does not prove an officer in force: form, signature, claims or officer."""

    code = "assertion_invalid"
    oauth = "invalid_client"


class AssertionReplayedError(AccountsError):
    """A client assertion that was used before."""

    code = "assertion_replayed"
    oauth = "invalid_client"


class UnsupportedGrantError(AccountsError):
    """A token request that is not `client_credentials` with `private_key_jwt`."""

    code = "unsupported_grant"
    oauth = "unsupported_grant_type"


class SignInFailedError(AccountsError):
    """Name and password do not go together, or their officer is no longer in force: one answer for all."""

    code = "sign_in_failed"


class LoginNameTakenError(AccountsError):
    """Another officer signs in under this name."""

    code = "login_name_taken"


class LoginNameInvalidError(AccountsError):
    """A name to sign in with that is not 3 to 64 letters, digits, `.`, `_`, `-` or `@`."""

    code = "login_name_invalid"


class PasswordTooWeakError(AccountsError):
    """A password under 12 characters, over 256, or one that contains the name it goes with."""

    code = "password_too_weak"
