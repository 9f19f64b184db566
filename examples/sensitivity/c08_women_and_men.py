"""c08, women and men: how large a difference groups of these sizes leave open.

Run it with ``python examples/sensitivity/c08_women_and_men.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

from collections.abc import Sequence

import numpy as np

from iom_causal.base import axes
from iom_causal.cli.question import Answer, AskedStudy, PointQuestion, does_not_arise
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed.nonsignificant import difference_with_power, largest_undetected

POWER = 0.8
SEX = ("sex", "gender")


def groups(study: AskedStudy) -> Sequence[int]:
    """Return how many people are in each of two groups by sex."""
    published = study.subject.published
    if published is not None:
        counts = [g.count.count for g in published.sample.groups if g.variable in SEX and g.count and not g.missing]
    else:
        panel = study.panel("count", "amount", "score").managed
        columns = [values for name, values in panel.covariates.items() if name.lower() in SEX]
        counts = list(np.unique(columns[0], return_counts=True)[1].tolist()) if columns else []
    if len(counts) != 2 or min(counts) < 2:
        raise does_not_arise("This study does not give two groups by sex with at least two people each.")
    return counts


def answer(study: AskedStudy) -> Answer:
    """Work out the power of a comparison of two groups of these sizes."""
    sizes = groups(study)
    open_ = largest_undetected(*sizes, level=LEVEL)
    found = difference_with_power(*sizes, level=LEVEL, power=POWER)
    print(
        f"  groups of {sizes[0]} and {sizes[1]}: p above {1 - LEVEL:.2f} up to an observed difference of {open_:.2f} SD"
    )
    powers = np.linspace(0.1, 0.99, 40)
    differences = [difference_with_power(*sizes, level=LEVEL, power=float(power)) for power in powers]
    ax = axes.curve(differences, powers)
    axes.mark(ax, x=open_, text=f"observed, and not found: up to {open_:.2f}")
    axes.mark(ax, y=POWER, text=f"{found:.2f} SD")
    ax.set_xlabel("true difference between the two groups, SD")
    ax.set_ylabel("chance that a test finds it")
    sentence = (
        f"With {sizes[0]} and {sizes[1]} people, “no significant difference” leaves open an observed difference of up "
        f"to {open_:.2f} SD, and a true one of {found:.2f} SD would be found with {POWER:.0%} power; that numbers are "
        "alike says nothing of mechanisms, which no figure here can inform."
    )
    return Answer(sentence, ax)


main = PointQuestion("c08", answer)

if __name__ == "__main__":
    main.run()
