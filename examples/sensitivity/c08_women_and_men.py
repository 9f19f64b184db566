# %% [markdown]
"""# c08, women and men: how large a difference groups of these sizes leave open

Run it with ``python examples/sensitivity/c08_women_and_men.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
from collections import Counter
from collections.abc import Mapping

import numpy as np

from iom_causal.base import axes, axes_of_lines
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.inputs.clusters import unknown
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed.nonsignificant import difference_with_power, largest_undetected
from iom_causal.report.asked_study import AskedStudy, does_not_arise

POWER = 0.8
SEX = ("sex", "gender")


# %%
def groups(study: AskedStudy) -> Mapping[str, int]:
    """Return how many people are in each of two groups by sex, by their names in the study."""
    published = study.subject.published
    if published is not None:
        known = (g for g in published.sample.groups if g.variable in SEX and g.count and not g.missing)
        found = {g.category: g.count.count for g in known}
    else:
        covariates = study.panel("count", "amount", "score").managed.covariates
        columns = [values[~unknown(values)] for name, values in covariates.items() if name.lower() in SEX]
        found = dict(sorted(Counter(columns[0].tolist()).items())) if columns else {}
    release = study.subject.release
    if release.guarded and not all(release.enough(n) for n in found.values()):
        raise does_not_arise("A group by sex is so small that nothing is said of it.")
    if len(found) != 2 or min(found.values()) < 2:
        raise does_not_arise("This study does not give two groups by sex with at least two people each.")
    return {name: study.people(n) for name, n in found.items()}


def answer(study: AskedStudy) -> PointAnswer:
    """Work out the power of a comparison of two groups of these sizes."""
    named = groups(study)
    sizes = tuple(named.values())
    open_ = largest_undetected(*sizes, level=LEVEL)
    found = difference_with_power(*sizes, level=LEVEL, power=POWER)
    told = " and ".join(f"{n} ({label})" for label, n in named.items())
    print(f"  groups of {told}: p above {1 - LEVEL:.2f} up to an observed difference of {open_:.2f} SD")
    powers = np.linspace(0.1, 0.99, 40)
    differences = [difference_with_power(*sizes, level=LEVEL, power=float(power)) for power in powers]
    ax = axes_of_lines.curve(differences, powers)
    axes.mark(ax, x=open_, text=f"observed up to {open_:.2f} SD: p above {1 - LEVEL:.2f}")
    axes.mark(ax, y=POWER, text=f"{POWER:.0%} at {found:.2f} SD")
    ax.set_xlabel("true difference between the two groups, SD")
    ax.set_ylabel("chance that a test finds it")
    sentence = (
        f"With {sizes[0]} and {sizes[1]} people, “no significant difference” leaves open an observed difference of up "
        f"to {open_:.2f} SD, and a true one of {found:.2f} SD would be found with {POWER:.0%} power; that numbers are "
        "alike says nothing of mechanisms, which no figure here can inform."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c08", answer)

if __name__ == "__main__":
    main.run()
