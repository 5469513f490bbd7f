"""GatepostAuthorizer: protects routes of other CDK apps with the tokens of a Gatepost.

    auth = GatepostAuthorizer(self, "Auth", issuer="https://auth.example.com", resource="https://reports.example.com")
    auth.protect(route, scopes=["reports.read"])

See docs/protect-your-api.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aws_cdk import Stack, Token
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as http
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gatepost.resource_server.bearer import Challenger
from gatepost.resource_server.protection import ROUTES, Protection
from gatepost.scope import Scope, named_scope
from gatepost_cdk import http_api, rest_api
from gatepost_cdk.function import AuthorizerFunction
from gatepost_cdk.http_api import HttpAuthorizers
from gatepost_cdk.issuer import Issuer, within
from gatepost_cdk.layers import ARCHITECTURES, python_of, runtime_of, verifying_layers
from gatepost_cdk.rest_api import RestAuthorizers

Kind = Literal["lambda", "token", "native"]
Route = http.HttpRoute | http.CfnRoute | rest.Method | rest.CfnMethod
_LARGEST_TABLE = 2_800  # bytes of the routes; the limit of an environment is 4,096


class GatepostAuthorizer(Construct):
    """Protects routes with the tokens of one issuer and audience; resources are created on first use."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        issuer: str,
        audience: str | None = None,
        resource: str | None = None,
        tokens_table_arn: str | None = None,
        scope_implies: Mapping[str, Sequence[str]] | None = None,
        realm: str = "api",
        resource_metadata: str | None = None,
        kind: Kind = "lambda",
        cache_seconds: int | None = None,
        revocation_poll: int = 5,
        revocation_max_stale: int = 60,
        architecture: str = "arm64",
        python: str = "3.13",
        log_retention_days: int = 30,
    ) -> None:
        """`resource` is the URL of this API as Gatepost's `resources` name it: no token for another one opens it.

        Without it the API takes the tokens that name no resource: then `audience` is their `aud`, the issuer where it
        is not given.

        `kind` is "lambda" (an HTTP API's simple response, a REST API's REQUEST authorizer), "token" (a REST API's TOKEN
        authorizer) or "native" (an HTTP API's JWT authorizer). `cache_seconds` is how long API Gateway caches a
        response: 5 by default, 0 for "token". `tokens_table_arn` enables revocation; without it the issuer's list
        does, if it publishes one. Raises ValueError with one sentence.
        """
        super().__init__(scope, construct_id)
        if kind not in ("lambda", "token", "native"):
            raise ValueError(f"kind is {kind!r}; allowed is 'lambda', 'token' or 'native'")
        if cache_seconds is None:
            cache_seconds = 5 if kind == "lambda" else 0
        within("cache_seconds", cache_seconds, 0, 3600 if kind == "lambda" else 0)
        self._issuer = Issuer(
            url=issuer,
            audience=audience,
            resource=resource,
            table_arn=tokens_table_arn or "",
            scope_implies=scope_implies or {},
            revocation_poll=revocation_poll,
            revocation_max_stale=revocation_max_stale,
        )
        self._kind = kind
        self._cache_seconds = cache_seconds
        self._realm, self._resource_metadata = realm, resource_metadata or ""
        # a local deployment builds the layers for its own machine, whatever the stack says
        self._machine = {name: self.node.try_get_context(f"gatepost.{name}") for name in ("architecture", "python")}
        if architecture not in ARCHITECTURES:
            raise ValueError(f"architecture is {architecture!r}; allowed is 'arm64' or 'x86_64'")
        self._architecture, self._python = architecture, python
        self._log_retention_days = log_retention_days
        self._routes: dict[str, Scope] = {}
        self._role_arns: list[str] = []
        self._function: AuthorizerFunction | None = None
        challenger = _challenger(self._realm, self._resource_metadata)
        self._http = HttpAuthorizers(self)
        rest_kind = "TOKEN" if kind == "token" else "REQUEST"
        self._rest = RestAuthorizers(self, kind=rest_kind, cache_seconds=cache_seconds, challenger=challenger)

    def protect(self, route: Route, *, scopes: Sequence[str]) -> None:
        """Require a token that holds every scope on a route; `[]` for any valid token.

        `route` is an HttpRoute of `HttpApi.add_routes`, a Method of a REST API, or their L1 resources, in this stack.
        Raises ValueError.
        """
        needed = named_scope(scopes)
        if not isinstance(route, http.HttpRoute | http.CfnRoute | rest.Method | rest.CfnMethod):
            raise ValueError(f"{route!r} is neither a route of an HTTP API nor a method of a REST API")  # noqa: TRY004
        if Stack.of(route).node.path != Stack.of(self).node.path:
            raise ValueError(f"{route.node.path} is in another stack; make a GatepostAuthorizer there")
        if isinstance(route, rest.Method | rest.CfnMethod):
            self._protect_method(route, needed)
        else:
            self._protect_route(route, needed)

    def guard(self, function: lambda_.Function | lambda_.SingletonFunction, *, powertools: bool = False) -> None:
        """Add to a function what `gatepost.guard` needs: layers, environment, and read access to the table if any.

        `powertools` adds a layer with Powertools for AWS Lambda, for functions that use it without their own copy. The
        function must be created by this app: nothing can be added to an imported one. Raises ValueError.
        """
        if not isinstance(function, lambda_.Function | lambda_.SingletonFunction):
            raise ValueError(  # noqa: TRY004
                f"{_path(function)} is no function that this app makes, but an imported one, an alias or a version. It "
                "gets no layers here: call guard() with the Function in the app that makes it, or protect its routes"
            )
        beside = ("powertools",) if powertools else ()
        function.add_layers(*self._layers(function.architecture.name, function.runtime, beside))
        words = Protection(realm=self._realm, resource_metadata=self._resource_metadata)
        for name, value in {**self._issuer.environment(), **words.to_env()}.items():
            function.add_environment(name, value)
        for statement in self._issuer.statements():
            function.add_to_role_policy(statement)
        if function.role:
            self._role_arns.append(function.role.role_arn)

    def table_policy(self) -> dict[str, Any]:
        """Return the statement for the resource policy of a tokens table in another account.

        Call it after everything is protected: it names the roles that were created. Raises ValueError without a table.
        """
        return self._issuer.table_policy(self._role_arns)

    def _protect_route(self, route: http.HttpRoute | http.CfnRoute, needed: Scope) -> None:
        resource = http_api.resource_of(route)
        if self._kind == "token":
            raise ValueError(f"{resource.route_key} is of an HTTP API; kind 'token' is for REST APIs")
        if self._kind == "native":
            self._http.protect_natively(resource, self._issuer, needed)
            return
        self._note(resource.route_key, needed)
        self._http.protect(resource, self._decider().called, cache_seconds=self._cache_seconds)

    def _protect_method(self, method: rest.Method | rest.CfnMethod, needed: Scope) -> None:
        rest_api.resource_of(method)
        key = rest_api.key_of(method)
        if self._kind == "native":
            raise ValueError(f"{key} is of a REST API; kind 'native' is for HTTP APIs")
        self._note(key, needed)
        self._rest.protect(method, self._decider().called, needed=needed)

    def _note(self, key: str, needed: Scope) -> None:
        """Add the route to the function's table. Two APIs may share a key, but not with different scopes."""
        if self._routes.get(key, needed) != needed:
            asked = self._routes[key] or "any token"
            raise ValueError(f"{key} of another API requires {asked}; make a GatepostAuthorizer for this one")
        self._routes[key] = needed
        table = self._protection().to_env()[ROUTES]
        if len(table) > _LARGEST_TABLE:
            raise ValueError(
                f"the routes take {len(table)} bytes; the environment of a function has room for {_LARGEST_TABLE}: "
                "make a second GatepostAuthorizer for some of them"
            )
        self._decider().tell(ROUTES, table)

    def _protection(self) -> Protection:
        return Protection(realm=self._realm, resource_metadata=self._resource_metadata, routes=self._routes)

    def _decider(self) -> AuthorizerFunction:
        if self._function is None:
            self._function = AuthorizerFunction(
                self,
                "Authorizer",
                layers=self._layers(self._architecture, runtime_of(self._python)),
                statements=self._issuer.statements(),
                architecture=self._architecture,
                python=self._python,
                built_for=self._machine["python"] or self._python,
                log_retention_days=self._log_retention_days,
            )
            for name, value in {**self._issuer.environment(), **self._protection().to_env()}.items():
                self._function.tell(name, value)
            self._role_arns.append(self._function.role.role_arn)
        return self._function

    def _layers(
        self, architecture: str, runtime: lambda_.Runtime, beside: Sequence[str] = ()
    ) -> Sequence[lambda_.ILayerVersion]:
        return verifying_layers(
            Stack.of(self),
            architecture=self._machine["architecture"] or architecture,
            python=self._machine["python"] or python_of(runtime),
            runtime=runtime,
            beside=beside,
        )


def _path(value: object) -> str:
    return value.node.path if isinstance(value, Construct) else repr(value)


def _challenger(realm: str, resource_metadata: str) -> Challenger:
    """Return the challenger. Raises ValueError for values that a header can't hold; tokens of CloudFormation pass."""
    for name, value in (("realm", realm), ("resource_metadata", resource_metadata)):
        if "'" in value:
            raise ValueError(f"{name} is {value!r}; allowed is a text without single quotes")
    if resource_metadata and not Token.is_unresolved(resource_metadata) and "://" not in resource_metadata:
        raise ValueError(f"resource_metadata is {resource_metadata!r}; allowed is a URL")
    return Challenger(realm=realm, resource_metadata=resource_metadata)
