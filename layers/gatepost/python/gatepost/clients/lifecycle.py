"""Activation, deactivation and deletion of an app."""

from __future__ import annotations

from gatepost.cutoff import clock_from, write_dated
from gatepost.model.feed import everything_of
from gatepost.model.records import ACTIVE, DEACTIVATED, App
from gatepost.stores.ports.apps import AppStore
from gatepost.stores.ports.store import Store


def delete_app(store: Store, app: App, *, now: float) -> None:
    """Remove the app; its codes and grants are void at once, its access tokens within the documented bound.

    An app that was never used has none, so nothing is published to the feed. Its problems go first: then a failure can
    be repeated.

    `now` is the time of this call, as for everything that sets a cutoff (see `cutoff`).
    """
    clock = clock_from(now)
    store.forget_problems(app.client_id)
    told: list[bool] = []

    def delete(at: float) -> None:
        if not told:
            told.append(store.delete_app(app, revocation=everything_of("client", app.client_id, at)))
        elif told[0]:  # deleted: only the later cutoff remains to be published
            store.publish(everything_of("client", app.client_id, at))

    write_dated(delete, clock())


def deactivate_app(store: AppStore, app: App, *, reason: str, now: float) -> None:
    """Deactivate the app; its grants up to now stay void when it is activated again."""

    def deactivate(at: float) -> None:
        valid_from = max(app.grants_valid_from, int(at))  # a clock that was set back must not restore grants
        store.set_app_status(
            app.client_id,
            DEACTIVATED,
            reason=reason,
            grants_valid_from=valid_from,
            revocation=everything_of("client", app.client_id, at),
        )

    write_dated(deactivate, now)


def activate_app(store: AppStore, app: App, *, now: float) -> None:
    """Activate the app (again), as it was when `app` was read; earlier grants stay void.

    Raises Conflict("version") if it was changed meanwhile: nobody has looked at that.
    """
    valid_from = max(app.grants_valid_from, int(now)) if app.status == DEACTIVATED else None
    store.set_app_status(app.client_id, ACTIVE, reason="", grants_valid_from=valid_from, before=app)
