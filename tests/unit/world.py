"""A server in memory with a user and three apps; the fixture `world` makes one for each test."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from gatepost.authentication.passwords import hash_password
from gatepost.clients.owner_changes import AppDetails
from gatepost.endpoints.introspection import introspect
from gatepost.errors import InvalidGrant, OAuthError
from gatepost.grants import exchange
from gatepost.grants.authorization_code import new_code
from gatepost.grants.token_response import TokenAnswer
from gatepost.identifiers import digest
from gatepost.model.feed import PublicKey, Revocation
from gatepost.model.records import GRANT_TYPES, App, Approval, AppSecret, Grant, Login, User
from gatepost.oauth.client_authentication import Credentials, Requester, used_secret
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.server import Server
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.record_keys import AppKey, GrantKey, Key, UserKey
from gatepost.tokens.access_token import Claims, Signer, Verifier, verify_access_token
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import SigningKey
from tests.fakes import MemoryStore
from tests.fakes.keys import FixedKeys

R = TypeVar("R")

NOW = 1_800_000_000
ISSUER = "https://id.example.test"
CALLBACK = "https://client.example.test/cb"
READ, WRITE = Scope.of("read"), Scope.of("write")
READ_WRITE = Scope.of("read", "write")
PASSWORD = "correct horse battery"
SECRET = "the-secret-of-the-web-app"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 Appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

SETTINGS = Settings(
    issuer=ISSUER,
    audience="https://api.example.test",
    scopes={"read": "Read your data", "write": "Change your data", "admin": "Everything"},
    default_scopes=READ,
    bcrypt_cost=4,
)
ALICE = User(user_id="alice-id", user_name="alice", status="active", created_at=NOW - 1000)
OWNER = User(user_id="owner-id", user_name="owner", status="active", created_at=NOW - 1000)  # of the apps
NOTHING = Revocation(kind="client", subject="none", revoked_at=0, expires_at=1)  # where something must be published

WEB, NATIVE, OTHER = (f"{n}0000000-0000-4000-8000-000000000000" for n in "123")
LIVING = Grant(
    grant_id="alice-id.g1",
    client_id=WEB,
    scope=READ,
    grant_type="password",
    created_at=NOW,
    generation=1,
    idle_expires_at=NOW + 100,
    expires_at=NOW + 200,
)


APPROVAL = Approval(user_id="alice-id", client_id=WEB, scope=READ, approved_at=NOW)
HERE = Callback(redirect_uri=CALLBACK, sent=True, state="xyz", issuer=ISSUER, fragment=False)


def web_app(**changes: Any) -> App:
    """A confidential app that may use every grant, also for itself."""
    app = App(
        client_id=WEB,
        owner="owner-id",
        name="Web",
        url="https://client.example.test",
        redirect_uris=(CALLBACK,),
        grant_types=GRANT_TYPES,
        confidential=True,
        scope=READ_WRITE,
        own_scope=READ_WRITE,
        status="active",
        secrets=(AppSecret(secret_id="s1", secret_hash=digest(SECRET), created_at=NOW - 500),),
        created_at=NOW - 500,
    )
    return app._replace(**changes)


def native_app(**changes: Any) -> App:
    """A public app on the user's own machine."""
    app = web_app(
        client_id=NATIVE,
        name="Native",
        redirect_uris=("http://127.0.0.1/cb",),
        grant_types=("authorization_code", "refresh_token", "password", "implicit"),
        confidential=False,
        secrets=(),
    )
    return app._replace(**changes)


def app_details(**changes: Any) -> AppDetails:
    """Return the details that an owner may enter for a confidential app."""
    details = AppDetails(
        name="Shop",
        url="https://shop.example.test",
        redirect_uris=(CALLBACK,),
        grant_types=("authorization_code", "refresh_token"),
        confidential=True,
        scope=READ,
    )
    return details._replace(**changes)


def details_of(app: App, **changes: Any) -> AppDetails:
    """Return the details of an app, as its owner may change them."""
    names = ("name", "url", "redirect_uris", "grant_types", "confidential", "scope")
    return AppDetails(**({name: getattr(app, name) for name in names} | changes))


def signer_of(key: SigningKey) -> Signer:
    return Signer(kid=key.kid, alg=key.alg, key=key.load())


def credentials_of(app: App) -> Credentials:
    return Credentials(client_id=app.client_id, client_secret=SECRET if app.confidential else None, basic=False)


def requester_in(app: App) -> Requester:
    """The app as the sender of a request with its secret, whether or not it may send one."""
    return Requester(app, used_secret(app, credentials_of(app)))


