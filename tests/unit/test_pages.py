"""The pages: escaping (S19), their policy (S29, S30), and what every page keeps."""

from __future__ import annotations

import base64
import hashlib

import pytest
from jinja2 import UndefinedError

from gatepost.pages import render
from tests.unit.rendered import CONTEXTS, VARIABLES, every_page, hostile, page, policy

# Escaping


@pytest.mark.parametrize(("template", "name"), VARIABLES)
def test_s19_markup_in_a_value_stays_text(template: str, name: str) -> None:
    harmless = page(template)
    value = CONTEXTS[template][name]

    attacked = page(template, **{name: hostile(value)})

    assert not attacked.all("script")
    assert not attacked.all("img")
    assert {tag for tag, _ in attacked.elements} <= {tag for tag, _ in harmless.elements}
    assert not [a for _, attributes in attacked.elements for a in attributes if a.startswith("on")]


@pytest.mark.parametrize(("template", "name"), VARIABLES)
def test_a_missing_variable_is_an_error(template: str, name: str) -> None:
    context = {key: value for key, value in CONTEXTS[template].items() if key != name}

    with pytest.raises(UndefinedError, match=name):
        render(template, **context)


@pytest.mark.parametrize("name", ["app_name", "app_host", "redirect_host", "user_name"])
def test_names_given_by_others_can_not_turn_the_direction_of_the_text_around_them(name: str) -> None:
    html = render("consent.html", **{**CONTEXTS["consent.html"], name: "\u202eevil"}).html

    assert html.count("\u202eevil") == html.count("<bdi>\u202eevil</bdi>") > 0


# The policy


@every_page
def test_s29_the_policy_holds_the_hash_of_the_style_in_the_page(template: str) -> None:
    html = render(template, **CONTEXTS[template]).html
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert html.count("<style") == 1
    assert ":root" in style
    assert policy(template)["style-src"] == f"'sha256-{digest}'"


@every_page
def test_s29_the_policy_allows_no_script_no_frame_and_nothing_from_elsewhere(template: str) -> None:
    directives = policy(template)
    del directives["style-src"]

    assert directives == {
        "default-src": "'none'",
        "img-src": "data:",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


@pytest.mark.parametrize("target", ["https:", "http:", "com.example.app:"])
def test_a_form_may_end_up_at_its_targets(target: str) -> None:
    assert policy("consent.html", target)["form-action"] == f"'self' {target}"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "*",
        "https:; script-src *",
        "https: *",
        "https",
        "HTTPS:",
        ":",
        "https:\n",
        "https://a.test",
        "https://a.test, default-src *",
        "https://a.test https://b.test",
        "https://a.test\n",
        "https://*.test",
        "https://a.test/callback",
        "https://user@a.test",
        "'unsafe-inline'",
        "https://b\u00fccher.test",
    ],
)
def test_a_form_target_can_not_change_the_policy(target: str) -> None:
    with pytest.raises(ValueError, match="a form target is a scheme"):
        render("consent.html", form_targets=(target,), **CONTEXTS["consent.html"])


@every_page
def test_s30_a_page_loads_nothing(template: str) -> None:
    parsed = page(template)

    assert [link["rel"] for link in parsed.all("link")] == ["icon"]
    assert (parsed.one("link")["href"] or "").startswith("data:image/svg+xml,")
    assert not [a for _, attributes in parsed.elements for a in attributes if a in {"src", "srcset", "style"}]
    assert "url(" not in parsed.texts["style"]
    assert "@import" not in parsed.texts["style"]


# What every page keeps


@every_page
def test_a_page_is_small(template: str) -> None:
    assert len(render(template, **CONTEXTS[template]).html.encode()) < 30_000


def test_the_stylesheet_is_small() -> None:
    assert len(page("home.html").texts["style"].encode()) < 8_000


@every_page
def test_a_page_says_its_language_its_size_and_its_name(template: str) -> None:
    parsed = page(template)

    assert parsed.one("html")["lang"] == "en"
    assert parsed.one("meta", name="viewport")["content"] == "width=device-width, initial-scale=1"
    assert parsed.one("meta", name="color-scheme")["content"] == "light dark"
    assert parsed.texts["title"].endswith(" – Example")
    assert len(parsed.all("h1")) == 1
    assert len(parsed.all("main")) == 1


@every_page
def test_each_input_has_its_label_and_each_description_exists(template: str) -> None:
    parsed = page(template)
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    inputs = [i for i in parsed.all("input") if i.get("type") != "hidden"]

    assert len(ids) == len(set(ids))
    assert [label["for"] for label in parsed.all("label")] == [i["id"] for i in inputs]
    for described_by in [i["aria-describedby"] for i in inputs if "aria-describedby" in i]:
        assert set((described_by or "").split()) <= set(ids)


@every_page
def test_each_form_is_posted_with_its_proof_and_no_button_is_unlabelled(template: str) -> None:
    parsed = page(template)

    assert {form["method"] for form in parsed.all("form")} <= {"post"}
    proofs = [i["value"] for i in parsed.all("input") if i.get("name") == "form_token"]
    assert proofs == ["the-form-token"] * len(parsed.all("form"))
    assert all(svg.get("aria-hidden") == "true" for svg in parsed.all("svg"))
