"""The `claims.py` that `cdk.json` names: bundled as a layer, and called with samples before anything is built."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from traceback import format_exception_only
from types import ModuleType
from typing import Any

from gatepost.claims import TokenFacts, UserinfoFacts
from gatepost.tokens.claims_code import FUNCTIONS, PACKAGE, ClaimsFailed, Function, imported, stated
from gatepost_cdk.bundling import files_folder
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, Configuration

_FILE = "claims.py"
_USER: dict[str, Any] = {
    "user_id": "00000000-0000-4000-8000-000000000001",
    "user_name": "maria",
    "email": "maria@example.com",
    "email_verified": True,
    "groups": ("editors", "staff"),
}
_BARE: dict[str, Any] = {"user_id": "00000000-0000-4000-8000-000000000002", "user_name": "joe"}
_APP: dict[str, Any] = {"client_id": "00000000-0000-4000-8000-000000000003"}
_OF_USERS = ("authorization_code", "refresh_token", "password", "implicit")


def claims_folder(configuration: Configuration) -> Path:
    """Return the folder of the layer: the Python files beside `claims.py`, in a package. Raises BundlingFailed."""
    folder = ROOT / configuration.claims
    contents = {
        f"python/{PACKAGE}/{path.relative_to(folder)}": path.read_bytes()
        for path in folder.rglob("*.py")
        if "__pycache__" not in path.parts
    }
    return files_folder(ROOT, "layer-claims", contents, python=configuration.python, prefix="/opt")


def check_custom_claims(configuration: Configuration) -> None:
    """Call the functions with samples, as requests will. Raises BadContext with a sentence that says what is wrong."""
    if not configuration.claims:
        return
    folder, place = ROOT / configuration.claims, f"cdk.json: gatepost.claims: {configuration.claims}/{_FILE}"
    if not (folder / _FILE).is_file():
        raise BadContext(f"{place} does not exist.")
    settings = configuration.settings_for("https://issuer.invalid")
    with importable(folder):
        try:
            _check_names(imported(), place)
        except ClaimsFailed as error:
            raise BadContext(f"{place}: {_sentence(error)}") from error
        for function, facts, described in _samples(configuration):
            try:
                stated(function, facts, settings.groups_claim)
            except ClaimsFailed as error:
                raise BadContext(f"{place}: {function} of {described}: {_sentence(error)}") from error


def _check_names(module: ModuleType, place: str) -> None:
    """Raise BadContext if a function has nearly one of the names, since nothing would ever call it."""
    there = [name for name, each in vars(module).items() if callable(each)]
    for missing in (name for name in FUNCTIONS if name not in there):
        for near in get_close_matches(missing, there, n=1, cutoff=0.9):
            raise BadContext(f"{place}: nothing calls {near}; the name of the function is {missing}.")
    if not any(hasattr(module, name) for name in FUNCTIONS):
        raise BadContext(f"{place} has neither {' nor '.join(FUNCTIONS)}.")


def _sentence(error: ClaimsFailed) -> str:
    """Return the reason with the message of the function's own error: the samples hold nobody's data."""
    sentence = f"{error.reason} ({error.detail})" if error.detail else error.reason
    if error.__context__ is not None:
        lines = format_exception_only(error.__context__)
        message = next(line for line in lines if not line.startswith(" ")).partition(": ")[2]
        sentence = ": ".join(filter(None, (sentence, " ".join(message.split()))))
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let the folder's modules be imported as from the layer, anew, until the block ends."""
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    package = ModuleType(PACKAGE)
    package.__path__ = [str(folder)]
    _forget()
    sys.modules[PACKAGE] = package
    try:
        yield
    finally:
        _forget()
        sys.dont_write_bytecode = written


def _forget() -> None:
    for name in [each for each in sys.modules if each == PACKAGE or each.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]


def _samples(configuration: Configuration) -> Iterator[tuple[Function, TokenFacts | UserinfoFacts, str]]:
    """Yield every kind of token and response, of a user with everything, of one with nothing, and of no user."""
    scopes = frozenset(configuration.settings["scopes"])
    for user, who in ((_USER, "a user with groups"), (_BARE, "a user without address and groups")):
        for scope in (scopes | {"openid", "profile", "email"}, frozenset(["openid"])):
            for grant_type in _OF_USERS:
                known = {**user, **_APP, "scope": scope, "grant_type": grant_type, "app_name": "An app"}
                access = TokenFacts(**known, kind="access_token", audience="https://api.example.com")
                yield "token_claims", access, f"an access token ({grant_type}) for {who}"
                if grant_type in ("authorization_code", "refresh_token"):
                    of_id = TokenFacts(**known, kind="id_token", audience=_APP["client_id"])
                    yield "token_claims", of_id, f"an ID token ({grant_type}) for {who}"
            yield "userinfo_claims", UserinfoFacts(**user, **_APP, scope=scope), f"a response for {who}"
    own = TokenFacts(
        **_APP,
        scope=scopes,
        grant_type="client_credentials",
        app_name="An app",
        kind="access_token",
        audience="https://api.example.com",
    )
    yield "token_claims", own, "an access token (client_credentials) without a user"
