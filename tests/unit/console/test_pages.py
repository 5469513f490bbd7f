"""The pages: escaping (S19), and rules of every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from gatepost import routes
from gatepost.console import pages
from gatepost.console.pages import render
from gatepost.routes import Route
from tests.unit.console.rendered import Parsed
from tests.unit.console.samples import ACCOUNT, CONNECTIONS, CREATED
from tests.unit.console.samples_admin import ADMIN_APPS, ADMIN_AUDIT, ADMIN_OVERVIEW, ADMIN_USERS
from tests.unit.console.samples_apps import APP, APPS
from tests.unit.console.states import STATES, TEMPLATES, every_state, every_template, hostile, html, page

# All operations; the numbers of five charts; the addresses of logos.
LARGER = ("api_reference.html", "admin_overview.html", "connections.html")
AN_APP = "https://client.example.test/cb"  # where form_post.html leads
ROUTES = [route for route in vars(routes).values() if isinstance(route, Route)]

# Escaping


@every_template
def test_s19_markup_in_a_value_stays_text(template: str) -> None:
    harmless = page(template)
    for name, value in TEMPLATES[template].items():
        attacked = page(template, **{name: hostile(value)})

        assert len(attacked.all("script")) == len(harmless.all("script")), name
        assert all((each["src"] or "").startswith("/developer/logo/") for each in attacked.all("img")), name
        assert {tag for tag, _ in attacked.elements} <= {tag for tag, _ in harmless.elements}, name
        assert not [a for _, attributes in attacked.elements for a in attributes if a.startswith("on")], name


@every_template
def test_a_missing_variable_is_an_error(template: str) -> None:
    for name in TEMPLATES[template]:
        context = {key: value for key, value in TEMPLATES[template].items() if key != name}
        # a path refuses it before Jinja2 does
        with pytest.raises((UndefinedError, TypeError), match=f"{name}|expected bytes"):
            render(template, **context)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        *(("consent.html", name) for name in ("app_name", "app_host", "redirect_host", "user_name")),
        *(("account.html", name) for name in ("user_name", "email", "service_name")),
        *(("check_mail.html", name) for name in ("email", "service_name")),
        ("forgotten.html", "service_name"),
        ("app_secret.html", "user_name"),
    ],
)
def test_names_given_by_others_can_not_turn_the_direction_of_the_text_around_them(template: str, name: str) -> None:
    body = html(template, **{name: "\u202eevil"}).partition("<body>")[2]
    shown = re.sub(r'="[^"]*"', "", body)  # a value of an input has no text around it

    assert shown.count("\u202eevil") == len(re.findall("<bdi[^>]*>\u202eevil</bdi>", shown)) > 0


# What every page keeps


@every_state
def test_a_page_is_small(state: str) -> None:
    assert len(html(state).encode()) < (45_000 if STATES[state][0] in LARGER else 31_000)


@pytest.mark.parametrize(
    ("template", "name", "rows", "count"),
    [
        ("apps.html", "apps", APPS["apps"], 20),
        ("connections.html", "connections", CONNECTIONS["connections"], 20),
        ("account.html", "sessions", ACCOUNT["sessions"][1:], 20),
        ("a long overview", "apps", ADMIN_OVERVIEW["apps"][:1], 20),
        ("admin_users.html", "users", ADMIN_USERS["users"], 20),
        ("admin_apps.html", "apps", ADMIN_APPS["apps"], 15),
        ("admin_audit.html", "entries", ADMIN_AUDIT["entries"], 20),
    ],
)
def test_a_page_with_a_long_list_is_small(template: str, name: str, rows: list[object], count: int) -> None:
    long = (rows * count)[:count]

    most = 45_000 if STATES[template][0] in LARGER else 31_000
    assert len(html(template, **{name: long, "form_token": "t" * 43}).encode()) < most


def test_the_stylesheet_is_small() -> None:
    assert len(page("apps.html").texts["style"].encode()) < 13_500


@every_state
def test_a_page_says_its_language_its_size_and_its_name(state: str) -> None:
    parsed = page(state)

    assert parsed.one("html")["lang"] == "en"
    assert parsed.one("meta", name="viewport")["content"] == "width=device-width, initial-scale=1"
    assert parsed.one("meta", name="color-scheme")["content"] == "light dark"
    assert parsed.texts["title"].endswith(" – Example")
    assert len(parsed.all("h1")) == 1
    assert len(parsed.all("main")) == 1


@every_state
def test_no_sentence_sticks_to_the_one_before(state: str) -> None:
    assert re.findall(r"[a-z)]\.[A-Z]\w+", page(state).text("main")) == []


@every_state
def test_each_input_has_its_label_and_each_description_exists(state: str) -> None:
    parsed = page(state)
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    fields = [attributes for tag, attributes in parsed.elements if tag in {"input", "select", "textarea"}]
    shown = [f["id"] for f in fields if f.get("type") != "hidden" and "hidden" not in f]
    described = [a["aria-describedby"] or "" for _, a in parsed.elements if "aria-describedby" in a]
    links = [a["href"] or "" for a in parsed.all("a")]

    assert len(ids) == len(set(ids))
    assert sorted(str(label["for"]) for label in parsed.all("label")) == sorted(map(str, shown))
    assert {name for names in described for name in names.split()} <= set(ids)
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


@every_state
def test_the_first_field_with_an_error_has_the_focus_and_each_names_its_error(state: str) -> None:
    parsed = page(state, done=None)
    faulty = [a for _, a in parsed.elements if "aria-invalid" in a]
    focused = [a for _, a in parsed.elements if "autofocus" in a]

    assert len(focused) <= 1
    assert not faulty or focused == faulty[:1]
    assert all({f"{a['id']}-error", "error"} & set(str(a["aria-describedby"]).split()) for a in faulty)
    linked = {(a["href"] or "")[1:] for a in parsed.all("a") if (a["href"] or "").startswith("#")} - {"main"}
    assert not faulty or linked <= {a["id"] for a in faulty} | {"status"}, "named at the top, and not marked"


@every_state
def test_each_form_that_changes_something_carries_its_proof(state: str) -> None:
    parsed = page(state)

    forms = [form for form in parsed.all("form") if form["method"] == "post" and form.get("action") != AN_APP]
    proofs = [i["value"] for i in parsed.all("input") if i.get("name") == "form_token"]
    assert proofs == ["the-form-token"] * len(forms)
    assert {form["method"] for form in parsed.all("form")} <= {"post", "get"}
    for svg in parsed.all("svg"):
        assert svg.get("aria-hidden") == "true" or (svg["role"] == "img" and svg["aria-label"])


@every_state
def test_each_form_and_each_link_leads_to_a_route(state: str) -> None:
    def leads(method: str, target: str) -> bool:
        path = target.partition("?")[0]
        return any(r.method == method and re.fullmatch(re.sub(r"\{\w+}", "[^/]+", r.path), path) for r in ROUTES)

    parsed = page(state)
    own = [a["href"] or "" for a in parsed.all("a") if (a["href"] or "").startswith("/")]

    assert [target for target in own if not leads("GET", target)] == []
    assert [target for method, target in _targets(parsed) if target != AN_APP and not leads(method, target)] == []
    assert all(form.get("action") or _formactions(parsed) for form in parsed.all("form"))


def _targets(parsed: Parsed) -> list[tuple[str, str]]:
    forms = [(str(f["method"]).upper(), f["action"] or "") for f in parsed.all("form") if "action" in f]
    return [*forms, *(("POST", target) for target in _formactions(parsed))]


def _formactions(parsed: Parsed) -> list[str]:
    return [b["formaction"] or "" for b in parsed.all("button") if "formaction" in b]


def test_there_is_a_state_for_each_template() -> None:
    folder = Path(pages.__file__).parent / "templates"
    frames = {"base.html", "console.html"}

    shown = {template for template, _ in STATES.values()}
    assert shown == set(TEMPLATES) == {path.name for path in folder.glob("[!_]*.html")} - frames


def test_an_unknown_time_has_no_element() -> None:
    app = {**APP["app"], "last_used": None, "created": None, "administered": None}

    assert "<time" not in html("a web app", app=app, secrets=[], refused_requests=[])
    assert f'title="{CREATED.exact}">{CREATED.relative}</time>' in html("a web app")


def test_paths_are_filled_in_with_encoded_values() -> None:
    odd = html("app_form.html", app={**APP["app"], "client_id": "../x?y"})

    assert 'action="/developer/apps/..%2Fx%3Fy/delete"' in odd
