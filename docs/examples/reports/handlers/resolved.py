"""A Powertools resolver behind a function URL; one of its routes is protected."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver

from gatepost.guard import protected_route

logger = Logger(service="reports")
app = LambdaFunctionUrlResolver()


@app.get("/health")
def health():
    """Respond without a token."""
    return {"well": True}


@app.get("/reports", middlewares=[protected_route(scopes=["reports.read"])])
def reports():
    """Return the reports with their owner."""
    facts = app.current_event.request_context.authorizer.get_lambda
    return {"reports": ["2026-Q3"], "of": facts["sub"], "scope": facts["scope"]}


@logger.inject_lambda_context
def handler(event, context):
    """Handle every request."""
    return app.resolve(event, context)
