"""The flows of visitors: signing in, registration and recovery."""

from __future__ import annotations

from gatepost.authentication.passwords import hash_password, password_matches
from gatepost.authentication.sessions import DEVICE_COOKIE, SESSION_COOKIE, VISITOR_COOKIE, form_token
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import DEVICE_LIFETIME, account_key, device_key
from gatepost.identifiers import digest
from gatepost.model.records import User
from gatepost.routes import (
    CONFIRM,
    CONFIRM_PAGE,
    FORGOTTEN,
    FORGOTTEN_PAGE,
    GOODBYE,
    LOGIN,
    LOGIN_PAGE,
    LOGOUT,
    REGISTER,
    REGISTER_PAGE,
    RESET,
    RESET_PAGE,
)
from gatepost.stores.record_keys import EmailKey, LoginKey, SessionKey, UserKey
from tests.security.faults.events import event, page, visitor
from tests.security.faults.flow import Flows
from tests.security.faults.token_flows import failures
from tests.security.faults.world import ALICE, COOKIES, LINK_TOKEN, NEW_PASSWORD, VISITOR, Answer, Event, World
from tests.unit.world import NOW, PASSWORD

FLOWS = Flows()
LOGIN_AGAIN = "303 /developer/login"
SIGNED_OUT = "303 /developer/login, signed out"


def account(world: World, user_id: str = ALICE.user_id) -> User:
    (user,) = world.store.read(UserKey(user_id))
    assert isinstance(user, User)
    return user


def password_is(world: World, password: str, name: str = "alice") -> bool:
    (login,) = world.store.read(LoginKey(name))
    return login is not None and password_matches(password, login.password_hash, cost=4)


@FLOWS.add("console", "sign-in page of an app", "200")
def _(world: World) -> Event:
    return visitor(LOGIN_PAGE, query={"next": f"/developer/auth?client_id={world.web.client_id}"})


def sign_in_form(password: str = PASSWORD, name: str = "alice@example.test") -> dict[str, str]:
    return {"user_name": name, "password": password, "next": ""}


def signed_in(world: World, answer: Answer | None) -> None:
    assert answer is not None
    cookie = next(each for each in answer["cookies"] if "session=" in each).partition("=")[2].partition(";")[0]
    assert world.store.read(SessionKey(ALICE.user_id, digest(cookie))) != (None,)


@FLOWS.add("console", "goodbye", "200")
def _(world: World) -> Event:
    return event(GOODBYE)


@FLOWS.add("console", "sign in, new browser", "303 /developer", check=signed_in)
def _(world: World) -> Event:
    return visitor(LOGIN, form=sign_in_form())


@FLOWS.add("console", "sign in, known browser", "303 /developer", check=signed_in)
def _(world: World) -> Event:
    device = f"{ALICE.user_id}.{digest('a device')}"
    key = device_key(device).name_hash
    world.store.trust_device(key, now=NOW, expires_at=NOW + DEVICE_LIFETIME)
    world.store.count_failure(key, now=NOW, forget_at=NOW + 999)
    return event(
        LOGIN,
        form={"form_token": form_token(VISITOR), **sign_in_form()},
        cookies={VISITOR_COOKIE: VISITOR, DEVICE_COOKIE: device},
    )


def counted(world: World, answer: Answer | None) -> None:
    assert 1 <= failures(world, name_key("alice@example.test")) <= 3
    assert 1 <= failures(world, account_key("alice", world.now)) <= 3


@FLOWS.add("console", "sign in, wrong password", "400", check=counted)
def _(world: World) -> Event:
    return visitor(LOGIN, form=sign_in_form("a wrong password"))


def signed_out(world: World, answer: Answer | None) -> None:
    assert world.store.read(SessionKey(ALICE.user_id, digest(COOKIES[ALICE.user_id]))) == (None,)


@FLOWS.add("console", "sign out", SIGNED_OUT, check=signed_out)
def _(world: World) -> Event:
    return page(LOGOUT)


@FLOWS.add("registration", "page", "200")
def _(world: World) -> Event:
    return visitor(REGISTER_PAGE)


def mailed(world: World, answer: Answer | None) -> None:
    """Check that the link of the last mail is stored."""
    kept = {item["link_hash"]["S"] for item in world.cloud.items()["accounts"] if "link_hash" in item}
    assert digest(world.cloud.mailbox.last_link()) in kept


NEWCOMER = {"user_name": "carol", "email": "carol@example.test", "password": PASSWORD, "next": ""}


@FLOWS.add("registration", "register, with mail", "200", check=mailed)
def _(world: World) -> Event:
    return visitor(REGISTER, form=NEWCOMER)


@FLOWS.add("registration", "register, address known", "200")
def _(world: World) -> Event:
    return visitor(REGISTER, form={**NEWCOMER, "email": "alice@example.test"})


def registered(world: World, answer: Answer | None) -> None:
    assert password_is(world, PASSWORD, "carol")


@FLOWS.add("registration", "register, without mail", "303 /developer", check=registered, again=("400",), mail_sender="")
def _(world: World) -> Event:
    return visitor(REGISTER, form=NEWCOMER)


def registration_link(world: World) -> None:
    password_hash = hash_password(PASSWORD, cost=4)
    world.link("register", user_id="", user_name="carol", email="carol@example.test", password_hash=password_hash)


CONFIRMING = {"token": LINK_TOKEN, "password": PASSWORD}


@FLOWS.add("registration", "confirm page", "200")
def _(world: World) -> Event:
    registration_link(world)
    return visitor(CONFIRM_PAGE, query={"token": LINK_TOKEN})


@FLOWS.add("registration", "confirm a registration", "303 /developer", check=registered, again=("400",))
def _(world: World) -> Event:
    registration_link(world)
    return visitor(CONFIRM, form=CONFIRMING)


def address_changed(world: World, answer: Answer | None) -> None:
    assert account(world).email == "new@example.test"
    (owner,) = world.store.read(EmailKey("new@example.test"))
    assert owner is not None


@FLOWS.add(
    "registration", "confirm an address", "303 /developer/account email_changed", check=address_changed, again=("400",)
)
def _(world: World) -> Event:
    world.link("email", email="new@example.test", email_before=ALICE.email)
    form = {"token": LINK_TOKEN, "form_token": form_token(VISITOR)}
    return event(CONFIRM, form=form, cookies={VISITOR_COOKIE: VISITOR, SESSION_COOKIE: COOKIES[ALICE.user_id]})


@FLOWS.add("registration", "confirm an address elsewhere", "200", check=address_changed, again=("400",))
def _(world: World) -> Event:
    world.link("email", email="new@example.test", email_before=ALICE.email)
    return visitor(CONFIRM, form=CONFIRMING)


@FLOWS.add("recovery", "forgotten, page", "200")
def _(world: World) -> Event:
    return visitor(FORGOTTEN_PAGE)


@FLOWS.add("recovery", "forgotten", "200", check=mailed)
def _(world: World) -> Event:
    return visitor(FORGOTTEN, form={"account": "alice@example.test"})


@FLOWS.add("recovery", "reset page", "200")
def _(world: World) -> Event:
    world.link("reset")
    return visitor(RESET_PAGE, query={"token": LINK_TOKEN})


def password_changed(world: World, answer: Answer | None) -> None:
    assert password_is(world, NEW_PASSWORD)
    assert account(world).sessions_valid_from >= NOW


@FLOWS.add("recovery", "reset", "303 /developer", check=password_changed, again=("400",))
def _(world: World) -> Event:
    world.link("reset")
    return visitor(RESET, form={"token": LINK_TOKEN, "new_password": NEW_PASSWORD})
