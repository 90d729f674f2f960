"""Money as integers in minor units, and the few places where it is rounded or written out.

Inside duebook an amount is always an `int` in the minor unit of its currency (cents, yen, fils).
Decimal strings exist only at the doors: `to_minor` reads them, `to_text` writes them.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal, assert_never

#: An amount of money.  The mark tells the doors which fields are decimal strings outside.
Amount = Annotated[int, "minor units"]

#: A figure on the way to an amount: whole minor units where it is rounded, else a fraction.
Exact = Fraction | int

Rounding = Literal["half_even", "half_up", "down", "up", "ceiling", "floor"]

#: ISO 4217 currencies whose minor unit is not a hundredth; all others have two decimals.
DECIMALS_BY_CURRENCY = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

_DECIMAL = re.compile(r"(-?)(\d{1,18})(?:\.(\d+))?", re.ASCII)
_RATE = re.compile(r"\d{1,6}(?:\.\d{1,30})?", re.ASCII)


class AmountError(ValueError):
    """A text is no amount of the currency.  The message says what was found and what is allowed."""


def decimals_of(currency: str) -> int:
    """Digits after the point of `currency` (ISO 4217)."""
    return DECIMALS_BY_CURRENCY.get(currency, 2)


def to_minor(text: object, decimals: int) -> int:
    """Read a decimal string such as "100.00" as minor units.

    Raises `AmountError` for anything but a plain decimal string: numbers (JSON floats lose cents),
    exponents, NaN, signs other than a leading minus, and more decimals than the currency has.
    """
    if not isinstance(text, str):
        found = f"{text!r} ({type(text).__name__})"
        raise AmountError(f'an amount is a decimal string such as "100.00", found {found}')
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise AmountError(f'an amount is a decimal string such as "100.00", found {text!r}')
    sign, whole, part = match[1], match[2], match[3] or ""
    if len(part.rstrip("0")) > decimals:
        raise AmountError(f"{text!r} has more than the {decimals} decimals of the currency")
    minor = int(whole + part.rstrip("0").ljust(decimals, "0"))
    return -minor if sign else minor


def to_text(minor: int, decimals: int) -> str:
    """Write minor units as a decimal string: the inverse of `to_minor`."""
    if decimals == 0:
        return str(minor)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    return f"{'-' if minor < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


@lru_cache(maxsize=256)
def to_rate(text: str) -> Fraction:
    """Read a rate or a percentage, "0.156" with at most 30 decimals, exactly.

    Raises `AmountError`.  The same few rates stand in all contracts.
    """
    if _RATE.fullmatch(text) is None:
        asked = 'a rate is a decimal string such as "0.156" with at most 30 decimals'
        raise AmountError(f"{asked}, found {text!r}")
    return Fraction(text)


def rounded(value: Exact, mode: Rounding, multiple: int = 1) -> int:
    """Round `value` to a whole multiple of `multiple` minor units, as `rounded_quotient` does."""
    if isinstance(value, int) and multiple == 1:
        return value
    return rounded_quotient(value.numerator, value.denominator * multiple, mode) * multiple


def rounded_quotient(numerator: int, denominator: int, mode: Rounding) -> int:
    """Round the quotient of two whole numbers, of which the second is positive.

    It need not be in its lowest terms, so nobody has to look for them.  `down` and `up` mean
    towards and away from zero, as in the decimal standard (IEEE 754-2008).
    """
    floor, rest = divmod(numerator, denominator)
    if rest == 0:
        return floor
    match mode:
        case "floor":
            return floor
        case "ceiling":
            return floor + 1
        case "down":
            is_up = floor < 0
        case "up":
            is_up = floor >= 0
        case "half_up":
            is_up = 2 * rest > denominator or (2 * rest == denominator and floor >= 0)
        case "half_even":
            is_up = 2 * rest > denominator or (2 * rest == denominator and floor % 2 == 1)
        case _:
            assert_never(mode)
    return floor + is_up
