"""Loss to follow-up: completers against all who were selected, the untraced, and people outside the extract."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import listed
from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import ANY, RATIO_OR_ZERO, SHARE_BELOW_ONE, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import OWN, as_line
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.sample import LEAST_PEOPLE
from iom_causal.inputs.weighting import at_risk, lengths, once, rates, weights
from iom_causal.moments import Moments
from iom_causal.numerics import ALPHA, LEVEL
from iom_causal.numerics.adjustment import missing as ms
from iom_causal.numerics.adjustment.identified_sets import imbens_manski
from iom_causal.numerics.inference.student_t import t_two_sided
from iom_causal.numerics.inference.two_sample import pooled_t
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.numerics.sensitivity import missing_bounds as mb
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger, Rng
from iom_causal.streams import as_generator
from iom_causal.windows import Window
from iom_causal.world import Mechanism

HANDLINGS = ("mar", "unchanged", "complete")


class _Pattern(NamedTuple):
    # Means of all selected before, of complete pairs before and after, the slope of after on before, the share
    # missing; numbers or (D,). Last the length of the window after, over that before; 1 for a score.
    all_before: Any
    before: Any
    after: Any
    slope: Any
    missing: Any
    length: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Attrition(Confound):
    """Difference between the change among completers and the change among all who were selected.

    What is estimated is the change among complete pairs minus the change among all people who were
    selected: in points for a score, in logs for a count. `handling` says what the missing are taken to be:
    ``mar``, predicted by the line of after on before among complete pairs (the maximum likelihood of the
    bivariate normal, and what multiple imputation gives in the limit); ``unchanged``, where they were
    before (reference-based imputation; for a count, at the same rate); or ``complete``, like the others,
    which is right only if missing is by chance alone, and is what a ledger without this line takes for granted.
    `delta` shifts the prediction of every missing value: this is the pattern mixture whose tipping point
    `tipping_delta` gives.

    For counts, two more ways of losing people. A share `untracked` of the cohort moved away or died and
    shows as zero arrests although nobody looked; then the true mean after is the recorded one over
    ``1 - untracked``. And a share `absent` of the events before belongs to people who were selected and are not
    in the extract (removed, de-selected, in long custody at its date), whose own ratio is `absent_ratio`.

    Whoever had no day at risk in a window, as in custody throughout, is not lost: days at risk hold them (the rate
    while at liberty), and to predict what they would have done besides would be to treat one person in two ways.

    Assumptions: as each handling says; missing is decided after the window before. What stays
    unidentified: `delta`. Without it only bounds hold (`bounds`, Manski 1990), and with a follow-up score
    missing for one in six they rarely settle even the sign. Bounds that trim a better-followed arm need a
    comparison arm and do not exist here.

    Parameters
    ----------
    handling : {"mar", "unchanged", "complete"}
        As above.
    delta : belief
        Points (or events) by which missing values lie above their prediction.
    untracked : belief
        Share of people whose zero after means that nobody looked; from 0 to below 1.
    absent : belief
        Share of the events before that belongs to people outside the extract; from 0 to below 1.
    absent_ratio : belief
        Their events after over before; 0 or more.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a setting outside its bounds.
    InputError
        From `shift`: IOM-E067 when the published table lacks the moments of complete pairs.
    DegenerateDataError
        IOM-E060 or IOM-E065 with too few complete pairs to predict from.

    References
    ----------
    Little & Rubin (2019), Statistical Analysis with Missing Data; Barnard & Rubin (1999), Biometrika 86,
    948-955; Manski (1990), Am. Econ. Rev. 80, 319-323; Imbens & Manski (2004); Carpenter, Roger & Kenward
    (2013), J. Biopharm. Stat. 23, 1352-1371.

    Examples
    --------
    >>> rows = [[1, 1.5], [2, 2], [3, 2], [4, 3.5], [8, float("nan")]]
    >>> panel = Panel.from_arrays(rows, kind="score", missing="keep")
    >>> theta = {"delta": 0.0, "untracked": 0.0, "absent": 0.0, "absent_ratio": 1.0}
    >>> round(float(Attrition().shift(panel, theta)), 3)
    0.44
    """

    handling: str = "mar"
    delta: Belief = 0.0
    untracked: Belief = 0.0
    absent: Belief = 0.0
    absent_ratio: Belief = 1.0

    ids: ClassVar[tuple[str, ...]] = ("u3", "u6")
    line: ClassVar[str] = "attrition"
    reference: ClassVar[str] = "Little & Rubin (2019); Barnard & Rubin (1999); Manski (1990); Carpenter et al. (2013)"
    assumption_left_out: ClassVar[str] = "people lost to follow-up changed as the others did"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True)
    of_scores: ClassVar[InLedger] = InLedger(
        assumed=True, tipped=("delta",), to_state="where people without a later score stand"
    )
    acts: ClassVar[str] = OWN

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.handling, HANDLINGS, "Attrition handling")
        bounds = {"delta": ANY, "untracked": SHARE_BELOW_ONE, "absent": SHARE_BELOW_ONE, "absent_ratio": RATIO_OR_ZERO}
        check_beliefs(self, bounds)

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the change among complete pairs minus that among all, in points or logs."""
        lost = self._lost(_pattern(data, self.handling), data.kind, theta["delta"])
        if data.kind == "score":
            if np.any(theta["untracked"]) or np.any(theta["absent"]):
                raise InputError("IOM-E066", "Attrition untracked and absent are for counts; a score is missing openly")
            return lost
        return np.asarray(lost + np.log1p(-np.asarray(theta["untracked"])) + _outside(data, theta))

    def _lost(self, p: _Pattern, kind: str, delta: Any) -> NDArray[np.float64]:
        if self.handling == "complete":
            return np.asarray(0.0 * p.missing - p.missing * delta) if kind == "score" else _zeros(p, delta)
        lost_before = np.where(p.missing > 0, p.all_before - (1 - p.missing) * p.before, 0.0)
        predicted = p.missing * (p.after - p.slope * p.before) + p.slope * lost_before
        if self.handling == "unchanged":
            predicted = lost_before * p.length
        after_all = (1 - p.missing) * p.after + predicted + p.missing * delta
        if kind == "score":
            return np.asarray((p.after - p.before) - (after_all - p.all_before))
        if (np.asarray(after_all) <= 0).any():
            raise InputError("IOM-E092", "Attrition delta: leaves no events after; state it higher")
        return np.asarray(np.log(p.after / p.before) - np.log(after_all / p.all_before))

    def bounds(self, data: Panel | Moments, support: tuple[float, float]) -> tuple[float, float]:
        """Return the least and the greatest mean change among all, with missing values anywhere in `support`.

        Examples
        --------
        >>> m = Moments.from_summary(n=187, mean_post=238.61, n_input=225, mean_pre_input=328.89, kind="score")
        >>> [round(v, 1) for v in Attrition().bounds(m, (20, 1100))]
        [-127.2, 55.2]
        """
        before, after, n, n_complete = _counts(data)
        low, high = ms.worst_and_best(before, after, n, n_complete, support)
        return float(low), float(high)

    def bounds_interval(
        self, panel: Panel, support: tuple[float, float], *, level: float = LEVEL
    ) -> tuple[float, float]:
        """Return an interval that holds the mean change among all at `level`, wherever in its bounds it is.

        Imbens & Manski (2004), with the standard error of each end from the change of all selected at that end.

        Examples
        --------
        >>> rows = [[1, 1.5], [2, 2], [3, 2], [4, 3.5], [8, float("nan")]]
        >>> panel = Panel.from_arrays(rows, kind="score", missing="keep")
        >>> [round(v, 2) for v in Attrition().bounds_interval(panel, (0, 10))]
        [-4.41, 1.06]
        """
        before, after = _scores(panel)
        weight = np.ones(len(before))
        low, high = (
            mb.difference(mb.end(before, after, weight, support, highest=highest), weight) for highest in (False, True)
        )
        return imbens_manski(low.value, high.value, low.std_error, high.std_error, level=level)

    def by_method(self, panel: Panel, *, rng: Rng, imputations: int = 200) -> dict[str, ms.MeanChange]:
        """Return the mean change among all under each way of treating the missing, to show how far it matters.

        Complete pairs alone, predicted by a line, multiply imputed, weighted by the chance of follow-up, and
        unchanged: each with its standard error.

        Parameters
        ----------
        panel : Panel
            Without replicates and weights.
        rng : Generator or int
            For the imputations.
        imputations : int
            How many; a hundred times the share missing is enough.
        """
        before, after = _scores(panel)
        still = np.where(np.isnan(after), before * _length(panel), after)
        imputed = ms.impute(before, after, imputations, as_generator(rng)[0])
        return {
            "complete": ms.complete_case(before, after),
            "mar": ms.mar_change(before, after),
            "imputed": ms.MeanChange(imputed.estimate, imputed.std_error),
            "weighted": ms.inverse_probability(before, after)[0],
            "unchanged": ms.complete_case(before, still),
        }

    def tipping_mean(self, data: Panel | Moments) -> float:
        """Return the mean after of the missing at which all people together did not change.

        Examples
        --------
        >>> m = Moments.from_summary(n=187, mean_post=238.61, n_input=225, mean_pre_input=328.89, kind="score")
        >>> round(Attrition().tipping_mean(m), 1)
        773.2
        """
        return ms.tipping_mean(*_counts(data))

    def tipping_delta(self, panel: Panel, *, level: float = LEVEL) -> float:
        """Return the delta at which the interval of the change among all, missing predicted, reaches 0.

        Raises
        ------
        DegenerateDataError
            IOM-E061 when nobody is missing.
        """
        before, after = _scores(panel)
        missing = np.isnan(after).mean()
        if missing == 0:
            raise DegenerateDataError("IOM-E061", f"{panel.name}: nobody is missing, so that no delta matters")
        change = ms.mar_change(before, after)
        seen = int((~np.isnan(after)).sum())
        return ms.tipping_delta(change.estimate, change.std_error, float(missing), seen - 2, level=level)

    @classmethod
    def advice(cls, data: Panel | Moments) -> str:
        """Return that people lost differ from the others before, where they do so beyond chance (at 5%)."""
        if isinstance(data, Moments):
            return ""
        people = data.managed.prepost()
        outcome, counted = once(people.outcome, 2), weights(people) > 0
        before, lost = outcome[:, 0], np.isnan(outcome[:, 1]) & ~np.isnan(outcome[:, 0]) & counted & at_risk(people)
        others = ~np.isnan(outcome).any(1) & counted
        if min(lost.sum(), others.sum()) < LEAST_PEOPLE or np.ptp(before[lost | others]) == 0:
            return ""
        with np.errstate(divide="ignore"):  # all alike among the lost, and among the others
            t = float(pooled_t(before[None], lost[None], others[None])[0])
        if t_two_sided(t, float(lost.sum() + others.sum() - 2)) >= ALPHA:
            return ""
        return (
            f"people lost to follow-up stood {'higher' if t > 0 else 'lower'} before than the others, beyond chance; "
            "with Attrition() the observed change is that of all"
        )

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give whom nobody looks for, who is outside the extract, and how far the missing lie off."""
        del windows
        settings = {name: float(theta[name]) for name in ("delta", "untracked", "absent", "absent_ratio")}
        return (
            Mechanism(drop_out=settings) if any(settings[k] for k in ("delta", "untracked", "absent")) else Mechanism()
        )

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        what = {
            "mar": "changed as the line through the others predicts",
            "unchanged": "stayed where they were",
            "complete": "changed as the others did",
        }[self.handling]
        parts = [f"people without a follow-up {what}"]
        if self.delta != 0:
            parts.append(f"the missing lie {setting(self, 'delta', theta)} above that")
        if self.untracked != 0:
            parts.append(f"nobody looked for a share of {setting(self, 'untracked', theta)}")
        if self.absent != 0:
            parts.append(f"people outside the extract hold a share of {setting(self, 'absent', theta)} of the count")
        if isinstance(data, Panel) and not at_risk(data.managed.prepost()).all():
            parts.append("those without a day at liberty in a window are not among them, and count while at liberty")
        return listed(parts)


def _zeros(p: _Pattern, delta: Any) -> NDArray[np.float64]:
    after_all = p.after + p.missing * delta
    return np.asarray(np.log(p.after) - np.log(after_all))


def _outside(data: Panel | Moments, theta: Theta) -> Any:
    if not np.any(theta["absent"]):
        return 0.0
    before, after = rates(data, "Attrition absent")
    ratio = after / before
    whole = (1 - np.asarray(theta["absent"])) * ratio + np.asarray(theta["absent"]) * theta["absent_ratio"]
    return np.log(ratio) - np.log(whole)


def _pattern(data: Panel | Moments, handling: str) -> _Pattern:
    if isinstance(data, Moments):
        return _reported(data, handling)
    panel = data.managed.prepost()
    outcome = once(panel.outcome, 2)
    seen = ~np.isnan(outcome).any(-1)
    if bool((seen | ~at_risk(panel)).all()):
        return _Pattern(1.0, 1.0, 1.0, 1.0, np.zeros(() if panel.replicates is None else (panel.replicates,)))
    weight = weights(panel) * ~np.isnan(outcome[..., 0]) * at_risk(panel)
    y1, y2 = np.nan_to_num(outcome[..., 0]), np.nan_to_num(outcome[..., 1])
    retained = weight * seen
    total, count = weight.sum(-1), retained.sum(-1)
    if int(np.asarray(seen.sum(-1)).min()) < 3:
        raise DegenerateDataError("IOM-E060", "Attrition: expected at least 3 complete pairs")
    first, second = weighted_sum(retained, y1) / count, weighted_sum(retained, y2) / count
    spread = weighted_sum(retained, y1 * y1) / count - first**2
    if handling == "mar" and (spread <= 0).any():
        raise DegenerateDataError("IOM-E065", "Attrition: all complete pairs have the same value before")
    slope = (weighted_sum(retained, y1 * y2) / count - first * second) / np.where(spread > 0, spread, 1.0)
    return _Pattern(weighted_sum(weight, y1) / total, first, second, slope, 1 - count / total, _length(data))


def _reported(m: Moments, handling: str) -> _Pattern:
    if _missing(m) == 0:
        return _Pattern(1.0, 1.0, 1.0, 1.0, np.asarray(0.0))
    share = np.asarray(1 - m.n / (m.n_input or m.n))
    purpose = "Attrition"
    (after,) = m.require("mean_post", purpose=purpose)
    if handling == "complete":
        return _Pattern(1.0, 1.0, after, 1.0, share)
    mean_all, before = m.require("mean_pre_input", "mean_pre", purpose=purpose)
    slope: Any = 1.0
    if handling == "mar":
        r, sd_pre, sd_post = m.require("r", "sd_pre", "sd_post", purpose=purpose)
        slope = r * sd_post / sd_pre
    return _Pattern(mean_all, before, after, slope, share, _length(m))


def _length(data: Panel | Moments) -> float:
    before, after = (1.0, 1.0) if data.kind == "score" else lengths(data)
    return after / before


def _missing(data: Panel | Moments) -> int:
    if isinstance(data, Moments):
        return (data.n_input or data.n) - data.n
    panel = data.managed.prepost()
    return panel.n - panel.n_complete


def _scores(panel: Panel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    two = panel.managed.prepost()
    if two.replicates is not None or two.weight is not None:
        raise InputError("IOM-E047", "tipping delta: expected a panel without replicates and weights")
    values = two.outcome.astype(np.float64)
    known = ~np.isnan(values[:, 0]) & at_risk(two)
    return values[known, 0], values[known, 1]


def _counts(data: Panel | Moments) -> tuple[float, float, int, int]:
    if isinstance(data, Moments):
        (after,) = data.require("mean_post", purpose="Attrition")
        name = "mean_pre" if data.mean_pre_input is None else "mean_pre_input"
        (before,) = data.require(name, purpose="Attrition")
        return before, after, data.n_input or data.n, data.n
    before_all, after_all = _scores(data)
    seen = ~np.isnan(after_all)
    return float(before_all.mean()), float(after_all[seen].mean()), len(seen), int(seen.sum())
