"""What every request finds at hand: the ledger, the counter, keys, tokens, logs and figures."""

from dataclasses import dataclass
from threading import Event

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.api.access_log import AccessLog, Act
from app.api.currencies import Currencies
from app.api.cursors import Cursors
from app.api.figures import Figures
from app.api.keys import Keys
from app.api.problems import Fault, Problem
from app.api.roles import Caller
from app.api.settings import ApiSettings
from app.api.shared_rates import SharedRates
from app.api.statements import secret_of
from app.api.tokens import TokenRefused, Tokens
from app.wiring import App, now
from ledger.books import Books
from ledger.counter import Counter

#: Wrong keys a second that one address may try, and how many it may save up.
FAILURES_A_SECOND, FAILURES_SAVED_MAX = 5.0, 50.0


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the door, made once for a process."""

    app: App
    settings: ApiSettings
    counter: Counter
    keys: Keys
    tokens: Tokens
    access_log: AccessLog
    rates: SharedRates
    failures: SharedRates
    figures: Figures
    currencies: Currencies
    cursors: Cursors
    #: Set when the process is told to stop: streams end then, at a place that they name.
    stopping: Event

    @classmethod
    def of(cls, app: App, settings: ApiSettings) -> "Desk":
        """The parts over a ledger.  Raises `TokensMisconfigured`."""
        figures = Figures(app)
        with app.pool.connection() as conn:
            secret = secret_of(conn)
        bucket = f"duebook:{app.log.ledger_id}"
        return cls(
            app=app,
            settings=settings,
            counter=Counter(
                # So that what waited behind one that gave up has as long for its own attempt.
                Books(app.log, patience_seconds=settings.append_seconds_max / 2),
                on_group=figures.count_commit,
            ),
            keys=Keys(app.pool, now),
            tokens=Tokens(settings),
            access_log=AccessLog(app.pool, now),
            rates=SharedRates(
                app.engines.redis_url,
                f"{bucket}:requests",
                settings.requests_a_second,
                settings.requests_saved_max,
            ),
            failures=SharedRates(
                app.engines.redis_url,
                f"{bucket}:failures",
                FAILURES_A_SECOND,
                FAILURES_SAVED_MAX,
            ),
            figures=figures,
            currencies=Currencies(app.pool, app.log),
            cursors=Cursors(secret),
            stopping=Event(),
        )

    def close(self) -> None:
        """Finish what was accepted."""
        self.stopping.set()
        self.counter.close()
        self.rates.close()
        self.failures.close()

    async def caller_of(self, authorization: str | None) -> Caller:
        """Who comes.  Raises `Problem` (401) without a key or token that is good."""
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise _unauthenticated("no key is shown; send Authorization: Bearer with one")
        if text.startswith("duebook_"):
            is_known, caller = self.keys.remembered(text)
            if not is_known:
                caller = await run_in_threadpool(self.keys.caller, text)
            if caller is None:
                raise _unauthenticated("the key is not good: it is unknown or was revoked")
            return caller
        try:
            return await run_in_threadpool(self.tokens.caller, text)
        except TokenRefused as error:
            raise _unauthenticated(str(error)) from None

    async def log_access(
        self, request: Request, act: Act, outcome: str, caller: Caller | None
    ) -> None:
        """Keep a refused access or an act of an operator."""
        await run_in_threadpool(
            self.access_log.write,
            act,
            outcome,
            caller=caller,
            method=request.method,
            path=request.url.path,
            account_id=request.path_params.get("account"),
            request_id=request.state.request_id,
        )


def desk_of(request: Request) -> Desk:
    """The desk of the process that serves the request."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


def _unauthenticated(detail: str) -> Problem:
    challenge = {"WWW-Authenticate": 'Bearer realm="duebook"'}
    return Problem(Fault.UNAUTHENTICATED, detail, headers=challenge)
