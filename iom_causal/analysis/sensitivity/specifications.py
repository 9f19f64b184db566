"""Specification curve of an evaluation: every defensible combination of windows, exposure, adjustments and more."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.sensitivity.default_choices import default_choices
from iom_causal.base.specs import check_choice, check_level, got
from iom_causal.beliefs import theta as beliefs
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.linearised import Linearised, linearised
from iom_causal.inputs.lines import NO_SPREAD
from iom_causal.inputs.resampling import levels, observed_change
from iom_causal.intervals import StudentT
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy, load_published
from iom_causal.roles import Batched, Confound, batch, require_panel
from iom_causal.sensitivity.specification_curve import (
    Choices,
    SpecificationCurve,
    check_choices,
    combinations,
    curve_of,
    run_specifications,
)
from iom_causal.streams import Streams

type Data = Panel | Moments
type Floats = NDArray[np.float64]


def specification_curve(
    data: Panel | Moments | PublishedStudy | str,
    *,
    choices: Choices | None = None,
    run: Callable[..., Estimate] | Any = None,
    outcome: str | None = None,
    level: float = LEVEL,
) -> SpecificationCurve:
    """Work out the answer under every combination of choices, and which choice moves it most (Simonsohn et al. 2020).

    Without `run` each combination is a ledger: the observed change by the chosen windows, exposure and estimator less
    the chosen adjustments, at stated values and without beliefs, with a t interval from the jackknife of people (of a
    published table by the delta method); no draws are made. It is right where one of the combinations is; nothing
    tells which, and those that are not among the choices are not looked at. What is refused (an adjustment for which
    the data lack what it needs, or two that hold the same) stays in the table with the code of its error.

    Parameters
    ----------
    data : Panel, Moments, PublishedStudy or str
        People, moments, a published study, or the name of one that is bundled or its file.
    choices : mapping of str to mapping of str to value, optional
        Of each choice its labels with their values; by default `default_choices` of the data. Without `run` a value is
        None (nothing), a confound or a tuple of them, an estimator with a `batch` (of the observed change), or a
        function of the data that returns other data, such as fewer windows.
    run : callable or specification, optional
        As in `run_specifications`: ``run(data, **chosen) -> Estimate``, or an estimator whose settings the choices
        name by their dotted paths. Any estimator will do; those that draw are slow here.
    outcome : str, optional
        Of a published study; by default its first.
    level : float
        Confidence level.

    Raises
    ------
    SpecError
        IOM-E096 for `run` without choices; IOM-E092 or IOM-E093 for choices that are not right, before anything runs.
    InputError
        IOM-E035 for what is no data, IOM-E047 for a panel with replicates, IOM-E098 for answers on several scales.
    IomCausalError
        The first refusal, where every combination is refused.

    Examples
    --------
    >>> curve = specification_curve("sleath-brown-2017")
    >>> list(curve.levels), len(curve.rows)
    (['age curve', 'trend', 'how people were picked'], 48)
    >>> curve.ranked[0]
    'how people were picked'
    """
    check_level(level)
    data = _read(data, outcome)
    if run is not None:
        if choices is None:
            raise SpecError("IOM-E096", "specification_curve: run needs choices, {name: {label: value}}")
        return run_specifications(choices, data, run, outcome=_name(data), level=level)
    choices = default_choices(data) if choices is None else choices
    check_choices(choices)
    _check_values(choices)
    found = _Answers(data, choices, level).all()
    return curve_of(choices, found, outcome=_name(data), level=level, allows={c: _allowed(choices, c) for c in found})


def _allowed(choices: Choices, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the points of the register for which a combination takes a line out of the change."""
    values = [choices[name][label] for name, label in zip(choices, chosen, strict=True)]
    lines = [part for v in values for part in _parts(v) if isinstance(part, Confound) and part.adjusts]
    return tuple(sorted({key for line in lines for key in line.ids}))


def _read(data: Panel | Moments | PublishedStudy | str, outcome: str | None) -> Data:
    if isinstance(data, str):
        data = load_published(data)
    if isinstance(data, PublishedStudy):
        name = data.outcomes[0].name if outcome is None else outcome
        return data[name]
    if not isinstance(data, Moments):
        require_panel(data, "specification_curve", or_moments=True)
    if outcome is not None:
        check_choice(outcome, (data.name,), "outcome")
    return data


def _name(data: Data) -> str:
    return data.name


def _check_values(choices: Choices) -> None:
    for name, labels in choices.items():
        for label, value in labels.items():
            fits = value is None or all(isinstance(part, Confound) for part in _parts(value)) or callable(value)
            if isinstance(value, type) or not fits:
                raise SpecError(
                    "IOM-E092",
                    f"choices, {name}, {label}: expected None, a confound, an estimator or a function of the data, got "
                    f"{got(value)}; other values go with run=",
                )


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


type Case = tuple[Data, tuple[Any, ...]]


