"""The callback of an app that nobody vouches for (S357)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.guarded_callback import guarded
from gatepost.errors import AnswerError, InvalidScope
from gatepost.model.records import REGISTERED, Approval
from gatepost.oauth.redirect_uris import Callback, answering
from gatepost.scope import Scope
from tests.unit.world import ALICE, NOW, SETTINGS, WEB, web_app

CALLBACK = Callback(
    redirect_uri="https://client.example.test/cb", sent=True, state="s-1", issuer=SETTINGS.issuer, fragment=False
)
STRANGER = replace(web_app(), owner=REGISTERED)
APPROVAL = Approval(user_id=ALICE.user_id, client_id=WEB, scope=Scope(), approved_at=NOW)


@pytest.mark.parametrize("silent", [True, False])
@pytest.mark.parametrize("approval", [None, APPROVAL])
def test_an_app_with_an_owner_is_sent_every_error(silent: bool, approval: Approval | None) -> None:
    assert guarded(CALLBACK, web_app(), approval, SETTINGS, silent=silent, proven=False) is CALLBACK


@pytest.mark.parametrize("approval", [None, APPROVAL])
def test_s357_an_error_of_an_open_request_waits_for_a_press(approval: Approval | None) -> None:
    callback = guarded(CALLBACK, STRANGER, approval, SETTINGS, silent=False, proven=False)

    with pytest.raises(AnswerError) as caught, answering(callback):
        raise InvalidScope("it is not known")
    assert caught.value.by_press
    assert "error=invalid_scope" in caught.value.location


def test_s357_a_silent_request_is_answered_where_the_user_has_allowed_the_app() -> None:
    assert guarded(CALLBACK, STRANGER, APPROVAL, SETTINGS, silent=True, proven=False) is CALLBACK

    with pytest.raises(AnswerError) as caught:
        guarded(CALLBACK, STRANGER, None, SETTINGS, silent=True, proven=False)
    assert (caught.value.by_press, caught.value.error.code) == (True, "interaction_required")
    assert caught.value.error.client_id == WEB
