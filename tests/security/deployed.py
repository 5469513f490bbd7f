"""A deployment under load: who uses it, keys that are rotated meanwhile, and the auditor afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from gatepost.model.records import User
from gatepost.stores.record_keys import UserKey
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.deployment import Deployment
from infra.tools.integrity.reading import audit
from tests.people import Client, new_person, ungranted_client
from tests.security.party import Party

_SIGNING_KEYS = 3  # that are rotated: each makes the later rotations slower


def new_client(deployment: Deployment) -> Client:
    """An app of a new user, whose address is confirmed."""
    person = new_person(deployment)
    deployment.store.change_email(person.user, f"{person.name.lower()}@example.test", confirmed=True)
    return ungranted_client(deployment, person)


def owner_of(client: Client) -> User:
    owner: User | None = client.deployment.store.read(UserKey(client.app.owner))[0]
    assert owner is not None
    return owner


def party(client: Client) -> Party:
    """The app and its owner, for another process."""
    return Party(
        base_url=client.deployment.base_url,
        user_name=owner_of(client).user_name,
        client_id=client.app.client_id,
        client_secret=client.secret,
    )


@contextmanager
def meanwhile(*jobs: Callable[[threading.Event], None]) -> Iterator[None]:
    """Jobs in threads of their own, which end when the event is set."""
    over = threading.Event()
    threads = [threading.Thread(target=job, args=(over,)) for job in jobs]
    with ExitStack() as ending:
        for thread in threads:
            thread.start()
            ending.callback(thread.join)
        ending.callback(over.set)
        yield


@dataclass
class Rotations:
    """Rotations of both secrets, as a schedule would, but more often. One that failed is repeated by the next."""

    deployment: Deployment
    pause: float  # seconds between two
    done: int = 0
    failed: list[str] = field(default_factory=list)

    def __call__(self, over: threading.Event) -> None:
        """Rotate again and again."""
        while not over.wait(self.pause):
            secret = "signing" if self.done < _SIGNING_KEYS else "refresh"
            try:
                self.deployment.rotate(secret)
                self.done += 1
            except DeploymentFailed as error:
                self.failed.append(f"rotation of {secret}: {error}")


def audited(deployment: Deployment, secrets: Iterable[str]) -> list[str]:
    """Return what the auditor finds in the tables, where none of the secrets may be, nor their last parts."""
    hidden = {part for each in secrets for part in (each, each.rpartition(".")[2])} - {""}
    found = audit(deployment.client("dynamodb"), deployment.tables, secrets=sorted(hidden)).findings
    return [f"audit: {each.name}: {each.key}: {each.sentence}" for each in found]
