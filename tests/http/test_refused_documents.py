"""Documents and URLs that are no app, and limits of fetches (S232, S221, S223)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.identifiers import app_id
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser
from tests.http.documents import PKCE, VERIFIER, Published, Publisher, client_at, consent, message_of, record_of
from tests.people import CALLBACK, Person


def test_s223_the_other_endpoints_fetch_nothing(deployment: Deployment, publisher: Publisher) -> None:
    app = publisher.publish(deployment)

    asked = app.token(grant_type="authorization_code", code="x", redirect_uri=CALLBACK, code_verifier=VERIFIER)

    assert_error(asked, 401, "invalid_client")
    assert_error(app.refresh("x"), 401, "invalid_client", "invalid_grant")
    assert_error(app.revoke("x"), 401, "invalid_client")
    assert publisher.requested == []
    assert record_of(app) is None


# One of each rule; the rest is in tests/unit/clients/test_metadata_document.py
BAD: dict[str, tuple[Published | dict[str, Any], str]] = {
    "redirect": (
        Published("", 302, headers=(("Location", "/1/client.json"),)),
        "the response is not one of status 200",
    ),
    "json as text": (Published("{}", 200, "text/plain"), "it is not of type application/json"),
    "too long": ({"x": "y" * 6000}, "could not be fetched"),
    "compressed": (Published("{}", headers=(("Content-Encoding", "gzip"),)), "could not be fetched"),
    "another client_id": ({"client_id": "https://app.example.test/client.json"}, "its client_id is not the URL itself"),
    "an unseen name": ({"client_name": "Go\u202eod"}, "holds a character that can&#39;t be seen"),
}


def test_s232_what_is_no_good_document_is_refused_on_a_page_and_not_kept(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    for name, (bad, sentence) in BAD.items():
        path = f"/bad/{name.replace(' ', '-')}"
        publisher.pages[path] = bad if isinstance(bad, Published) else Published("")
        if isinstance(bad, dict):
            publisher.write(path, **bad)
        app = client_at(deployment, publisher.base_url + path)

        page = signed_in.get(app.authorize_path(**PKCE))

        assert sentence in message_of(page), name
        assert CALLBACK not in page.text, name
        assert record_of(app) is None, name
    assert len(publisher.requested) == len(BAD)  # no redirect was followed


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("{base}/a/%2e%2e/client.json", "has a dot segment"),
        ("https://169.254.169.254/latest/meta-data", "the host has an address that is not public"),
        ("https://[::ffff:10.0.0.1]/client.json", "must write its IP address in the plain form"),
        ("http://app.example.test/client.json", "client_id is unknown"),
        ("HTTPS://app.example.test/client.json", "client_id is unknown"),
    ],
)
def test_s232_s221_what_is_no_good_url_is_refused_on_a_page(
    deployment: Deployment, publisher: Publisher, signed_in: Browser, url: str, sentence: str
) -> None:
    app = client_at(deployment, url.format(base=publisher.base_url))

    assert sentence in message_of(signed_in.get(app.authorize_path(**PKCE)))
    assert publisher.requested == []
    assert record_of(app) is None


def test_the_id_of_a_record_is_no_client_id(
    deployment: Deployment, publisher: Publisher, signed_in: Browser, person: Person
) -> None:
    app = publisher.publish(deployment)
    consent(signed_in, app)
    other = client_at(deployment, app_id(app.app.client_id))

    assert "client_id is unknown" in message_of(signed_in.get(other.authorize_path(**PKCE)))
    assert_error(other.refresh("x"), 401, "invalid_client")


def test_s223_an_account_fetches_only_so_many_documents(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    pages = []
    for number in range(62):  # an hour may end meanwhile
        pages.append(signed_in.get(client_at(deployment, f"{publisher.base_url}/{number}").authorize_path(**PKCE)))
        if pages[-1].status_code == 429:
            break

    assert pages[-1].status_code == 429
    assert 0 < int(pages[-1].headers["Retry-After"]) <= 3600
    assert len(publisher.requested) == len(pages) - 1 >= 30
    assert signed_in.get(app.authorize_path(**PKCE)).status_code == 429
