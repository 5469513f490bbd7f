"""What each page says in a state of its own, and what it does not say."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.console.consent_lines import Line
from tests.unit.console.rendered import ShownScope
from tests.unit.console.samples import CONNECTIONS, ID
from tests.unit.console.samples_apps import APP, APP_FORM
from tests.unit.console.states import BY_DOCUMENT, STRANGER, html, page

REPORTS = "https://reports.example.test"
READ = [ShownScope("read", "Read", True)]
APIS = [
    {"name": "Reports", "url": REPORTS, "scopes": READ, "lines": [Line("Read your reports", (), is_new=True)]},
    {"name": "Example", "url": "", "scopes": READ, "lines": [Line("Read your data", (), is_new=False)]},
]
ALL_NEW = [Line("Read your data", (), is_new=True), Line("Change your data", (), is_new=True)]
BY_ITSELF = {**APP_FORM["values"], "grant_types": ["client_credentials"]}
OFFERED = [{**grant, "available": True} for grant in APP_FORM["grants"]]
KEY = "Zt8vXqJm2W0c5n1uYb7kR4eH9sLpA3dGfTiNoQxVwKE"
HERE = "This address is on your own computer"
ANYBODY = "Any program on your computer can claim to be this app."


def says(state: str, *sentences: str, **changes: Any) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Sentences in a page in a state, with what differs from that state."""
    return state, sentences, changes


hides = says  # in a test of what is not there
every_sentence = ("state", "sentences", "changes")


def missing(state: str, sentences: tuple[str, ...], changes: dict[str, Any]) -> list[str]:
    shown = page(state, **changes).text("main")
    return [each for each in sentences if each not in shown]


@pytest.mark.parametrize(
    every_sentence,
    [
        says("consent.html", "Demo web app wants to use your Example account From client.example.test Signed in as"),
        says("consent.html", "Signed in as alice · use another account", "Afterwards you go to callback.example.test"),
        says("consent.html", "From client.example.test checked", checked=True),
        says("consent.html", "It will be able to Read your data alice Change your data new Details App key 6f1c2b7e"),
        says("consent.html", "You can withdraw this at any time under Connected apps."),
        says(
            "consent.html", "Read your data Change your data Details", apis=[{**APIS[1], "name": "", "lines": ALL_NEW}]
        ),
        says("consent.html", "In Reports, it will be able to Read your reports new In Example, it will be", apis=APIS),
        says("consent.html", f"Scopes in Reports read {REPORTS} Scopes in Example read", apis=APIS),
        says("consent.html", f"{HERE}.", notice="loopback"),
        says("consent.html", "The connection to this address is not encrypted", notice="insecure"),
        says("consent.html", "This opens an app on your device", notice="native"),
        says("consent.html", "The app gets access directly in your browser, for 10 minutes."),
        says("consent.html", "for 1 minute.", token_minutes=1),
        says("consent.html", ANYBODY, "This opens an app on your device", stranger=STRANGER, notice="native"),
        says("consent.html", HERE, stranger={**STRANGER, "only_here": False}, notice="loopback"),
    ],
)
def test_s38_s224_consent_says(state: str, sentences: tuple[str, ...], changes: dict[str, Any]) -> None:
    assert missing(state, sentences, changes) == []


@pytest.mark.parametrize(
    every_sentence,
    [
        says("app_form.html", "Read your data read For the app itself: open.", values=BY_ITSELF),
        says("app_form.html", "write Restricted: until an administrator grants it to the app, only you can allow it."),
        says("app_form.html", "For the app itself: needs an administrator’s approval. Read names", values=BY_ITSELF),
        says("app_form.html", "people Restricted: granted by an administrator, so people can allow it."),
        says("app_form.html", "so people can allow it. For the app itself: not available.", values=BY_ITSELF),
        says("app_form.html", "public free For the app itself: granted by an administrator.", values=BY_ITSELF),
        says("app.html", "Read your data read For users: open · for itself: granted"),
        says("app.html", "write For users: restricted, so only you can allow it. Requested"),
        says("app.html", "Requested · for itself: requested, waiting for an"),
        says("app.html", "Read names people For users: restricted, granted by an administrator"),
        says("app.html", "granted by an administrator · for itself: not available"),
        says("app.html", "Read what is public free For users: open · for itself: open"),
        says("admin_app.html", "Its owner is not active"),
        says("admin_app.html", "Limited: the app’s tokens hold no more than read."),
        says("admin_app.html", "What is ticked under “For the app itself” was granted by the upgrade"),
        says("admin_app.html", "Change your data write Requested.", "Read names people Restricted. Granted."),
        says("admin_app.html", "Read names people Not available to apps themselves."),
        says("an app whose owner may nothing", "hold no more than nothing."),
        says("admin_user.html", "The account’s own apps, listed below, get no tokens until then"),
        says("admin_user.html", "deleted when it is deleted or erased. Demo web app · stopped with its owner"),
        says("admin_user.html", "And 3 more."),
        says("a user without an app", "bob has no apps."),
        says("a user who is deactivated", "Stop the apps that still work"),
        says("no app asks", "No apps are requesting scopes that you have to grant."),
        says("no app asks so far", "No matches so far. There are more apps to search. Search more apps"),
        says("no app was granted by the update", "No apps have scopes of their own that were granted by the upgrade."),
        says("apps that were granted by the update", "Open each one to confirm its scopes or remove them."),
    ],
)
def test_s119_who_decides_about_a_scope_and_what_was_decided_is_said(
    state: str, sentences: tuple[str, ...], changes: dict[str, Any]
) -> None:
    assert missing(state, sentences, changes) == []


