"""A warm function keeps nothing of one request for the next. Checklist K (S113)."""

from __future__ import annotations

import ast
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatepost.errors import InvalidRequest
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, entered, get, new_person

MODULES = [*(ROOT / "layers/gatepost/python").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
# kept by a setting, the name of a file of ours or a kind of record: nothing that a request can choose
KEPT_BY_VALUE = {
    "document": ["issuer", "service_name"],
    "_text": ["name"],
    "_script": ["name"],
    "_plan": ["record"],
    "_fields": ["record"],
}
# of tokens: an algorithm, the id of a key, a type and ids, in as many texts as the caches hold
HEADERS = {
    "_second": ["now"],  # of a log line: a time, and its text
    "_header": ["alg", "kid", "kind"],
    "_read_header": ["text", "kind"],
    "_marks": ["jti", "kid", "client_id", "user_id", "grant_id"],
}


def test_s113_the_requests_of_two_people_never_mix(deployment: Deployment, client: Client) -> None:
    people = [new_person(deployment) for _ in range(2)]
    browsers = [entered(deployment, person) for person in people]
    tokens = [client.tokens(person)["access_token"] for person in people]

    def look(turn: int) -> bool:
        one, other = turn % 2, 1 - turn % 2
        page = browsers[one].get("/developer/account" if turn % 3 else client.authorize_path(scope="write"))
        refused = Browser(deployment.base_url).get("/developer/account")
        who = get(deployment, "/authorization/whoami", tokens[one]).json()
        return (
            people[one].name in page.text
            and people[other].name not in page.text
            and people[one].name not in refused.text
            and who["sub"] == people[one].user.user_id
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(look, range(12)))


def test_s113_a_log_line_holds_nothing_of_the_request_before(capsys: pytest.CaptureFixture[str]) -> None:
    @endpoint("warm")
    def handler(request: Request) -> Response:
        if request.raw_query == "fails":
            raise InvalidRequest("no", client_id="the first app")
        if request.raw_query == "breaks":
            raise RuntimeError("the first app")
        return json_response(200, {}, facts={"client_id": "the first app"} if request.raw_query == "works" else {})

    for query in ("fails", "breaks", "works", ""):
        handler({"rawQueryString": query}, None)

    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert sorted(last) == [
        "endpoint", "level", "message", "method", "ms", "request_id", "service", "status", "timestamp",
    ]  # fmt: skip


def test_s113_no_module_keeps_state_of_requests() -> None:
    for path, text in ((path, path.read_text()) for path in MODULES):
        if not re.search(r"\b(global|nonlocal|cache|lru_cache)\b", text):
            continue  # which spares reading most of them
        nodes = list(ast.walk(ast.parse(text)))
        assert not [node for node in nodes if isinstance(node, ast.Global | ast.Nonlocal)], path
        for function in (node for node in nodes if isinstance(node, ast.FunctionDef)):
            names = {ast.unparse(each) for each in function.decorator_list}
            keys = [each.arg for each in function.args.args]
            if names & {"cache", "functools.cache"}:
                assert keys == KEPT_BY_VALUE.get(function.name, []), (path, function.name)
            if [each for each in names if each.startswith(("lru_cache", "functools.lru_cache"))]:
                assert keys == HEADERS[function.name], path
