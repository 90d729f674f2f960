"""The folder of a drill: a ledger of its own, made anew each time; no other is touched."""

import shutil
from pathlib import Path

from app.drill.facts import TODAY
from app.engines import remove
from app.settings import Settings

TICK_SECONDS = 0.5
#: Says that a drill made the folder, and that the next one may make it anew.
MARK = "made-by-duebook-drill"


class DrillRefused(Exception):
    """The folder cannot be had, or holds what no drill has made."""


def drill_settings(base: Settings) -> Settings:
    """The settings of the drill's own ledger: its own folder, its own engines."""
    own = {
        "home": base.home.expanduser() / "drill",
        "database_url": None,
        "redis_url": None,
        "broker_url": None,
        "today": TODAY,
        "time_zone": "UTC",
        "tick_seconds": TICK_SECONDS,
        "worker_processes": 2,
        # Nobody heals what the drill has broken before it has looked.
        "monitor": False,
    }
    return base.model_copy(update=own)


def make_anew(home: Path) -> None:
    """An empty folder, where there was none or one that a drill has made."""
    try:
        if home.exists() and any(home.iterdir()):
            if not (home / MARK).exists():
                raise DrillRefused(
                    f"Asked for a drill in {home}; it holds what no drill has made.  Move that, or"
                    " set DUEBOOK_HOME to another folder: a drill makes a folder `drill` in it."
                )
            remove(home)
            shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        (home / MARK).touch()
    except OSError as error:
        raise DrillRefused(
            f"Asked for a drill in {home}; the folder cannot be used: {error}.  Set DUEBOOK_HOME to"
            " a folder that you can write."
        ) from error
