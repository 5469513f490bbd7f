"""An app is told of a logout by one request, and a failure is final or tried again."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from gatepost.endpoints.backchannel_logout import tell_app
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound
from gatepost.model.records import App
from tests.unit.endpoints.logouts import NOTICE, URI, Answering
from tests.unit.world import ALICE, NOW, WEB, World


@pytest.fixture(autouse=True)
def told(world: World) -> App:
    return world.add_app(replace(world.web, backchannel_logout_uri=URI))


def test_the_app_is_sent_the_logout_token_in_a_form(world: World) -> None:
    fetcher = Answering(204)

    tell_app(world.server, fetcher, NOTICE, NOW)

    (request,) = fetcher.requests
    assert replace(request, body="") == Outbound(
        method="POST", url=URI, content_type="application/x-www-form-urlencoded"
    )
    (token,) = parse_qs(request.body, strict_parsing=True)["logout_token"]
    claims = json.loads(from_base64url(token.split(".")[1]))
    assert (claims["aud"], claims["sub"], claims["sid"]) == (WEB, ALICE.user_id, "sid-1")


@pytest.mark.parametrize("answer", [FetchFailed("no answer in time"), 429, 500, 503])
def test_an_app_that_may_answer_later_is_asked_again(world: World, answer: int | Exception) -> None:
    with pytest.raises(TemporarilyUnavailable) as caught:
        tell_app(world.server, Answering(answer), NOTICE, NOW)

    assert caught.value.facts == {"client_id": WEB}
    assert caught.value.reason in ("no answer in time", f"the app answered {answer}")


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (200, "logout.told"),
        (204, "logout.told"),
        (202, "logout.refused"),
        (302, "logout.refused"),
        (400, "logout.refused"),
        (404, "logout.refused"),
        (FetchRefused("the address is not public"), "logout.refused"),
    ],
)
def test_any_other_answer_is_final(
    world: World, answer: int | Exception, event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_app(world.server, Answering(answer), NOTICE, NOW)

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["message"], line["client_id"], line["user_id"]) == (event, WEB, ALICE.user_id)
    assert line["level"] == ("INFO" if event == "logout.told" else "ERROR")
    assert URI not in json.dumps(line)


def test_a_server_without_keys_tells_nobody_and_tries_again(world: World) -> None:
    world.keys.missing = True
    fetcher = Answering()

    with pytest.raises(TemporarilyUnavailable):
        tell_app(world.server, fetcher, NOTICE, NOW)

    assert fetcher.requests == []
