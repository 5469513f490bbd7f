"""/consumer/…: the user's console as JSON. Behind the authorizer, except for the API's description."""

from gatepost.consumer.api import answer
from gatepost.consumer.problems import render_problem
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.runtime.wiring import server


@endpoint("consumer", render_problem)
def handler(request: Request) -> Response:
    """Dispatch to the function of the route; see gatepost.consumer.operations."""
    return answer(request, server=server())