@pytest.mark.parametrize(
    every_sentence,
    [
        # Signing in, registering, and what goes by mail
        says("login.html", "to continue to Demo web app", "User name or e-mail"),
        says("login.html", "to continue to an app", app_name=None),
        says("login.html", "to your Example account", of_an_app=False),
        says("register.html", "2 fields need your attention User name: This name is taken.", "At least 10 characters."),
        says("register.html", "One field needs your attention", errors={"email": "Taken."}),
        says("app_form.html", "Nothing was saved The app was changed", errors={"version": "The app was changed."}),
        says("forgotten.html", "User name or e-mail"),
        says("reset_done.html", "signed out everywhere else. All connected apps were", "Continue to the app"),
        says("a new password is set", "You are signed in here as alice", "Continue"),
        says("link_gone.html", "It was used already", "Send a new link"),
        says("a link to confirm is gone", "Get a new link", "save the address again under Account"),
        says("a link is sent", "If that account exists"),
        says("an account is forgotten where no mail is sent", "Ask support@example.test for help."),
        says(
            "an account is forgotten where no mail is sent",
            "Ask the people who run Example for help.",
            support_contact="",
        ),
        says("reset.html", "for alice at Example"),
        says("a new password is asked for", "for your account at Example"),
        says("check_mail.html", "alice@example.test", "works for one hour"),
        says("waiting.html", "Once alice is approved"),
        says("goodbye.html", "Your account has been deleted", "a mail tells you about the deletion"),
        says("goodbye.html", "stop working within 10 seconds."),
        says("sign_out.html", "Demo web app sent you here to sign out, but for a different account"),
        says("sign_out.html", "client.example.test", "alice", "Sign out of Example?"),
        says("a logout that no app proves", "alice", "Sign out of Example?"),
        says("error.html", "What you can do Go back to the app and try again.", "Error invalid_request"),
        says("error.html", "Contact for help support@example.test", "Request ID the-request"),
        # A user's account and connected apps
        says("connections.html", "Demo web app client.example.test Read your data read Change your data write"),
        says("connections.html", "Connected 3 days ago · last used: never", "Revoke all"),
        says("connections.html", "its tokens stop working within 10 seconds."),
        says("no connected apps", "No app is connected to your account. Apps that you allow appear here"),
        says("account.html", "alice@example.test is not confirmed yet. Open the link that we sent to it"),
        says("account.html", "Firefox on Linux this one Signed in 2 hours ago"),
        says("account.html", "from 192.0.2.7 Signed in to: Mail, Notes <b>"),
        says("an account with a confirmed address", "alice@example.test is confirmed. You can sign in with it."),
        says("an account without an address", "You have not added an address yet. With one, you can reset your pass"),
        says("an account where no mail is sent", "is not confirmed because this server does not send mail."),
        # A user's own apps
        says("apps.html", "The app is deleted."),
        says("apps.html", "Demo web app Web app or job with a secret Active 3 2 hours ago 3 days ago"),
        says("apps.html", "Photo printer Browser or native app Pending 3 Not used yet 3 days ago"),
        says("apps.html", "Newsletter Web app or job with a secret Deactivated It asked for too much."),
        says("no apps", "An app is a website or program"),
        says("too many apps", "You have 16 apps, which is the most you can have."),
        says("app_form.html", "8 fields need your attention"),
        says("app_form.html", "back-channel logout is off on this server", tells_of_logouts=False),
        says("a new app", "Create an app", "Create app", "Not available on this server."),
        says("a new app", "any address with the same scheme, host and port as the website is accepted."),
        says("a new app", "Use authorization code instead.", grants=OFFERED),
        says("an app is edited", "Demo web app", "Save changes", "Type Demo web app to confirm"),
        says("app.html", "Deactivated Requests with its key are refused, and everyone who had connected it was disc"),
        says("app.html", "An administrator says: “It asked for too much.”", "Questions? Ask support@example.test"),
        says(
            "app_try.html",
            "Issuer https://auth.example.test All addresses Token Token https://auth.example.test/authorization/token",
        ),
        says("app.html", "Not sent: back-channel logout is off on this server."),
        says("app.html", "Problems today redirect_uri differs from the one in the authorization request. 2 hours ago"),
        says("an app that can't read userinfo", "Fails: this server does not sign userinfo."),
        says("app_new.html", "Give the app a name.", "Job Acts on its own behalf."),
        says("app_problems.html", "authorization request. Send the same, character by character. sent https://client."),
        says(
            "app_problems.html",
            "12 times today, the last at 2026-11-24 06:02:00 UTC · /authorization/token · invalid_grant",
        ),
        says(
            "app_problems.html",
            "Once, at 2026-11-24 06:02:00 UTC · /developer/auth · not refused · anyone can send this",
        ),
        says("an app without problems", "No requests were refused"),
        says("app_secrets.html", "End one to create another.", can_add_secret=False),
        says("a web app", "Web app or job with a secret · Active"),
        says("a web app", "Connected 1 account Last used", app={**APP["app"], "connected": "1"}),
        says("a job", "Website None Redirect URIs None. People are never sent to this app"),
        says("a public app that waits", "Waiting for approval An administrator reviews every new app, and every app"),
        says("a public app that waits", "Secret None. It uses PKCE instead"),
        says("a public app that waits", "Any address with the same scheme, host and port as the website"),
        says("app_secret_end.html", "Last used 2 hours ago", "Anything that still uses it stops working.", "“Staging”"),
        says("a secret that was never used", "It has never been used."),
        says("the only secret", "Secret without a label"),
        says("a new web app", "It will not be shown again.", KEY),
        says("app_secret.html", "The old secret keeps working until you end it."),
        says("a new public app", ID, "This app has no secret."),
        says("app.html", "An administrator changed the settings of this app 2 hours ago. Check them under Settings."),
        # Administrators
        says("an administrator sees secrets", "You see this app of bob as an administrator.", "Scopes and owner"),
        says("an administrator edits", "What you change is in the audit log, and its owner is told.", "Save changes"),
        says("admin_users.html", "bob bob@example.test · not confirmed Active 2 hours ago 3 days ago carol"),
        says("admin_users.html", "carol Administrator Deactivated None recorded 3 days ago", "Next page"),
        says("admin_users.html", "5,000 users found among 50,000 accounts: 4,999 active, 2 administrators"),
        says("admin_users.html", "More than 5,000 users: 4,999 active", narrowed=False),
        says("nobody is found", "No users match."),
        says("nobody is found so far", "No users found so far.", "Search further"),
        says("a server without users", "There are no users on this page."),
        says("no app is found", "No apps match “shop”."),
        says("no app waits", "No apps are waiting for approval."),
        says("admin_invite.html", "Whoever opens it within seven days chooses a password", "of bob. Send invitation"),
        says("nobody can be invited", "This server sends no mail, so it can’t invite anybody."),
        says("an invitation is accepted", "Create your account", "with this e-mail address. Password", "Didn’t expect"),
        says(
            "admin_user.html", "Signs in with Password", "Sent to bob@example.test, valid for one hour.", "Export data"
        ),
        says("admin_user.html", "Last sign-in 2 hours ago · Firefox on Linux"),
        says("admin_user.html", "Failed attempts since 7, the last 2 hours ago", "Wait before next attempt 4 seconds"),
        says("admin_user.html", "12 apps have access to the account.", "And 2 more."),
        says("admin_user.html", "Deactivating signs bob out everywhere and disconnects all connected apps."),
        says("a user without access", "no current session", "is not signed in anywhere", "No apps have access"),
        says("a user who is deactivated", "The account is deactivated, so every sign-in is refused"),
        says("a user who is deactivated", "Apps stay disconnected until they are allowed again."),
        says("admin_apps.html", "Sends people to client.example.test, 127.0.0.1"),
        says("admin_apps.html", "Web app or job with a secret · owner: bob · created 3 days ago"),
        says("admin_apps.html", "Deactivated · It asked for too much."),
        says("admin_app.html", "100+ accounts currently allow this app.", "bob read write"),
        says("admin_app.html", "Deleted account – Will be asked again", "There is no account of this name."),
        says("an app of an active owner without limits", "No accounts have allowed this app."),
        says("an app by its document", BY_DOCUMENT["document_url"], "Nobody: it uses its own metadata document"),
        says("an app by its document", "Delete app"),
        says(
            "admin_audit.html",
            "Times are in UTC.",
            "2026-11-24 06:02:00 alice granted Printer the scope write for https",
        ),
        says("admin_audit.html", "status: pending → active", "These are from the user’s own log"),
        says("admin_audit.html", "redirect URI: none → https://new.example.test/cb From 192.0.2.7"),
        says("admin_audit.html", "08:54:12 Sign-in as bob failed: wrong password."),
        says("a day without entries", "No entries for this day."),
        says("nothing found in the audit list", "No entries in this period match."),
        says("nothing found so far in the audit list", "No entries found so far. 2000 entries searched, back to 2026"),
        says("admin_audit_export.html", "There are more entries after these parts."),
        says("an export without entries", "Part 2 – – 0", "There are no more entries."),
        says("admin_user.html", "alice granted Printer the scope write", "From 192.0.2.7 2 hours ago Sign-in as bob"),
        says("admin_overview.html", "Tokens 1,264 26% more than in the 30 days before", "Wrong password 1,200 Another"),
        says("admin_overview.html", "No approvals in the last 30 days. Counted from the audit log"),
        says("nothing happened", "No app got a token in the last 30 days."),
        says("admin_overview.html", "until 2 hours ago. 1 day is not counted yet. Reload the page"),
        says("admin_overview.html", "2 days are not counted", uncounted=2),
        says("admin_overview.html", "Used (1,234) Unused (3+)", "Demo web app 1,234 2 hours ago"),
        says("admin_overview.html", "Demo web app Deactivated 0 2 hours ago Deleted app 1,234 –"),
        says("no app is used", "No app got a token in the last 30 days.", "Today has not been counted yet."),
        says("every app is used", "Every active app got tokens in the last 30 days."),
    ],
)
def test_a_page_says(state: str, sentences: tuple[str, ...], changes: dict[str, Any]) -> None:
    assert missing(state, sentences, changes) == []


