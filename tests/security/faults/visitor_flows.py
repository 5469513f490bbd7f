"""The flows of visitors: signing in, registration and recovery."""

from __future__ import annotations

from gatepost import routes
from gatepost.authentication.passwords import hash_password, password_matches
from gatepost.authentication.sessions import DEVICE_COOKIE, SESSION_COOKIE, VISITOR_COOKIE, form_token
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import DEVICE_LIFETIME, account_key, device_key
from gatepost.identifiers import digest
from gatepost.model.records import User
from gatepost.stores.record_keys import EmailKey, LoginKey, SessionKey, UserKey
from tests.security.faults.events import event, visitor
from tests.security.faults.flow import every, flow, has
from tests.security.faults.token_flows import failures
from tests.security.faults.world import ALICE, COOKIES, LINK_TOKEN, NEW_PASSWORD, VISITOR, Answer, World
from tests.unit.world import NOW, PASSWORD, WEB

DEVICE = f"{ALICE.user_id}.{digest('a device')}"


def account(world: World) -> User:
    (user,) = world.store.read(UserKey(ALICE.user_id))
    assert isinstance(user, User)
    return user


def password_is(world: World, password: str, name: str = "alice") -> bool:
    (login,) = world.store.read(LoginKey(name))
    return login is not None and password_matches(password, login.password_hash, cost=4)


def failed_here_before(world: World) -> None:
    key = device_key(DEVICE).name_hash
    world.store.trust_device(key, now=NOW, expires_at=NOW + DEVICE_LIFETIME)
    world.store.count_failure(key, now=NOW, forget_at=NOW + 999)


def registration_link(world: World) -> None:
    password_hash = hash_password(PASSWORD, cost=4)
    world.link("register", user_id="", user_name="carol", email="carol@example.test", password_hash=password_hash)


def signed_in(world: World, answer: Answer | None) -> None:
    assert answer is not None
    cookie = next(each for each in answer["cookies"] if "session=" in each).partition("=")[2].partition(";")[0]
    assert world.store.read(SessionKey(ALICE.user_id, digest(cookie))) != (None,)


def counted(world: World, answer: Answer | None) -> None:
    assert 1 <= failures(world, name_key("alice@example.test")) <= 3
    assert 1 <= failures(world, account_key("alice", world.now)) <= 3


def mailed(world: World, answer: Answer | None) -> None:
    """Check that the link of the last mail is stored."""
    kept = {item["link_hash"]["S"] for item in world.cloud.items()["accounts"] if "link_hash" in item}
    assert digest(world.cloud.mailbox.last_link()) in kept


def registered(world: World, answer: Answer | None) -> None:
    assert password_is(world, PASSWORD, "carol")


def password_changed(world: World, answer: Answer | None) -> None:
    assert password_is(world, NEW_PASSWORD)
    assert account(world).sessions_valid_from >= NOW


ADDRESS_CHANGED = every(has(UserKey(ALICE.user_id), email="new@example.test"), has(EmailKey("new@example.test")))
BOTH_COOKIES = {VISITOR_COOKIE: VISITOR, SESSION_COOKIE: COOKIES[ALICE.user_id]}
KNOWN_BROWSER = {VISITOR_COOKIE: VISITOR, DEVICE_COOKIE: DEVICE}
SIGN_IN = {"user_name": "alice@example.test", "password": PASSWORD, "next": ""}
BY_ALICE = {"form_token": form_token(VISITOR), **SIGN_IN}
NEWCOMER = {"user_name": "carol", "email": "carol@example.test", "password": PASSWORD, "next": ""}
LINK = {"token": LINK_TOKEN}
FLOWS = [
    flow("console", "goodbye", event(routes.GOODBYE)),
    flow(
        "console",
        "sign-in page of an app",
        visitor(routes.LOGIN_PAGE, query={"next": f"/developer/auth?client_id={WEB}"}),
    ),
    flow("console", "sign in, new browser", visitor(routes.LOGIN, form=SIGN_IN), "303 /developer", check=signed_in),
    flow(
        *(
            "console",
            "sign in, known browser",
            event(routes.LOGIN, form=BY_ALICE, cookies=KNOWN_BROWSER),
            "303 /developer",
        ),
        given=failed_here_before,
        check=signed_in,
    ),
    flow(
        *("console", "sign in, wrong password", visitor(routes.LOGIN, form={**SIGN_IN, "password": "wrong"}), "400"),
        check=counted,
    ),
    flow("registration", "page", visitor(routes.REGISTER_PAGE)),
    flow("registration", "register, with mail", visitor(routes.REGISTER, form=NEWCOMER), check=mailed),
    flow("registration", "register, address known", visitor(routes.REGISTER, form={**NEWCOMER, "email": ALICE.email})),
    flow(
        *("registration", "register, without mail", visitor(routes.REGISTER, form=NEWCOMER), "303 /developer"),
        check=registered,
        again="400",
        mail_sender="",
    ),
    flow("registration", "confirm page", visitor(routes.CONFIRM_PAGE, query=LINK), given=registration_link),
    flow(
        *("registration", "confirm a registration"),
        *(visitor(routes.CONFIRM, form={**LINK, "password": PASSWORD}), "303 /developer"),
        given=registration_link,
        check=registered,
        again="400",
    ),
    flow(
        *("registration", "accept an invitation"),
        *(visitor(routes.CONFIRM, form={**LINK, "new_password": PASSWORD}), "303 /developer"),
        given=lambda world: world.link("invite", user_id="", user_name="carol", email="carol@example.test"),
        check=registered,
        again="400",
    ),
    flow(
        *("registration", "confirm an address"),
        event(routes.CONFIRM, form={**LINK, "form_token": form_token(VISITOR)}, cookies=BOTH_COOKIES),
        "303 /developer/account email_changed",
        given=lambda world: world.link("email", email="new@example.test", email_before=ALICE.email),
        check=ADDRESS_CHANGED,
        again="400",
    ),
    flow("recovery", "forgotten, page", visitor(routes.FORGOTTEN_PAGE)),
    flow("recovery", "forgotten", visitor(routes.FORGOTTEN, form={"account": ALICE.email}), check=mailed),
    flow("recovery", "reset page", visitor(routes.RESET_PAGE, query=LINK), given=lambda world: world.link("reset")),
    flow(
        *("recovery", "reset", visitor(routes.RESET, form={**LINK, "new_password": NEW_PASSWORD})),
        given=lambda world: world.link("reset"),
        check=password_changed,
        again="400",
    ),
]
