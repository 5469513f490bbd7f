"""The code examples on an app's page run unchanged."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from gatepost.console.sign_in_snippets import sign_in_snippets
from gatepost.console.snippets import Snippet, authorize_url, snippets_for
from gatepost.identifiers import new_secret
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.browsing import answer_in
from tests.flows.browser_app import App, enter, registered
from tests.flows.programs import LIBRARIES, free_port, in_flask, in_node
from tests.people import CALLBACK, Client, Person, allowed, new_client

SIGN_IN = Scope.of("openid", "profile", "read")


def code_of(snippets: list[Snippet], wanted: str) -> str:
    return next(snippet.code for snippet in snippets if snippet.id == wanted)


def started(code: str, tmp_path: Path, secret: str) -> subprocess.Popen[str]:
    script = tmp_path / "try_it.py"
    script.write_text(code)
    return subprocess.Popen(
        [sys.executable, "-u", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CLIENT_SECRET": secret},
    )


@pytest.mark.parametrize("given", ["with its secret", "without its secret", "public"])
def test_the_python_snippet_of_the_code_flow(
    deployment: Deployment, client: Client, public_client: Client, person: Person, tmp_path: Path, given: str
) -> None:
    known = public_client if given == "public" else client
    secret = client.secret if given == "with its secret" else ""
    snippets = snippets_for(known.app, deployment.settings, verifier=new_secret(), secret=secret)
    with started(code_of(snippets, "python"), tmp_path, known.secret) as running:
        assert running.stdout
        running.stdout.readline()
        link = running.stdout.readline().strip()
        out, errors = running.communicate(allowed(deployment, person, link) + "\n", timeout=60)

    assert (running.returncode, errors) == (0, "")
    assert person.user.user_id in out


def test_the_python_snippet_of_a_machine(deployment: Deployment, person: Person, tmp_path: Path) -> None:
    client = new_client(deployment, person, grant_types=["client_credentials"])
    snippets = snippets_for(client.app, deployment.settings, verifier=new_secret())
    with started(code_of(snippets, "python"), tmp_path, client.secret) as running:
        out, errors = running.communicate(timeout=60)

    assert (running.returncode, errors) == (0, "")
    assert client.app.client_id in out


def test_the_authorize_link_brings_a_code_that_the_verifier_redeems(
    deployment: Deployment, public_client: Client, person: Person
) -> None:
    verifier = new_secret()
    link = authorize_url(public_client.app, deployment.settings, verifier)
    assert link is not None
    code = answer_in(allowed(deployment, person, link.removeprefix(deployment.base_url)))["code"]

    answer = public_client.token(
        grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier
    )

    assert answer.status_code == 200


def test_values_are_quoted_for_their_language(deployment: Deployment, person: Person) -> None:
    odd = new_client(deployment, person, redirect_uris=["https://client.example.test/cb?a='$(id)'"])
    snippets = snippets_for(odd.app, deployment.settings, verifier=new_secret())

    assert "'redirect_uri=https://client.example.test/cb?a='\"'\"'$(id)'\"'\"''" in code_of(snippets, "curl")
    compile(code_of(snippets, "python"), "snippet", "exec")


def signing_in(deployment: Deployment, person: Person, url: str, **changes: Any) -> Client:
    """An app that signs people in, with a redirect URI below `url`."""
    known: dict[str, Any] = {"grant_types": ["authorization_code"], "scope": SIGN_IN}
    return new_client(deployment, person, url=url, redirect_uris=[f"{url}/callback"], **{**known, **changes})


def sign_in_code(client: Client, wanted: str, secret: str = "") -> str:
    settings = client.deployment.settings
    return code_of(sign_in_snippets(client.app, settings, verifier=new_secret(), secret=secret), wanted)


def signed_in_to(deployment: Deployment, person: Person, url: str) -> requests.Response:
    """Sign in to a web app at `url` as a person does, and return its page after that."""
    visitor, deadline = requests.Session(), time.monotonic() + 30
    while True:
        try:
            link = visitor.get(f"{url}/login", allow_redirects=False, timeout=30).headers["Location"]
            break
        except requests.ConnectionError:  # it does not listen yet
            assert time.monotonic() < deadline
            time.sleep(0.05)
    back = allowed(deployment, person, link)
    stranger = requests.get(back, timeout=30)
    assert stranger.status_code >= 400, "a sign-in was finished in another browser"
    return visitor.get(back, timeout=30)


@pytest.mark.parametrize("shows_secret", [True, False])
def test_the_sign_in_snippet_of_authlib(
    deployment: Deployment, person: Person, tmp_path: Path, shows_secret: bool
) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    client, program = signing_in(deployment, person, url), tmp_path / "web.py"
    code = sign_in_code(client, "authlib", client.secret if shows_secret else "")
    program.write_text(code)
    assert f"run --port {port}\n# Then open {url}/login\n" in code
    with in_flask(program, {} if shows_secret else {"CLIENT_SECRET": client.secret}, port):
        who = signed_in_to(deployment, person, url).json()

    assert (who["sub"], who["preferred_username"]) == (person.user.user_id, person.name)


@pytest.mark.browser
@pytest.mark.parametrize("confidential", [True, False])
def test_the_sign_in_snippet_of_openid_client(
    deployment: Deployment, person: Person, tmp_path: Path, confidential: bool
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    client = signing_in(deployment, person, url, confidential=confidential)
    code = sign_in_code(client, "openid-client")
    with in_node(code, tmp_path, environment={"CLIENT_SECRET": client.secret}):
        who = signed_in_to(deployment, person, url).json()
        assert requests.get(f"{url}//", timeout=30).status_code >= 400
        assert requests.get(f"{url}/login", allow_redirects=False, timeout=30).status_code == 302, "it stopped"

    assert (who["sub"], who["preferred_username"]) == (person.user.user_id, person.name)


@pytest.mark.browser
def test_the_sign_in_snippet_of_oidc_client_ts(deployment: Deployment, page: Page, person: Person, app: App) -> None:
    client = registered(deployment, person, app, scope=SIGN_IN)
    modules = {
        "oidc-client-ts": "oidc-client-ts/dist/esm/oidc-client-ts.js",
        "jwt-decode": "jwt-decode/build/esm/index.js",
    }
    for path in modules.values():
        app.files[f"/{path}"] = LIBRARIES / path
    imports = json.dumps({"imports": {name: f"/{path}" for name, path in modules.items()}})
    code = sign_in_code(client, "oidc-client-ts")
    app.html = (
        f"<!doctype html><title>App</title><script type=importmap>{imports}</script><body>"
        f"<script type=module>{code}</script>"
    )

    page.goto(app.redirect_uri)
    page.get_by_role("button", name="Sign in").click()
    enter(page, person.name, person.password)
    page.get_by_role("button", name="Allow").click()

    expect(page.locator("body")).to_contain_text(f'"preferred_username":"{person.name}"')
    assert page.url == app.redirect_uri


def test_the_sign_in_snippet_of_curl(deployment: Deployment, person: Person) -> None:
    client = signing_in(deployment, person, "https://client.example.test", confidential=False)
    code = sign_in_code(client, "curl")
    link = code.splitlines()[1].removeprefix("# ")
    got = answer_in(allowed(deployment, person, link))["code"]
    done = subprocess.run(["bash", "-c", code], input=got, check=False, capture_output=True, text=True, timeout=60)

    tokens, who = map(json.loads, done.stdout.splitlines())
    assert "id_token" in tokens
    assert (who["sub"], who["preferred_username"]) == (person.user.user_id, person.name)
