"""SQL by name: `SQL.lock_heads` is the statement in `lock_heads.sql`, read once.

Every statement of duebook stands in a file of its own, whose first line says why it exists.
Projections keep theirs in their own folders and read them with the same `Statements`.
"""

from pathlib import Path


class Statements:
    """The `.sql` files of a folder as attributes, in the form that psycopg executes: bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getattr__(self, name: str) -> bytes:
        file = self._folder / f"{name}.sql"
        try:
            statement = file.read_bytes()
        except FileNotFoundError:
            there = ", ".join(sorted(path.stem for path in self._folder.glob("*.sql")))
            raise AttributeError(
                f"There is no statement {name!r}: {file} does not exist. There is: {there}."
            ) from None
        # An instance attribute is found before __getattr__, so each file is read once.
        setattr(self, name, statement)
        return statement


SQL = Statements(Path(__file__).parent)
