"""Observations of people by windows, over replicates: the one reading of a panel behind pairs, rows and counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.inputs.sample import Notes, SampleAccount, each_own, exposure_words, set_aside
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Observations:
    """People by windows, with a replicate axis, and the account of who is not among them.

    Attributes
    ----------
    people : Panel
        The people whom a method uses: managed ones, or comparison people too. Its `treated`, `group`, `windows` and
        `exposure` have no other reading.
    stated : tuple of str
        The notes of the panel.
    aside : ndarray
        (R,) or one number: comparison people set aside, by their weights.
    """

    people: Panel
    stated: Notes
    aside: Any

    @property
    def notes(self) -> Notes:
        """Those of the panel, and how many comparison people were set aside, the most over replicates."""
        return self.stated + set_aside(int(np.max(self.aside)))

    @property
    def outcome(self) -> NDArray[Any]:
        """(R, n, T), of the panel's own type; NaN where nothing was observed."""
        outcome = self.people.outcome
        return outcome if outcome.ndim == 3 else outcome[None]

    @property
    def observed(self) -> NDArray[np.bool_]:
        """(R, n, T) where there is an outcome; (1, n, T) of whole numbers, of which none is missing."""
        outcome = self.outcome
        return ~np.isnan(outcome) if outcome.dtype.kind == "f" else np.ones((1, *outcome.shape[1:]), dtype=np.bool_)

    @property
    def weight(self) -> Floats:
        """(1, n) or (R, n) how often each person counts."""
        weight = self.people.weight
        return np.ones((1, self.people.n)) if weight is None else np.atleast_2d(weight.astype(np.float64))

    @property
    def given(self) -> Integers | None:
        """(R,) people given, where each replicate has weights of its own."""
        weight = self.people.weight
        return None if weight is None or weight.ndim < 2 else np.rint(weight.sum(-1)).astype(np.int64)

    @property
    def n_input(self) -> int:
        """People given, the most over replicates."""
        weight = self.people.weight
        return self.people.n if weight is None else round(float(weight.sum(-1).max()))

    @property
    def exposure(self) -> str:
        """The days at risk in words."""
        return exposure_words(self.people.exposure)

    def sample(
        self, missing: Callable[[int, int, int], Notes], used: Integers, part: Any = 0, *, last: Notes = ()
    ) -> SampleAccount:
        """Return the account of the sample, of each replicate where they differ.

        Parameters
        ----------
        missing : callable
            Notes on who was left out, from people given, `used` and `part`.
        used, part : ndarray
            (R,) or one number: people used, and those used for some of their windows.
        last : tuple of str
            Notes that follow.
        """

        def notes(given: int, used: int, part: int, aside: int) -> Notes:
            return self.stated + set_aside(aside) + missing(given, used, part) + last

        people, given = self.people, self.given
        worst = notes(self.n_input, int(np.min(used)), int(np.max(part)), int(np.max(self.aside)))
        alone = people.replicates is None
        each = () if alone else each_own(notes, self.n_input if given is None else given, used, part, self.aside)
        return SampleAccount(people.name, self.n_input, worst, people.fixed_by_table, given, each)


def observe(panel: Panel, *, comparison: bool = False, two: bool = False) -> Observations:
    """Read a panel, with or without replicates.

    Parameters
    ----------
    panel : Panel
        Of any kind.
    comparison : bool
        Whether comparison people stay in; else they are set aside.
    two : bool
        Whether windows before are put together, and those after.

    Raises
    ------
    InputError
        IOM-E047 for `two` where managed people start at different windows; IOM-E061 when nobody is left.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, False, True])
    >>> seen = observe(Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start))
    >>> seen.outcome.shape, seen.people.treated.tolist(), seen.notes
    ((1, 2, 2), [[False, True], [False, True]], ('1 comparison people set aside',))
    """
    people = panel if comparison else panel.managed
    return Observations(people.prepost() if two else people, panel.notes, 0 if comparison else others_aside(panel))


def others_aside(panel: Panel) -> Any:
    """Return how many comparison people, by weights, a method of one group leaves aside: a number, or (R,).

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, False, True])
    >>> others_aside(Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start, weight=[1, 1, 700]))
    700
    """
    others = ~panel.group
    if panel.weight is None:
        return int(others.sum())
    people = np.rint(panel.weight[..., others].sum(-1)).astype(np.int64)
    return int(people) if people.ndim == 0 else people


def refuse_replicates(panel: Panel, spec: object) -> None:
    """Refuse a panel with a replicate axis, with the call to write.

    Raises
    ------
    InputError
        IOM-E047.
    """
    if isinstance(panel, Panel) and panel.replicates is not None:
        name = type(spec).__name__
        raise InputError(
            "IOM-E047", f"{name}: this panel has {panel.replicates} replicates; write iom.batch({name}(), panel)"
        )
