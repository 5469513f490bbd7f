"""GET and POST /authorization/userinfo: claims about the user of a token (OpenID Connect Core §5.3)."""

from gatepost.endpoints.userinfo import check_openid, living, more_about, signed_userinfo, working
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response, token_response
from gatepost.model.subject import Subject
from gatepost.resource_server.rendering import render_challenge
from gatepost.runtime.wiring import server
from gatepost.scope import parse_scope
from gatepost.stores.record_keys import UserKey, app_key
from gatepost.tokens.claims import claims_about


@endpoint("userinfo", render_challenge)
def handler(request: Request) -> Response:
    """Return the claims, signed if the app is registered for that. One round trip."""
    scope, client_id = parse_scope(request.authorizer["scope"]), request.authorizer["client_id"]
    check_openid(scope, request.authorizer["grant_id"], server().settings)
    user, found = server().store.read(UserKey(request.authorizer["sub"]), app_key(client_id))
    subject, facts = living(user), {"client_id": client_id}
    app = working(found)
    more = more_about(subject, scope, app.identifier, server().settings)
    claims = {**more, **claims_about(Subject.of(subject), scope)}
    if not app.userinfo_signed_response_alg:
        return json_response(200, claims, facts=facts)
    alg = app.userinfo_signed_response_alg
    return token_response(signed_userinfo(server(), claims, alg=alg, client_id=app.identifier, now=request.now), facts)
