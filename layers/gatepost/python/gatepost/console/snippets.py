"""Code examples for an app's developer, with the app's own values; they run unchanged.

Values are quoted for their language, so that an odd redirect URI can't change what the code does.
"""

from __future__ import annotations

import json
from shlex import quote as shell
from string import Template
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from gatepost.console.browser_snippet import browser_code
from gatepost.identifiers import digest
from gatepost.model.records import App
from gatepost.oauth.resource_indicators import Target, default_target
from gatepost.resource import BELOW
from gatepost.routes import AUTHORIZE, TOKEN, USERINFO, WHOAMI
from gatepost.scope import Scope
from gatepost.settings import Settings

_CURL_CODE = """\
# Open this address, allow, and copy `code` from the address that you end up at:
# $url
read -r -p 'code: ' CODE
curl -s $auth -d grant_type=authorization_code -d "code=$$CODE" \\
  -d code_verifier=$verifier --data-urlencode $redirect $token
"""
_CURL_MACHINE = """\
curl -s $auth -d grant_type=client_credentials \\
  --data-urlencode $scope $token
"""
_CURL_BY_NAME = """\
read -r -p 'user name: ' USERNAME
read -r -s -p 'password: ' PASSWORD
curl -s $auth -d grant_type=password --data-urlencode "username=$$USERNAME" \\
  --data-urlencode "password=$$PASSWORD" --data-urlencode $scope $token
"""
_PYTHON_CODE = """\
# pip install Authlib requests
import os

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
$insecure
session = OAuth2Session($client, scope=$scope, redirect_uri=$redirect, code_challenge_method="S256")
verifier = generate_token(48)
url, state = session.create_authorization_url($authorize, code_verifier=verifier)
print("Open this address, allow, and paste the one that you end up at:", url, sep="\\n")
answer = input("> ")
session.fetch_token($token, authorization_response=answer, state=state, code_verifier=verifier)
print(session.get($whoami).json())
"""
_PYTHON_MACHINE = """\
# pip install Authlib requests
import os

from authlib.integrations.requests_client import OAuth2Session
$insecure
session = OAuth2Session($client, scope=$scope)
session.fetch_token($token, grant_type="client_credentials")
print(session.get($whoami).json())
"""
_JAVASCRIPT_HEAD = """\
// npm install oauth4webapi, save as try.mjs, node try.mjs
import * as oauth from "oauth4webapi"
$imports
const issuer = new URL($issuer)
const options = { [oauth.allowInsecureRequests]: issuer.protocol === "http:" }
const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options })
const server = await oauth.processDiscoveryResponse(issuer, found)
const client = { client_id: $key }
const auth = $auth
"""
_JAVASCRIPT_CODE = """\
const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const url = new URL(server.authorization_endpoint)
url.search = new URLSearchParams({
  response_type: "code",
  client_id: client.client_id,
  redirect_uri: $redirect,
  scope: $scope,
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
})
const terminal = createInterface({ input: process.stdin, output: process.stdout })
console.log("Open this address, allow, and paste the one that you end up at:\\n" + url)
const answer = new URL(await terminal.question("> "))
terminal.close()
const params = oauth.validateAuthResponse(server, client, answer, state)
const response = await oauth.authorizationCodeGrantRequest(server, client, auth, params, $redirect, verifier, options)
const tokens = await oauth.processAuthorizationCodeResponse(server, client, response)
"""
_JAVASCRIPT_MACHINE = """\
const response = await oauth.clientCredentialsGrantRequest(server, client, auth, { scope: $scope }, options)
const tokens = await oauth.processClientCredentialsResponse(server, client, response)
"""
_JAVASCRIPT_TAIL = """\
const who = await oauth.protectedResourceRequest(
  tokens.access_token, "GET", new URL($whoami), undefined, undefined, options)
console.log(await who.json())
"""


class Snippet(NamedTuple):
    """Code in one language."""

    id: str
    label: str
    code: str


def redirect_uri_of(app: App) -> str:
    """Return a redirect URI that the app may use."""
    if app.redirect_uris:
        return app.redirect_uris[0]
    parts = urlsplit(app.url)
    return f"{parts.scheme}://{parts.netloc}/callback"


def authorize_url(app: App, settings: Settings, verifier: str, target: Target | None = None) -> str | None:
    """A link that begins a flow for a token for `target`, the server's own audience if it is None.

    None if no grant of the app begins with one, or nothing of its scope is for that API. `verifier` redeems the code.
    """
    target = target or default_target(settings)
    scope = target.within(app.scope)
    if not scope:
        return None
    parameters = {"client_id": app.client_id, "redirect_uri": redirect_uri_of(app), "scope": str(scope)}
    if target.resource is not None:
        parameters |= {"resource": target.audience.removesuffix(BELOW)}
    if "authorization_code" in app.grant_types:
        parameters |= {"response_type": "code", "code_challenge": digest(verifier), "code_challenge_method": "S256"}
    elif "implicit" in app.grant_types:
        parameters |= {"response_type": "token"}
    else:
        return None
    return f"{settings.issuer}{AUTHORIZE.path}?{urlencode(parameters)}"


