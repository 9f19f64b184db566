"""Harm-weighted outcomes: a severity table that the user supplies, and counts by offence weighted by it.

A table gives every offence a weight, such as days of a sentence or an index of severity; none comes with the package.
The weighted sum of a person's counts is an outcome of kind ``"amount"``: a ratio of it is a change of harm, which few
grave offences may decide, so that intervals are wide.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import FrozenMap, digest
from iom_causal.data.files import cells
from iom_causal.data.files.readers import read_sheet, said_of
from iom_causal.data.files.reading import Conversion
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.panel import Panel
from iom_causal.panel import columns as col
from iom_causal.panel.where import AT_POSITIONS, Where

type Floats = NDArray[np.float64]

NAMED = 5
"""Codes of offences that a message names: they stand in the names of columns, and are nobody's."""
CODE = "{code}"
"""Stands for the code of an offence in the names of an outcome's columns."""


@dataclass(frozen=True, kw_only=True)
class SeverityTable:
    """Weights of offences by code, with the name and version that every result on them states.

    Parameters
    ----------
    name : str
        What the table is called, such as that of the index that it holds.
    weights : mapping of str to float
        The weight of each offence, from 0 and not all of them 0, by its code.
    version : str
        Its version or date.

    Raises
    ------
    SpecError
        IOM-E092 without a name or an offence.
    InputError
        IOM-E076 for weights below 0, missing or infinite, and where all are 0.

    References
    ----------
    Sherman, Neyroud & Neyroud (2016), Policing 10, 171-183; Babyak et al. (2009), The Measurement of Crime in Canada.

    Examples
    --------
    >>> invented = SeverityTable(name="Invented harm", version="2024", weights={"theft": 2.0, "assault": 30.0})
    >>> theft = Panel.from_arrays([[3, 1], [4, 4]], name="theft")
    >>> assault = Panel.from_arrays([[0, 0], [2, 1]], name="assault")
    >>> harm = invented.panel({"theft": theft, "assault": assault})
    >>> harm, harm.outcome.tolist()
    (Panel('harm', amount, 2 people, 2 windows), [[6.0, 2.0], [68.0, 38.0]])
    >>> harm.notes
    ('each event counts by its weight in Invented harm (2024), 2 kinds of offence',)
    """

    name: str
    weights: Mapping[str, float]
    version: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.weights:
            raise SpecError("IOM-E092", "SeverityTable: expected the name of the table and a weight for each offence")
        values = np.array(list(self.weights.values()), dtype=np.float64)
        _check_weights(values, f"severity table {echo(self.name)}", AT_POSITIONS)
        object.__setattr__(self, "weights", FrozenMap({str(k): float(v) for k, v in self.weights.items()}))

    @classmethod
    def from_frame(cls, df: Any, *, code: str, weight: str, name: str, version: str = "") -> Self:
        """Read a frame with one row an offence.

        Parameters
        ----------
        df : frame
            Anything that narwhals understands.
        code, weight : str
            The columns of codes, each once, and of weights.
        name, version : str
            As in `SeverityTable`.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"offence": [101, 102], "days": [2.0, 30.0]})
        >>> dict(SeverityTable.from_frame(df, code="offence", weight="days", name="Invented harm").weights)
        {'101': 2.0, '102': 30.0}
        """
        columns = col.as_columns(df, [code, weight])
        return cls._of_columns(
            columns[code], col.numbers(columns[weight], weight), (code, weight), AT_POSITIONS, name, version
        )

    @classmethod
    def _of_columns(
        cls, codes: ArrayLike, values: ArrayLike, named: tuple[str, str], where: Where, name: str, version: str
    ) -> Self:
        words = _words(codes)
        lacking = np.array([word is None for word in words])
        where.refuse("IOM-E034", f"column {echo(named[0])}", lacking, "[code is|codes are] missing")
        weights = np.asarray(values, dtype=np.float64)
        _check_weights(weights, f"column {echo(named[1])}", where)
        again = col.repeated(np.array(words, dtype=np.str_))
        where.refuse(
            "IOM-E039", f"column {echo(named[0])}", again, "[row shares its|rows share their] code with another"
        )
        return cls(name=name, version=version, weights=dict(zip(map(str, words), weights.tolist(), strict=True)))

    @property
    def note(self) -> str:
        """What a reader of a result should know of the weights."""
        zero = sum(weight == 0 for weight in self.weights.values())
        none = f", {zero} of them of weight 0" if zero else ""
        kinds = counted(len(self.weights), "[kind|kinds] of offence")
        return f"each event counts by its weight in {self.called}, {kinds}{none}"

    @property
    def called(self) -> str:
        """The table's name and version."""
        return f"{self.name} ({self.version})" if self.version else self.name

    def record(self) -> dict[str, str]:
        """Return what a manifest says of it: name, version, and a digest of its weights."""
        return {"name": self.name, "version": self.version, "digest": digest(self)}

    def weights_of(self, codes: ArrayLike, *, where: Where = AT_POSITIONS) -> Floats:
        """Return the weight of each row of a table of events.

        Parameters
        ----------
        codes : array_like
            (n,) the code of each row's offence.
        where : Where
            How messages name rows.

        Raises
        ------
        InputError
            IOM-E034 for rows without a code, IOM-E093 for codes that are not in the table: how many rows, and which.

        Examples
        --------
        >>> invented = SeverityTable(name="Invented harm", weights={"theft": 2.0, "assault": 30.0})
        >>> invented.weights_of(["theft", "assault", "theft"]).tolist()
        [2.0, 30.0, 2.0]
        >>> invented.weights_of(["theft", "fraud"])
        Traceback (most recent call last):
            ...
        iom_causal.errors.InputError: IOM-E093: codes of offences: 1 row has a code that is not in 'Invented harm' \
(position 1); add its weight to the table, 0 where it shall not count
        """
        words = _words(codes)
        where.refuse(
            "IOM-E034", "codes of offences", np.array([w is None for w in words]), "[row has|rows have] no code"
        )
        unknown = np.array([word not in self.weights for word in words])
        where.refuse(
            "IOM-E093",
            "codes of offences",
            unknown,
            f"[row has a code that is|rows have codes that are] not in {echo(self.name)}",
            "add its weight to the table, 0 where it shall not count",
        )
        return np.array([self.weights[str(word)] for word in words], dtype=np.float64)

    def panel(self, counts: Mapping[str, Panel], *, name: str = "harm") -> Panel:
        """Return the weighted sum of counts by offence, as a panel of an amount.

        Parameters
        ----------
        counts : mapping of str to Panel
            A panel of counts for each code, of the same people and windows; offences of the table that are not here
            happened to nobody. A value missing of one offence is missing of the sum.
        name : str
            What the amount is called in every sentence.

        Raises
        ------
        InputError
            IOM-E093 for codes that are not in the table, IOM-E066 for what is no count, IOM-E037 for panels of other
            people, IOM-E047 for other windows.
        """
        if not counts:
            raise InputError("IOM-E061", f"{name}: expected counts of at least one offence, got none")
        self.check_codes(counts, name)
        first = next(iter(counts.values()))
        for panel in counts.values():
            _check_alike(panel, first, name)
        total = sum(self.weights[code] * panel.outcome.astype(np.float64) for code, panel in counts.items())
        notes = [note for panel in counts.values() for note in panel.notes]
        return replace(
            first,
            outcome=np.asarray(total),
            kind="amount",
            name=name,
            notes=tuple(dict.fromkeys([*notes, self.note])),
        )

    def check_codes(self, codes: Iterable[str], name: str) -> None:
        """Refuse codes that are not in the table, for the outcome of a name.

        Raises
        ------
        InputError
            IOM-E093.
        """
        unknown = [code for code in codes if code not in self.weights]
        if unknown:
            more = f" and {len(unknown) - NAMED} more" * (len(unknown) > NAMED)
            raise InputError(
                "IOM-E093",
                f"{name}: {counted(len(unknown), '[offence is|offences are]')} not in the table {echo(self.name)}: "
                f"{', '.join(map(echo, unknown[:NAMED]))}{more}; add a weight for each, 0 where it shall not count",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile(Conversion):
    """Specification of a file that holds a severity table: a row an offence, its code and its weight.

    Parameters
    ----------
    file : str
        Its name, beside the study file.
    name : str
        What the table is called.
    version : str
        Its version or date.
    code, weight : str
        The columns of codes and of weights.
    sheet, encoding, separator, skip_rows, header_rows, drop_rows, decimal
        As in `Extract`.

    Examples
    --------
    >>> WeightsFile(file="weights.csv", name="harm", version="2020", code="offence").weight
    'weight'
    """

    where: ClassVar[str] = "outcome, weights"
    unread: ClassVar[tuple[str, ...]] = ("dates", "missing")

    file: str
    name: str
    version: str = ""
    code: str = "code"
    weight: str = "weight"

    def read(self, folder: Path | str = ".") -> SeverityTable:
        """Read the file.

        Raises
        ------
        InputError
            Those of `read_sheet` and of `SeverityTable.from_frame`, with the name of the file and its rows.
        """
        with said_of("the file of weights", self.file):
            sheet = read_sheet(Path(folder) / self.file, self)
            values = cells.numbers(sheet, self.weight, decimal=self.decimal).array
            return SeverityTable._of_columns(  # noqa: SLF001 the one reading of both
                cells.texts(sheet, self.code),
                values,
                (self.code, self.weight),
                Where(rows=sheet.at),
                self.name,
                self.version,
            )


def offences_in(columns: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the codes for which some column has the name of a pattern, in order of the columns.

    Examples
    --------
    >>> offences_in(["urn", "theft before", "theft after", "fraud after"], ["{code} before", "{code} after"])
    ('theft', 'fraud')
    """
    forms = [re.compile("(.+)".join(map(re.escape, pattern.split(CODE)))) for pattern in patterns]
    found = (form.fullmatch(name) for name in columns for form in forms)
    return tuple(dict.fromkeys(match.group(1) for match in found if match))


def _words(codes: ArrayLike) -> list[str | None]:
    def word(cell: Any) -> str | None:
        if cell is None or cell != cell:  # noqa: PLR0124 NaN
            return None
        return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell).strip() or None

    return [word(cell) for cell in np.asarray(codes, dtype=object).tolist()]


def _check_weights(values: Floats, about: str, where: Where) -> None:
    where.refuse("IOM-E076", about, np.isnan(values), "[weight is|weights are] missing")
    where.refuse("IOM-E076", about, np.isinf(values), "[weight is|weights are] infinite")
    where.refuse("IOM-E076", about, values < 0, "[weight is|weights are] below 0")
    if not values.any():
        raise InputError("IOM-E076", f"{about}: expected weights of which some are above 0")


def _check_alike(panel: Panel, first: Panel, name: str) -> None:
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{name}: expected counts by offence, got a {panel.kind}")
    if panel.outcome.shape != first.outcome.shape:
        raise InputError("IOM-E037", f"{name}: expected panels of the same people and windows for every offence")
    if panel.windows != first.windows:
        raise InputError("IOM-E047", f"{name}: expected the same windows for every offence")
    if not _same_ids(panel.ids, first.ids):
        raise InputError("IOM-E037", f"{name}: expected the same people in the same order for every offence")


def _same_ids(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    return one is None or other is None or bool(np.array_equal(one, other))