class World:
    """A server. Its store holds the user alice, a web app, another one, and a native app."""

    def __init__(self, signer: Signer, public: PublicKey, store: MemoryStore | None = None) -> None:
        self.settings, self.public = SETTINGS, public
        self.store = store or MemoryStore()
        self.keys = FixedKeys(signer)
        self.store.publish_key(public)
        self.store.create_user(ALICE, Login(user_id="alice-id", password_hash=hash_password(PASSWORD, cost=4)))
        self.add_user(OWNER)
        self.web = self.add_app(web_app())
        self.native = self.add_app(native_app())
        self.other = self.add_app(web_app(client_id=OTHER, name="Other"))

    @property
    def server(self) -> Server:
        return Server(settings=self.settings, store=self.store, keys=self.keys)

    @cached_property
    def verifiers(self) -> dict[str, Verifier]:
        return {self.public.kid: Verifier.of(self.public)}

    def set(self, **changes: Any) -> None:
        """Change settings of the server."""
        self.settings = self.settings._replace(**changes)

    def app(self, client_id: str = WEB) -> App:
        """Return an app as it is stored."""
        return self.stored(AppKey(client_id))

    def add_user(self, user: User) -> User:
        self.store.create_user(user, Login(user_id=user.user_id, password_hash=""))
        return user

    def add_app(self, app: App) -> App:
        """Register `app`; one of the same key is replaced."""
        self.store.delete_app(app, revocation=NOTHING)
        self.store.create_app(app, owner=OWNER, limit=100)
        return app

    def send(self, app: App, *, now: float = NOW, **parameters: str | None) -> TokenAnswer:
        """A token request of `app`, with its credentials; a parameter that is None is not sent."""
        sent = {name: value for name, value in parameters.items() if value is not None}
        return exchange(self.server, sent, credentials_of(app), now)

    def code(self, app: App | None = None, *, scope: Scope = READ_WRITE, now: float = NOW, **changes: Any) -> str:
        """A code that alice approved for `app`, the web app unless said."""
        app = app or self.web
        usual = {"redirect_uri": app.redirect_uris[0], "redirect_uri_sent": True, "code_challenge": CHALLENGE}
        asked: dict[str, Any] = {"user_id": "alice-id", "client_id": app.client_id, **usual, **changes}
        code, record, grant = new_code(self.server, scope=scope, **asked, now=now)
        (user,) = self.store.read(UserKey("alice-id"))
        self.store.approve(grant, user=user or ALICE, code=record, approval=None)
        return code

    def redeem(self, code: str, app: App | None = None, *, now: float = NOW, **changes: str | None) -> TokenAnswer:
        """Exchange `code` as its app would, but for `changes`."""
        app = app or self.web
        usual: dict[str, str | None] = {"redirect_uri": app.redirect_uris[0], "code_verifier": VERIFIER}
        return self.send(app, now=now, **{"grant_type": "authorization_code", "code": code} | usual | changes)

    def refresh(self, token: str, app: App | None = None, *, now: float = NOW, scope: str | None = None) -> TokenAnswer:
        return self.send(app or self.web, now=now, grant_type="refresh_token", refresh_token=token, scope=scope)

    def redeems(self, code: str, *, now: float = NOW) -> bool:
        """Whether the code of the web app is accepted."""
        return accepted(lambda: self.redeem(code, now=now))

    def refreshes(self, token: str, app: App | None = None, *, now: float = NOW) -> bool:
        """Whether a refresh token is accepted."""
        return accepted(lambda: self.refresh(token, app, now=now))

    def own_token(self, app: App | None = None, *, now: float = NOW, scope: str | None = "read write") -> str:
        """A token that an app has for itself."""
        return self.send(app or self.web, now=now, grant_type="client_credentials", scope=scope).access_token

    def stored(self, key: Key[R]) -> R:
        """Return a record that is there."""
        found: R | None = self.store.read(key)[0]
        assert found is not None
        return found

    @property
    def published(self) -> list[tuple[str, str]]:
        """The kinds and subjects of the feed's entries."""
        return [(entry.kind, entry.subject) for entry in self.store.feed(0)]

    def grant(self, answer: TokenAnswer) -> Grant:
        """Return the grant of a response."""
        return self.stored(GrantKey(answer.grant_id))

    def claims(self, token: str, now: float = NOW) -> Claims:
        """Return the claims of a genuine token, revoked or not."""
        return verify_access_token(token, self.verifiers, self.settings, now)

    def opens(self, token: str, now: float = NOW) -> bool:
        """Whether a fresh authorizer accepts an access token."""
        return accepted(lambda: Watch(self.store, self.settings).claims(token, now), OAuthError)

    def introspect(self, token: str, app: App | None = None, now: float = NOW) -> dict[str, object]:
        watch = Watch(self.store, self.settings)
        return introspect(self.server, watch, {"token": token}, credentials_of(app or self.web), now)


def accepted(request: Callable[[], object], refusal: type[OAuthError] = InvalidGrant) -> bool:
    """Whether a request is not refused; any other error is one."""
    try:
        request()
    except refusal:
        return False
    return True
