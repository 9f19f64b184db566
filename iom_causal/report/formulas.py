"""Formulas behind the figures of a first page: one card a figure, by name; docs/formulas.md lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from iom_causal.base.specs import FrozenMap

PAGE = "docs/formulas.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """How one kind of figure is worked out.

    Parameters
    ----------
    title : str
        Its name in words, under which its card stands.
    text : str
        The formula.
    call : str
        What works it out, as a dotted name of the package.
    """

    title: str
    text: str
    call: str


def _design(title: str, text: str, name: str) -> Formula:
    return Formula(title=title, text=text, call=f"estimators.{name}")


FORMULAS: Mapping[str, Formula] = FrozenMap(
    {
        "RateRatio": Formula(
            title="ratio of rates, robust",
            text=(
                "R = (events after / days after) / (events before / days before); a fall is 1 - R. Where days are "
                "common to all, the standard error of log R is the root of (n - 1)/n² × (c1² + c2² - 2 r c1 c2), with "
                "c1 and c2 the SD over the mean before and after, and r the correlation of the two, which a published "
                "t gives; where they are not, it is clustered by person. Interval: R × e to the power of ± t × the "
                "standard error, t with n - 1 degrees of freedom."
            ),
            call="estimators.RateRatio",
        ),
        "PairedT": Formula(
            title="paired t",
            text=(
                "Mean of after less before; interval: mean ± t × SD of the changes / √n, t with n - 1 degrees of "
                "freedom. Of a published table the SD of the changes is √n × mean change / t."
            ),
            call="estimators.PairedT",
        ),
        "RiskDifference": Formula(
            title="difference of paired shares",
            text=(
                "(People with it after alone less people with it before alone) / n; interval: Tango’s score limits, "
                "which agree with McNemar’s chi-squared."
            ),
            call="estimators.RiskDifference",
        ),
        "PoissonFixedEffects": Formula(
            title="ratio within people",
            text=(
                "Poisson regression with a fixed effect a person: each person’s share of events after is set beside "
                "the share of that person’s days after; clustered by person, interval with t."
            ),
            call="estimators.PoissonFixedEffects",
        ),
        "bare means": Formula(
            title="printed means",
            text="The two printed means, side by side; what is printed allows no interval.",
            call="analysis.change.BareMeans",
        ),
        "completers": Formula(
            title="bounds on the change of those followed up",
            text=(
                "Mean after less every mean m before that those followed up can have: the others then have "
                "(N M - n m) / (N - n), which lies in the printed range, and SD and t can belong to m. Ends: the "
                "smallest and the largest such change."
            ),
            call="numerics.printed.completers.completer_bounds",
        ),
        "people changed": Formula(
            title="bounds on people who changed",
            text=(
                "Fewest and most people whose number changed, over all tables of whole numbers with the printed n, "
                "means, SDs, ranges and t, each to its rounding: an integer programme over counts of people with each "
                "pair of values."
            ),
            call="published.rebuild.bounds.count_bounds",
        ),
        "smallest change": Formula(
            title="smallest change that matters",
            text="The whole interval of the ratio R against 1 - s and 1 + s, with s the share that the study states.",
            call="report.sentences.smallest_sentence",
        ),
        "means before": Formula(
            title="distance between groups before",
            text="Mean before of managed people less that of the others, over their pooled SD.",
            call="analysis.comparison.Before",
        ),
        "DiffInDiff": _design(
            "difference in differences",
            "(After / before of managed people) / (after / before of the others), or the difference of their mean "
            "changes; standard error by leaving out one person, or cluster, at a time or as set; interval with t.",
            "DiffInDiff",
        ),
        "Matched": _design(
            "matched difference in differences",
            "Difference in differences among managed people and their matches: alike exactly in what is named, nearest "
            "in the propensity score within a caliper; matched sets are clusters.",
            "Matched",
        ),
        "EventStudy": _design(
            "event study",
            "For each group of a common start and each window, its change since the window before the start against "
            "that of people not managed yet or ever; their weighted mean (Callaway & Sant’Anna 2021).",
            "EventStudy",
        ),
        "InterruptedTimeSeries": _design(
            "interrupted time series",
            "Totals after over those that the trend before gives for the same windows: log-linear regression of totals "
            "with a trend, and a change of level and slope from the start.",
            "InterruptedTimeSeries",
        ),
        "SyntheticControl": _design(
            "synthetic control",
            "Totals after of the managed unit over those of the convex mixture of other units that is nearest to it "
            "before; every other unit takes its place in turn for the interval.",
            "SyntheticControl",
        ),
        "HonestTrends": _design(
            "difference in differences with unlike trends",
            "The event study’s average, with every departure from parallel trends up to a bound that windows before "
            "set (Rambachan & Roth 2023).",
            "HonestTrends",
        ),
        "Discontinuity": _design(
            "regression discontinuity",
            "Local lines after on either side of the cut; their distance at the cut, with the largest bias that a "
            "bounded second derivative allows in the interval.",
            "Discontinuity",
        ),
        "SteppedWedge": _design(
            "stepped wedge",
            "In every window those who have started against those who wait, put together; limits from all orders that "
            "lots could have drawn.",
            "SteppedWedge",
        ),
        "Ancova": _design(
            "analysis of covariance",
            "Regression of after on being managed and on before (and covariates): the coefficient of being managed.",
            "Ancova",
        ),
        "regression to the mean": Formula(
            title="linear regression to the mean",
            text=(
                "The mean at which nothing remains is (M2 - b M1) / (1 - b), with M1 and M2 the means before and after "
                "and b = r × SD after / SD before the slope of after on before. At another mean m of everybody the "
                "ratio that remains is (M2 - b (M1 - m)) / m."
            ),
            call="numerics.selection.linear.linear_remainder",
        ),
        "null calibration": Formula(
            title="null calibration",
            text=(
                "Worlds without a programme whose picked people have the same means, SDs and correlation: the share of "
                "cohorts simulated in them that fall as far as was seen, with the pool at its widest and at its "
                "narrowest."
            ),
            call="null.calibrate.null_calibration",
        ),
        "ledger": Formula(
            title="ledger",
            text=(
                "What remains is the observed change less every allowance of the set: log R less the logs of the "
                "allowances, or points less points, drawn together. First the ends over what the set leaves open, then "
                "its 95% interval."
            ),
            call="ledger.Ledger",
        ),
        "identified set": Formula(
            title="what may be left over all sets and worlds",
            text=(
                "From the lowest to the highest end over the 95% intervals of what remains under every set, the ratios "
                "put in by worlds of the null calibration with figures like these, and nothing left where windows "
                "before speak against how people were picked."
            ),
            call="analysis.remainder_set.remainder_set",
        ),
        "expected": Formula(
            title="what was to be expected",
            text=(
                "Level after over each end of what may be left (ratios), or less it (points and shares); then as a "
                "change from the level before."
            ),
            call="analysis.first_answer.FirstAnswer",
        ),
        "tipping": Formula(
            title="value at which nothing remains",
            text=(
                "The value of one setting of a set of evidence at which what remains is nothing, all else as the set "
                "has it: the root of the remainder as a function of it, nearest to where the set has it. Of all sets "
                "and settings the one nearest to what is believed of it, by the log of the two."
            ),
            call="analysis.first_answer.overturning",
        ),
        "score error": Formula(
            title="error of a score at which chance is the whole fall",
            text=(
                "The root of the fall × (mean before - cut): measurement error alone brings a mean down by its "
                "variance × the density of scores at the cut, which is 1 / (mean before - cut) where scores thin out "
                "evenly above it (Das & Mulder 1983)."
            ),
            call="numerics.selection.score_at_cut.error_for_change",
        ),
        "lots": Formula(
            title="simulated studies",
            text=(
                "The share of 2,000 simulated studies with people like these that find the fall at the 5% level, where "
                "lots decide who has a place; a stored table, made by docs/make_settling.py."
            ),
            call="designs.library.stored_settling.stored_settling",
        ),
        "level": Formula(
            title="Maryland Scientific Methods Scale",
            text=(
                "Level 2 is one group before and after, 3 adds people who were not managed, 4 a rule or controls that "
                "make groups alike, 5 lots (Farrington, Gottfredson, Sherman & Welsh 2002)."
            ),
            call="estimators.designs_for",
        ),
    }
)
"""Every card by its name: of an estimate the name of its method."""


def cited(name: str) -> str:
    """Return a formula with the name of its card, or where a method of one's own describes itself.

    Examples
    --------
    >>> cited("bare means")[:40]
    'The two printed means, side by side; wha'
    """
    if name not in FORMULAS:
        return f"That of {name}, as it describes itself."
    return f"{FORMULAS[name].text} ({PAGE}, “{FORMULAS[name].title}”)"
