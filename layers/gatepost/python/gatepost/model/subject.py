"""The user whom tokens are about."""

from __future__ import annotations

from typing import Any, NamedTuple

from gatepost.identifiers import user_of
from gatepost.model.records import Code, User


class Subject(NamedTuple):
    """The facts about a user that tokens may state."""

    user_id: str
    user_name: str
    email: str
    email_confirmed: bool
    groups: tuple[str, ...]

    @classmethod
    def of(cls, user: User) -> Subject:
        """Return the facts as the account has them now."""
        return cls(
            user_id=user.user_id,
            user_name=user.user_name,
            email=user.email,
            email_confirmed=user.email_confirmed,
            groups=user.groups,
        )

    def kept(self) -> dict[str, Any]:
        """Return the fields of a code that keep the facts."""
        return {
            "user_name": self.user_name,
            "email": self.email,
            "email_confirmed": self.email_confirmed,
            "groups": self.groups,
        }

    @classmethod
    def in_code(cls, code: Code) -> Subject | None:
        """Return the facts as they were when the user approved; None if the code keeps none."""
        if not code.user_name:
            return None
        return cls(
            user_id=user_of(code.grant_id),
            user_name=code.user_name,
            email=code.email,
            email_confirmed=code.email_confirmed,
            groups=code.groups,
        )
