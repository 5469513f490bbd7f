"""Comparisons of delivered responses with the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.security.faults.flow import grants
from tests.security.faults.world import Answer, World


def delivered_tokens_stand(world: World, answers: Sequence[Answer]) -> list[str]:
    """Return the violations by issued tokens: one without its record, or two valid chains for one code."""
    tokens = [_members(answer) for answer in answers if "headers" in answer]
    living, wrong = set(), []
    stored = {grant.grant_id: grant for grant in grants(world)}
    for members in tokens:
        grant_id = _claim(members["access_token"], "grant_id") if "access_token" in members else ""
        grant = stored.get(grant_id)
        if grant_id and (grant is None or (grant.redeem_before and not grant.redeemed_by)):
            wrong.append("a token without its record")
        if grant is not None and grant.redeem_before and "refresh_token" in members and not grant.revoked_at:
            living.add((grant_id, grant.generation))
    return wrong + ["two living chains"] * (len(living) > 1)


def _members(answer: Answer) -> dict[str, str]:
    """Return the members of a token response, in the body or in the fragment."""
    fragment = urlsplit(answer["headers"].get("Location", "")).fragment
    if fragment:
        return {name: values[0] for name, values in parse_qs(fragment).items()}
    if answer["headers"].get("Content-Type") != "application/json" or answer["statusCode"] != 200:
        return {}
    return {name: value for name, value in json.loads(answer["body"]).items() if isinstance(value, str)}


def _claim(token: str, name: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False}).get(name, ""))
