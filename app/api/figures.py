"""The figures of the door and of the ledger behind it, as Prometheus reads them."""

from collections.abc import Iterable, Iterator
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.wiring import App, now
from ledger.books import Answer, Taken
from projections.display import Shown
from projections.display.receipts import Written
from projections.incidents import Incidents, Outbox
from workers.monitor import passes_of

LINES_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
SECONDS_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Figures:
    """What this process counts, and what it asks of the ledger when somebody looks."""

    def __init__(self, app: App) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "duebook_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "duebook_request_seconds",
            "From the head of a request to the end of its answer.",
            ("method", "route"),
            buckets=SECONDS_BUCKETS,
            registry=self.registry,
        )
        self._facts = Counter(
            "duebook_facts_total",
            "Facts brought: recorded now, or recorded already.",
            ("outcome",),
            registry=self.registry,
        )
        self._rejections = Counter(
            "duebook_rejections_total",
            "Facts refused, by the code of the catalogue.",
            ("code",),
            registry=self.registry,
        )
        self._group_lines = Histogram(
            "duebook_commit_lines",
            "Facts that went into one transaction together.",
            buckets=LINES_BUCKETS,
            registry=self.registry,
        )
        self._commit_seconds = Histogram(
            "duebook_commit_seconds",
            "From the beginning of a transaction of facts to its answer.",
            buckets=SECONDS_BUCKETS,
            registry=self.registry,
        )
        self.pages = PageFigures(self.registry)
        self.registry.register(LedgerFigures(app))

    def count_answers(self, answers: Iterable[Answer]) -> None:
        """What became of facts."""
        for answer in answers:
            if isinstance(answer, Taken):
                self._facts.labels("retry" if answer.is_retry else "recorded").inc()
            else:
                self._rejections.labels(answer.code.value).inc()

    def count_commit(self, lines: int, seconds: float) -> None:
        """A transaction of the counter."""
        self._group_lines.observe(lines)
        self._commit_seconds.observe(seconds)

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self.registry)


class PageFigures:
    """What became of the pages of borrowers, and of the receipts for them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._pages = Counter(
            "duebook_pages_total",
            "Pages shown to borrowers: in full, with less than all, refused, or not current.",
            ("shown",),
            registry=registry,
        )
        self._receipts = Counter(
            "duebook_receipts_total",
            "Receipts of pages: written, unchanged, full (the limit of the day), or failed.",
            ("outcome",),
            registry=registry,
        )

    def count_page(self, shown: Shown) -> None:
        """A page that a borrower got."""
        if shown.refusal is not None:
            said = "refused"
        elif not shown.content.is_current:
            said = "not_current"
        else:
            said = "lessened" if shown.withheld else "in_full"
        self._pages.labels(said).inc()

    def count_receipt(self, outcome: Written | Literal["failed"]) -> None:
        """What became of a receipt."""
        self._receipts.labels(outcome).inc()


class LedgerFigures(Collector):
    """How far the log is and the views behind it, asked at the moment of looking."""

    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> Iterable[Metric]:
        """Nothing yet: to name the figures nobody needs the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Heads, lag, the day rolled to and the quarantine."""
        checkpoints = self._app.projector.checkpoints()
        heads = {head.shard: head.position for head in self._app.log.heads()}
        head = GaugeMetricFamily(
            "duebook_head_position", "Last event of a shard.", labels=["shard"]
        )
        lag = GaugeMetricFamily("duebook_lag_events", "Not projected yet.", labels=["shard"])
        rolled = GaugeMetricFamily(
            "duebook_rolled_to_days",
            "The date a shard is rolled to, in days since 1970-01-01.",
            labels=["shard"],
        )
        for point in checkpoints:
            shard = str(point.shard)
            head.add_metric([shard], heads[point.shard])
            lag.add_metric([shard], heads[point.shard] - point.position)
            if point.rolled_to is not None:
                rolled.add_metric([shard], point.rolled_to.toordinal() - _EPOCH)
        yield from (head, lag, rolled)
        cache = self._app.display.cache
        if cache is not None:
            pages = CounterMetricFamily(
                "duebook_page_cache", "What the cache of pages had to say.", labels=["outcome"]
            )
            for outcome, count in sorted(cache.counts.items()):
                pages.add_metric([outcome], count)
            yield pages
        yield GaugeMetricFamily(
            "duebook_quarantined_accounts",
            "Accounts that could not be folded.",
            len(self._app.reader.quarantined()),
        )
        yield from self._watched()

    def _watched(self) -> Iterator[GaugeMetricFamily]:
        """What the monitor has found, and how far it has looked."""
        pool = self._app.pool
        opened = GaugeMetricFamily(
            "duebook_incidents", "Incidents that were ever opened.", labels=["cause"]
        )
        still = GaugeMetricFamily(
            "duebook_incidents_open", "Incidents that are open.", labels=["cause"]
        )
        ill = GaugeMetricFamily(
            "duebook_incident_accounts",
            "Accounts and shards that open incidents concern and that are not clean.",
            labels=["cause"],
        )
        for row in Incidents(pool).counts():
            for family, name in ((opened, "opened"), (still, "open"), (ill, "ill")):
                family.add_metric([row["cause"]], row[name])
        checked = GaugeMetricFamily(
            "duebook_checked_day_days",
            "The last date on which all of a shard was compared, in days since 1970-01-01.",
            labels=["shard"],
        )
        for one in passes_of(pool):
            if one.checked_day is not None:
                checked.add_metric([str(one.shard)], one.checked_day.toordinal() - _EPOCH)
        yield from (opened, still, ill, checked)
        yield GaugeMetricFamily(
            "duebook_webhook_messages_waiting",
            "Messages that the receiver of the webhook has not taken yet.",
            Outbox(pool, now).waiting().messages,
        )


_EPOCH = 719_163  # The ordinal of 1970-01-01.
