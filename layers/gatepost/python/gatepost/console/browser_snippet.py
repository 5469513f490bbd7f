"""The code example for an app in a browser: a page that needs no library."""

from __future__ import annotations

import json
from string import Template

from gatepost.model.records import App
from gatepost.routes import AUTHORIZE, TOKEN, WHOAMI
from gatepost.scope import Scope
from gatepost.settings import Settings

_PAGE = """\
<!doctype html>
<!-- Serve this page at the redirect URI, and open it there. -->
<meta charset="utf-8">
<title>Try it</title>
<button>Sign in</button>
<pre></pre>
<script type="module">
const issuer = $issuer
const clientId = $key
const redirectUri = $redirect

const show = (text) => { document.querySelector("pre").textContent = text }
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

async function signIn() {
  const state = randomText(), verifier = randomText()
  sessionStorage.setItem(state, verifier)
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))
  location.assign($authorize + "?" + new URLSearchParams({
    response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope: $scope, state,
    code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: "S256",
  }))
}

async function finish(answer) {
  const verifier = sessionStorage.getItem(answer.get("state"))
  sessionStorage.removeItem(answer.get("state"))
  history.replaceState(null, "", location.pathname)
  if (!verifier) return show("This page did not start that sign-in.")
  if (answer.get("iss") !== issuer) return show("The response came from a different server.")
  if (answer.has("error")) return show(answer.get("error_description") ?? answer.get("error"))
  const response = await fetch($token, { method: "POST", body: new URLSearchParams({
    grant_type: "authorization_code", client_id: clientId, redirect_uri: redirectUri,
    code: answer.get("code"), code_verifier: verifier,
  }) })
  const tokens = await response.json()
  if (!response.ok) return show(tokens.error_description)
  const who = await fetch($whoami, { headers: { Authorization: "Bearer " + tokens.access_token } })
  show(JSON.stringify(await who.json(), null, 2))
}

document.querySelector("button").onclick = signIn
const answer = new URLSearchParams(location.search)
if (answer.has("state")) await finish(answer)
</script>
"""


def browser_code(app: App, settings: Settings, *, redirect_uri: str, scope: Scope) -> str:
    """Return the page with the app's values; it asks for `scope`."""
    values = {
        "issuer": settings.issuer,
        "key": app.client_id,
        "redirect": redirect_uri,
        "scope": str(scope),
        "authorize": settings.issuer + AUTHORIZE.path,
        "token": settings.issuer + TOKEN.path,
        "whoami": settings.issuer + WHOAMI.path,
    }
    return Template(_PAGE).substitute({name: _script_text(value) for name, value in values.items()})


def _script_text(value: str) -> str:
    """Return a string literal that ends no script element."""
    return json.dumps(value).replace("<", "\\u003c")
