"""GET and POST /authorization/userinfo: claims about the user of a token (OpenID Connect Core §5.3).

The authorizer of an HTTP API responds 403 without a challenge, so the function checks the token itself.
"""

from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response, token_response
from gatepost.model.subject import Subject
from gatepost.oidc.user_claims import claims_about
from gatepost.oidc.userinfo import check_openid, living, more_about, signed_userinfo, signing_algorithm, working
from gatepost.resource_server.feed_watch import watch
from gatepost.resource_server.protection import admitted
from gatepost.resource_server.rendering import render_challenge
from gatepost.routes import required_scope
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey, app_key


@endpoint("userinfo", render_challenge)
def handler(request: Request) -> Response:
    """Return the claims, signed if the app is registered for that. One round trip, besides those for the feed."""
    sent, needed = request.headers.get("authorization", ""), required_scope(request.route_key)
    token = admitted([sent], needed, watch=watch(), settings=settings(), now=request.now)
    check_openid(token.scope, token.grant_id, settings())
    user, found = server().store.read(UserKey(token.sub), app_key(token.client_id))
    subject, facts = living(user), {"client_id": token.client_id}
    app = working(found)
    more = more_about(subject, token.scope, app.identifier, settings())
    claims = {**more, **claims_about(Subject.of(subject), token.scope)}
    alg = signing_algorithm(app, settings())
    if not alg:
        return json_response(200, claims, facts=facts)
    return token_response(signed_userinfo(server(), claims, alg=alg, client_id=app.identifier, now=request.now), facts)
