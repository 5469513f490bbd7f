"""Requests, responses, and the entry point of a function. Routes of other applications need only these names."""

from __future__ import annotations

from gatepost.http.entry_point import endpoint, render_json
from gatepost.http.request import Event, Request, parse_event
from gatepost.http.response import Response, html_response, json_response, redirect

__all__ = [
    "Event",
    "Request",
    "Response",
    "endpoint",
    "html_response",
    "json_response",
    "parse_event",
    "redirect",
    "render_json",
]
