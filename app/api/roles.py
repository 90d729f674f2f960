"""Who may do what: one table.  `docs/api.md` repeats it by route, and a test compares the two."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class ApiRole(StrEnum):
    """What a key or a token is for.  Each has the least that its work needs."""

    SERVICE = "service"
    BORROWER = "borrower"
    SUPPORT = "support"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    OPERATOR = "operator"


class Permission(Enum):
    """What a route needs."""

    #: Without a key: whether the process is alive and ready, and how to talk to it.
    NOTHING = "nothing"
    #: Any key: what touches no account.
    CALCULATE = "calculate"
    APPEND = "append"
    #: The views of one account.
    READ_ACCOUNT = "read_account"
    #: Lists over all accounts.
    READ_LISTS = "read_lists"
    #: Events, replay and derivations: they hold what only the lender knows.
    READ_HISTORY = "read_history"
    #: What was shown to the account's borrower, and when.
    READ_SHOWN = "read_shown"
    #: The books of all accounts together.
    READ_BOOKS = "read_books"
    FOLLOW = "follow"
    DIAGNOSE = "diagnose"
    HEAL = "heal"
    VERIFY = "verify"
    READ_ACCESS_LOG = "read_access_log"
    OPERATE = "operate"
    #: A case about an account, and its answer; its own one for a borrower.
    USE_CASES = "use_cases"
    #: All cases, with what was found.
    HANDLE_CASES = "handle_cases"
    READ_INCIDENTS = "read_incidents"


_R = ApiRole
MAY: dict[Permission, frozenset[ApiRole]] = {
    Permission.NOTHING: frozenset(_R),
    Permission.CALCULATE: frozenset(_R),
    Permission.APPEND: frozenset({_R.SERVICE}),
    Permission.READ_ACCOUNT: frozenset(
        {_R.SERVICE, _R.BORROWER, _R.SUPPORT, _R.AUDITOR, _R.ANALYST}
    ),
    Permission.READ_LISTS: frozenset({_R.SERVICE, _R.SUPPORT, _R.AUDITOR, _R.ANALYST}),
    Permission.READ_HISTORY: frozenset({_R.SUPPORT, _R.AUDITOR}),
    Permission.READ_SHOWN: frozenset({_R.BORROWER, _R.SUPPORT, _R.AUDITOR, _R.OPERATOR}),
    Permission.READ_BOOKS: frozenset({_R.AUDITOR}),
    Permission.FOLLOW: frozenset({_R.SERVICE, _R.AUDITOR}),
    Permission.DIAGNOSE: frozenset({_R.SUPPORT, _R.OPERATOR}),
    Permission.HEAL: frozenset({_R.SUPPORT, _R.OPERATOR}),
    Permission.VERIFY: frozenset({_R.AUDITOR, _R.OPERATOR}),
    Permission.READ_ACCESS_LOG: frozenset({_R.AUDITOR, _R.OPERATOR}),
    Permission.OPERATE: frozenset({_R.OPERATOR}),
    Permission.USE_CASES: frozenset({_R.BORROWER, _R.SUPPORT}),
    Permission.HANDLE_CASES: frozenset({_R.SUPPORT}),
    Permission.READ_INCIDENTS: frozenset({_R.SUPPORT, _R.OPERATOR}),
}

assert MAY.keys() == set(Permission)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever has shown a key or a token that is good."""

    #: The id of the key or the subject of the token: never anything secret.
    name: str
    role: ApiRole
    #: The accounts he is confined to; None is all.
    accounts: frozenset[str] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role has the permission."""
        return self.role in MAY[permission]

    def may_see(self, account_id: str) -> bool:
        """Whether the account is one of his."""
        return self.accounts is None or account_id in self.accounts
