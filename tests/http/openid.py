"""Sign-in with OpenID Connect over HTTP: codes and tokens in a browser, and what a client does with an ID token."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from gatepost.routes import JWKS, LOGIN, LOGIN_PAGE, USERINFO
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import redeem
from tests.browsing import Browser, answer_of, is_posted_answer
from tests.people import Client, Person, get

SCOPES = Scope.of("openid", "profile", "email", "offline_access", "read")


def code_in(browser: Browser, app: Client, **parameters: str | None) -> str:
    """The code of a request that the user of the browser allows, or allowed before."""
    answer = browser.get(app.authorize_path(**{"scope": "openid", **parameters}))
    answered = answer.is_redirect or is_posted_answer(answer)
    return answer_of(answer if answered else browser.decide(answer, "allow"))["code"]


def tokens_in(browser: Browser, app: Client, **parameters: str | None) -> dict[str, Any]:
    """The token response to such a code."""
    answer = redeem(app, code_in(browser, app, **parameters))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def claims_of(deployment: Deployment, id_token: str, client: Client, alg: str = "RS256") -> dict[str, Any]:
    """Verify an ID token as a client does, by the published keys."""
    keys = jwt.PyJWKSet.from_dict(get(deployment, JWKS.path, None).json())
    key = keys[jwt.get_unverified_header(id_token)["kid"]]
    found: dict[str, Any] = jwt.decode(
        id_token, key, algorithms=[alg], audience=client.app.client_id, issuer=deployment.settings.issuer
    )
    return found


def sent_to_sign_in(answer: Any) -> bool:
    return bool(answer.status_code == 303 and urlsplit(answer.headers["Location"]).path == LOGIN_PAGE.path)


def signed_in_again(browser: Browser, answer: Any, person: Person) -> Any:
    """Sign in where the answer leads, and open what the sign-in leads back to."""
    page = browser.get(answer.headers["Location"])
    entered = browser.submit(page, LOGIN.path, user_name=person.name, password=person.password)
    return browser.get(entered.headers["Location"])


def silent(browser: Browser, app: Client, **parameters: str) -> dict[str, str]:
    return answer_of(browser.get(app.authorize_path(scope="openid", prompt="none", **parameters)))


def userinfo(deployment: Deployment, token: str | None, method: str = "GET", **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = deployment.base_url + USERINFO.path
    return requests.request(method, url, headers=headers, timeout=30, **options)
