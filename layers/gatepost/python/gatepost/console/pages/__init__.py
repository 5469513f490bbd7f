"""The console's pages: templates, one stylesheet, and the content security policy of each page.

Templates escape all values, and a missing variable is an error. Nothing is loaded from elsewhere: stylesheet and script
are inline and allowed by their hashes. The script is optional, and only on the pages that use it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gatepost import routes

_FOLDER = Path(__file__).parent
# A script, and the pages that use it, without their ending.
_SCRIPTS = {
    "script.js": "account app app_try app_secret confirm login register reset",  # passwords to show, values to copy
    "times.js": (  # times to tell in the reader's zone
        "account admin_app admin_apps admin_audit admin_audit_export admin_overview admin_registered admin_user "
        "admin_users app app_problems app_secret_end app_secrets apps connections"
    ),
    "submit.js": "form_post",
}
_WITH_LOGOS = "app app_form app_problems app_secrets app_try connections consent"
_INVALID = ' aria-invalid="true"'  # a value has its quotes escaped; the first such field gets the focus
_TARGET = re.compile(r"[a-z][a-z0-9+.-]*:(//[a-z0-9.-]+(:[0-9]+)?)?", re.ASCII)  # can't begin another directive


class RenderedPage(NamedTuple):
    """A page and the `Content-Security-Policy` that it must be sent with."""

    html: str
    content_security_policy: str


def render(template: str, *, form_targets: tuple[str, ...] = (), **context: object) -> RenderedPage:
    """Render `template`, the name of a file in `templates/`.

    `form_targets` are the schemes and origins that a form of the page may lead to besides this origin, including whole
    redirect chains (`https:`, `com.example.app:`, `https://app.example`).
    Raises ValueError for anything else, jinja2.UndefinedError if the template lacks a variable.
    """
    page = template.removesuffix(".html")
    script = "".join(_script(name) for name, used_by in _SCRIPTS.items() if page in used_by.split())
    policy = _content_security_policy(script, form_targets, logos=page in _WITH_LOGOS.split())
    html = _environment().get_template(template).render(context, script=Markup(script))  # noqa: S704 - our own file
    html = html.replace(_INVALID, f"{_INVALID} autofocus", 1)
    return RenderedPage(html=html, content_security_policy=policy)


def _content_security_policy(script: str, form_targets: tuple[str, ...], *, logos: bool) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash_source(stylesheet())}",
            *((f"script-src {_hash_source(script)}",) if script else ()),
            "img-src data: 'self'" if logos else "img-src data:",  # logos of apps, and the favicon
            " ".join(("form-action 'self'", *map(_form_source, form_targets))),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _form_source(target: str) -> str:
    if not _TARGET.fullmatch(target):
        raise ValueError("a form target is a scheme or an origin")
    return target


@cache
def stylesheet() -> str:
    """Return the stylesheet without comments and unneeded whitespace."""
    text = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", _text("style.css"), flags=re.DOTALL))
    return re.sub(r"(?<=:) | ?([{};,>+~]) ?", r"\1", text).replace(";}", "}")


@cache
def _script(name: str) -> str:
    """Return a script without its indentation."""
    return re.sub(r"\n\s+", "\n", _text(name))


@cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(routes=routes, style=Markup(stylesheet()))  # noqa: S704 - our own file
    return environment
