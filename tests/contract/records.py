"""One record of each kind; `replace` them for others."""

from __future__ import annotations

from gatepost.model import App, Approval, Code, Grant, Login, PendingRequest, PublicKey, Session, User
from gatepost.scope import Scope
from tests.unit.world import ALICE, NOW, READ_WRITE, web_app

USER: User = ALICE
LOGIN = Login(user_id="alice-id", password_hash="$2b$04$hash")
APP: App = web_app()
CODE = Code(
    code_hash="the-code-hash",
    client_id=APP.client_id,
    grant_id="alice-id.g1",
    redirect_uri="https://client.example.test/cb",
    redirect_uri_sent=True,
    code_challenge="",
    expires_at=NOW + 60,
)
GRANT = Grant(
    grant_id="alice-id.g1",
    client_id=APP.client_id,
    scope=READ_WRITE,
    grant_type="authorization_code",
    created_at=NOW,
    redeem_before=NOW + 60,
    generation=1,
    idle_expires_at=NOW + 60,
    expires_at=NOW + 60,
)
APPROVAL = Approval(user_id="alice-id", client_id=APP.client_id, scope=Scope.of("read"), approved_at=NOW)
SESSION = Session(session_hash="s1", user_id="alice-id", created_at=NOW, expires_at=NOW + 100, device="Firefox")
REQUEST = PendingRequest(
    request_hash="r1",
    session_hash="s1",
    user_id="alice-id",
    client_id=APP.client_id,
    response_type="code",
    redirect_uri="https://client.example.test/cb",
    redirect_uri_sent=False,
    scope=READ_WRITE,
    state="a state",
    code_challenge="",
    expires_at=NOW + 600,
)
KEY = PublicKey(kid="k1", jwk='{"kid":"k1"}')
