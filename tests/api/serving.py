"""The door as a process of its own, and callers at it."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import httpx

from app.api.keys import Keys
from app.api.roles import ApiRole
from app.settings import Settings
from app.supervisor import environment_of
from app.wiring import App, now
from tests.system.commands import DUEBOOK

#: Of all keys together: the tests of rates serve themselves with less.
PLENTY = {"DUEBOOK_API_REQUESTS_A_SECOND": "100000", "DUEBOOK_API_REQUESTS_SAVED_MAX": "100000"}


@dataclass
class Served:
    """A server that runs."""

    app: App
    url: str
    process: subprocess.Popen[str]
    _keys: dict[tuple[ApiRole, str | None], str] = field(default_factory=dict)

    def key(self, role: ApiRole, account: str | None = None) -> str:
        """A key for the role; the same one each time."""
        who = (role, account)
        if who not in self._keys:
            _, self._keys[who] = Keys(self.app.pool, now).add(f"test {role}", role, account)
        return self._keys[who]

    def caller(self, role: ApiRole = ApiRole.SERVICE, account: str | None = None) -> httpx.Client:
        """Somebody with a key of the role."""
        return self.with_key(self.key(role, account))

    def with_key(self, text: str) -> httpx.Client:
        """Somebody with this key or token."""
        headers = {"Authorization": f"Bearer {text}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, in whatever way."""
        self.process.send_signal(number)
        self.process.wait(30)


@contextmanager
def serving(
    app: App, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
) -> Iterator[Served]:
    """`duebook api` over the ledger of an app, on a port that is free; `log` gets what it logs."""
    with open_process(app.settings, {**PLENTY, **(environment or {})}, log) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        match = re.match(r"serving (\S+)", first)
        assert match, first + process.stdout.read()
        yield Served(app, match[1], process)


@contextmanager
def open_process(
    settings: Settings, environment: Mapping[str, str], log: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """The command with these settings; it is gone at the end."""
    inherited = {name: one for name, one in os.environ.items() if not name.startswith("DUEBOOK_")}
    told = {**inherited, **environment_of(settings), **environment, "DUEBOOK_API_PORT": "0"}
    stderr = subprocess.DEVNULL if log is None else log
    with subprocess.Popen(
        [DUEBOOK, "api"], env=told, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal, which is in the one form that refusals have."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:duebook:problem:{document['code']}"
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, document["code"]


def opening(account: str, **fields: str) -> dict[str, str]:
    """An account as the door takes it."""
    return {
        "account": account,
        "effective_on": "2026-01-01",
        "borrower_ref": f"borrower-of-{account}",
        "currency": "CNY",
        **fields,
    }


def payment(payment_id: str = "P-1", amount: str = "100.00", **fields: str) -> dict[str, str]:
    """A payment as the door takes it."""
    return {
        "effective_on": "2026-02-05",
        "payment_id": payment_id,
        "amount": amount,
        **fields,
    }
