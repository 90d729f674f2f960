"""Business days by named calendars: what the doors write into terms, before anybody decides.

A name is a country, perhaps with a part of it, or a market, as the `holidays` library has them:
CN, US-CA, XNYS, XECB.  Weekends are those of the country, and weekend days that are worked instead
of others (调休) are business days.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from threading import Lock

import holidays

from ledger.domain.limits import DAYS_TO_BUSINESS_DAY_MAX
from ledger.domain.terms import BusinessDays

ONE_DAY = timedelta(days=1)
CALENDARS_CACHED_MAX = 64

#: A calendar fills in a year when it is first asked about it: only one thread may look at a time.
_LOOKING = Lock()


class CalendarUnusable(ValueError):
    """A calendar that is unknown, or does not know the years asked about.  Says what is known."""


def resolved(rules: BusinessDays, agreed: Iterable[date]) -> BusinessDays:
    """The rules with the business day that each agreed date becomes.  Raises `CalendarUnusable`."""
    calendar = _calendar(rules.calendar)
    with _LOOKING:
        return replace(rules, due_dates=tuple(_moved(calendar, rules, day) for day in agreed))


@lru_cache(maxsize=CALENDARS_CACHED_MAX)
def _calendar(name: str) -> holidays.HolidayBase:
    country, _, part = name.partition("-")
    try:
        if country in holidays.list_supported_financial() and not part:
            return holidays.financial_holidays(country)
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise CalendarUnusable(
            f"calendar {name!r:.40} is unknown; write a country such as CN, with a part such as"
            " US-CA, or a market such as XNYS"
        ) from None


def _moved(calendar: holidays.HolidayBase, rules: BusinessDays, agreed: date) -> date:
    if rules.convention == "NONE":
        return agreed
    step = -ONE_DAY if rules.convention == "PRECEDING" else ONE_DAY
    day = _next(calendar, rules.calendar, agreed, step)
    if rules.convention == "MODFOLLOWING" and day.month != agreed.month:
        return _next(calendar, rules.calendar, agreed, -ONE_DAY)
    return day


def _next(calendar: holidays.HolidayBase, name: str, day: date, step: timedelta) -> date:
    """The day itself, or the nearest business day in one direction."""
    first, last = calendar.start_year, calendar.end_year
    for _ in range(DAYS_TO_BUSINESS_DAY_MAX + 1):
        if not first <= day.year <= last:
            raise CalendarUnusable(
                f"calendar {name} knows the years {first} to {last}, {day} was asked for"
            )
        if calendar.is_working_day(day):
            return day
        day += step
    raise CalendarUnusable(
        f"calendar {name} has no business day within {DAYS_TO_BUSINESS_DAY_MAX} days of {day}"
    )
