"""Requests that nobody would write get the answers that the document promises.

A few seconds of what `python -m tests.api.fuzz` does for twenty minutes.
"""

import re

from app.api.roles import ApiRole
from tests.api.fuzz import ACCOUNT, fuzzed
from tests.api.serving import Served
from tests.system.helpers import account_lines


def test_nothing_that_a_service_sends_breaks_the_document(served: Served) -> None:
    served.app.books.append_all(account_lines(ACCOUNT))
    done = fuzzed(served, ApiRole.SERVICE, examples=1, phases="fuzzing", seed=7)
    assert done.returncode == 0, done.stdout + done.stderr
    selected, tested = re.findall(r"(?:Selected|Tested): (\d+)", done.stdout)
    assert tested == selected != "0"
