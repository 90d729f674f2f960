"""A rebuild by the operator: begun, reported, confirmed.  Workers' duties are done by the test."""

from collections.abc import Iterator

import pytest

from app.api.roles import ApiRole
from app.client import Client, Refused
from app.wiring import App
from tests.api.serving import Served, problem_of, serving
from tests.system import servers as places
from tests.system.crews import crew_of, fresh_ledger
from tests.system.helpers import TODAY, account_lines
from workers.rebuilds import Rebuilds


@pytest.fixture(scope="module")
def place() -> Iterator[App]:
    """A ledger of its own: a generation that is being built is everybody's affair."""
    with places.built_in() as built_in, fresh_ledger(built_in) as app:
        for account in ("A-1", "A-2"):
            app.books.append_all(account_lines(account))
        app.projector.heal(["A-1", "A-2"], TODAY)
        for shard in range(app.log.shards):
            while app.projector.follow(shard, TODAY) is not None:
                pass
        yield app


@pytest.fixture(scope="module")
def own(place: App) -> Iterator[Served]:
    """The door to it."""
    with serving(place) as running:
        yield running


@pytest.fixture
def operator(own: Served) -> Iterator[Client]:
    """Who runs it."""
    with Client(own.url, own.key(ApiRole.OPERATOR)) as client:
        yield client


def build(app: App) -> None:
    """What workers do with what is owed."""
    crew = crew_of(app)
    while Rebuilds(app.pool).owed():
        for shard in range(app.log.shards):
            crew.rebuild_shard(shard)
    crew.tick()


def test_what_changes_nothing_goes_live_by_itself(place: App, operator: Client) -> None:
    begun = operator.begin_rebuild()
    assert (begun.state, begun.report, begun.progress["accounts"]) == ("building", None, 2)
    assert operator.begin_rebuild().generation == begun.generation, "it may be repeated"
    with pytest.raises(Refused) as early:
        operator.confirm_rebuild(begun.generation)
    assert (early.value.status, early.value.code) == (409, "rebuild_refused")
    build(place)
    crew_of(place).finish_rebuild()
    done = operator.rebuild(begun.generation)
    assert (done.state, done.report and done.report["changed"]) == ("live", 0)
    assert operator.confirm_rebuild(begun.generation).state == "live", "nothing is left to confirm"


def test_what_changes_something_waits_for_the_operator(place: App, operator: Client) -> None:
    with place.pool.connection() as conn:
        conn.execute("UPDATE overdue SET late_total = 7 WHERE account_id = 'A-1'")
    begun = operator.begin_rebuild()
    build(place)
    crew_of(place).finish_rebuild()
    waiting = operator.rebuild(begun.generation)
    assert (waiting.state, waiting.waits_for_confirmation) == ("building", True)
    assert waiting.report is not None
    assert waiting.report["by_field"] == {"overdue.late_total": 1}
    confirmed = operator.confirm_rebuild(begun.generation)
    assert (confirmed.state, confirmed.waits_for_confirmation) == ("building", False)
    crew_of(place).finish_rebuild()
    assert operator.rebuild(begun.generation).state == "live"
    with pytest.raises(Refused, match=r"is old"):
        operator.confirm_rebuild(begun.generation - 1)


def test_what_there_is_and_what_there_is_not(own: Served) -> None:
    with own.caller(ApiRole.OPERATOR) as operator:
        listed = operator.get("/v1/rebuilds").json()["rebuilds"]
        assert listed[0]["generation"] == 1
        assert problem_of(operator.get("/v1/rebuilds/999")) == (404, "rebuild_unknown")
        assert problem_of(operator.get("/v1/rebuilds/0")) == (422, "parameter_invalid")
        kept = operator.get("/v1/access-log?limit=1000").json()["entries"]
    acts = [one["path"] for one in kept if one["act"] == "operated"]
    assert "/v1/rebuilds" in acts
    assert "/v1/rebuilds/2/confirmation" in acts
