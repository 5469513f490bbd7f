"""/consumer/…: what a user's console does, as JSON. Behind the authorizer, but for the API's description."""

from gatepost.http.request import Request
from gatepost.http.response import Response

from gatepost.consumer.api import answer
from gatepost.consumer.problems import render_problem
from gatepost.http.entry_point import endpoint
from gatepost.runtime.wiring import server


@endpoint("consumer", render_problem)
def handler(request: Request) -> Response:
    """One function a route; see gatepost.consumer.operations."""
    return answer(request, server=server())
