"""The pages of the demo apps: in the style of the console, with nothing loaded from elsewhere."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from gatepost.console.pages import stylesheet
from infra.local.apigateway.events import Response

# The implicit grant responds in the fragment, which only the browser sees: post it to this app.
HAND_ON = (
    "<form method=post action=/implicit><input type=hidden name=fragment></form><script>"
    "if(location.hash){const f=document.forms[0];f.fragment.value=location.hash.slice(1);f.submit()}</script>"
    "<section class=card><p>Nothing came back with this address.</p></section>"
)
AGAIN = '<p><a class="button button-main" href="/">Start again</a></p>'
_MORE = "pre{white-space:pre-wrap}.entry>div>p{margin:0}"
_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
)


def shown(title: str, value: object) -> str:
    """Return a card with a value as JSON."""
    heading, text = html.escape(title), html.escape(json.dumps(value, indent=2))
    value_shown = f'<pre tabindex=0 role=region aria-label="{heading}">{text}</pre>'
    return f"<section class=card><h2>{heading}</h2>{value_shown}</section>"


def sentence(text: str) -> str:
    """Return a card with one sentence."""
    return f"<section class=card><p>{html.escape(text)}</p></section>"


def links(title: str, found: Sequence[tuple[str, str, str]]) -> str:
    """Return a card with links: the text of each, what it is about, and where it leads."""
    items = "".join(
        f"<li class=entry><div><p><strong><bdi>{html.escape(text)}</bdi></strong></p>"
        f"<p class=fine>{html.escape(about)}</p></div>"
        f'<a class="button button-small" href="{html.escape(link)}" aria-label="Start: {html.escape(text)}, '
        f'{html.escape(about)}">Start</a></li>'
        for text, about, link in found
    )
    return f"<section class=card><h2>{html.escape(title)}</h2><ul class=entries>{items}</ul></section>"


def link(text: str, url: str) -> str:
    """Return a link that looks like a button."""
    return f'<p><a class="button button-main" href="{html.escape(url)}">{html.escape(text)}</a></p>'


def action(text: str, path: str) -> str:
    """Return a button that posts to this app."""
    return f'<form method=post action="{html.escape(path)}"><button class="button">{html.escape(text)}</button></form>'


def page(title: str, body: str, status: int = 200) -> Response:
    """Return a page; `body` is markup."""
    heading = html.escape(title)
    text = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>{heading} – Demo apps</title><style>{stylesheet()}{_MORE}</style></head><body>"
        "<header class=bar><div class=bar-inner><span class=bar-name>Demo apps</span></div></header>"
        f"<main id=main class=desk><h1>{heading}</h1>{body}</main></body></html>"
    )
    return Response(status=status, headers=_HEADERS, body=text.encode())
