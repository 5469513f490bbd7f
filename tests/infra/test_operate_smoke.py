"""`make smoke`: passes on a server that works, and says what does not."""

from __future__ import annotations

from infra.local.deployment import Deployment
from tests.operating import operate


def test_a_server_that_works_passes_every_check(deployment: Deployment) -> None:
    code, said = operate("smoke", deployment.base_url + "/")

    assert said.splitlines() == [
        "ok: the metadata names the issuer",
        "ok: there is a key to verify tokens with",
        "ok: the token endpoint looks for the app",
        "ok: a protected route asks for a token",
        "ok: the authorizer refuses what is no token",
        "ok: people can sign in",
    ]
    assert code == 0


def test_a_server_under_another_name_than_its_issuer_fails(deployment: Deployment) -> None:
    code, said = operate("smoke", "--seconds", "0", deployment.base_url.replace("localhost", "127.0.0.1"))

    assert code == 1
    assert said.splitlines()[:2] == [
        "FAILED: the metadata names the issuer (/.well-known/oauth-authorization-server: another response)",
        "ok: there is a key to verify tokens with",
    ]


def test_where_nothing_listens_it_ends_at_once() -> None:
    """With its default of two minutes, after which the command would be killed."""
    assert operate("smoke", "http://127.0.0.1:9") == (1, "Nothing listens at http://127.0.0.1:9.\n")


def test_where_there_is_no_such_host_every_check_fails() -> None:
    code, said = operate("smoke", "--seconds", "0", "http://gatepost.invalid")

    assert code == 1
    assert said.count("FAILED: ") == 6
    assert "(/developer/login: ConnectionError)" in said
