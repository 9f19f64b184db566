# %% [markdown]
"""# Placebo dates on real careers: what each method leaves to a programme where there was none

Nine birthdays, from the 20th to the 28th, stand for the day on which a programme begins, and people with at least 1
to 5 contacts in the two years before for those whom it takes on: 45 cells in which nothing happened, so that every
remainder ought to be 1. The table says for each method how far its remainders are off on average (on the log scale,
with z over the standard error of that average), in how many cells the 95% interval holds 1, and how wide it is (the
mean standard error); first as if days at risk were unknown, then with them.

The people are 378 young men of Toronto whose court contacts were followed from age 8: data set TO1 of the R package
crimCV on CRAN, under the GPL, and so not in this package. Write it as a CSV file with the columns ``id``, ``age``,
``contacts`` and ``time_at_risk`` (share of that year at liberty) and give its path:
``python examples/benchmark_author/toronto_placebo.py FILE.csv``. Without a path a few people are invented, at one date.

One cohort, in one place and time: 45 cells that share people are worth 7 to 14 that do not, so that a method which
covers 41 of them is not shown to be better than one which covers 39; and many variants were tried on these data before
these were kept. What fails here fails on people. What holds here is not proved by it.
"""

# %%
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import iom_causal as iom
from iom_causal.cli.examples import typed
from iom_causal.inputs.lines import central_lines, with_remainder
from iom_causal.inputs.resampling import jackknife

DATES, THRESHOLDS = range(20, 29), range(1, 6)
FIRST, SPAN, HISTORY, YEAR = 17, 2, 6, 365
"""Age from which contacts go to the same court, length of both windows, longest history, and days in a year of age."""
LEAST = 0.02
"""A share of a year at liberty below this is this."""
DRAWS = 4000


# %% [markdown]
"""## People around a birthday: those who are chosen, and everybody else"""


# %%
class Cohort(NamedTuple):
    """One row a person and year of age, and whether days at risk are known."""

    years: pd.DataFrame
    at_risk: bool

    def panel(self, ages: Sequence[int], **settings: Any) -> iom.Panel:
        """Return contacts at these ages, by year."""
        rows = self.years[self.years["age"].isin(ages)]
        exposure = "days" if self.at_risk else None
        return iom.Panel.from_long(
            rows, unit="id", period="age", outcome="contacts", kind="count", exposure=exposure, **settings
        )

    def placebo(self, date: int, threshold: int, history: int) -> iom.Panel:
        """Return everybody around a birthday, those with so many contacts in the two years before as managed."""
        ages = range(date - SPAN if history == SPAN else min(date - 2 * SPAN, max(FIRST, date - history)), date + SPAN)
        recent = self.years[self.years["age"].isin(range(date - SPAN, date))].groupby("id")["contacts"].sum()
        chosen = Cohort(self.years.assign(chosen=self.years["id"].map(recent) >= threshold), self.at_risk)
        rule = iom.Selection(
            "contacts", tuple(f"{a}" for a in range(date - SPAN, date)), "at_least", "at_boundary", threshold=threshold
        )
        windows = [iom.Window(f"{a}", YEAR * (a - date), YEAR * (a + 1 - date), post=a >= date) for a in ages]
        post = [a for a in ages if a >= date]
        return chosen.panel(ages, post=post, windows=windows, group="chosen", selection=rule)

    def change(self, date: int) -> iom.LogNormal:
        """Return everybody's contacts in the two years from a birthday on, over those in the two years before."""
        ages = range(date - SPAN, date + SPAN)
        ratio = iom.RateRatio()(self.panel(ages, post=[a for a in ages if a >= date]))
        return iom.LogNormal(ratio.estimate, ratio.std_error)

    def static(self, date: int) -> iom.RegressionToMean:
        """Return empirical Bayes with gamma rates that last, of everybody's mean and variance."""
        before = self.panel(range(date - SPAN, date + SPAN), post=range(date, date + SPAN)).before
        mean = float(before.mean())
        shape = mean**2 / (float(before.var()) - mean)
        return iom.RegressionToMean(method="gamma_poisson", comparable_mean=mean, shape=shape)


# %% [markdown]
"""## Methods: what each reads, and what it expects with no programme"""


# %%
class Method(NamedTuple):
    """How many years before the birthday a ledger reads, and its lines."""

    history: int
    line: iom.RegressionToMean | None = None
    static: bool = False
    drift: int | None = None
    """Years from the birthday to the date of which everybody's change is a line."""

    @property
    def by_people(self) -> bool:
        """Whether its lines are worked out from people, so that z counts what moves them together."""
        return self.drift is None and not self.static

    def ledger(self, cohort: Cohort, date: int) -> iom.Ledger:
        """Return its ledger: expected without a programme is the product of its lines."""
        regression = cohort.static(date) if self.static else self.line
        drift = None if self.drift is None else iom.History(ratio=cohort.change(date + self.drift))
        return iom.Ledger([line for line in (regression, drift) if line is not None], draws=DRAWS)


def regression(method: str, **settings: Any) -> iom.RegressionToMean:
    """Return a line of regression to the mean."""
    return iom.RegressionToMean(method=method, **settings)


