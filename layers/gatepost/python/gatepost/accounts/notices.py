"""Mails that tell the owner of an account what was done with it. None of them undoes or delays what was done."""

from __future__ import annotations

from collections.abc import Callable

from gatepost.errors import OAuthError
from gatepost.mail.limits import may_notify
from gatepost.mail.messages import Mail, Mailer, app_changed_mail, deleted_mail, password_mail
from gatepost.model.records import App, User
from gatepost.observability.log import note
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore


def tell_password_changed(
    store: AccountStore, settings: Settings, mailer: Mailer | None, user: User, *, by: str, now: float
) -> None:
    """Tell the confirmed address that the password was changed; `by` names the browser and its address.

    Beyond the limit of mails to an address it has been told so often within the hour that one more says nothing new.
    """

    def mail() -> Mail | None:
        if not may_notify(store, settings, user.email, now=now):
            note("account.mail_withheld", {"user_id": user.user_id})
            return None
        return password_mail(settings, user, by=by, now=now)

    _tell(mailer, user, mail)


def tell_deleted(settings: Settings, mailer: Mailer | None, user: User, *, by: str, now: float) -> None:
    """Say goodbye to the confirmed address of an account that was deleted."""
    _tell(mailer, user, lambda: deleted_mail(settings, user, by=by, now=now))


def tell_app_changed(settings: Settings, mailer: Mailer | None, owner: User, app: App, *, by: User, now: float) -> None:
    """Tell the owner of an app that the administrator `by` changed its settings."""
    _tell(mailer, owner, lambda: app_changed_mail(settings, owner, app, by=by.user_name, now=now))


def _tell(mailer: Mailer | None, user: User, mail: Callable[[], Mail | None]) -> None:
    if mailer is None or not user.email_confirmed:
        return
    try:
        made = mail()
        if made is not None:
            mailer.send(made)
    except OAuthError as error:
        note("account.mail_not_sent", {"user_id": user.user_id, "reason": error.reason}, failed=True)
