"""What one engine takes as a text or a number and the other does not: whoever asks for it gets the same words on both."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.web.exchange_world import ExchangeWorld

# PostgreSQL's texts hold no NUL, neither engine half a pair, and numbers end somewhere.
ODD = {
    "nul": "%00", "nul-inside": "a%00b", "half-a-pair": "%ED%A0%80", "large": "9" * 30, "int8": str(2**63), "int4": str(2**31),
}  # fmt: skip
PARAMETERS = ("after", "box", "purpose", "limit", "state", "organisation", "report", "since", "until")


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_words_in_an_address(tmp_path: Path, odd: str) -> None:
    """Every address that names something, with an odd name; and every list, with odd parameters: none fails inside."""
    world = ExchangeWorld(tmp_path)
    token = world.token(world.officers("coe-cpt")[0])
    wrong = []
    for rule in world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/static", "/openapi")):
            continue
        path = re.sub(r"<[^<>]+>", odd, rule.rule)
        query = "" if rule.arguments else "?" + "&".join(f"{name}={odd}" for name in PARAMETERS)
        answer = world.client.get(path + query, headers=token)
        if answer.status_code >= 500:
            wrong.append((answer.status_code, path + query))
    world.close()
    assert wrong == []


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\ud800", str(2**63)], ids=["nul", "nul-inside", "half-a-pair", "int8"])
def test_odd_words_in_a_request(tmp_path: Path, odd: str) -> None:
    """As a login name, a password, a bearer token and an assertion: refused as any wrong one."""
    world = ExchangeWorld(tmp_path)
    form = {"login_name": odd, "password": odd, "login": odd, "client_assertion": odd, "grant_type": "client_credentials"}
    body = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in form.items())
    for path in ("/sign-in", "/oauth/token"):
        answer = world.client.post(path, data=body, content_type="application/x-www-form-urlencoded")
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
    world.close()
