"""The welcome text of `make run`."""

from __future__ import annotations

import os

from gatepost.routes import DEMO_NOTES, DEMO_READ, HOME, TOKEN
from gatepost.settings import OPEN, Settings
from infra.local.demo import paths
from infra.local.deployment import Deployment
from infra.local.guest import Guest


def welcome(deployment: Deployment) -> str:
    """Return the users, apps, a link to click and commands for a shell."""
    facts = deployment.facts
    web, *_ = facts.apps
    user, *_ = facts.users
    port = deployment.base_url.rpartition(":")[2]
    mail = f"shown here, from {sender}" if (sender := deployment.settings.mail_sender) else "none (MAIL_SENDER=address)"
    users = [f"  {each.username:<8} {each.password}" for each in facts.users]
    apps = [
        f"  {each.name:<16} key {each.client_id}  "
        + (f"secret {each.client_secret}" if each.confidential else "public, with PKCE")
        for each in facts.apps
    ]
    password_grant = (
        f"curl -s -u {web.client_id}:{web.client_secret} -d grant_type=password"
        f" -d username={user.username} -d password={user.password} {deployment.base_url}{TOKEN.path}"
    )
    extract = """sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/'"""
    return "\n".join(
        (
            "",
            f"Base URL   {deployment.base_url}",
            f"Console    {deployment.base_url}{HOME.path}",
            f"Demo apps  {deployment.client_app.url}  (to try every sign-in flow)",
            *_sign_in(deployment),
            f"Mail       {mail}",
            f"Kept in    {_kept(deployment)}",
            "",
            "Users and their passwords",
            *users,
            "",
            "Apps",
            *apps,
            "",
            *_open_to_all(deployment.settings),
            "Make one an administrator, in another terminal",
            f"  make admin NAME={user.username}{'' if port == '8080' else f' PORT={port}'}",
            "",
            "Open in a browser",
            f"  {deployment.client_app.authorize_link(web)}",
            "",
            "A token by the password grant",
            f"  {password_grant}",
            "",
            "A protected route with such a token",
            f"  TOKEN=$({password_grant} | {extract})",
            f'  curl -s -H "Authorization: Bearer $TOKEN" {deployment.base_url}{DEMO_READ.path}',
            "",
            "A route with tokens of its own, which open nothing else",
            f"  TOKEN=$({password_grant} -d resource={deployment.base_url}{DEMO_NOTES.resource} | {extract})",
            f'  curl -s -H "Authorization: Bearer $TOKEN" {deployment.base_url}{DEMO_NOTES.path}',
            "",
        )
    )


def _sign_in(deployment: Deployment) -> tuple[str, ...]:
    """Return the page of the app that signs people in, if there is one."""
    if deployment.facts.sign_in_app is None:
        return ()
    return (
        f"Sign-in    {deployment.client_app.url}{paths.HOME}  (an app that signs you in with OpenID Connect, and out)",
    )


def _kept(deployment: Deployment) -> str:
    """Return the place of the state, from this folder."""
    if deployment.state is None:
        return "memory only"
    port = deployment.base_url.rpartition(":")[2]
    again = f"make reset{'' if port == '8080' else f' PORT={port}'} deletes it"
    return f"{os.path.relpath(deployment.state.folder)}  ({again})"


def _open_to_all(settings: Settings) -> tuple[str, ...]:
    """Return a warning about scopes that every app gets for itself, such as the demo's in the stage `dev`."""
    opened = [name for name, policy in settings.client_credentials_scopes.items() if policy == OPEN]
    opened += [
        f"{name} for {each.name}"
        for each in settings.resources.values()
        for name, policy in each.client_credentials.items()
        if policy == OPEN
    ]
    if not opened:
        return ()
    return (
        f"Open to every app: {', '.join(sorted(opened))}",
        '  Whoever registers an app gets tokens for them without a user: "client_credentials": "open" in cdk.json.',
        "",
    )


def guest_welcome(app: str, guest: Guest) -> str:
    """Return the URLs of the guest by output, or by logical id without one."""
    outputs = {name: guest.url(name) for name, value in guest.outputs.items() if value.startswith("http://localhost:")}
    rest = {name: url for name, url in guest.urls.items() if url not in outputs.values()}
    lines = [f"The APIs of {app}", *(f"  {name}  {url}" for name, url in {**outputs, **rest}.items()), ""]
    if unknown := guest.unknown_scopes:
        lines += [
            f"Routes of {app} need unknown scopes: {', '.join(unknown)}",
            "  No token has them: add them to `scopes` in cdk.json, or in SETTINGS=settings.json.",
            "",
        ]
    return "\n".join(lines)