LASTING = regression("robbins_zhang")
METHODS = {
    "nothing": Method(SPAN),
    "static EB": Method(SPAN, static=True),
    "static EB x own drift": Method(SPAN, static=True, drift=-SPAN),
    # The chosen included, which can be had only where there is no programme.
    "static EB x everybody's change": Method(SPAN, static=True, drift=0),
    "robbins_zhang": Method(SPAN, LASTING),
    "robbins_zhang x own drift": Method(SPAN, LASTING, drift=-SPAN),
    "robbins_zhang x everybody's change": Method(SPAN, LASTING, drift=0),
    "earlier_rule": Method(2 * SPAN, regression("earlier_rule")),
    "pool, own drift": Method(HISTORY, regression("pool", drift="own")),
    "pool, comparison drift": Method(HISTORY, regression("pool", drift="comparison")),
    "careers, own drift": Method(HISTORY, regression("desistance", drift="own")),
    "careers, comparison drift": Method(HISTORY, regression("desistance", drift="comparison")),
    "careers, nobody stops, own drift": Method(HISTORY, regression("desistance", drift="own", desistance=1e-6)),
}


# %% [markdown]
"""## What a method leaves in each cell, where every remainder ought to be 1"""


# %%
class Cell(NamedTuple):
    """What a ledger leaves at one date and threshold."""

    log_remainder: float
    error: float
    covers: bool
    moves: np.ndarray
    """(n,) by how much each person moves the log remainder, where every line is worked out from these people."""


def cell(ledger: iom.Ledger, panel: iom.Panel) -> Cell:
    """Return the ledger's remainder for one panel."""
    found = ledger(panel, rng=1)

    def remainder(people: iom.Panel) -> np.ndarray:
        return with_remainder(central_lines(ledger.confounds, people))[..., -1:]

    moves = np.empty(panel.n)
    managed_first = np.argsort(~panel.group, kind="stable")
    moves[managed_first] = jackknife(panel, remainder, np.random.default_rng(1))[:, 0]
    log = float(np.log(found.estimate))
    return Cell(log, found.std_error, bool(found.conf_low <= 1 <= found.conf_high), moves)


def cells(
    cohort: Cohort, method: Method, dates: Sequence[int] = DATES, thresholds: Sequence[int] = THRESHOLDS
) -> list[Cell]:
    """Return the cells that a method can work out."""
    out = []
    for date in dates:
        ledger = method.ledger(cohort, date)
        for threshold in thresholds:
            try:
                out.append(cell(ledger, cohort.placebo(date, threshold, method.history)))
            except iom.errors.DegenerateDataError:  # those who were not chosen have no events to compare with
                continue
    return out


def bias(found: Sequence[Cell]) -> float:
    """Return the mean log remainder."""
    return float(np.mean([c.log_remainder for c in found]))


def standard_error(found: Sequence[Cell]) -> float:
    """Return the standard error of the mean log remainder of cells that share people."""
    return float(np.sqrt((np.mean([c.moves for c in found], axis=0) ** 2).sum()))


def row(found: Sequence[Cell], *, z: bool) -> list[str]:
    """Return a method's part of a line of the table."""
    if not found:
        return ["-"] * 4
    return [
        f"{bias(found):+.3f}",
        f"{bias(found) / standard_error(found):+.1f}" if z else "",
        f"{sum(c.covers for c in found)} of {len(found)}",
        f"{np.mean([c.error for c in found]):.3f}",
    ]


# %% [markdown]
"""## The data: real careers from a file, or a few invented people"""


# %%
def read(path: str) -> pd.DataFrame:
    """Return a long file with days at risk."""
    years = pd.read_csv(path)
    return years.assign(days=YEAR * years["time_at_risk"].clip(lower=LEAST))


def invented(n: int = 120, seed: int = 3) -> pd.DataFrame:
    """Return people in the columns of the file, whose rates last until some of them stop for good."""
    rng = np.random.default_rng(seed)
    ages = np.arange(16, 30)
    going = np.cumprod(rng.random((n, ages.size)) > 0.08, axis=1)
    at_risk = rng.choice([1.0, 0.5], p=[0.9, 0.1], size=going.shape)
    contacts = rng.poisson(rng.gamma(1.5, 1.0, (n, 1)) * going * at_risk)
    person, age = (np.broadcast_to(v, going.shape).ravel() for v in (np.arange(n)[:, None], ages))
    columns = {"id": person, "age": age, "contacts": contacts.ravel(), "time_at_risk": at_risk.ravel()}
    return pd.DataFrame(columns).assign(days=YEAR * at_risk.ravel())


# %%
if __name__ == "__main__":
    path = typed(None)
    years, dates, thresholds = (read(path), DATES, THRESHOLDS) if path else (invented(), DATES[4:5], THRESHOLDS[2:3])
    found = {
        name: [cells(Cohort(years, at_risk), method, dates, thresholds) for at_risk in (False, True)]
        for name, method in METHODS.items()
    }
    print(f"{'':36}{'days at risk unknown':>40}{'days at risk known':>40}")
    print(f"{'expected by':36}" + "".join(f"{name:>10}" for name in 2 * ["bias", "z", "covers 1", "mean SE"]))
    for name, both in found.items():
        texts = [text for each in both for text in row(each, z=METHODS[name].by_people)]
        print(f"{name:36}" + "".join(f"{text:>10}" for text in texts))
    plain = bias(found["nothing"][0])
    print(f"With nothing expected anyway, {np.exp(plain):.2f} is left to a programme where there was none.")
