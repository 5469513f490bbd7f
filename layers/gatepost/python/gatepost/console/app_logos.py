"""The form of an app's logo."""

from __future__ import annotations

import time

from gatepost.accounts.notices import tell_app_changed
from gatepost.clients.logos import set_logo
from gatepost.console.app_pages import form_page, stored_values
from gatepost.console.pages_base import Visitor, back_to
from gatepost.endpoints.changed_apps import write_app_change
from gatepost.errors import Conflict
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.http.upload import upload_in
from gatepost.model.logo import LARGEST_IMAGE, UnusableImage
from gatepost.model.records import App
from gatepost.routes import APP_PAGE
from gatepost.runtime.drawing import illustrator
from gatepost.runtime.wiring import mailer, server

LARGEST_FORM = LARGEST_IMAGE + 20_000  # bytes
CHANGED = "This app was changed in another window meanwhile. This is how it stands; make your change again."


def logo_changed(request: Request, visitor: Visitor, app: App) -> Response:
    """Respond to the form: with the app's page, or with the form and what is wrong."""
    form, owner = upload_in(request, largest=LARGEST_FORM), visitor.administers or visitor.user

    def shown(status: int, error: str) -> Response:
        return form_page(visitor, status, app, stored_values(app), errors={"logo": error})

    if form.texts.get("version") != str(app.version):
        return shown(412, CHANGED)
    removed = form.texts.get("remove") == "yes"
    if not removed and not form.file:
        return shown(400, "Choose an image.")
    try:
        logo = None if removed else illustrator().draw(form.file)
        changed = set_logo(
            *(server().store, server().settings, app, logo),
            owner=owner,
            now=time.time(),
            by_administrator=visitor.administers is not None,
        )
    except UnusableImage as error:
        return shown(400, error.fault)
    except Conflict:
        return shown(412, CHANGED)
    write_app_change(server(), request, app, changed, actor=visitor.user)
    if visitor.administers:
        tell_app_changed(server().settings, mailer(), owner, changed, by=visitor.user, now=request.now)
    return back_to(APP_PAGE.at(client_id=app.client_id), "app_changed")
