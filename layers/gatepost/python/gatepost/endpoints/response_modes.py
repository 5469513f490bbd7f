"""Response modes: a query, a fragment, or a form that the browser posts."""

from __future__ import annotations

from gatepost.grants import RESPONSES, authorization_code
from gatepost.grants.authorization_code import FORM_POST
from gatepost.oauth.redirect_uris import takes_forms


def in_fragment(response_type: str, response_mode: str) -> bool:
    """Whether responses use the fragment: the requested mode, else the default of the response type."""
    modes = RESPONSES.get(response_type, authorization_code).RESPONSE_MODES
    return bool((response_mode if response_mode in modes else modes[0]) == "fragment")


def is_posted(redirect_uri: str, response_type: str, response_mode: str) -> bool:
    """Whether the browser posts the response, as the request demands."""
    modes = RESPONSES.get(response_type, authorization_code).RESPONSE_MODES
    return response_mode == FORM_POST and FORM_POST in modes and takes_forms(redirect_uri)
