"""What the stack is told of a function."""

from __future__ import annotations

from dataclasses import dataclass

from infra.stack.access import TableAccess

ALIAS = "live"  # of each function, and what is called


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function: a folder of functions/, one Lambda, one role."""

    name: str
    purpose: str
    tables: tuple[TableAccess, ...] = ()
    reads_secrets: tuple[str, ...] = ()  # secretsmanager:GetSecretValue
    rotates_secrets: tuple[str, ...] = ()
    sends_mail: bool = False  # ses:SendEmail, where `mail_sender` is set
    imports: tuple[str, ...] = ()  # layers of gatepost_cdk.packages beside those that `layers` derives
    memory: int = 512
    timeout: int = 10
    demo: bool = False

    def layers(self, *, mail: bool, boto3: bool, edge: bool = False) -> tuple[str, ...]:
        """The layers of the function, by name. boto3 comes with mail that is sent, and where it is to make every call.

        `mail` and `boto3` are what the deployment has set: `mail_sender`, and `aws_client`. Behind an `edge` every
        function reads its secret.
        """
        calls = edge or bool(self.tables or self.reads_secrets or self.rotates_secrets)
        needed = (mail and self.sends_mail) or (boto3 and calls)
        return ("gatepost", *(("boto3",) if needed else ()), *self.imports)
