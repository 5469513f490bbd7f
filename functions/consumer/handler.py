"""/consumer/…: what a user's console does, as JSON. Behind the authorizer, but for the API's description."""

from gatepost.consumer.api import answer
from gatepost.consumer.problems import render_problem
from gatepost.http import Request, Response, endpoint
from gatepost.wiring import server


@endpoint("consumer", render_problem)
def handler(request: Request) -> Response:
    """One function a route; see gatepost.consumer.operations."""
    return answer(request, server=server())
