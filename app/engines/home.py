"""The folder DUEBOOK_HOME: who is in it, where its engines keep their files, whose they are.

Two lock files order everything. `engines.lock` is held shared by every process that uses the
engines, and `start.lock` exclusively, for a moment, by one that comes, leaves, starts or stops
something. A lock, unlike a pid file, ends with its process, however that one was killed.

PostgreSQL refuses to run as root. For root the servers run as the user who owns the folder, or,
if that is root, as the first of `SERVER_USERS` that exists. Nothing is ever opened to everybody:
a private folder of root's is opened to the group of that user alone, and the folders above it
are left as they are. Where that user cannot come through them (root's own home directory), the
engines keep their files in a folder below `ELSEWHERE`, which the file `storage` names.
Not below /var/tmp, where systems delete files that nobody touched for a month.

A unix socket path has at most 107 bytes. The sockets of a longer home are in a private folder of
/tmp, named by a digest of the home. Not in XDG_RUNTIME_DIR: a service and a login of the same
user would look in different places, and a logout would take the sockets away.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.engines.processes import User, run

SERVER_USERS = ("postgres", "nobody")
ELSEWHERE = Path("/var/lib/duebook")
SOCKET_PATH_BYTES_MAX = 107
SOCKET_NAME = ".s.PGSQL.5432"  # the longest of those in the folder
STORED = ("run", "redis", "postgres", "postgres.new", "programs")


class EngineError(Exception):
    """An engine cannot be had: what was asked, what was found, what to do."""


@dataclass(frozen=True)
class Home:
    """One data folder with everything decided.  Every process comes to the same decisions."""

    folder: Path
    storage: Path  # where `postgres`, `redis` and `run` are: the folder itself, or elsewhere
    sockets: Path
    user: User | None  # whom the servers run as; None is ourselves

    @classmethod
    def open(cls, folder: Path) -> "Home":
        """Make the folder on first use; later only read what was decided then."""
        folder = folder.expanduser().resolve()
        with _explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            storage = _storage_of(folder)
            if storage is None:
                with _locked(folder / "start.lock"):
                    storage = _storage_of(folder) or _settle(folder)
            owner = (storage / "postgres").stat()
            if os.geteuid() not in (0, owner.st_uid):
                raise EngineError(
                    f"Asked for the engines in {folder}; their files belong to user"
                    f" {owner.st_uid}, we are user {os.geteuid()}. Run duebook as that user,"
                    " or set DUEBOOK_HOME to a folder of your own."
                )
            user = User(owner.st_uid, owner.st_gid) if os.geteuid() == 0 else None
            return cls(folder, storage, _sockets_of(storage, user), user)

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Only one process at a time starts or stops something.  Not re-entrant."""
        with _locked(self.folder / "start.lock"), _explained(self.folder):
            yield

    @contextmanager
    def presence(self, last_one_out: Callable[[], None]) -> Iterator[None]:
        """Be counted as a user of the engines; whoever leaves last calls `last_one_out`.

        Everyone comes and leaves through the gate, so a newcomer waits for a stop to end.
        """
        with _opened(self.folder / "engines.lock") as users:
            with self.gate():
                fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield
            finally:
                with self.gate():
                    if _nobody_else_holds(users):
                        last_one_out()

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """Hold the folder alone, for good: refused while anyone uses its engines."""
        with self.gate(), _opened(self.folder / "engines.lock") as users:
            if not _nobody_else_holds(users):
                raise EngineError(
                    f"Asked to remove {self.folder}; its engines are in use."
                    " Stop the duebook processes of this folder first."
                )
            yield

    def delete(self) -> None:
        """Delete what is ours.  The folder goes too, unless somebody else put a file there."""
        for folder in (self.sockets, *(self.storage / name for name in STORED)):
            if folder.exists():
                shutil.rmtree(folder)
        if self.storage != self.folder:
            self.storage.rmdir()
        for name in ("storage", "engines.lock", "start.lock"):
            (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A lock file, open for reading: so a file that root made also locks for its owner.

    Unlocked by name, not by closing: a child forked meanwhile holds a copy of the descriptor.
    """
    with _explained(path.parent):
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _opened(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _nobody_else_holds(users: int) -> bool:
    """Take the lock alone.  A refusal may cost our shared lock too, for Linux lets it go first;
    that is no loss to one who leaves, and the gate keeps others from seeing the moment between.
    """
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _storage_of(folder: Path) -> Path | None:
    """Where the engines keep their files, or None if that was never settled."""
    pointer = folder / "storage"
    if not pointer.exists():
        return folder if (folder / "postgres").exists() else None
    storage = Path(pointer.read_text("utf-8").strip())
    if not (storage / "postgres").exists():
        raise EngineError(
            f"Asked for the engines in {folder}; their files are kept in {storage}, which is gone."
            f" Bring it back, or delete {pointer} to begin with an empty ledger."
        )
    return storage


def _settle(folder: Path) -> Path:
    """Decide where the files are and whose.  `postgres` is made last: it seals the decision."""
    user = _server_user(folder) if os.geteuid() == 0 else None
    storage = folder
    if user and not _let_in(folder, user):
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        storage = Path(tempfile.mkdtemp(prefix=f"{folder.name[:32]}-", dir=ELSEWHERE))
        if not _let_in(storage, user):
            raise EngineError(
                f"Asked for engines in {folder}; user {user.uid}, whom root lends them to, can"
                f" reach neither it nor {ELSEWHERE}. Set DUEBOOK_HOME to a folder that this user"
                " can reach, or DUEBOOK_DATABASE_URL to a server."
            )
    for name in ("redis", "postgres"):
        _private_folder(storage / name, user)
    if storage != folder:
        _write_pointer(folder, storage)
    return storage


def _write_pointer(folder: Path, storage: Path) -> None:
    """All or nothing, and on disk: a torn or lost pointer would hide a ledger."""
    unfinished = folder / "storage.new"
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(f"{storage}\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / "storage")
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _server_user(folder: Path) -> User:
    owner = folder.stat()
    if owner.st_uid != 0:
        return User(owner.st_uid, owner.st_gid)
    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid)
    raise EngineError(
        f"Asked for engines in {folder} as root; PostgreSQL refuses to run as root and there is"
        f" no user {' or '.join(SERVER_USERS)}. Run duebook as another user, or make one of these."
    )


def _let_in(folder: Path, user: User) -> bool:
    """Whether the user can reach the folder, once its group may pass a door that was private."""
    if not _reaches(folder.parent, user):
        return False
    found = folder.stat()
    if found.st_uid == 0 and not found.st_mode & 0o077:
        os.chown(folder, 0, user.gid)
        folder.chmod(0o710)
    return _reaches(folder, user)


def _reaches(folder: Path, user: User) -> bool:
    return run(["test", "-x", folder], user).returncode == 0


def _sockets_of(storage: Path, user: User | None) -> Path:
    folder = storage / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_BYTES_MAX:
        digest = hashlib.sha256(os.fsencode(storage)).hexdigest()[:16]
        folder = Path("/tmp", f"duebook-{digest}")
    _private_folder(folder, user)
    return folder


def _private_folder(folder: Path, user: User | None) -> None:
    """Make a folder that only the server's user can enter, or prove that it is one."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if user and found.st_uid == 0 and stat.S_ISDIR(found.st_mode):
        os.chown(folder, user.uid, user.gid)
        found = folder.lstat()
    wanted_uid = user.uid if user else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted_uid or found.st_mode & 0o077:
        raise EngineError(
            f"Asked for {folder} as a private folder of user {wanted_uid}; found"
            f" {stat.filemode(found.st_mode)} of user {found.st_uid}. Remove it and try again."
        )


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"Asked for the data folder {folder}; it cannot be used: {error}."
            " Set DUEBOOK_HOME to a folder that you can write, on a disk that has room."
        ) from error
