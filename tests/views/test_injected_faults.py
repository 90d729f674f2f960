"""Each cause, injected, is named, alone, and its remedy heals it; nobody beside it is named."""

from dataclasses import replace
from datetime import date

import pytest

from app.faults import INJECTIONS, WAYS, FaultRefused, Injected, Look, Site
from app.faults.listing import cause_of, inject, mend_one
from projections.diagnosis import Cause, Claim, Diagnosis, although_paid, diagnose
from projections.display import Client, Question, Viewer
from tests.display.pages import Shelf
from tests.house import House
from tests.lines import good_payer, late_payer, paid, reversed_
from tests.views.sites import receipts_of, site_over

LATE = date(2026, 2, 20)
SUFFERER, WITNESSES = "A-late", ("A-other", "A-good")
#: Every way in which every cause can come about.
EVERY_WAY = [
    (cause, how)
    for cause in INJECTIONS
    for how in (sorted(WAYS[cause][1]) if cause in WAYS else [""])
]  # fmt: skip


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def site(house: House, shelf: Shelf) -> Site:
    """Two accounts overdue and shown, one that pays well; all fresh."""
    for account in (SUFFERER, WITNESSES[0]):
        house.record(*late_payer(account))
    house.record(*good_payer(WITNESSES[1]))
    return caught_up(site_over(house, LATE, shelf))


def caught_up(site: Site) -> Site:
    for shard in range(site.log.shards):
        while site.projector.follow(shard, site.today) is not None:
            pass
        for _ in site.projector.roll(shard, site.today):
            pass
    return site


def injected(site: Site, cause: Cause, how: str = "") -> Injected:
    account = "A-unknown" if cause is Cause.NOT_RECORDED else SUFFERER
    if how:
        return WAYS[cause][0](site, account, how)
    made = INJECTIONS[cause](site, account)
    if cause in (Cause.KNOWN_LATER, Cause.NOT_OVERDUE, Cause.WITHHELD_BY_POLICY):
        caught_up(site)
    return made


def do(site: Site, diagnosis: Diagnosis, fault: Injected) -> Look:
    """What the remedy says, and what only the outside world can do; how one looks after it."""
    assert diagnosis.finding is not None
    remedy = diagnosis.finding.remedy or ""
    verb = remedy.split()[1] if remedy else ""
    if verb in ("heal", "quarantine"):
        site.projector.heal([fault.account_id], site.today)
    elif verb == "rebuild":
        site.projector.heal([WITNESSES[0], SUFFERER], site.today)
    elif verb == "purge":
        site.display.purge(fault.account_id, site.today)
    mend_one(site, fault)
    caught_up(site)
    if fault.cause == "client_too_old":
        return replace(fault.look, version=remedy.rpartition("/")[2])
    return Look()


@pytest.mark.parametrize(("cause", "how"), EVERY_WAY, ids=lambda one: getattr(one, "value", one))
def test_the_cause_is_named_alone_and_its_remedy_heals(site: Site, cause: Cause, how: str) -> None:
    fault = injected(site, cause, how)
    diagnosis = site.ask(fault.account_id, fault.look)
    assert diagnosis.finding is not None
    assert diagnosis.cause == cause.value
    if cause is not Cause.LEDGER_TAMPERED:  # What a forged log says is anybody's guess.
        assert diagnosis.noticed == ()
    assert [site.ask(one).is_healthy for one in WITNESSES] == [True, True]
    look = do(site, diagnosis, fault)
    after = site.ask(fault.account_id, look)
    assert after.is_healthy, after
    assert after.cause == ("not_overdue" if cause is Cause.NOT_OVERDUE else "shown")


def test_after_the_first_remedy_the_second_cause_is_named(site: Site) -> None:
    first = injected(site, Cause.DAY_NOT_ROLLED)
    injected(site, Cause.STALE_CACHE)
    diagnosis = site.ask(SUFFERER)
    assert diagnosis.cause == "day_not_rolled"
    assert [finding.cause.value for finding in diagnosis.noticed] == ["stale_cache"]
    do(site, diagnosis, first)
    assert (site.ask(SUFFERER).cause, site.ask(SUFFERER).noticed) == ("stale_cache", ())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Cause.QUARANTINED, Cause.CLIENT_TOO_OLD),
        (Cause.DRIFTED, Cause.STALE_CACHE),
        (Cause.WITHHELD_BY_POLICY, Cause.DRIFTED),
    ],
)
def test_two_faults_are_named_in_the_order_of_the_list(
    site: Site, first: Cause, second: Cause
) -> None:
    look = Look()
    for cause in (first, second):
        made = injected(site, cause)
        look = made.look if made.look != Look() else look
    diagnosis = site.ask(SUFFERER, look)
    named = [diagnosis.cause, *(one.cause.value for one in diagnosis.noticed)]
    assert named == [one.value for one in Cause if one in (first, second)]


