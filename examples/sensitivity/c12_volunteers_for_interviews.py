"""c12, volunteers for interviews: how common a view may be among all if people who hold it volunteer more.

Run it with ``python examples/sensitivity/c12_volunteers_for_interviews.py``, and with the path of your own [published]
file after it; ``--out FOLDER`` saves the figure there.
"""

import numpy as np

from iom_causal.base import axes
from iom_causal.cli.question import Answer, AskedStudy, PointQuestion, does_not_arise
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed.shares import exact_interval

MOST = 5.0
"""The odds of volunteering with the view, over those without, at most."""


def among_all(share: float, odds: float) -> float:
    """Return the share among all who were asked, given that among volunteers."""
    return share / (share + odds * (1 - share))


def answer(study: AskedStudy) -> Answer:
    """Bound the share among all by the odds of volunteering."""
    published = study.subject.published
    told = [] if published is None else [p for p in published.proportions if not p.source]
    if not told:
        raise does_not_arise("This study reports no share of people who were interviewed.")
    k, n = told[0].count.count, told[0].n.count
    drawn = exact_interval(k, n, level=LEVEL)
    print(f"  {k} of {n}: {told[0].name}; drawn at random, {drawn.low:.0%} to {drawn.high:.0%} among all")
    odds = np.linspace(1.0, MOST, 41)
    middle, low, high = ([among_all(share, float(o)) for o in odds] for share in (k / n, drawn.low, drawn.high))
    ax = axes.curve(odds, middle, low=low, high=high)
    axes.mark(ax, y=0.5, text="half")
    ax.set_xlabel("odds of volunteering with the view, over those without")
    ax.set_ylabel("share with the view among all who were asked")
    sentence = (
        f"If people with the view were up to {MOST:g} times as ready to volunteer, {k} of {n} stand for "
        f"{middle[-1]:.0%} to {middle[0]:.0%} of all who were asked, and with so few people for "
        f"{low[-1]:.0%} to {high[0]:.0%}; interviews show which views exist, and bear on no figure of this study."
    )
    return Answer(sentence, ax)


main = PointQuestion("c12", answer)

if __name__ == "__main__":
    main.run()
