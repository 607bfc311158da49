"""/api/v1/account: what an officer's own machine sets for the pages."""

from pydantic import BaseModel, ConfigDict, Field

from exchange.accounts.services import Accounts
from exchange.web.caller import caller
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service, unit_of_work

api = api_blueprint("account_api", __name__, "account")


class AccountBody(BaseModel):
    """The caller, as the directory has them, and the name they sign in to the pages with."""

    officer: str
    organisation: str
    login_name: str | None


class PasswordBody(BaseModel):
    """A name and a password for the pages."""

    model_config = ConfigDict(extra="forbid")

    login_name: str = Field(min_length=3, max_length=64)
    password: str = Field(min_length=1, max_length=1024)


@api.get("/account", responses={"200": AccountBody})
def show_account() -> dict[str, object]:
    """Show who the token speaks for."""
    who = caller()
    with unit_of_work() as uow:
        name = service(Accounts).name_of(uow, who.officer)
    return AccountBody(officer=who.officer, organisation=who.organisation, login_name=name).model_dump()


@api.put("/account/password", responses={"204": None, **problems(s409="the name is taken")})
def set_password(body: PasswordBody) -> tuple[str, int]:
    """Set the caller's name and password for the pages; all their sessions end."""
    service(Accounts).set_password(caller().officer, body.login_name, body.password)
    return "", 204
