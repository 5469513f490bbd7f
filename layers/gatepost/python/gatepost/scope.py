"""Scopes: sets of names, parsed with spaces or commas, serialized with spaces (RFC 6749 §3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gatepost.errors import InvalidScope
from gatepost.quoting import quoted

# scope-token of RFC 6749 §3.3 without the comma, which the seed's requests use as a separator
_NAME = re.compile(r"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,100}")
# The scopes of the consumer API: the whole of it, and its parts.
CONSUMER, CONSUMER_ACCOUNT = "consumer", "consumer.account"
CONSUMER_APPS, CONSUMER_GRANTS = "consumer.apps", "consumer.grants"
# Those of OpenID Connect (Core §3.1.2.1, §5.4, §11), with the text on the consent page.
OPENID, PROFILE, EMAIL, OFFLINE_ACCESS = "openid", "profile", "email", "offline_access"
OPENID_SCOPES = {
    OPENID: "Sign you in, and recognize you when you come back",
    PROFILE: "See your user name",
    EMAIL: "See your e-mail address",
    OFFLINE_ACCESS: "Keep its access while you are away",
}
_LONGEST = 1000
MOST_NAMED, LONGEST_NAME = 3, 40  # scopes that an error names, and characters of each

Implies = Mapping[str, Sequence[str]]  # a scope, and the scopes that it implies
CONSUMER_IMPLIES: Implies = {CONSUMER: (CONSUMER_ACCOUNT, CONSUMER_APPS, CONSUMER_GRANTS)}


class Scope(frozenset[str]):
    """An unordered set of scope names. `str()` gives its wire form: sorted, separated by one space."""

    __slots__ = ()

    def __str__(self) -> str:
        """The wire form, `"read write"`."""
        return " ".join(sorted(self))

    def __and__(self, other: object) -> Scope:
        """The names in both."""
        return Scope(super().__and__(other))  # type: ignore[operator]

    def __or__(self, other: object) -> Scope:
        """The names in either."""
        return Scope(super().__or__(other))  # type: ignore[operator]

    def __sub__(self, other: object) -> Scope:
        """The names in this one only."""
        return Scope(super().__sub__(other))  # type: ignore[operator]

    @classmethod
    def of(cls, *names: str) -> Scope:
        """Return the scope of these names, unchecked."""
        return cls(names)


def parse_scope(text: str) -> Scope:
    """Parse `"foo bar"` or `"foo,bar"`.

    Raises InvalidScope if it is too long or a name holds a character that RFC 6749 §3.3 does not allow.
    """
    if len(text) > _LONGEST:
        raise InvalidScope("scope is too long")
    names = [name for name in text.replace(",", " ").split(" ") if name]
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidScope("scope holds a character that is not allowed")
    return Scope(names)


def named_scope(names: Sequence[str]) -> Scope:
    """Return the scope that a program lists. Raises ValueError unless `names` is a list of single scope names."""
    if isinstance(names, str) or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
        raise ValueError(f"scopes is {names!r}; allowed is a list of scope names, [] for any valid token")
    return Scope(names)


def named(names: Iterable[str]) -> str:
    """Return scope names for an error_description (RFC 6749 §5.2): the first few in order, each cut.

    Their characters are those of RFC 6749 §3.3, which a description may hold.
    """
    found = sorted(names)
    first = [name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..." for name in found[:MOST_NAMED]]
    more = len(found) - len(first)
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")


def refused_scope(description: str, names: Iterable[str], *, reason: str) -> InvalidScope:
    """Return the error for scopes that can't be granted; `names` are those that were the reason."""
    found = named(names)
    return InvalidScope(f"{description}: {found}", reason=reason, detail=quoted(found))


def reach(scope: Scope, implies: Implies) -> Scope:
    """Return the scope with everything that it implies, transitively; cycles are allowed."""
    if scope.isdisjoint(implies):
        return scope
    reached, news = scope, scope
    while news:
        news = Scope(name for each in news for name in implies.get(each, ())) - reached
        reached = reached | news
    return reached


def allowed_scope(app: Scope, *limits: Scope | None, barred: Scope = Scope(), implies: Implies) -> Scope:
    """Return the most that an app's tokens may hold: its own scope, within every limit, reaching nothing barred.

    A limit of None does not restrict. A limit that holds a scope also allows what the scope implies. A scope that
    implies a barred one is barred itself, because routes would accept it for the barred one.
    """
    allowed = reach(app, implies)
    for limit in limits:
        if limit is not None:
            allowed = allowed & reach(limit, implies)
    if barred.isdisjoint(allowed):  # each scope of `allowed` is in there with all that it implies
        return allowed
    if allowed.isdisjoint(implies):
        return allowed - barred
    return Scope(name for name in allowed if barred.isdisjoint(reach(Scope.of(name), implies)))


def granted_scope(
    requested: Scope | None, *, app: Scope, allowed: Scope, default: Scope, known: Scope | None = None
) -> Scope:
    """Return the scope to grant: requested ∩ allowed (RFC 6749 §3.3: the server may narrow it, and must then say so).

    If the request names no scope (`requested` is None), `default` ∩ allowed is used, or the app's whole scope if that
    is empty. `allowed` comes from `allowed_scope`.
    Raises InvalidScope if nothing is left, for the first cause of `why_not_granted`.
    """
    wanted = requested if requested else (default & allowed or app)
    scope = wanted & allowed
    if not scope:
        raise next(why_not_granted(wanted, app=app, known=known))
    return scope


def why_not_granted(refused: Scope, *, app: Scope, known: Scope | None) -> Iterator[InvalidScope]:
    """Yield why scopes were not granted, with those that were the reason.

    It tells scopes that the server does not have (`known` is what it has) from those that the app did not choose and
    those that it may not have.
    """
    unknown = Scope() if known is None else refused - known
    foreign = refused - unknown - app
    if unknown:
        yield refused_scope("the server does not have this scope", unknown, reason="scope unknown")
    if foreign:
        yield refused_scope("the app did not choose this scope", foreign, reason="scope not of the app")
    if barred := refused - unknown - foreign:
        yield refused_scope("scope can't be granted", barred, reason="scope not allowed")


def narrowed_scope(requested: Scope | None, granted: Scope, implies: Implies) -> Scope:
    """Return the scope of a refreshed token: never wider than granted (RFC 6749 §6).

    Raises InvalidScope if `requested` holds a scope that was neither granted nor implied by the granted ones.
    """
    if not requested:
        return granted
    if not requested <= reach(granted, implies):
        refused = requested - reach(granted, implies)
        raise refused_scope("scope was not granted", refused, reason="scope not of the grant")
    return requested