@dataclass(eq=False)
class _Answers:
    """Answers of ledgers that share their lines: each line is worked out once for each variant of the data."""

    data: Data
    choices: Choices
    level: float
    columns: dict[Any, "_Columns"] = field(default_factory=dict)
    variants: dict[tuple[Any, ...], Data | IomCausalError] = field(default_factory=dict)

    def all(self) -> dict[tuple[str, ...], Estimate | IomCausalError]:
        """Return the answer of every combination, first finding what all of them need."""
        planned = {chosen: self._planned(chosen) for chosen in combinations(self.choices)}
        for columns in self.columns.values():
            columns.work_out()
        return {
            chosen: plan if isinstance(plan, IomCausalError) else self._answer(*plan)
            for chosen, plan in planned.items()
        }

    def _planned(self, chosen: tuple[str, ...]) -> "tuple[list[Case], Any] | IomCausalError":
        values = [self.choices[name][label] for name, label in zip(self.choices, chosen, strict=True)]
        lines = tuple(
            part for v in values for part in (v if isinstance(v, tuple) else (v,)) if isinstance(part, Confound)
        )
        estimators = [v for v in values if isinstance(v, Batched)]
        changes = [v for v in values if callable(v) and not isinstance(v, (Confound, Batched))]
        try:
            if len(estimators) > 1:
                raise SpecError("IOM-E092", "two estimators of the observed change; choose one")
            data = self._variant(tuple(changes))
            cases = [(subject, tuple(ledger.confounds)) for ledger, subject in Ledger(lines).cases(data)]
        except IomCausalError as error:
            return error
        estimator = estimators[0] if estimators else None
        for subject, confounds in cases:
            self.columns.setdefault(_key(subject), _Columns(subject)).need(estimator, confounds)
        return cases, estimator

    def _variant(self, changes: tuple[Any, ...]) -> Data:
        if changes not in self.variants:
            self.variants[changes] = _changed(self.data, changes)
        made = self.variants[changes]
        if isinstance(made, IomCausalError):
            raise made
        return made

    def _answer(self, cases: "list[Case]", estimator: Any) -> Estimate | IomCausalError:
        try:
            found = [self.columns[_key(subject)].remainder(estimator, lines) for subject, lines in cases]
        except IomCausalError as error:
            return error
        subject = cases[0][0]
        ratio = subject.kind != "score"
        laws = [StudentT(c.value, c.std_error, c.df, log=ratio) for c in found]
        around = [law.interval(self.level) for law in laws]
        points = [math.exp(c.value) if ratio else c.value for c in found]
        single = len(points) == 1
        return Estimate(
            outcome=subject.name,
            method="ledger without beliefs",
            term="remainder after the listed allowances",
            scale="ratio" if ratio else "points",
            estimate=points[0] if single else None,
            std_error=found[0].std_error if single else None,
            std_error_scale="log" if ratio else "identity",
            df=found[0].df if single else None,
            conf_low=min(low for low, _ in around),
            conf_high=max(high for _, high in around),
            conf_level=self.level,
            interval="confidence" if single else "bounds",
            set_low=None if single else min(points),
            set_high=None if single else max(points),
            n_used=_people(subject),
        )


def _changed(data: Data, changes: tuple[Callable[[Data], Data], ...]) -> Data | IomCausalError:
    try:
        for change in changes:
            data = change(data)
    except IomCausalError as error:
        return error
    return data


def _key(subject: Data) -> Any:
    return subject if isinstance(subject, Moments) else id(subject)


def _people(subject: Data) -> int:
    return subject.n if isinstance(subject, Moments) else subject.managed.n_complete


@dataclass(eq=False)
class _Columns:
    """The observed change of one variant of the data and every line that some specification takes from it."""

    subject: Data
    wanted: dict[Any, None] = field(default_factory=dict)
    refused: dict[Any, IomCausalError] = field(default_factory=dict)
    found: Linearised | None = None

    def need(self, estimator: Any, lines: tuple[Any, ...]) -> None:
        """Note what a specification takes."""
        self.wanted |= dict.fromkeys((estimator, *lines))

    def work_out(self) -> None:
        """Work out all that can be worked out, together; what cannot is kept with its error."""
        good = [key for key in self.wanted if not self._fails(key)]
        self.wanted = dict.fromkeys(good)
        if not good:
            return
        try:
            self.found = linearised(self.subject, self._statistic, Streams(0, "specifications").generator("people"))
        except IomCausalError as error:
            self.refused |= dict.fromkeys(good, error)

    def remainder(self, estimator: Any, lines: tuple[Any, ...]) -> Any:
        """Return the observed change less the lines, or raise the error of the first that was refused."""
        for key in (estimator, *lines):
            if key in self.refused:
                raise self.refused[key]
        if self.found is None:
            raise InputError("IOM-E061", f"{self.subject.name}: there is nothing to work out")
        places = {key: k for k, key in enumerate(self.wanted)}
        contrast = self.found.less(places[estimator], [places[line] for line in lines])
        mean = float(np.max(np.abs(levels(self.subject))))
        if contrast.std_error <= math.sqrt(NO_SPREAD) * max(1.0, mean):
            raise DegenerateDataError(
                "IOM-E065", f"{self.subject.name}: everybody changed alike, so the people do not tell how it varies"
            )
        return contrast

    def _fails(self, key: Any) -> bool:
        try:
            with np.errstate(all="ignore"):
                value = self._column(key, self.subject)
            if not np.isfinite(value).all():
                raise DegenerateDataError("IOM-E064", f"{self.subject.name}: this leaves no finite figure")
        except IomCausalError as error:
            self.refused[key] = error
            return True
        return False

    def _statistic(self, subject: Data) -> Floats:
        return np.stack(
            np.broadcast_arrays(*(np.atleast_1d(self._column(key, subject)) for key in self.wanted)), axis=-1
        )

    def _column(self, key: Any, subject: Data) -> Any:
        if key is None:
            return observed_change(subject)
        if isinstance(key, Confound):
            return key.shift(subject, beliefs.central(key))
        if isinstance(subject, Moments):
            raise InputError("IOM-E048", f"{subject.name}: {type(key).__name__} needs people, and got moments")
        found = batch(key, subject, rng=0)
        if (found.code != 0).any():
            raise DegenerateDataError("IOM-E064", f"{subject.name}: {type(key).__name__} has no estimate here")
        return np.log(found.estimate) if found.scale == "ratio" else found.estimate
