"""Code examples that sign people in with OpenID Connect, with the app's own values; they run unchanged.

Each is offered to the kind of app that it is right for, and requests the app's scopes of OpenID Connect alone.
"""

from __future__ import annotations

import json
from string import Template
from urllib.parse import SplitResult, unquote, urlsplit

from gatepost.console.snippets import Snippet, redirect_uri_of, shell_code
from gatepost.model.records import App
from gatepost.oauth.registered_uris import LOOPBACK
from gatepost.routes import OPENID_METADATA
from gatepost.scope import OPENID
from gatepost.settings import Settings

_PORT = 5000  # where the examples listen if the redirect URI names no port

_CURL = """\
# Open this address, allow, and copy `code` from the address that you end up at:
# $url
read -r -p 'code: ' CODE
TOKENS=$$(curl -s $auth -d grant_type=authorization_code -d "code=$$CODE" \\
  -d code_verifier=$verifier --data-urlencode $redirect $token)
echo "$$TOKENS"
ACCESS_TOKEN=$$(echo "$$TOKENS" | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')
curl -s -H "Authorization: Bearer $$ACCESS_TOKEN" $userinfo
"""
_AUTHLIB = """\
# pip install Flask Authlib requests, save as web.py, flask --app web run --port $port
# Then open $start
import os

from authlib.integrations.flask_client import OAuth
from flask import Flask, session
$insecure
app = Flask(__name__)
app.secret_key = os.environ.get("FLASK_SECRET") or os.urandom(32)
provider = OAuth(app).register(
    "provider",
    client_id=$key,
    client_secret=$secret,
    server_metadata_url=$discovery,
    client_kwargs={"scope": $scope, "code_challenge_method": "S256"},
)


@app.get($login)
def login():
    return provider.authorize_redirect($redirect)


@app.get($callback)
def callback():
    token = provider.authorize_access_token()  # checks state, nonce and the ID token
    session["sub"] = token["userinfo"]["sub"]  # the key of this user in your database
    return $claims
"""
_OPENID_CLIENT = """\
// npm install openid-client, save as web.mjs, node web.mjs
// Then open $start
import { createServer } from "node:http"
import * as openid from "openid-client"

const config = await openid.discovery(new URL($issuer), $key, $metadata, $auth$insecure)
const redirect_uri = $redirect
const begun = new Map() // sign-ins by state, which a cookie binds to their browser

async function login(response) {
  const state = openid.randomState(), nonce = openid.randomNonce(), verifier = openid.randomPKCECodeVerifier()
  begun.set(state, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true })
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri, scope: $scope, state, nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  })
  const cookie = `sign-in=$${state}; Path=/; HttpOnly; SameSite=Lax$secure`
  response.writeHead(302, { Location: url.href, "Set-Cookie": cookie }).end()
}

async function callback(url, cookies, response) {
  const state = /sign-in=([\\w-]+)/.exec(cookies)?.[1]
  const checks = begun.get(state)
  if (!checks || !begun.delete(state)) throw new Error("This browser began no sign-in.")
  const tokens = await openid.authorizationCodeGrant(config, url, checks)
  const { sub } = tokens.claims() // the key of this user in your database
  response.end(JSON.stringify(await openid.fetchUserInfo(config, tokens.access_token, sub)))
}

createServer(async (request, response) => {
  try {
    const url = new URL(request.url, redirect_uri)
    if (url.pathname === $login) await login(response)
    else if (url.pathname === $callback) await callback(url, request.headers.cookie, response)
    else response.writeHead(404).end()
  } catch (error) {
    response.writeHead(400).end(error.message)
  }
}).listen($listen)
"""
_OIDC_CLIENT_TS = """\
// npm install oidc-client-ts; this is the script of the page at your redirect URI
import { UserManager } from "oidc-client-ts"

const manager = new UserManager({
  authority: $issuer,
  client_id: $key,
  redirect_uri: $redirect,
  scope: $scope,
  loadUserInfo: true,
})
if (new URLSearchParams(location.search).has("state")) {
  const user = await manager.signinRedirectCallback()
  history.replaceState(null, "", location.pathname)
  document.body.textContent = JSON.stringify(user.profile)
} else {
  const button = document.body.appendChild(document.createElement("button"))
  button.textContent = "Sign in"
  button.onclick = () => manager.signinRedirect()
}
"""


