"""A server after use, with every kind of record, for the audit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from gatepost.accounts.accounts import register
from gatepost.accounts.links import new_link
from gatepost.accounts.removal import deactivate_user, delete_user
from gatepost.audit_log.counting import counted_days
from gatepost.audit_log.events import record
from gatepost.authentication.sessions import start_session
from gatepost.clients.dynamic_registration import register_app
from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.logos import set_logo
from gatepost.clients.owner_changes import create_app
from gatepost.clients.registration_permits import new_permit
from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.decision import approve
from gatepost.endpoints.pending_request import pending_request
from gatepost.endpoints.revocation import revoke
from gatepost.grants import exchange
from gatepost.identifiers import digest
from gatepost.model.counts import days_until
from gatepost.model.feed import Parts, Revocation, Segment, name_of
from gatepost.model.logo import Logo
from gatepost.model.records import App, User
from gatepost.oauth.client_authentication import Credentials
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.server import Server
from gatepost.stores.dynamodb.revocations import marked_item
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TOKENS
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.revoked_marks import is_cutoff, written_cutoffs, written_marks
from gatepost.tokens.signing_keys import new_signing_key
from tests.contract.records import DOCUMENT_APP
from tests.fakes.keys import FixedKeys
from tests.unit.world import CALLBACK, ISSUER, SETTINGS, app_details, signer_of

if TYPE_CHECKING:
    from gatepost.stores.ports.store import Store


NOW = int(time.time())
NOBODY = "00000000-0000-4000-8000-000000000000"


class Life:
    """A server after use: accounts, apps, and every kind of record."""

    def __init__(self, store: DynamoDBStore) -> None:
        key = new_signing_key("RS256", active_from=0)
        self.server = Server(settings=SETTINGS, store=cast("Store", store), keys=FixedKeys(signer_of(key)))
        self.store = store
        store.publish_key(key.public())
        self.alice, self.bob = (self._user(name) for name in ("alice", "bob"))
        app, self.secret = self._app("Shop")
        self.app = set_logo(self.server.store, SETTINGS, app, Logo.of(b"an image"), owner=self.alice, now=NOW - 9)
        stopped, _ = self._app("Stopped")
        store.keep_document(DOCUMENT_APP, before=None, ttl=NOW + 900)
        cookie = start_session(store, SETTINGS, self.alice.user_id, user_agent="Firefox", source_ip="", now=NOW)
        callback = Callback(redirect_uri=CALLBACK, sent=True, state="s", issuer=ISSUER, fragment=False)
        asked = checked_request(self.app, self.alice, callback, {"response_type": "code"}, SETTINGS)
        session = digest(cookie)
        _, pending = pending_request(self.app, self.alice, asked, session_hash=session, settings=SETTINGS, now=NOW)
        store.save_request(pending)
        location = approve(self.server, self.app, self.alice, asked, None, NOW).url
        approve(self.server, self.app, self.alice, asked, None, NOW)  # a code that waits
        code = location.partition("code=")[2].partition("&")[0]
        first = self._send(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
        self._send(grant_type="refresh_token", refresh_token=first.refresh_token)
        again = self._send(grant_type="password", username="alice", password="a fine password")
        for token in (first.access_token, again.refresh_token):
            revoke(self.server, Watch(self.server.store, SETTINGS), {"token": token}, self._credentials, NOW)
        new_link(store, "reset", user_id=self.alice.user_id, user_name="alice", email="a@example.test", now=NOW)
        store.count_failure(digest("somebody"), now=NOW, forget_at=NOW + 99)
        record(store, SETTINGS, "signed_in", now=NOW, source_ip="192.0.2.7", actor=self.alice)
        store.add_tokens(self.app.client_id, 3, now=NOW)
        counted_days(self.server.store, SETTINGS, days_until(NOW), NOW + 300)
        permit = digest(new_permit(store, apps=2, days=1, now=NOW))
        weather = {"redirect_uris": [CALLBACK], "client_name": "Weather"}
        register_app(self.server.store, SETTINGS, weather, permit_hash=permit, source_ip="192.0.2.7", now=NOW)
        deactivate_app(store, stopped, reason="It misbehaves.", now=NOW)
        deactivate_user(self.server.store, self.bob, now=NOW)
        carol = self._user("carol")
        delete_user(self.server.store, carol, now=NOW)
        self._compact()

    def _compact(self) -> None:
        """Every entry, one of another partition among them, goes into a segment."""
        compactor = self.store.compactor()
        compactor.announce(Parts(), Parts(1, NOW - 1))
        before = compactor.compaction()
        token = Revocation(kind="jti", subject="j" * 43, revoked_at=NOW, expires_at=NOW + 3600)
        tables = self.store._tables
        tables.put(TOKENS, marked_item(token, tables.clock(), 1))
        entries = [entry for _, entry in compactor.written_since(0, 99, 1)]
        written = (written_marks(e for e in entries if not is_cutoff(e)), written_cutoffs(filter(is_cutoff, entries)))
        contents = {name_of(each): each for each in written}
        segments = tuple(Segment(name, bool(n), 17, 9, NOW + 90_000) for n, name in enumerate(contents))
        assert compactor.compact(
            before, before._replace(sequence=1, until=time.time() + 60, segments=segments), contents
        )

    @property
    def _credentials(self) -> Credentials:
        return Credentials(client_id=self.app.client_id, client_secret=self.secret, basic=True)

    def _user(self, name: str) -> User:
        user = register(self.store, SETTINGS, user_name=name.title(), email="", password="a fine password", now=NOW - 9)
        email = f"{name}@example.test"
        self.store.change_email(user, email, confirmed=True)
        return user._replace(email=email, email_confirmed=True)

    def _app(self, name: str) -> tuple[App, str]:
        details = app_details(name=name, grant_types=("authorization_code", "refresh_token", "password"))
        return create_app(self.store, SETTINGS, owner=self.alice, details=details, now=NOW - 9)

    def _send(self, **parameters: str) -> Any:
        return exchange(self.server, parameters, self._credentials, NOW)
