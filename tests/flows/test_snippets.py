"""The code examples on an app's page run unchanged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatepost.console.snippets import Snippet, authorize_url, snippets_for
from gatepost.identifiers import new_secret
from infra.local.deployment import Deployment
from tests.browsing import answer_in
from tests.people import CALLBACK, Client, Person, allowed, new_client


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
