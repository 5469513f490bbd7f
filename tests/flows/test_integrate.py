"""The code of docs/integrate.md runs as it is written, but for the addresses of this run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import requests

from gatepost.identifiers import digest
from gatepost.routes import AUTHORIZE, TOKEN
from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.flows.programs import free_port, in_flask
from tests.infra.rendered import Template, functions
from tests.people import Client, Person, allowed, new_client, new_person

DOCUMENT = (ROOT / "docs" / "integrate.md").read_text()
ISSUER = "http://localhost:8080"  # of the document


def code_below(heading: str, language: str, deployment: Deployment) -> str:
    found = re.search(rf"^## {re.escape(heading)}$.*?```{language}\n(.*?)```", DOCUMENT, re.DOTALL | re.MULTILINE)
    assert found is not None, heading
    return found[1].replace(ISSUER, deployment.base_url)


def environment(client: Client) -> dict[str, str]:
    """No program of the document finds a browser to open."""
    return {**os.environ, "CLIENT_ID": client.app.client_id, "CLIENT_SECRET": client.secret, "BROWSER": "true"}


def short_lived(template: Template) -> None:
    """Let access tokens live for a time that Authlib calls expired; the template is that of other tests."""
    for function in functions(template).values():
        function["Environment"]["Variables"]["GATEPOST_ACCESS_TOKEN_LIFETIME"] = "30"


def test_the_web_app_signs_a_user_in_and_goes_on_when_its_tokens_expire(tmp_path: Path) -> None:
    with Deployment(overrides=TEST_SETTINGS, alter=short_lived) as hasty:
        person, program, port = new_person(hasty), tmp_path / "web.py", free_port()
        program.write_text(code_below("A web app: Flask", "python", hasty))
        url = f"http://localhost:{port}"
        client = new_client(
            hasty,
            person,
            grant_types=["authorization_code", "refresh_token"],
            redirect_uris=[f"{url}/callback"],
            scope=Scope.of("openid", "profile", "read"),
        )
        with in_flask(program, environment(client), port):
            visitor = requests.Session()
            assert visitor.get(url, timeout=30).text == '<a href="/login">Sign in</a>'
            link = visitor.get(f"{url}/login", allow_redirects=False, timeout=30).headers["Location"]
            assert urlencode({"redirect_uri": f"{url}/callback"}) in link
            who = visitor.get(allowed(hasty, person, link), timeout=30).json()
            assert who["user"] == {"sub": person.user.user_id, "name": person.name}
            for _ in range(3):
                assert visitor.get(url, timeout=30).json()["data"]["sub"] == person.user.user_id
            for grant in hasty.store.grants_of(person.user.user_id):
                hasty.store.mark_revoked(grant.grant_id, now=1)
            assert visitor.get(url, timeout=30).text == '<a href="/login">Sign in</a>'


def test_the_command_line_program_signs_a_user_in(deployment: Deployment, person: Person, tmp_path: Path) -> None:
    program = tmp_path / "cli.py"
    program.write_text(code_below("A command-line program", "python", deployment))
    client = new_client(
        deployment,
        person,
        confidential=False,
        grant_types=["authorization_code", "refresh_token"],
        redirect_uris=["http://127.0.0.1/callback"],
    )
    with subprocess.Popen(
        [sys.executable, str(program)],
        env=environment(client),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        link = running.stdout.readline().removeprefix("Open ").strip()
        page = requests.get(allowed(deployment, person, link), timeout=30)
        out, errors = running.communicate(timeout=60)

    assert page.text == "You can close this window."
    assert (running.returncode, errors) == (0, "")
    assert person.user.user_id in out


def test_the_job_reads_a_protected_route(deployment: Deployment, person: Person, tmp_path: Path) -> None:
    program = tmp_path / "job.py"
    program.write_text(code_below("A job", "python", deployment))
    client = new_client(deployment, person, grant_types=["client_credentials"], redirect_uris=[])
    done = subprocess.run(
        [sys.executable, str(program)], env=environment(client), check=False, capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert f"'sub': '{client.app.client_id}'" in done.stdout


def test_the_line_of_curl_gets_a_token(deployment: Deployment, client: Client) -> None:
    line = code_below("curl and Postman", "sh", deployment)
    done = subprocess.run(
        ["bash", "-c", line], env=environment(client), check=False, capture_output=True, text=True, timeout=60
    )

    assert '"access_token":' in done.stdout


def test_postman_gets_a_token_with_what_the_table_says(deployment: Deployment, person: Person) -> None:
    table = dict(re.findall(r"^\| ([A-Z][\w ]+) \| (?:`([^`]+)`)?", DOCUMENT, re.MULTILINE))
    assert table["Auth URL"] == ISSUER + AUTHORIZE.path
    assert table["Access Token URL"] == ISSUER + TOKEN.path
    client = new_client(deployment, person, redirect_uris=[table["Callback URL"]])
    verifier = "v" * 43
    code = client.code(
        person,
        redirect_uri=table["Callback URL"],
        scope=table["Scope"],
        code_challenge=digest(verifier),
        code_challenge_method="S256",
    )

    answer = client.token(
        grant_type="authorization_code", code=code, redirect_uri=table["Callback URL"], code_verifier=verifier
    )
    assert answer.status_code == 200
