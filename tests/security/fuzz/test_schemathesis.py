"""The consumer API behaves according to its OpenAPI document for any input. Checklist K (S117)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from gatepost.routes import API_DOCUMENT, API_REFERENCE, ROUTES, Route
from infra.local.deployment import Deployment
from tests.http.consumer import Consumer
from tests.people import new_person
from tests.security.fuzz.__main__ import EXAMPLES, LONG

# A schema can't say what a redirect URI, an offered scope or a current ETag is; the document names 400 and 412 for it.
OPERATIONS = [route for route in ROUTES if route.function == "consumer" and route != API_REFERENCE]  # a page


@pytest.fixture(scope="module")
def description(deployment: Deployment) -> Any:
    return schemathesis.openapi.from_url(deployment.base_url + API_DOCUMENT.path)


@pytest.fixture(scope="module")
def fuzzed(deployment: Deployment) -> Consumer:
    """A user whose apps and account may be changed."""
    return Consumer(deployment, new_person(deployment))


# The deployment's servers are threads of this process: Hypothesis takes their random numbers for the strategy's.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
@pytest.mark.parametrize(
    ("route", "mode"),
    [
        pytest.param(route, mode, id=f"{route.key} {name}")
        for route in OPERATIONS
        for mode, name in ((GenerationMode.POSITIVE, "as said"), (GenerationMode.NEGATIVE, "otherwise"))
        if route != API_DOCUMENT or mode is GenerationMode.POSITIVE  # nothing can be said otherwise there
    ],
)
def test_s117_the_consumer_api_answers_as_its_document_says(
    description: Any, fuzzed: Consumer, route: Route, mode: GenerationMode
) -> None:
    operation = description[route.path][route.method]

    @settings(
        max_examples=max(4, EXAMPLES // 50),
        deadline=None,
        database=None,
        derandomize=not LONG,  # `make check` tries the same every time, `make fuzz` others
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {fuzzed.token}"}, timeout=30)
        # a condition that does not hold refuses before anything in the body is looked at (RFC 9110 §13.2.2)
        refused = [negative_data_rejection] if answer.status_code == 412 else []
        case.validate_response(answer, excluded_checks=[positive_data_acceptance, *refused])

    answers()
