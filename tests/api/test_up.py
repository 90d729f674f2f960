"""`duebook up` serves the door too, with workers behind it, and starts it again when it dies."""

import os
import signal
import socket
import subprocess

import httpx

from app.api.keys import Keys
from app.api.roles import ApiRole
from app.supervisor import environment_of
from app.wiring import now
from tests.api.serving import opening
from tests.system import servers as places
from tests.system.commands import DUEBOOK
from tests.system.crews import fresh_ledger
from tests.system.helpers import children_of, eventually


def is_alive(url: str) -> bool:
    """Whether the door answers."""
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


def test_up_serves_the_door_and_the_view_follows() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with places.built_in() as built_in, fresh_ledger(built_in) as app:
        told = {**os.environ, **environment_of(app.settings), "DUEBOOK_API_PORT": str(port)}
        _, key = Keys(app.pool, now).add("test", ApiRole.SERVICE)
        with subprocess.Popen(
            [DUEBOOK, "up"], env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            eventually("the door answers", lambda: is_alive(url))
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(base_url=url, headers=headers, timeout=30) as caller:
                shown = caller.post("/v1/accounts?wait=view", json=opening("A-1")).json()["view"]
                assert (shown["shows_the_fact"], shown["account_version"]) == (True, 1)
            [door] = [pid for pid in children_of(process.pid) if serves_the_door(pid)]
            os.kill(door, signal.SIGKILL)
            eventually("the door is gone", lambda: not is_alive(url))
            eventually("another answers", lambda: is_alive(url))
            process.terminate()
            assert f"API on {url}." in process.communicate(timeout=60)[0]
            assert process.returncode == 0


def serves_the_door(pid: int) -> bool:
    """Whether a process is that of the API."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return b"app.api_process" in file.read()
