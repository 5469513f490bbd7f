"""The pages with samples for each template: times, paths, and kept input."""

from __future__ import annotations

from pathlib import Path

from gatepost.console import pages
from tests.unit.console.samples import CREATED, ID
from tests.unit.console.samples_apps import APP, APP_FORM
from tests.unit.console.states import TEMPLATES, html, page


def test_each_template_is_shown() -> None:
    folder = Path(pages.__file__).parent / "templates"
    frames = {"base.html", "console.html"}

    assert {path.name for path in folder.glob("[!_]*.html")} - frames == set(TEMPLATES)


def test_an_unknown_time_has_no_element() -> None:
    assert "<time" not in html(
        "a web app", app={**APP["app"], "last_used": None, "created": None}, secrets=[], refused_requests=[]
    )
    assert f'title="{CREATED.exact}">{CREATED.relative}</time>' in html("a web app")


def test_paths_are_filled_in_with_encoded_values() -> None:
    assert f'action="/developer/apps/{ID}/delete"' in html("app.html")
    odd = html("app.html", app={**APP["app"], "client_id": "../x?y"})
    assert 'action="/developer/apps/..%2Fx%3Fy/delete"' in odd


def test_what_was_typed_is_kept() -> None:
    errors = APP_FORM["errors"]
    assert errors
    kept = page("app_form.html")

    assert kept.one("input", name="name")["value"] == "Demo web app!"
    assert kept.one("input", name="url")["value"] == "https://client.example.test"
    assert kept.text("textarea") == (
        "https://client.example.test/callback https://client.example.test/other https://client.example.test/bye"
    )
    assert [i["value"] for i in kept.all("input") if "checked" in i] == [
        "confidential",
        "authorization_code",
        "refresh_token",
        "read",
        *("RS256", ""),
    ]
