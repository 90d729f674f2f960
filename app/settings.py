"""What a duebook process is told from outside: one setting an environment variable."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from `DUEBOOK_*`.  With nothing set, everything runs in `home` on this machine."""

    model_config = SettingsConfigDict(env_prefix="DUEBOOK_", extra="ignore")

    #: Data folder of the embedded engines.
    home: Path = Field(default_factory=lambda: Path.home() / ".duebook")
    database_url: str | None = None
    redis_url: str | None = None
    #: The broker of the workers, if it is not that Redis: amqp://user:password@host/virtual-host.
    broker_url: str | None = None
    #: The business date, pinned so that a run can be repeated; None is the calendar's.
    today: date | None = None
    #: Where the business day begins and ends.
    time_zone: str = "UTC"
    #: Seconds between two looks for work that no message announced.
    tick_seconds: float = 2.0
    #: Processes that `duebook up` and `duebook workers` start.
    worker_processes: int = 2
    #: Whether workers look for faults and heal them; `DUEBOOK_MONITOR_*` say how.
    monitor: bool = True

    #: Months of display receipts that are kept, the present one among them; at least two are.
    receipt_months: int = Field(24, ge=2, le=1_200)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the business day."""
        return ZoneInfo(self.time_zone)
