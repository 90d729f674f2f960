"""Whether the fold runs as Python, the default, or compiled from the very same source.

Nothing may depend on it but what tells people.  `make compiled` builds it (docs/decisions/0040).
"""

from pathlib import Path
from typing import Literal

from ledger.domain import settlement

#: The modules of the fold are compiled all together or not at all, so one tells of all.
FOLD_IS: Literal["plain", "compiled"] = (
    "plain" if Path(settlement.__file__).suffix in (".py", ".pyc") else "compiled"
)
