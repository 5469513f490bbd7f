"""The events of the audit log by what they are about: for each a name, and a sentence of its entries.

`{who}` is the actor, `{whom}` the account to which it was done, `{app}` the app, `{it}` an app whose name the entry has
not, `{scope}` a scope of the app, and `{what}` a subject that has no page.
"""

from __future__ import annotations

from collections.abc import Mapping

SUBJECTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Sign-in": {
        "signed_in": ("Signed in", "{who} signed in"),
        "sign_in_failed": ("Sign-in failed", "Sign-in as {whom} failed"),
        "signed_out_everywhere": ("Signed out everywhere", "{who} signed out everywhere"),
        "session_ended": ("Session ended", "{who} ended a session of {whom}"),
        "sessions_ended": ("All sessions ended", "{who} ended all sessions of {whom}"),
        "reset_sent": ("Password link sent", "{who} sent {whom} a link for a new password"),
        "password_changed": ("Password changed", "{who} changed their password"),
        "password_reset": ("Password reset", "{who} reset their password by mail"),
    },
    "Accounts": {
        "registered": ("Account created", "{who} created an account"),
        "email_asked": ("E-mail address requested", "{who} asked for another e-mail address"),
        "email_changed": ("E-mail address changed", "{who} changed their e-mail address"),
        "email_removed": ("E-mail address removed", "{who} removed the e-mail address of {whom}"),
        "account_deleted": ("Account deleted", "{who} deleted their account"),
        "account_erased": ("Account erased", "{who} erased the account {whom}"),
        "account_exported": ("Data exported", "{who} exported the data of {whom}"),
        "user_invited": ("User invited", "{who} invited {whom}"),
        "invitation_accepted": ("Invitation accepted", "{who} accepted an invitation"),
        "user_approved": ("Account approved", "{who} approved the account of {whom}"),
        "user_deactivated": ("Account deactivated", "{who} deactivated the account of {whom}"),
        "user_reactivated": ("Account reactivated", "{who} reactivated the account of {whom}"),
        "user_rights_changed": ("Role or scopes changed", "{who} changed the role or scopes of {whom}"),
        "groups_changed": ("Groups changed", "{who} changed the groups of {whom}"),
    },
    "Access of apps to accounts": {
        "approved": ("App allowed", "{who} allowed {app}"),
        "denied": ("App denied", "{who} denied {app}"),
        "disconnected": ("App disconnected", "{who} disconnected {app}"),
        "access_ended": ("Access ended", "{who} ended the access of {app} to an account"),
        "access_ended_to": ("Access to an account ended", "{who} ended the access of {it} to the account of {whom}"),
        "every_access_ended": ("All access ended", "{who} ended the access of all apps to the account of {whom}"),
    },
    "Apps": {
        "app_created": ("App created", "{who} created {app}"),
        "app_changed": ("App changed", "{who} changed {app}"),
        "app_deleted": ("App deleted", "{who} deleted {app}"),
        "app_approved": ("App approved", "{who} approved {app}"),
        "app_deactivated": ("App deactivated", "{who} deactivated {app}"),
        "app_handed_over": ("App transferred", "{who} transferred {app} to another account"),
        "app_handed_from": ("App taken from its owner", "{who} took {it} from {whom}"),
        "app_handed_to": ("App given to its owner", "{who} gave {it} to {whom}"),
        "secret_created": ("Secret created", "{who} created a secret of {app}"),
        "secret_ended": ("Secret ended", "{who} ended a secret of {app}"),
    },
    "Scopes of apps": {
        "scope_granted": ("Scope granted to the app itself", "{who} granted {app} itself the scope {scope}"),
        "scope_confirmed": ("Scope of the app itself confirmed", "{who} confirmed the scope {scope} of {app} itself"),
        "scope_taken": ("Scope taken from the app itself", "{who} took the scope {scope} from {app} itself"),
        "scope_marked": ("Scope opened to users", "{who} lets users grant {app} the scope {scope}"),
        "scope_unmarked": ("Scope closed to users", "{who} no longer lets users grant {app} the scope {scope}"),
        "grants_withdrawn": ("Granted scopes lost", "{who} changed {app}, which lost what administrators had granted"),
    },
    "Self-registered apps": {
        "app_registered": ("App registered", "{app} registered itself"),
        "registration_changed": ("Registration changed", "{app} changed its registration"),
        "registration_deleted": ("Registration deleted", "{app} deleted its registration"),
        "registration_ended": ("Registration ended", "{who} ended the self-registered app {app}"),
        "permit_created": ("Registration token created", "{who} created a registration token"),
        "permit_withdrawn": ("Registration token revoked", "{who} revoked a registration token"),
    },
    "Operation": {
        "audit_exported": ("Audit log exported", "{who} exported the audit log of {what}"),
        "keys_ended": ("Keys ended", "{who} ended the current keys: {what}"),
    },
}
SENTENCES: Mapping[str, str] = {
    event: sentence for events in SUBJECTS.values() for event, (_, sentence) in events.items()
}
EVENTS = frozenset(SENTENCES)
