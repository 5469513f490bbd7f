"""The policy of each page (S29, S30)."""

from __future__ import annotations

import base64
import hashlib

import pytest

from gatepost.console.pages import render
from gatepost.routes import APP_LOGO
from tests.unit.console.samples import ID
from tests.unit.console.states import TEMPLATES, every_state, every_template, html, page, policy


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@every_template
def test_s29_the_policy_holds_the_hashes_of_the_style_and_the_script_in_the_page(template: str) -> None:
    shown, directives = html(template), policy(template)
    style, script = (shown.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0] for tag in ("style", "script"))

    assert ":root" in style
    assert (shown.count("<style"), shown.count("<script")) == (1, 1 if script else 0)
    assert directives["style-src"] == _hash(style)
    assert directives.get("script-src") == (_hash(script) if script else None)


@every_template
def test_a_page_has_a_script_only_where_it_has_something_to_do(template: str) -> None:
    parsed = page(template)

    uses = any(i.get("type") == "password" for i in parsed.all("input"))
    uses = uses or any("data-copy" in attributes for _, attributes in parsed.elements)
    uses = uses or any("T" in (time["datetime"] or "") for time in parsed.all("time"))
    uses = uses or template == "form_post.html"  # which sends its form
    assert bool(parsed.all("script")) == uses


@every_template
def test_s29_the_policy_allows_no_frame_and_nothing_from_elsewhere(template: str) -> None:
    directives = policy(template)
    del directives["style-src"]
    directives.pop("script-src", None)

    assert directives == {
        "default-src": "'none'",
        "img-src": "data: 'self'" if APP_LOGO.path.partition("{")[0] in html(template) else "data:",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


@pytest.mark.parametrize("target", ["https:", "http:", "com.example.app:", "https://a.test", "http://127.0.0.1:5"])
def test_a_form_may_end_up_at_its_targets(target: str) -> None:
    assert policy("consent.html", target)["form-action"] == f"'self' {target}"


@pytest.mark.parametrize(
    "target",
    [
        *("", "*", "https:; script-src *", "https: *", "https", "HTTPS:", ":", "https:\n", "https://"),
        *(f"https://{rest}" for rest in ("a.test:", "A.test", "[::1]", "a.test, default-src *", "a.test\n", "*.test")),
        *(f"https://{rest}" for rest in ("a.test https://b.test", "a.test/callback", "user@a.test")),
        *("https://b\u00fccher.test", "'unsafe-inline'"),
    ],
)
def test_a_form_target_can_not_change_the_policy(target: str) -> None:
    with pytest.raises(ValueError, match="a form target is a scheme or an origin"):
        render("consent.html", form_targets=(target,), **TEMPLATES["consent.html"])


@every_state
def test_s30_a_page_loads_nothing_but_logos_from_here_and_has_nothing_inline(state: str) -> None:
    parsed = page(state)

    assert [link["rel"] for link in parsed.all("link")] == ["icon"]
    assert (parsed.one("link")["href"] or "").startswith("data:image/svg+xml,")
    assert {image["src"] for image in parsed.all("img")} <= {APP_LOGO.at(client_id=ID, digest="the-logos-digest")}
    attributes = [a for name, attributes in parsed.elements for a in attributes if name != "img"]
    assert not [a for a in attributes if a in {"src", "srcset", "style"} or a.startswith("on")]
    assert "url(" not in parsed.texts["style"]
    assert "@import" not in parsed.texts["style"]
