"""The scopes that an API's routes require, and the function's environment."""

from __future__ import annotations

import pytest

from gatepost.errors import InsufficientScope, InvalidRequest, InvalidToken, NoToken
from gatepost.resource_server.protection import Protection, admitted, facts
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims, check_audience
from tests.raising import raised
from tests.unit.tokens.forge import CLAIMS, GENUINE, signed, verify
from tests.unit.world import NOW, SETTINGS


class Verifying:
    """A watch that looks at signatures only."""

    def claims(self, token: str, now: float, audience: str | None = None) -> Claims:
        claims = verify(token, now)
        check_audience(claims, CLAIMS["aud"] if audience is None else audience)
        return claims


def opens(token: str, needed: Scope, settings: Settings = SETTINGS) -> Claims:
    return admitted([f"Bearer {token}"], needed, watch=Verifying(), settings=settings, now=NOW)


def test_a_token_opens_what_it_holds_or_implies_every_scope_of() -> None:
    assert opens(GENUINE, Scope.of("read", "write")).sub == "alice-id"
    assert opens(GENUINE, Scope()).sub == "alice-id"
    for needed in (Scope.of("admin"), Scope.of("read", "admin"), Scope.of("rea"), Scope.of("read write")):
        with pytest.raises(InsufficientScope):
            opens(GENUINE, needed)

    settings = SETTINGS._replace(scope_implies={"reports": ["reports.read"]})
    token = signed(CLAIMS | {"scope": "reports consumer"})
    assert opens(token, Scope.of("reports.read", "consumer.apps"), settings)
    with pytest.raises(InsufficientScope):
        opens(signed(CLAIMS | {"scope": "reports.read"}), Scope.of("reports"), settings)


def test_a_refusal_says_in_the_log_what_is_needed_and_what_the_token_has() -> None:
    caught = raised(InsufficientScope, opens, GENUINE, Scope.of("reports.read"))
    assert caught.reason == "needs reports.read, has read write"
    assert caught.facts == {"client_id": CLAIMS["client_id"]}
    assert "reports" not in caught.description


def test_a_route_gets_claims_of_the_deployments_own_as_one_text() -> None:
    claims = opens(GENUINE, Scope())
    own = {"sub": "alice-id", "client_id": "web", "scope": "read write", "grant_id": "alice-id.g"}

    assert facts(claims) == own
    more = facts(claims._replace(more={"roles": ["editor"], "sub": "nobody"}))
    assert more == own | {"claims": '{"roles":["editor"],"sub":"nobody"}'}


def test_s200_a_token_for_another_audience_opens_nothing() -> None:
    headers = [f"Bearer {GENUINE}"]

    assert admitted(headers, Scope(), watch=Verifying(), settings=SETTINGS, now=NOW, audience=CLAIMS["aud"])
    for audience in ("https://reports.example.test", f"{CLAIMS['aud']}/", ""):
        with pytest.raises(InvalidToken):
            admitted(headers, Scope(), watch=Verifying(), settings=SETTINGS, now=NOW, audience=audience)


def test_s200_a_route_asks_for_the_own_audience_unless_it_is_a_resource() -> None:
    own = Protection.from_env({})

    assert own.required_scope("GET /demo/read") == Scope.of("read")
    assert own.required_audience("GET /demo/read", SETTINGS) == "https://api.example.test"
    assert own.required_audience("GET /consumer/app", SETTINGS) == "https://api.example.test"
    assert own.required_audience("GET /demo/notes", SETTINGS) == "https://id.example.test/demo/notes"
    assert Protection(routes={"GET /demo/notes": Scope()}).required_audience("GET /demo/notes", SETTINGS) == (
        "https://api.example.test"
    )
    with pytest.raises(KeyError):
        own.required_audience("GET /reports", SETTINGS)
    with pytest.raises(KeyError):
        own.required_scope("GET /reports")


def test_what_is_wrong_is_told_apart() -> None:
    for headers, error in (([], NoToken), (["Bearer"], InvalidRequest), (["Bearer x"], InvalidToken)):
        with pytest.raises(error):
            admitted(headers, Scope(), watch=Verifying(), settings=SETTINGS, now=NOW)


def test_the_environment_says_what_was_written_into_it() -> None:
    routes = {
        "GET /reports": Scope.of("reports.read"),
        "GET /reports/{id}": Scope.of("reports.read"),
        "PUT /reports/{id}": Scope.of("reports.read", "reports.write"),
        "GET /me": Scope(),
    }
    protection = Protection(realm='a "b"', resource_metadata="https://x.test/y", routes=routes)

    assert Protection.from_env(protection.to_env()) == protection
    assert protection.to_env()["GATEPOST_ROUTES"] == (
        '{"reports.read":["GET /reports","GET /reports/{id}"],'
        '"reports.read reports.write":["PUT /reports/{id}"],"":["GET /me"]}'
    )


@pytest.mark.parametrize("routes", [{}, {"GET /reports": Scope()}])
def test_a_route_that_is_not_protected_is_unknown_also_if_it_is_one_of_gateposts(routes: dict[str, Scope]) -> None:
    protection = Protection.from_env(Protection(routes=routes).to_env())
    for key in ("GET /demo/read", "GET /authorization/whoami", "POST /reports", "", "$default"):
        with pytest.raises(KeyError):
            protection.required_scope(key)


def test_only_some_settings_can_be_written() -> None:
    assert SETTINGS.to_env("issuer", "clock_leeway") == {
        "GATEPOST_ISSUER": "https://id.example.test",
        "GATEPOST_CLOCK_LEEWAY": "30",
    }
