"""What a measured deployment has stored: keys, an app, a user with a session, an approval, a code and a grant."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from gatepost.authentication.passwords import hash_password
from gatepost.grants.authorization_code import new_code
from gatepost.identifiers import app_id, digest, new_grant_id, new_id, new_secret
from gatepost.model.records import DOCUMENTS, App, Approval, AppSecret, Grant, Login, User
from gatepost.model.sessions import Session
from gatepost.oauth.server import Server
from gatepost.oidc.id_token import issue_id_token
from gatepost.scope import Scope
from gatepost.settings import OPEN, Settings
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TABLES
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.refresh_token import issue_refresh_token
from gatepost.tokens.signing_keys import new_refresh_key, new_signing_key, written
from tests.bench.items import Items

NAMES = {table.name: table.name for table in TABLES}
READ_WRITE, OPENID = Scope.of("read", "write"), Scope.of("openid", "profile", "email")
CALLBACK = "https://client.example.test/cb"
DOCUMENT = "https://client.example.test/client.json"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 Appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PASSWORD = "correct horse battery"
BCRYPT_COST = 4  # cheap: the hash is subtracted
TOKENS = 1500  # more than a function remembers: in turns, each is new


@dataclass
class State:
    """What is stored for one algorithm. `items` are frozen when it is made."""

    algorithm: str
    tokens: int = TOKENS
    items: Items = field(default_factory=Items)

    def __post_init__(self) -> None:
        """Keys, an app, a user with a session, an approval, a code and a grant."""
        self.now = time.time()
        self.signing = new_signing_key(self.algorithm, active_from=0)
        self.refreshing = new_refresh_key(active_from=0)
        self.keys = _Keys(self)
        self.of_id_tokens = new_signing_key("RS256", active_from=0)
        self.secrets = {"signing": written([self.of_id_tokens, self.signing]), "refresh": written([self.refreshing])}
        self.secret, self.user_id = new_secret(), new_id()
        self.settings = Settings(
            issuer="https://id.example.test",
            scopes={"read": "Read your data", "write": "Change your data"},
            default_scopes=Scope.of("read"),
            signing_algorithm=self.algorithm,
            openid=True,
            client_id_documents=OPEN,
            dynamic_registration=OPEN,
            bcrypt_cost=BCRYPT_COST,
        )
        self.store = DynamoDBStore(self.items, NAMES)
        self.store.publish_key(self.signing.public())
        self.store.publish_key(new_signing_key(self.algorithm, active_from=int(self.now) + 900).public())
        self.user = User(
            user_id=self.user_id,
            user_name="maria",
            email="maria@example.test",
            email_confirmed=True,
            status="active",
            created_at=int(self.now) - 86400,
        )
        self.hash = hash_password(PASSWORD, cost=BCRYPT_COST)
        self.store.create_user(self.user, Login(user_id=self.user_id, password_hash=self.hash))
        self.app, self.resource_server = self._app(), self._app()
        for app in (self.app, self.resource_server):
            self.store.create_app(app, owner=self.user, limit=16)
        self.store.keep_document(self._described(), before=None, ttl=int(self.now) + 86400)
        self.cookie = f"{self.user_id}.{new_secret()}"
        self.store.start_session(
            Session(
                session_hash=digest(self.cookie),
                user_id=self.user_id,
                created_at=int(self.now) - 60,
                expires_at=int(self.now) + 36000,
            )
        )
        self.code, grant = self._approved(READ_WRITE)
        self._redeemed(grant)
        signed_in = {"nonce": "n-0S6_WzA2Mj", "auth_time": int(self.now) - 60, "session_id": digest("sid")}
        self.sign_in_code, _ = self._approved(OPENID, **signed_in)
        self.id_token = self._id_token()
        self.items.frozen = True

    def token(self, scope: Scope = READ_WRITE) -> str:
        """An access token of the user's grant."""
        return issue_access_token(
            self._server().keys.signer(self.now),
            self.settings,
            sub=self.user_id,
            client_id=self.app.client_id,
            scope=scope,
            grant_id=self.grant_id,
            lifetime=3600,
            now=self.now,
            audience=self.settings.audience,
        )

    def _server(self) -> Server:
        return Server(settings=self.settings, store=self.store, keys=self.keys)

    def _app(self) -> App:
        now = int(self.now)
        secret = AppSecret(secret_id="s1", secret_hash=digest(self.secret), created_at=now - 500, last_used_at=now)
        return App(
            client_id=new_id(),
            owner=self.user_id,
            name="A web shop",
            url="https://client.example.test",
            redirect_uris=(CALLBACK,),
            grant_types=("authorization_code", "refresh_token", "client_credentials", "password"),
            confidential=True,
            scope=READ_WRITE | OPENID,
            own_scope=READ_WRITE,
            status="active",
            secrets=(secret,),
            created_at=now - 500,
            last_used_at=now,
        )

    def _described(self) -> App:
        return self._app()._replace(
            client_id=app_id(DOCUMENT),
            owner=DOCUMENTS,
            confidential=False,
            own_scope=Scope(),
            secrets=(),
            document_url=DOCUMENT,
            fresh_until=int(self.now) + 3600,
        )

    def _id_token(self) -> str:
        return issue_id_token(
            self.keys.signer(self.now),
            self.settings,
            sub=self.user_id,
            client_id=self.app.client_id,
            auth_time=int(self.now) - 60,
            sid=digest("sid"),
            nonce="",
            access_token=self.token(),
            lifetime=300,
            now=self.now,
        )

    def _approved(self, scope: Scope, **sign_in: Any) -> tuple[str, Grant]:
        code, record, grant = new_code(
            self._server(),
            user_id=self.user_id,
            client_id=self.app.client_id,
            scope=scope,
            redirect_uri=CALLBACK,
            redirect_uri_sent=True,
            code_challenge=CHALLENGE,
            now=self.now,
            **sign_in,
        )
        approval = Approval(
            user_id=self.user_id, client_id=self.app.client_id, scope=READ_WRITE, approved_at=int(self.now)
        )
        self.store.approve(grant, user=self.user, code=record, approval=approval)
        return code, grant

    def _redeemed(self, grant: Grant) -> None:
        end = int(self.now) + 30 * 86400
        living = grant._replace(
            grant_id=new_grant_id(self.user_id),
            redeemed_by=new_id(),
            last_used_at=int(self.now),
            idle_expires_at=end,
            expires_at=end,
        )
        self.store.add_grant(living)
        self.grant_id = living.grant_id
        self.refresh_token = issue_refresh_token([self.refreshing], living.grant_id, living.generation, self.now)


class _Keys:
    """server.Keys of a deployment, to prepare by."""

    def __init__(self, state: State) -> None:
        key = state.signing
        self._signer = Signer(kid=key.kid, alg=key.alg, key=key.load())
        self._refresh = (state.refreshing,)

    def signer(self, now: float, alg: str = "") -> Any:
        return self._signer

    def refresh(self, now: float) -> Any:
        return self._refresh
