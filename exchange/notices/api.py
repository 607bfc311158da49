"""/api/v1/account/notices: what an officer's own machine asks for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from exchange.notices.services import Notices
from exchange.web.caller import caller
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service

api = api_blueprint("notices_api", __name__, "account")


class WishBody(BaseModel):
    """What the caller has asked for. `offered`: whether this exchange sends e-mail at all."""

    offered: bool
    address: str | None
    language: str | None
    confirmed: bool


class AskBody(BaseModel):
    """Where to, and in which language."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(min_length=3, max_length=254)
    language: Literal["en", "fr"]


class CodeBody(BaseModel):
    """The code that was sent."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=64)


@api.get("/account/notices", responses={"200": WishBody})
def show_notices() -> dict[str, object]:
    """Show what the caller has asked for."""
    wish = service(Notices).wish(caller().officer)
    body = WishBody(offered=wish.offered, address=wish.address, language=wish.language, confirmed=wish.confirmed)
    return body.model_dump()


@api.put(
    "/account/notices",
    responses={"204": None, **problems(s409="no e-mail here", s429="a code was sent a moment ago", s503="not taken")},
)
def ask_for_notices(body: AskBody) -> tuple[str, int]:
    """Send a code to an address; notices begin once it is given back, and none goes to a former address from now on."""
    service(Notices).ask(caller().officer, body.address, body.language)
    return "", 204


@api.post("/account/notices/confirm", responses={"204": None})
def confirm_notices(body: CodeBody) -> tuple[str, int]:
    """Give back the code."""
    service(Notices).confirm(caller().officer, body.code)
    return "", 204


@api.delete("/account/notices", responses={"204": None})
def stop_notices() -> tuple[str, int]:
    """End notices; the address is forgotten."""
    service(Notices).stop(caller().officer)
    return "", 204
