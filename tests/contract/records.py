"""A record of each kind; `replace` them for others."""

from __future__ import annotations

from gatepost.identifiers import app_id
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.feed import PublicKey, Revocation, RevocationKind
from gatepost.model.links import Link
from gatepost.model.problem import Problem
from gatepost.model.records import DOCUMENTS, App, Code, Grant, Login, User
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import UserKey
from gatepost.tokens.access_token import Claims
from tests.unit.world import ALICE, NOW, OWNER, READ, READ_WRITE, WEB, web_app

USER: User = ALICE
LOGIN = Login(user_id="alice-id", password_hash="$2b$04$hash")
APP: App = web_app()
DOCUMENT_URL = "https://app.example.test/client.json"
DOCUMENT_APP: App = App(
    client_id=app_id(DOCUMENT_URL),
    owner=DOCUMENTS,
    name="Tool",
    url="",
    redirect_uris=("http://localhost/cb",),
    grant_types=("authorization_code", "refresh_token"),
    confidential=False,
    scope=READ_WRITE,
    status="active",
    created_at=NOW,
    grants_valid_from=NOW - 1,
    document_url=DOCUMENT_URL,
    fresh_until=NOW + 60,
)
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
# a token that nobody revoked
NOBODYS = Claims(
    sub="x", client_id="x", jti="x", grant_id="x.x", kid="k", scope=READ_WRITE, iat=NOW - 9, exp=NOW + 3000
)
BOB = User(
    user_id="bob-id",
    user_name="Bob",
    email="Bob@example.test",
    email_confirmed=True,
    scope=READ,
    role="administrator",
    groups=("board", "staff"),
    status="active",
    created_at=NOW,
)
BOBS_LOGIN = Login(user_id="bob-id", password_hash="$2b$04$other")
SESSION = Session(session_hash="s1", user_id="alice-id", created_at=NOW, expires_at=NOW + 100, device="Firefox")
SIGNED_INTO = SignedInto(
    user_id="alice-id",
    session_id="sid-1",
    client_id=APP.client_id,
    first_at=NOW,
    last_at=NOW,
    ends_at=SESSION.expires_at,
)
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
LINK = Link(
    link_hash="the-link-hash",
    kind="email",
    user_id="alice-id",
    user_name="alice",
    email="alice@example.test",
    expires_at=NOW + 3600,
)
ENTRY = AuditEntry(
    entry_id="e1", at=NOW + 0.25, event="signed_in", actor="alice-id", actor_name="alice", source_ip="192.0.2.7"
)
STOPPED = Revocation(kind="client", subject=APP.client_id, revoked_at=NOW + 0.5, expires_at=NOW + 99)
VOIDED = Revocation(kind="user", subject="alice-id", revoked_at=NOW + 0.5, expires_at=NOW + 99)
PROBLEM = Problem(
    client_id=WEB,
    endpoint="token",
    error="invalid_grant",
    reason="The code has expired.",
    detail="sent a, was b",
    proven=True,
    times=1,
    first_at=NOW,
    last_at=NOW,
    expires_at=NOW + 60,
)


def owner_of(store: Store, app: App) -> User:
    """Return the owner of an app, created if missing."""
    (owner,) = store.read(UserKey(app.owner))
    if owner is None:
        owner = OWNER._replace(user_id=app.owner, user_name=app.owner, scope=app.owner_scope)
        store.create_user(owner, Login(user_id=app.owner, password_hash=""))
    return owner


def register_app(store: Store, app: App, *, limit: int) -> None:
    """Write an app of an existing owner."""
    store.create_app(app, owner=owner_of(store, app), limit=limit)


def revoked(at: float, kind: RevocationKind = "grant", subject: str = "alice-id.g1") -> Revocation:
    return Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=NOW + 3630)
