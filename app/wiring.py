"""Put the parts together: settings and a clock in, one `App` out.

Nothing connects at import.  A command opens an `App` for as long as it runs; the last process of a
data folder that leaves stops the embedded engines.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg import Connection
from psycopg_pool import ConnectionPool

from app.engines import Engines, engines
from app.page_store import RedisStore
from app.settings import Settings
from ledger import rights, schema
from ledger.books import Answer, Books, Taken
from ledger.log.log import Log
from ledger.rights import Role
from projections import schema as views
from projections.display import Cache, Display
from projections.display.receipts import Receipts
from projections.projector import Projector
from projections.reading import Reader
from workers.broker import make_broker
from workers.brokers.base import RING_SECONDS_MAX
from workers.doorbell import Doorbell

#: Seconds to wait for a connection before a command gives up with a clear error.
CONNECT_SECONDS_MAX = 15
#: After so long without one a pool forgets how long it has waited, so that a server that comes back
#: is found at once and not after as long as it was away.
RECONNECT_SECONDS = 5
#: A server that vanishes without a word is noticed by its silence, not after hours.
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


def now() -> datetime:
    """The one clock of duebook."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """A ledger that is open: its log, its way in, its views and its ways out."""

    settings: Settings
    engines: Engines
    pool: ConnectionPool[Connection]
    log: Log
    books: Books
    projector: Projector
    reader: Reader
    doorbell: Doorbell
    display: Display
    receipts: Receipts
    #: Pages that were read before; None where no Redis is named.
    pages: RedisStore | None

    def ring(self, answers: Iterable[Answer]) -> None:
        """Tell the workers which shards have news; where nobody hears it, their tick finds it."""
        taken = [answer for answer in answers if isinstance(answer, Taken) and not answer.is_retry]
        self.doorbell.ring(one.shard for answer in taken for one in answer.recorded)

    def close(self) -> None:
        """End what is open besides the pool."""
        self.doorbell.close()
        if self.pages is not None:
            self.pages.close()

    def today(self) -> date:
        """The business date: pinned, or that of the business time zone."""
        return self.settings.today or now().astimezone(self.settings.zone).date()


@contextmanager
def opened(
    settings: Settings,
    *,
    needs_redis: bool = False,
    role: Role = Role.SERVICE,
    connect_seconds: float = CONNECT_SECONDS_MAX,
) -> Iterator[App]:
    """The ledger of these settings, with the rights of the role; a command that only reads takes
    the reader's.  Raises `EngineError` or `SchemaError` where there is no ledger.
    """
    with (
        engines(
            settings.home,
            database_url=settings.database_url,
            redis_url=settings.redis_url,
            broker_url=settings.broker_url,
            needs_redis=needs_redis,
        ) as running,
        pool_of(running.database_url, role, connect_seconds) as pool,
    ):
        schema.check(running.database_url)
        with pool.connection() as conn:
            views.check(conn)
        with closing(app_of(settings, running, pool)) as app:
            yield app


def app_of(settings: Settings, running: Engines, pool: ConnectionPool[Connection]) -> App:
    """The parts over one pool of connections."""
    log = Log(pool, now)
    projector = Projector(pool, log, now)
    reader = Reader(pool, log, projector.views)
    pages = RedisStore(running.redis_url) if running.redis_url else None
    return App(
        settings=settings,
        engines=running,
        pool=pool,
        log=log,
        books=Books(log),
        projector=projector,
        reader=reader,
        doorbell=Doorbell(make_broker(running.broker_url, RING_SECONDS_MAX)),
        display=Display(log, reader, None if pages is None else Cache(pages)),
        receipts=Receipts(pool, log, now),
        pages=pages,
    )


def pool_of(
    database_url: str, role: Role = Role.SERVICE, connect_seconds: float = CONNECT_SECONDS_MAX
) -> ConnectionPool[Connection]:
    """A small pool with the rights of the role, in UTC; its first connection is opened at once."""

    def configure(conn: Connection) -> None:
        rights.take(conn, role)

    return ConnectionPool(
        database_url,
        min_size=1,
        max_size=8,
        timeout=connect_seconds,
        reconnect_timeout=RECONNECT_SECONDS,
        kwargs={"options": "-c timezone=UTC", "application_name": "duebook", **NETWORK},
        configure=configure,
        open=True,
    )