def snippets_for(app: App, settings: Settings, *, verifier: str, secret: str = "") -> list[Snippet]:
    """Code for the grant that a developer would try first; a secret that is not given is read from CLIENT_SECRET.

    Each asks for all that the app may ask for, as far as it is in tokens of the server's own audience. None for an app
    whose scopes are all for resources alone: the route that the code calls would refuse its tokens.
    """
    scope = default_target(settings).within(app.scope)
    if not scope:
        return []
    if "authorization_code" in app.grant_types:
        templates = (_CURL_CODE, _PYTHON_CODE, _JAVASCRIPT_HEAD + _JAVASCRIPT_CODE + _JAVASCRIPT_TAIL)
    elif "client_credentials" in app.grant_types:
        templates = (_CURL_MACHINE, _PYTHON_MACHINE, _JAVASCRIPT_HEAD + _JAVASCRIPT_MACHINE + _JAVASCRIPT_TAIL)
    elif "password" in app.grant_types:
        code = shell_code(_CURL_BY_NAME, app, settings, verifier, secret, scope)
        return [Snippet(id="curl", label="curl", code=code)]
    else:
        return []
    curl, python, javascript = templates
    return [
        *_for_a_browser(app, settings, scope),
        Snippet(id="curl", label="curl", code=shell_code(curl, app, settings, verifier, secret, scope)),
        Snippet(id="python", label="Python", code=_python_code(python, app, settings, secret, scope)),
        Snippet(id="javascript", label="Node.js", code=_javascript_code(javascript, app, settings, secret, scope)),
    ]


def _for_a_browser(app: App, settings: Settings, scope: Scope) -> list[Snippet]:
    """The page for an app in a browser: one without a secret whose redirect URI a web server answers."""
    redirect_uri = redirect_uri_of(app)
    if app.confidential or "authorization_code" not in app.grant_types or not redirect_uri.startswith("http"):
        return []
    code = browser_code(app, settings, redirect_uri=redirect_uri, scope=scope)
    return [Snippet(id="browser", label="Browser", code=code)]


def shell_code(template: str, app: App, settings: Settings, verifier: str, secret: str, scope: Scope) -> str:
    """Return `template` for a shell with the app's values, each quoted for it."""
    if not app.confidential:
        auth = f"-d client_id={app.client_id}"
    else:
        auth = f"-u {app.client_id}:{secret}" if secret else f'-u "{app.client_id}:$CLIENT_SECRET"'
    return Template(template).substitute(
        auth=auth,
        url=authorize_url(app, settings, verifier) or "",
        verifier=verifier,
        redirect=shell(f"redirect_uri={redirect_uri_of(app)}"),
        scope=shell(f"scope={scope}"),
        token=settings.issuer + TOKEN.path,
        userinfo=settings.issuer + USERINFO.path,
    )


def _python_code(template: str, app: App, settings: Settings, secret: str, scope: Scope) -> str:
    client = f'"{app.client_id}", ' + (json.dumps(secret) if secret else 'os.environ["CLIENT_SECRET"]')
    if not app.confidential:
        client = f'"{app.client_id}", token_endpoint_auth_method="none"'
    is_http = settings.issuer.startswith("http:")
    insecure = '\nos.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # this server runs on your own machine'
    return Template(template).substitute(
        client=client,
        insecure=insecure if is_http else "",
        scope=json.dumps(str(scope)),
        redirect=json.dumps(redirect_uri_of(app)),
        authorize=json.dumps(settings.issuer + AUTHORIZE.path),
        token=json.dumps(settings.issuer + TOKEN.path),
        whoami=json.dumps(settings.issuer + WHOAMI.path),
    )


def _javascript_code(template: str, app: App, settings: Settings, secret: str, scope: Scope) -> str:
    auth = f"oauth.ClientSecretBasic({json.dumps(secret) if secret else 'process.env.CLIENT_SECRET'})"
    return Template(template).substitute(
        imports='import { createInterface } from "node:readline/promises"\n' if "createInterface" in template else "",
        issuer=json.dumps(settings.issuer),
        key=json.dumps(app.client_id),
        auth=auth if app.confidential else "oauth.None()",
        scope=json.dumps(str(scope)),
        redirect=json.dumps(redirect_uri_of(app)),
        whoami=json.dumps(settings.issuer + WHOAMI.path),
    )
