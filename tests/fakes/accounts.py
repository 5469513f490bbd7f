"""The fake of ports.AccountStore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.links import EmailOwner, Link
from gatepost.model.records import ACTIVE, ADMINISTRATOR, DEACTIVATED, LEAVING, USER, App, Approval, Login, User
from gatepost.scope import Scope
from gatepost.stores.record_keys import (
    UNCHANGED,
    ApprovalKey,
    EmailKey,
    LinkKey,
    LoginKey,
    Page,
    Unchanged,
    UserKey,
    user_position,
)
from tests.fakes.attempts import MemoryAttempts
from tests.fakes.records import page_of


class MemoryAccounts(MemoryAttempts):
    """See ports.AccountStore."""

    def create_user(self, user: User, login: Login, *, link: Link | None = None) -> None:
        with self._lock:
            key = LoginKey(user.user_name.casefold())
            if key in self._records:
                raise Conflict("user_name")
            self._check_email(user, user.email if user.email_confirmed else "")
            self._use_link(link)
            if user.email_confirmed:
                self._take_email(user, user.email)
            self._records[key] = login
            self._records[UserKey(user.user_id)] = user

    def void_user_grants(self, user_id: str, *, grants_valid_from: int, revocation: Revocation | None) -> None:
        self._change(UserKey(user_id), revocation, grants_valid_from=grants_valid_from)

    def deactivate_user(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        with self._lock:
            key, login = UserKey(user.user_id), LoginKey(user.user_name.casefold())
            standing: User | None = self._records.get(key)
            if standing is None or standing.role != user.role or standing.status == LEAVING:
                raise Conflict("user")
            self._check_administrator(besides)
            self._records[key] = standing._replace(
                status=DEACTIVATED, grants_valid_from=valid_from, sessions_valid_from=valid_from + 1
            )
            self._records[login] = self._records[login]._replace(devices_valid_from=valid_from)
            self._feed += [revocation] if revocation else []

    def begin_deletion(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        with self._lock:
            standing: User | None = self._records.get(UserKey(user.user_id))
            if standing is None or standing.status not in (user.status, LEAVING):
                raise Conflict("user")
            self._check_administrator(besides)
            self._records[UserKey(user.user_id)] = standing._replace(status=LEAVING, grants_valid_from=valid_from)
            self._feed += [revocation] if revocation else []

    def set_user_status(self, user_id: str, status: str, *, before: str = "") -> None:
        with self._lock:
            standing: User | None = self._records.get(UserKey(user_id))
            if standing is not None and (standing.status == before if before else standing.status != LEAVING):
                self._records[UserKey(user_id)] = standing._replace(status=status)

    def set_user_rights(
        self,
        user_id: str,
        *,
        role: str | Unchanged = UNCHANGED,
        scope: Scope | Unchanged | None = UNCHANGED,
        groups: tuple[str, ...] | Unchanged = UNCHANGED,
    ) -> None:
        given: dict[str, Any] = {"role": role, "scope": scope, "groups": groups}
        self._change(UserKey(user_id), **{name: value for name, value in given.items() if value != UNCHANGED})

    def demote(self, user_id: str, *, besides: User) -> None:
        with self._lock:
            key = UserKey(user_id)
            if key in self._records:
                self._check_administrator(besides)
                self._records[key] = self._records[key]._replace(role=USER)

    def change_email(self, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
        with self._lock:
            if not self._has_email_of(user) or not self._has_sessions_of(user):
                raise Conflict("user")
            self._check_email(user, email if confirmed else "")
            self._use_link(link)
            if confirmed:
                self._take_email(user, email)
            if user.email_confirmed and not (confirmed and user.email.casefold() == email.casefold()):
                self._records.pop(EmailKey(user.email.casefold()), None)
            key = UserKey(user.user_id)
            self._records[key] = self._records[key]._replace(email=email, email_confirmed=confirmed)

    def change_password(
        self, user: User, password_hash: str, *, sessions_valid_from: int, link: Link | None = None
    ) -> None:
        with self._lock:
            login, key = LoginKey(user.user_name.casefold()), UserKey(user.user_id)
            if login not in self._records or key not in self._records:
                raise Conflict("user")
            self._use_link(link)
            self._records[login] = self._records[login]._replace(password_hash=password_hash)
            self._records[key] = self._records[key]._replace(sessions_valid_from=sessions_valid_from)

    def void_sessions(self, user_id: str, *, sessions_valid_from: int) -> None:
        self._change(UserKey(user_id), sessions_valid_from=sessions_valid_from)

    def delete_user(self, user: User, *, revocation: Revocation, forget_at: int, besides: User | None = None) -> None:
        with self._lock:
            standing = self._records.get(UserKey(user.user_id))
            if standing is None:
                return
            as_read = (standing.status, standing.role) == (user.status, user.role)
            if not as_read or not self._has_email_of(user):
                raise Conflict("user")
            self._check_administrator(besides)
            if any(app.owner == user.user_id for app in self._all(App)):
                raise Conflict("apps")
            self._closed.add(user.user_id)
            self._feed.append(revocation)
            for key in (UserKey(user.user_id), LoginKey(user.user_name.casefold())):
                self._records.pop(key, None)
            if user.email_confirmed:
                self._records.pop(EmailKey(user.email.casefold()), None)
            for approval in self._all(Approval):
                if approval.user_id == user.user_id:
                    del self._records[ApprovalKey(approval.user_id, approval.client_id)]

    def users(self, prefix: str, *, cursor: str | None, limit: int, descending: bool = False) -> Page[User]:
        with self._lock:
            users = [user for user in self._all(User) if user.user_name.casefold().startswith(prefix)]
        return page_of(users, _name, cursor=cursor, limit=limit, newest_first=descending)

    def users_by_creation(self, *, cursor: str | None, limit: int, oldest_first: bool = False) -> Page[User]:
        with self._lock:
            users = self._all(User)
        return page_of(users, user_position, cursor=cursor, limit=limit, newest_first=not oldest_first)

    def note_sign_in(self, user_id: str, *, now: int) -> None:
        self._change(UserKey(user_id), last_sign_in_at=now)

    def approvals_of(self, user_id: str) -> Sequence[Approval]:
        with self._lock:
            return [approval for approval in self._all(Approval) if approval.user_id == user_id]

    def forget_approval(self, user_id: str, client_id: str) -> None:
        with self._lock:
            self._records.pop(ApprovalKey(user_id, client_id), None)

    def approvals_to(self, client_id: str, *, cursor: str | None, limit: int) -> Page[Approval]:
        with self._lock:
            found = [approval for approval in self._all(Approval) if approval.client_id == client_id]
        return page_of(found, lambda each: each.user_id, cursor=cursor, limit=limit, newest_first=False)

    def connected_count(self, client_id: str, *, most: int) -> int:
        with self._lock:
            return min(most, len([each for each in self._all(Approval) if each.client_id == client_id]))

    def save_link(self, link: Link) -> None:
        with self._lock:
            self._records[LinkKey(link.link_hash)] = link

    def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
        with self._lock:
            if self._records.get(LoginKey(name)) == before:
                self._records[LoginKey(name)] = before._replace(password_hash=password_hash)

    def _use_link(self, link: Link | None) -> None:
        if link is not None and self._records.pop(LinkKey(link.link_hash), None) is None:
            raise Conflict("link")

    def _has_email_of(self, user: User) -> bool:
        standing: User | None = self._records.get(UserKey(user.user_id))
        as_read = (user.email, user.email_confirmed)
        return standing is not None and (standing.email, standing.email_confirmed) == as_read

    def _has_sessions_of(self, user: User) -> bool:
        standing: User = self._records[UserKey(user.user_id)]
        return standing.sessions_valid_from == user.sessions_valid_from

    def _check_administrator(self, besides: User | None) -> None:
        standing: User | None = self._records.get(UserKey(besides.user_id)) if besides else None
        if besides and (standing is None or (standing.status, standing.role) != (ACTIVE, ADMINISTRATOR)):
            raise Conflict("administrator")

    def _check_email(self, user: User, email: str) -> None:
        owner: EmailOwner | None = self._records.get(EmailKey(email.casefold()))
        if owner is not None and owner.user_id != user.user_id:
            raise Conflict("email")

    def _take_email(self, user: User, email: str) -> None:
        self._records[EmailKey(email.casefold())] = EmailOwner(user_id=user.user_id, user_name=user.user_name)


def _name(user: User) -> str:
    return user.user_name.casefold()
