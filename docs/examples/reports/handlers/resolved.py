"""A Powertools resolver behind a function URL; one of its routes is protected."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver

from gatepost.guard import protected_route

logger = Logger(service="reports")
app = LambdaFunctionUrlResolver()


@app.get("/health")
def health():
    """Anybody may ask."""
    return {"well": True}


@app.get("/reports", middlewares=[protected_route(scopes=["reports.read"])])
def reports():
    """Say whose reports these are."""
    facts = app.current_event.request_context.authorizer.get_lambda
    return {"reports": ["2026-Q3"], "of": facts["sub"], "scope": facts["scope"]}


@logger.inject_lambda_context
def handler(event, context):
    """Every request."""
    return app.resolve(event, context)
