"""POST /authorization/token: the token endpoint for all grants (RFC 6749 §3.2)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from gatepost.authentication.throttling import slowed
from gatepost.clients.use import note_use
from gatepost.errors import InvalidClient, InvalidGrant, InvalidRequest, OAuthError, Unheeded
from gatepost.grants import PARAMETERS, exchange, is_readable_anywhere, password
from gatepost.grants.token_response import TokenAnswer
from gatepost.http.entry_point import endpoint, render_json
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.oauth.client_authentication import Credentials, of_request
from gatepost.oauth.resource_indicators import PARAMETER
from gatepost.oauth.server import Server
from gatepost.observability.log import note
from gatepost.runtime.environment import settings
from gatepost.runtime.telling_owners import tell_owner
from gatepost.runtime.token_counts import count_token
from gatepost.runtime.wiring import server, server_for


def _is_unreadable(request: Request) -> bool:
    """Whether no script of another origin may read the response; a form that can't be read tries no grant."""
    try:
        return not all(map(is_readable_anywhere, request.form().all("grant_type")))
    except InvalidRequest:
        return False


def _render(error: OAuthError, request: Request) -> Response:
    """Render an error, with its reason for an app that has proven itself."""
    if isinstance(error, InvalidGrant) and error.client_id:
        from gatepost.clients.refused_requests import explanation  # 1 ms of a cold start, for refused requests alone

        return render_json(error, request, description=explanation(error, settings()))
    return render_json(error, request)


@endpoint("token", _render, unreadable=_is_unreadable, refused=tell_owner)
def handler(request: Request) -> Response:
    """Authenticate the app and exchange its credentials for tokens."""
    parameters = request.form().once(several=(PARAMETER,))
    authorization = request.headers.get("authorization")
    credentials = of_request(authorization, parameters, source_ip=request.source_ip)
    try:
        with _server_for(parameters, credentials, request.now) as dependencies:
            answer = exchange(dependencies, parameters, credentials, request.now)
    except (InvalidClient, InvalidGrant) as error:
        if isinstance(error, InvalidGrant) and parameters.get("grant_type") == password.GRANT_TYPE:
            # 1 ms of a cold start, for few requests
            from gatepost.audit_log.failed_sign_ins import write_failed_sign_in

            name = parameters.get("username", "")
            write_failed_sign_in(server(), request, error, name, client_id=credentials.client_id)
        if not error.guessed:
            raise
        raise slowed(server().store, server().settings, request.source_ip, error, now=request.now) from None
    _note_use(answer, request.now)
    facts = {
        "client_id": credentials.client_id,
        "grant_type": parameters["grant_type"],
        "grant_id": answer.grant_id,
        "scope": str(answer.scope),
        "aud": answer.audience,
        **({"dropped_scope": str(answer.dropped)} if answer.dropped else {}),
    }
    response = json_response(200, answer.members(), headers={"Pragma": "no-cache"}, facts=facts)
    if answer.dropped or not parameters.keys() <= PARAMETERS:
        return response._replace(notices=_notices(answer, parameters))
    return response


def _notices(answer: TokenAnswer, parameters: Mapping[str, str]) -> Sequence[Unheeded]:
    from gatepost.clients.unheeded import unheeded  # for few requests

    if answer.requester is None:
        return ()
    app = answer.requester.app
    proven = app.confidential or parameters["grant_type"] != password.GRANT_TYPE  # else it had a code or refresh token
    return unheeded(app, answer.dropped, parameters.keys() - PARAMETERS, settings(), proven=proven)


def _server_for(parameters: Mapping[str, str], credentials: Credentials, now: float) -> AbstractContextManager[Server]:
    """Return the server for a grant. The password grant reads the app each time: it makes a grant, dated now."""
    is_new_grant = parameters.get("grant_type") == password.GRANT_TYPE
    return nullcontext(server()) if is_new_grant else server_for(credentials, now)


def _note_use(answer: TokenAnswer, now: float) -> None:
    """Count the token, and record the use once a day. The tokens are already issued, so errors are only logged."""
    if answer.requester is None:
        return
    client_id = answer.requester.app.client_id
    count_token(client_id, now)
    try:
        note_use(server().store, answer.requester, now=now)
    except OAuthError as error:
        note("token.use_not_noted", {"client_id": client_id, "reason": error.reason}, failed=True)