@pytest.mark.parametrize(
    every_sentence,
    [
        hides("consent.html", HERE, "is not encrypted", "opens an app", notice=None),
        hides("consent.html", "directly", implicit=False),
        hides("consent.html", "vouches", "checked"),
        hides("consent.html", ANYBODY, stranger={**STRANGER, "only_here": False}),
        hides("consent.html", HERE, stranger=STRANGER, notice="loopback"),  # ANYBODY warns of it
        hides("error.html", "Error", "help", error=None, support_contact=""),
        hides("a link is sent", "alice"),
        hides("goodbye where no mail is sent", "a mail tells"),
        hides("a logout that no app proves", "Demo web app", "You’ll then be sent to"),
        hides("connections.html", "Revoke all", connections=CONNECTIONS["connections"][:1], next_url=None),
        hides("app_form.html", "back-channel logout is off"),
        hides("a web app", "Requests with its key are refused"),
        hides("an app that nobody can try", "Authorize link", "Snippets"),
        hides("a web app", "Problems today"),
        hides("a new web app", "The old secret keeps"),
        hides("a new public app", "again"),
        hides("an app of an active owner without limits", "Its owner is not active"),
        hides("a user whose apps are stopped", "Stop the apps that still work"),
        hides("an app by its document", "Transfer"),
        hides("an overview that is counted", "not counted yet. Reload"),
    ],
)
def test_s224_a_page_does_not_say(state: str, sentences: tuple[str, ...], changes: dict[str, Any]) -> None:
    assert missing(state, sentences, changes) == list(sentences)


@pytest.mark.parametrize("state", ["an app that waits is tried", "app_secret.html"])
def test_an_app_that_waits_says_so_before_anything_to_try(state: str) -> None:
    shown = page(state).text("main")

    assert shown.index("Waiting for approval") < shown.index("Code that")


def test_a_snippet_is_shown_as_it_stands() -> None:
    assert 'aria-label="curl" data-copy="Copy snippet">curl https://auth.example.test/' in html("app_try.html")
    assert "token \\\n  --user" in html("app_try.html")
