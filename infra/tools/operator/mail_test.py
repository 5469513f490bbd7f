"""`make mail-test TO=...`: checks what Amazon SES demands of the functions, and sends a mail."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.stack.function_table import FUNCTIONS
from infra.tools.operator.command import parser, run
from infra.tools.operator.target import NotPossible, Target

_SENDING = next(spec.name for spec in FUNCTIONS if spec.sends_mail)
_ADDRESS = r"[^\s@,;<>]{1,64}@[A-Za-z0-9.-]{1,255}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    """Return the names of identities and configuration sets that the role of a function that sends mail may use."""

    identities: frozenset[str]
    configuration_sets: frozenset[str]

    def has(self, identity: str) -> bool:
        return bool({identity, "*"} & self.identities)


def main(arguments: list[str]) -> int:
    """Print what is missing and the setting for it. Return the exit code."""
    known = parser("mail-test")
    known.add_argument("to")
    options = known.parse_args(arguments)
    if not re.fullmatch(_ADDRESS, options.to):
        known.error("Who gets the mail? For example: make mail-test TO=maria@example.com STAGE=prod")
    return run(options, lambda target: try_mail(target, options.to))


def try_mail(target: Target, to: str) -> str:
    """Look at everything that SES looks at for a mail of the functions, then send one. Raises NotPossible."""
    sender = target.settings.mail_sender
    if not sender:
        raise NotPossible(f"{target.name} sends no mail: mail_sender is not set.")
    api, allowed = target.client("sesv2"), _allowed(target)
    identity, used = _identity(api, sender)
    if not allowed.has(identity):
        raise NotPossible(
            f"SES sends as {sender} by the identity {identity}, which the functions may not use: set "
            f"gatepost.mail_identities to {json.dumps([identity])}, and deploy."
        )
    configured = target.settings.mail_configuration_set or used.get("ConfigurationSetName", "")
    if configured and not {configured, "*"} & allowed.configuration_sets:
        raise NotPossible(
            f"The identity {identity} has the configuration set {configured}, which the functions may not use: set "
            f"gatepost.mail_configuration_set to {json.dumps(configured)}, and deploy."
        )
    note = _check_account(api, to, allowed)
    api.send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {
                "Subject": {"Data": f"{target.settings.service_name}: a mail to try it"},
                "Body": {"Text": {"Data": f"{target.base_url} can send mail.\n"}},
            }
        },
        **({"ConfigurationSetName": configured} if configured else {}),
    )
    return f"A mail from {sender} is on its way to {to}, and the functions may send the like.{note}"


def _identity(api: Any, sender: str) -> tuple[str, Mapping[str, Any]]:
    """The identity by which SES sends: the address if it is verified, else the nearest domain. Raises NotPossible."""
    for name in _candidates(sender):
        found = _looked_up(api, name)
        if found and found.get("VerifiedForSendingStatus"):
            return name, found
    raise NotPossible(f"SES has verified none of {', '.join(_candidates(sender))} in this region.")


def _looked_up(api: Any, name: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = api.get_email_identity(EmailIdentity=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None
    return found


def _candidates(sender: str) -> Iterator[str]:
    """The address, its domain, and the domains above it."""
    yield sender
    labels = sender.rpartition("@")[2].split(".")
    yield from (".".join(labels[at:]) for at in range(len(labels) - 1))


def _check_account(api: Any, to: str, allowed: _Allowed) -> str:
    """Return a sentence on the account's sandbox, or an empty text. Raises NotPossible."""
    account = api.get_account()
    if not account.get("SendingEnabled", True):
        raise NotPossible("SES has paused sending for this account (`aws sesv2 get-account` says why).")
    if account.get("ProductionAccessEnabled", True):
        return ""
    for name in _candidates(to):
        found = _looked_up(api, name)
        if found and found.get("VerifiedForSendingStatus"):
            if allowed.has(name):
                return " The account is in the SES sandbox: only verified addresses get mail."
            raise NotPossible(
                f"The account is in the SES sandbox, where the functions need a right on the recipient too: move it "
                f"out, or add {json.dumps(name)} to gatepost.mail_identities, and deploy."
            )
    raise NotPossible(f"The account is in the SES sandbox, and {to} is not verified: move it out, or verify {to}.")


def _allowed(target: Target) -> _Allowed:
    """Read from the role of a function that sends."""
    function = target.client("lambda").get_function_configuration(FunctionName=target.functions[_SENDING])
    role = function["Role"].rpartition("/")[2]
    policy = target.client("iam").get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]
    names = {"identity": set[str](), "configuration-set": set[str]()}
    for statement in policy["Statement"]:
        if "ses:SendEmail" in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                kind, _, name = resource.rpartition(":")[2].partition("/")
                for found in names.values() if resource == "*" else [names[kind]]:
                    found.add(name or "*")
    return _Allowed(identities=frozenset(names["identity"]), configuration_sets=frozenset(names["configuration-set"]))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
