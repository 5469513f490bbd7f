"""Who guesses waits: names, networks and known browsers as they are deployed (S34, S59)."""

from __future__ import annotations

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import Deploy
from tests.people import PASSWORD, Client, Person, new_client, new_person

DEVICE = "__Host-gatepost-device"


def test_s28_a_browser_that_signs_in_is_known_from_then_on(deployment: Deployment, person: Person) -> None:
    browser = Browser(deployment.base_url)
    answer = browser.sign_in(person.name, PASSWORD)

    (line,) = [each for each in answer.raw.headers.getlist("Set-Cookie") if each.startswith(DEVICE)]
    assert line.endswith("; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert browser.cookies[DEVICE].startswith(f"{person.user.user_id}.")
    again = browser.sign_in(person.name, PASSWORD)
    assert DEVICE not in again.headers["Set-Cookie"]


def test_s34_guesses_from_elsewhere_never_stop_the_owners_browser(deployment: Deployment, person: Person) -> None:
    owner, stranger = Browser(deployment.base_url), Browser(deployment.base_url)
    owner.sign_in(person.name, PASSWORD)
    for _ in range(7):
        stranger.sign_in(person.name, "a wrong password")

    assert stranger.sign_in(person.name, PASSWORD).status_code == 429
    assert owner.sign_in(person.name, PASSWORD).status_code == 303


def test_s34_and_s59_a_network_that_guesses_is_told_to_wait(deploy: Deploy) -> None:
    deployed = deploy(overrides={"network_attempts_free": 6})
    person = new_person(deployed)
    client = new_client(deployed, person)
    _guess_all_kinds(client)

    # every guess that is still looked at doubles the wait
    answers = [client.token(grant_type="client_credentials", auth=(client.app.client_id, "wrong")) for _ in range(30)]
    assert {answer.status_code for answer in answers} <= {401, 429}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json() == {"error": "invalid_grant", "error_description": "too many attempts, try again later"}
    assert client.token(grant_type="client_credentials").status_code == 200
    assert Browser(deployed.base_url).sign_in("somebody", PASSWORD).status_code == 429


def _guess_all_kinds(client: Client) -> None:
    """Six guesses: passwords of several names, a secret, a code."""
    for name in ("one", "two"):
        answer = client.token(grant_type="password", username=name, password="a popular one")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    for _ in range(2):
        answer = client.token(grant_type="client_credentials", auth=(client.app.client_id, "wrong"))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    for _ in range(2):
        answer = client.token(grant_type="authorization_code", code="invented", redirect_uri="https://c.example.test")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
