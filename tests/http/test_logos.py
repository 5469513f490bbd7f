"""Logos over HTTP: uploaded, shown and removed by an owner, and taken from a document after an approval (S376)."""

from __future__ import annotations

import io
import re

import requests
from PIL import Image

from gatepost.routes import CHANGE_LOGO, EDIT_APP_PAGE, GRANTS_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of, form_token_of
from tests.http.documents import Published, Publisher, consent, outdate
from tests.people import Client, Person, entered, new_client, new_person

SHOWN = re.compile(r'<img src="(/developer/logo/[^"]+)" alt="">')


def image(colour: str = "teal", form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(file, form)
    return file.getvalue()


def upload(browser: Browser, app: Client, file: bytes = b"", **typed: str) -> requests.Response:
    page = EDIT_APP_PAGE.at(client_id=app.app.client_id)
    form = form_of(browser.get(page), CHANGE_LOGO.at(client_id=app.app.client_id))
    fields = {**form.fields, **typed}
    del fields["logo"]
    sent = {"logo": ("logo.png", file, "image/png")}
    return browser.post(form.action, fields, files=sent, headers={"Origin": browser.base_url})


def test_an_owner_gives_an_app_a_logo_that_people_see_and_removes_it(deployment: Deployment, person: Person) -> None:
    app, owner = new_client(deployment, person), entered(deployment, person)
    assert upload(owner, app, image()).headers["Location"].endswith("?done=app_changed")
    page = owner.get(app.authorize_path())
    assert "img-src data: 'self'" in page.headers["Content-Security-Policy"]
    (path,) = SHOWN.findall(page.text)
    app.tokens(person)
    assert SHOWN.findall(owner.get(GRANTS_PAGE.path).text) == [path]

    logo = requests.get(deployment.base_url + path, timeout=30)

    assert Image.open(io.BytesIO(logo.content)).size == (96, 96)
    assert logo.headers["Content-Type"] == "image/png"
    assert logo.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert requests.get(deployment.base_url + path[:-1], timeout=30).status_code == 404

    assert upload(owner, app, image("red")).status_code == 303
    assert requests.get(deployment.base_url + path, timeout=30).status_code == 404
    assert "approve" not in owner.get(app.authorize_path()).text
    assert upload(owner, app, remove="yes").status_code == 303
    assert not SHOWN.findall(owner.get(app.authorize_path()).text)


def test_a_file_that_is_no_image_or_comes_from_elsewhere_changes_nothing(
    deployment: Deployment, person: Person
) -> None:
    app, owner = new_client(deployment, person), entered(deployment, person)

    for file, version, status, says in (
        (b"<svg/>", "1", 400, "This image can’t be read. Choose a PNG or JPEG."),
        (b"", "1", 400, "Choose an image."),
        (image(), "7", 412, "This app was changed in another window meanwhile."),
        (bytes(500_001), "1", 400, "The image is larger than 500 kB."),
        (bytes(600_000), "1", 400, "The body is too large."),
    ):
        answer = upload(owner, app, file, version=version)
        assert (answer.status_code, says in answer.text) == (status, True), says
    assert upload(owner, app, image(), form_token="x").status_code == 400
    other = entered(deployment, new_person(deployment))
    sent = {"form_token": form_token_of(other, "/developer/account"), "version": "1"}
    path = CHANGE_LOGO.at(client_id=app.app.client_id)
    assert other.post(path, sent, files={"logo": ("a", image())}).status_code == 404
    assert not SHOWN.findall(owner.get(app.authorize_path()).text)


def test_s376_the_logo_of_a_document_is_shown_to_who_approved_the_app(
    deployment: Deployment, publisher: Publisher, person: Person
) -> None:
    publisher.pages["/logo.png"] = Published(image(), content_type="image/png")
    app, browser = publisher.publish(deployment), entered(deployment, person)
    assert not SHOWN.findall(consent(browser, app).text)
    app.tokens(person)
    outdate(app)

    (path,) = SHOWN.findall(consent(browser, app).text)

    assert requests.get(deployment.base_url + path, timeout=30).status_code == 200
    assert not SHOWN.findall(consent(entered(deployment, new_person(deployment)), app).text)
    outdate(app)
    assert SHOWN.findall(consent(browser, app).text) == [path]
    assert publisher.requested == ["/1/client.json", "/1/client.json", "/logo.png", "/1/client.json"]
