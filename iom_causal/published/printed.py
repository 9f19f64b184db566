"""Reported numbers: the text of the published table, and the rounding interval that it stands for.

The authors' rounding rule is not known, so the interval is closed at both ends: half up,
half to even and half away from zero all lie inside it.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

from iom_causal.errors import InputError, echo
from iom_causal.numerics.printed.interval_arithmetic import Interval

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?(e-?\d{1,2})?", re.IGNORECASE)
_LONGEST = 40
"""Characters of a printed number; no page prints a longer one."""
_RELATION = re.compile(r"^\s*(?:p\s*)?([<>=≤≥])?\s*(.*)$", re.IGNORECASE)

Relation = Literal["=", "<", ">"]


@dataclass(frozen=True, slots=True)
class Printed:
    """Reported number, held as text so that its decimals are never lost.

    Parameters
    ----------
    text : str
        The number as reported: ``"11.64"``, ``".38"``, ``"1,539"``, ``"−3.23"``.

    Raises
    ------
    InputError
        IOM-E100 if the text is not one number, or a bare number was given instead of text.

    Examples
    --------
    >>> t = Printed("11.64")
    >>> t.decimals, str(t.low), str(t.high)
    (2, '2327/200', '2329/200')
    >>> Printed("6.80").decimals
    2
    """

    text: str

    is_text: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise InputError(
                "IOM-E100",
                f"expected a printed number as text, got a bare {type(self.text).__name__}; "
                'write it in quotation marks ("6.80"), because a bare number loses its decimals',
            )
        plain = _plain(self.text)
        if (
            len(plain) > _LONGEST
            or not _NUMBER.fullmatch(plain)
            or not any(character.isdigit() for character in plain.split("e")[0])
        ):
            raise InputError(
                "IOM-E100",
                f'expected one printed number such as "11.64", got {echo(self.text)}; write it as printed',
            )

    @classmethod
    def from_toml(cls, item: Any, where: str) -> Self:
        """Read it from a file; what is refused says where it stands."""
        return _placed(cls, item, where)

    def __str__(self) -> str:
        return self.text

    @property
    def exact(self) -> Fraction:
        """The reported value itself, as a fraction."""
        return Fraction(_decimal(self.text))

    @property
    def value(self) -> float:
        """The reported value itself, as the nearest float."""
        return float(_decimal(self.text))

    @property
    def decimals(self) -> int:
        """The number of decimals reported."""
        return max(0, -int(_decimal(self.text).as_tuple().exponent))

    @property
    def half_unit(self) -> Fraction:
        """Half a unit of the last decimal: the largest rounding error."""
        return Fraction(1, 2 * 10**self.decimals)

    @property
    def low(self) -> Fraction:
        """The lower end of the rounding interval."""
        return self.exact - self.half_unit

    @property
    def high(self) -> Fraction:
        """The upper end of the rounding interval."""
        return self.exact + self.half_unit

    @property
    def count(self) -> int:
        """The value as a whole number that was counted, so with no rounding interval.

        Raises
        ------
        InputError
            IOM-E101 if there are decimals or the number is negative.
        """
        if self.decimals or self.exact < 0:
            raise InputError(
                "IOM-E101",
                f"expected a count (a whole number, 0 or more), got {echo(self.text)}; write it as printed",
            )
        return int(self.exact)

    def admits(self, value: Fraction | float) -> bool:
        """Whether a value lies in the rounding interval."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class PrintedP:
    """Reported p-value: exact to its decimals (``"p = .03"``), or a side of a limit (``"p < .001"``).

    Parameters
    ----------
    text : str
        The p-value as reported; the letter and the equals sign may be left out.

    Raises
    ------
    InputError
        IOM-E100 if the text is not a p-value, IOM-E101 if it lies outside 0 to 1.

    Examples
    --------
    >>> p = PrintedP("p < .001")
    >>> p.relation, float(p.low), float(p.high)
    ('<', 0.0, 0.001)
    """

    text: str

    is_text: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.number.exact <= 1:
            raise InputError(
                "IOM-E101", f"expected a p-value between 0 and 1, got {echo(self.text)}; write it as printed"
            )

    @classmethod
    def from_toml(cls, item: Any, where: str) -> Self:
        """Read it from a file; what is refused says where it stands."""
        return _placed(cls, item, where)

    def __str__(self) -> str:
        return self.text

    @property
    def relation(self) -> Relation:
        """The relation to the number; a bare number means equality."""
        mark = _parts(self.text)[0]
        return "<" if mark in {"<", "≤"} else ">" if mark in {">", "≥"} else "="

    @property
    def number(self) -> Printed:
        """The number after the relation."""
        return Printed(_parts(self.text)[1])

    @property
    def low(self) -> Fraction:
        """The smallest p-value consistent with the report."""
        if self.relation == "<":
            return Fraction(0)
        return self.number.exact if self.relation == ">" else max(Fraction(0), self.number.low)

    @property
    def high(self) -> Fraction:
        """The largest p-value consistent with the report."""
        if self.relation == ">":
            return Fraction(1)
        return self.number.exact if self.relation == "<" else min(Fraction(1), self.number.high)


def _parts(text: str) -> tuple[str, str]:
    if not isinstance(text, str):
        raise InputError(
            "IOM-E100",
            f"expected a printed p-value as text, got a bare {type(text).__name__}; "
            'write it in quotation marks ("p < .001")',
        )
    match = _RELATION.match(text)
    return ("=", text) if match is None else (match.group(1) or "=", match.group(2))


def _plain(text: str) -> str:
    return text.strip().replace("−", "-").replace("–", "-").lower()


def _decimal(text: str) -> Decimal:
    return Decimal(_plain(text).replace(",", ""))


def enclose(number: Printed | PrintedP) -> Interval:
    """Return the rounding interval of a reported number.

    Examples
    --------
    >>> box = enclose(Printed("6.84"))
    >>> round(box.low, 6), round(box.high, 6)
    (6.835, 6.845)
    """
    return Interval.of(number.low, number.high)


def _placed[T](kind: type[T], item: Any, where: str) -> T:
    try:
        return kind(item)  # type: ignore[call-arg]
    except InputError as error:
        raise InputError(error.code, f"{where}: {error.message}") from None
