# %% [markdown]
"""# u1, regression to the mean by placebo dates: what the same rule met before the programme

Of a study of people with records that reach back, the rule is applied at every earlier date that has room. A printed
table has no earlier dates: there the same is shown on two invented forces. Each picks everybody with 4 arrests or more
in a year, of whom nine years are at hand, and the programme starts with the ninth. The programme of one does nothing,
that of the other takes away a third of the arrests; before and after alone, both look like a success.

Run it with ``python examples/sensitivity/u1_placebo_dates.py``, and with the path of your own [study] file after it;
``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes_of_rows
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.data.release.disclosure import nearest
from iom_causal.report.asked_study import AskedStudy, does_not_arise

YEARS, CUT = 9, 4
COLUMNS = ["date", "role", "ratio", "conf_low", "conf_high"]


# %%
def force(ratio: float, seed: int = 2, n: int = 4000) -> iom.Panel:
    """Return everybody in the records of an invented force whose programme multiplies arrests by a ratio."""
    rng = np.random.default_rng(seed)
    going = rng.exponential(1 / 0.06, (n, 1)) > np.arange(YEARS)  # 6% a year stop for good
    counts = rng.poisson(rng.gamma(1.5, 0.9, (n, 1)) * going)
    managed = counts[:, -2] >= CUT
    counts[managed, -1] = rng.binomial(counts[managed, -1], ratio)
    windows = [
        iom.Window(f"{2012 + k}", 365 * (k - YEARS + 1), 365 * (k - YEARS + 2), post=k == YEARS - 1)
        for k in range(YEARS)
    ]
    return iom.Panel.from_arrays(
        counts,
        windows=windows,
        start=np.ma.MaskedArray(np.full(n, YEARS - 1), mask=~managed),
        selection=iom.Selection("arrests", (windows[-2].label,), "at_least", "at_boundary", threshold=CUT),
        name="arrests",
    )


def invented() -> PointAnswer:
    """Show what earlier dates show of both forces, and draw the second one."""
    nothing, third = (iom.placebo_dates(force(ratio)) for ratio in (1.0, 2 / 3))
    print(third.tidy()[COLUMNS].round(2).to_string(index=False), "\n")
    for name, found in (("A programme that does nothing", nothing), ("One that takes away a third", third)):
        print(f"{name}: arrests after were {found.real.ratio:.2f} of those before.")
        print(found.sentence, "\n")
    sentence = (
        "A printed table has no earlier dates. In two invented forces arrests after were "
        f"{nothing.real.ratio:.2f} of those before where the programme does nothing and {third.real.ratio:.2f} where "
        f"it takes a third away; earlier dates lead one to expect {third.expected:.2f} ({third.low:.2f} to "
        f"{third.high:.2f}) in the second."
    )
    return PointAnswer(sentence, third.plot())


def answer(study: AskedStudy) -> PointAnswer:
    """Apply the rule at every earlier date of a study of people."""
    if study.subject.published is not None:
        return invented()
    panel = study.panel("count", "amount")
    try:
        found = iom.placebo_dates(panel)
    except iom.errors.IomCausalError as error:
        raise does_not_arise(f"Earlier dates cannot be had: {error.plain}.") from None
    print(f"Points of the register on which this is silent: {', '.join(found.silent_on)}.")
    if not study.subject.release.guarded:
        print(found.tidy()[COLUMNS].round(2).to_string(index=False), "\n")
        print(found.assurance)
        return PointAnswer(found.sentence, found.plot())
    step = study.step(panel)
    seen, expected, low, high = (nearest(v, step) for v in (found.real.ratio, found.expected, found.low, found.high))
    sentence = (
        f"By {len(found.dates)} earlier dates {panel.name} after were to be expected at {expected:.2f} ({low:.2f} to "
        f"{high:.2f}) of those before, and at the real date they are at {seen:.2f}, if this rule would have met the "
        "same at the real date with no programme."
    )
    rows = [
        {"label": "by earlier dates", "estimate": expected, "conf_low": low, "conf_high": high, "scale": "ratio"},
        {"label": "the real date", "estimate": seen, "scale": "ratio"},
    ]
    return PointAnswer(sentence, axes_of_rows.forest(rows))


# %%
main = PointQuestion("u1", answer, name="u1_placebo_dates")

if __name__ == "__main__":
    main.run()
