"""What `make run` prints once it serves."""

from __future__ import annotations

from gatepost.routes import DEMO_READ, TOKEN
from infra.local.deployment import Deployment


def welcome(deployment: Deployment) -> str:
    """Users, apps, a link to click and lines to paste into a shell."""
    facts = deployment.facts
    web, *_ = facts.apps
    user, *_ = facts.users
    users = [f"  {each.user_name:<8} {each.password}" for each in facts.users]
    apps = [
        f"  {each.name:<16} key {each.client_id}  "
        + (f"secret {each.client_secret}" if each.confidential else "public, with PKCE")
        for each in facts.apps
    ]
    password_grant = (
        f"curl -s -u {web.client_id}:{web.client_secret} -d grant_type=password"
        f" -d username={user.user_name} -d password={user.password} {deployment.base_url}{TOKEN.path}"
    )
    extract = """sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/'"""
    return "\n".join(
        (
            "",
            f"Base URL   {deployment.base_url}",
            f"Demo apps  {deployment.client_app_url}  (every way to sign in with them)",
            "",
            "Users and their passwords",
            *users,
            "",
            "Apps",
            *apps,
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
        )
    )
