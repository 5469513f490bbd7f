"""Responses of the authorization endpoint to apps: a redirect, or a page whose form the browser posts."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.console.pages_base import page
from gatepost.errors import AnswerError
from gatepost.http.response import Response, redirect
from gatepost.oauth.redirect_uris import AuthorizationResponse, host_of, post_target


def sent_to_app(response: AuthorizationResponse, *, facts: Mapping[str, object] | None = None) -> Response:
    """Return what takes the browser to the app with the response."""
    if response.fields is None:
        return redirect(response.url, facts=facts)
    shown = page(
        200,
        "form_post.html",
        form_targets=(post_target(response.url),),
        url=response.url,
        host=host_of(response.url),
        fields=response.fields,
    )
    return shown._replace(facts=facts or {})


def error_sent_to_app(answer: AnswerError) -> Response:
    """Return the same for an error; a page that names the target if the visitor has to decide whether to go there."""
    if not answer.by_press:
        return sent_to_app(AuthorizationResponse(answer.location, answer.fields))
    return page(
        answer.error.status,
        "by_press.html",
        form_targets=() if answer.fields is None else (post_target(answer.location),),
        url=answer.location,
        host=host_of(answer.location),
        fields=answer.fields,
        error=f"{answer.error.code}: {answer.error.description}",
    )
