"""The monitor as it is told from outside: `DUEBOOK_MONITOR_*`, and the parts that it is made of."""

from datetime import datetime, timedelta

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.cli.errors import UserError
from app.wiring import App, now
from projections.incidents import Outbox
from workers.monitor import Monitor, Policy, Remedy, Webhook
from workers.monitor.webhook import WebhookRefused, checked_url, secret_bytes


class MonitorSettings(BaseSettings):
    """With nothing set it heals all that can be healed, and tells nobody."""

    model_config = SettingsConfigDict(env_prefix="DUEBOOK_MONITOR_", extra="ignore")

    # --- what it may do by itself ----------------------------------------------------------------
    #: Fold accounts again whose rows are not what the events say.
    heal: bool = True
    #: Project a shard on which events wait.
    follow: bool = True
    #: Roll a day that was missed.
    roll: bool = True
    retry_quarantine: bool = True
    purge_cache: bool = True

    # --- how patient it is -----------------------------------------------------------------------
    #: An event that is not projected for so long is an incident.
    lag_seconds_max: float = Field(60.0, gt=0)
    #: So long after midnight a day that is not rolled is one.
    roll_seconds_max: float = Field(900.0, ge=0)
    #: The daily pass compares no more accounts in a second.
    accounts_a_second: int = Field(1_000, gt=0)

    # --- whom it tells ---------------------------------------------------------------------------
    webhook_url: str | None = None
    #: The key of the signatures in base64, 24 to 64 bytes.
    webhook_secret: str | None = None

    @property
    def policy(self) -> Policy:
        """The same, as the monitor takes it."""
        return Policy(
            frozenset(remedy for remedy in Remedy if getattr(self, remedy.value)),
            timedelta(seconds=self.lag_seconds_max),
            timedelta(seconds=self.roll_seconds_max),
            self.accounts_a_second,
        )


def monitor_settings() -> MonitorSettings:
    """The settings of the environment.  Raises `UserError` for one that cannot be used."""
    try:
        settings = MonitorSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"DUEBOOK_MONITOR_{'_'.join(map(str, first['loc']))}".upper()
        raise UserError(f"{name} is {first['input']!r:.60}: {first['msg']}") from None
    if settings.webhook_url is not None:
        try:
            checked_url(settings.webhook_url)
            secret_bytes(settings.webhook_secret or "")
        except WebhookRefused as error:
            raise UserError(str(error)) from None
    return settings


def monitor_of(app: App, settings: MonitorSettings) -> Monitor:
    """The monitor over a ledger."""

    def since_midnight() -> timedelta | None:
        if app.settings.today is not None:
            return None  # A pinned date has no hours.
        local = now().astimezone(app.settings.zone)
        return local - datetime.combine(local.date(), datetime.min.time(), local.tzinfo)

    return Monitor(
        app.pool,
        app.log,
        app.projector,
        app.reader,
        now,
        settings.policy,
        has_receiver=settings.webhook_url is not None,
        since_midnight=since_midnight,
        display=app.display,
    )


def webhook_of(app: App, settings: MonitorSettings) -> Webhook | None:
    """The receiver of what the monitor says; None where none is set.  Raises `WebhookRefused`."""
    if settings.webhook_url is None:
        return None
    outbox, secret = Outbox(app.pool, now), settings.webhook_secret or ""
    return Webhook(settings.webhook_url, secret, outbox, now, app.log.ledger_id.hex)
