"""/consumer/…: the user's console as JSON, behind the authorizer; its description and reference for everybody."""

import json

from gatepost.consumer.api import answer, document
from gatepost.consumer.problem_details import render_problem
from gatepost.consumer.reference import reference_of
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.routes import API_REFERENCE
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import server


@endpoint("consumer", render_problem)
def handler(request: Request) -> Response:
    """Dispatch to the function of the route; see gatepost.consumer.operations."""
    if request.route_key == API_REFERENCE.key:
        return show_reference()
    return answer(request, server=server())


def show_reference() -> Response:
    """GET /consumer: the OpenAPI document as a page."""
    from gatepost.console.pages_base import page  # here, because no other route needs a page

    described = json.loads(document(settings().issuer, settings().service_name))
    return page(200, "api_reference.html", issuer=settings().issuer, reference=reference_of(described))