def sign_in_snippets(app: App, settings: Settings, *, verifier: str, secret: str = "") -> list[Snippet]:
    """Code for an app that signs people in, the library first that fits its kind; none for any other app.

    A secret that is not given is read from CLIENT_SECRET. `verifier` redeems the code of curl's link.
    """
    if not settings.openid or OPENID not in app.scope or "authorization_code" not in app.grant_types:
        return []
    of_sign_in = app._replace(scope=app.scope & settings.openid_scope)
    parts = urlsplit(redirect_uri_of(app))
    is_web, is_local = parts.scheme in ("http", "https"), _is_local(parts)
    found = []
    if app.confidential and is_web:
        found += [("authlib", "Authlib (Python)", _authlib(of_sign_in, settings, secret))]
    elif is_web:
        found += [("oidc-client-ts", "oidc-client-ts (browser)", _oidc_client_ts(of_sign_in, settings))]
    if is_local or (app.confidential and is_web):
        found += [("openid-client", "openid-client (Node.js)", _openid_client(of_sign_in, settings, secret))]
    found += [("curl", "curl", shell_code(_CURL, of_sign_in, settings, verifier, secret, of_sign_in.scope))]
    return [Snippet(id=name, label=label, code=code) for name, label, code in found]


def _authlib(app: App, settings: Settings, secret: str) -> str:
    redirect_uri, parts = _listening(app)
    insecure = '\nos.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # this server runs on your own machine'
    quoted = {
        **_quoted(app, settings),
        "discovery": settings.issuer + OPENID_METADATA.path,
        "redirect": redirect_uri,
        "callback": unquote(parts.path) or "/",
        "login": _login_path(parts),
    }
    return Template(_AUTHLIB).substitute(
        {name: json.dumps(value) for name, value in quoted.items()},
        secret=json.dumps(secret) if secret else 'os.environ["CLIENT_SECRET"]',
        insecure=insecure if settings.issuer.startswith("http:") else "",
        # Authlib reads no signed userinfo
        claims='token["userinfo"]' if app.userinfo_signed_response_alg else "provider.userinfo(token=token)",
        port=parts.port or _PORT,
        start=f"{parts.scheme}://{parts.netloc}{_login_path(parts)}",
    )


def _openid_client(app: App, settings: Settings, secret: str) -> str:
    redirect_uri, parts = _listening(app)
    signed = app.userinfo_signed_response_alg
    auth = f"openid.ClientSecretBasic({json.dumps(secret) if secret else 'process.env.CLIENT_SECRET'})"
    insecure = ",\n  { execute: [openid.allowInsecureRequests] }"
    quoted = {
        **_quoted(app, settings),
        "redirect": redirect_uri,
        "callback": parts.path or "/",
        "login": _login_path(parts),
    }
    return Template(_OPENID_CLIENT).substitute(
        {name: json.dumps(value) for name, value in quoted.items()},
        metadata=json.dumps({"userinfo_signed_response_alg": signed}) if signed else "undefined",
        auth=auth if app.confidential else "openid.None()",
        insecure=insecure if settings.issuer.startswith("http:") else "",
        secure="; Secure" if parts.scheme == "https" else "",
        listen=f"{parts.port or _PORT}, {json.dumps(parts.hostname)}" if _is_local(parts) else str(_PORT),
        start=f"{parts.scheme}://{parts.netloc}{_login_path(parts)}",
    )


def _oidc_client_ts(app: App, settings: Settings) -> str:
    quoted = {**_quoted(app, settings), "redirect": redirect_uri_of(app)}
    return Template(_OIDC_CLIENT_TS).substitute({name: json.dumps(value) for name, value in quoted.items()})


def _quoted(app: App, settings: Settings) -> dict[str, str]:
    return {"issuer": settings.issuer, "key": app.client_id, "scope": str(app.scope)}


def _listening(app: App) -> tuple[str, SplitResult]:
    """A redirect URI of the app that a program can listen at: any port fits a loopback one without a port."""
    uri = redirect_uri_of(app)
    parts = urlsplit(uri)
    if not _is_local(parts) or parts.port:
        return uri, parts
    netloc = f"{parts.netloc}:{_PORT}"
    return uri.replace(parts.netloc, netloc, 1), parts._replace(netloc=netloc)


def _is_local(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in (*LOOPBACK, "localhost")


def _login_path(parts: SplitResult) -> str:
    """The path that begins a sign-in: never that of the redirect URI."""
    return "/sign-in" if parts.path == "/login" else "/login"