def test_a_payment_that_the_cache_does_not_show_yet(site: Site, shelf: Shelf) -> None:
    injected(site, Cause.NOT_OVERDUE)
    look = Question(SUFFERER, "overdue", Viewer.borrower_of(SUFFERER), Client(), LATE)
    site.display.show(look)
    [(key, _)] = shelf.entries.items()
    shelf.entries[key] = b"an entry that somebody else has written"
    asked = although_paid(site.log, SUFFERER, LATE, Claim(), display=site.display)
    assert asked.finding is not None
    assert (asked.cause, asked.finding.sub_cause) == ("not_shown_yet", "stale_cache")
    assert asked.finding.remedy == f"duebook purge {SUFFERER}"
    site.display.purge(SUFFERER, LATE)
    after = although_paid(site.log, SUFFERER, LATE, Claim(), display=site.display)
    assert (after.cause, after.is_healthy) == ("not_overdue", True)


def test_a_cache_that_does_not_answer_is_no_clean_answer(site: Site, shelf: Shelf) -> None:
    shelf.is_away = True
    diagnosis = site.ask(SUFFERER)
    assert (diagnosis.cause, diagnosis.is_healthy) == ("shown", False)
    assert diagnosis.incomplete == (
        "stale_cache could not be checked: the cache does not answer (killed by the test); the"
        " page was made without it",
    )


def test_notices_are_spoken_of_only_where_they_are_asked_for(site: Site) -> None:
    asked = diagnose(site.log, SUFFERER, LATE, display=site.display, asks_notices=True)
    assert any("this ledger keeps no notices" in text for text in asked.incomplete)
    assert site.ask(SUFFERER).incomplete == ()


def test_a_diagnosis_leaves_the_cache_as_it_found_it(site: Site, shelf: Shelf) -> None:
    injected(site, Cause.STALE_CACHE)
    before = dict(shelf.entries)
    assert [site.ask(SUFFERER).cause for _ in range(2)] == ["stale_cache"] * 2
    assert shelf.entries == before


def test_a_page_that_was_shown_is_a_witness_of_the_past(site: Site) -> None:
    receipts = receipts_of(site)
    question = Question(SUFFERER, "overdue", Viewer.borrower_of(SUFFERER), Client(), LATE)
    receipts.write(site.display.show(question))
    then = site.log.now()
    site.projector.heal([SUFFERER], LATE)  # It replaces the very receipt of then.
    past = diagnose(
        site.log, SUFFERER, LATE, known_at=then, display=site.display, receipts=receipts
    )
    assert past.cause == "shown"
    assert past.finding is not None
    assert "shown to borrower borrower" in past.finding.evidence[-1].sentence


@pytest.mark.parametrize(
    ("cause", "account", "said"),
    [
        ("drifted", "A-nobody", "which is not in the log"),
        ("drifted", "A-good", "which is not overdue"),
        ("not_recorded", SUFFERER, "which is recorded"),
        ("notice_failed", SUFFERER, "keeps no notices"),
        ("moonshine", SUFFERER, "There is no cause 'moonshine'"),
    ],
)
def test_a_fault_that_would_be_none_is_refused(
    site: Site, cause: str, account: str, said: str
) -> None:
    with pytest.raises(FaultRefused, match=said):
        INJECTIONS[cause_of(cause)](site, account)


def test_a_ledger_without_drills_takes_no_fault(site: Site) -> None:
    with pytest.raises(FaultRefused, match="made without drills, for good"):
        inject(site, Cause.DRIFTED, SUFFERER)
    assert site.ask(SUFFERER).is_healthy


@pytest.mark.parametrize(
    ("topic", "stood", "stands"),
    [
        ("payment.reversed", '"P-1"', '"P-9"'),
        ("draw.made", '"term_count":3', '"term_count":null'),
        ("account.opened", '"CNY"', "[]"),
    ],
)
def test_an_account_of_which_an_event_was_forged_beyond_reading_still_has_an_answer(
    site: Site, topic: str, stood: str, stands: str
) -> None:
    site.books.append_all([paid(SUFFERER, "P-1", "10.00", "2026-02-06")])
    site.books.append_all([reversed_(SUFFERER, "P-1", "2026-02-07")])
    caught_up(site)
    with site.as_login() as conn:
        conn.execute("SET LOCAL session_replication_role = replica")
        forged = (
            "UPDATE events SET state = replace(encode(state, 'escape'), %s, %s)::bytea"
            " WHERE topic = %s AND stream_id = %s"
        )
        assert conn.execute(forged, (stood, stands, topic, SUFFERER)).rowcount == 1
    diagnosis = site.ask(SUFFERER)
    assert diagnosis.cause == "ledger_tampered"
    assert any("cannot be replayed" in said for said in diagnosis.incomplete)
    question = Question(SUFFERER, "overdue", Viewer.borrower_of(SUFFERER), Client(), LATE)
    assert site.display.show(question).content.plans
