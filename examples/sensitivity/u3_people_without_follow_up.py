"""u3, people without a follow-up: what they would have to have scored for all people together not to have changed.

Run it with ``python examples/sensitivity/u3_people_without_follow_up.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

import numpy as np

import iom_causal as iom
from iom_causal.base import axes
from iom_causal.cli.question import Answer, AskedStudy, PointQuestion, does_not_arise
from iom_causal.moments import Moments


def missing(data: iom.Panel | Moments) -> tuple[int, int]:
    """Return how many people there are, and how many of them have no figure after."""
    if isinstance(data, Moments):
        return data.n_input or data.n, (data.n_input or data.n) - data.n
    return data.managed.n, data.managed.n - data.managed.n_complete


def answer(study: AskedStudy) -> Answer:
    """Move the mean after of the missing, and bound the change by the ends of the scale."""
    for kind in ("score", "count", "amount"):
        if any(outcome.kind == kind for outcome in study.subject.outcomes):
            data = study.data(kind)
            n, lost = missing(data)
            if lost:
                break
    else:
        raise does_not_arise("Everybody has a figure in both windows.")
    moments = data.managed.moments() if isinstance(data, iom.Panel) else data
    low, high = (
        f(ends) for f, ends in zip((min, max), zip(moments.range_pre, moments.range_post, strict=True), strict=True)
    )
    tip = iom.Attrition().tipping_mean(data)
    bounds = iom.Attrition().bounds(data, (low, high))
    print(f"  {lost} of {n} people have no figure after; the figures lie between {low:g} and {high:g}")
    print(f"  mean change of all if they lie anywhere there: {bounds[0]:.1f} to {bounds[1]:.1f}")
    means = np.linspace(low, high, 41)
    share = lost / n
    ends_ = np.asarray(bounds)
    ax = axes.curve(means, ends_[0] + share * (means - low))
    axes.mark(ax, y=0.0, text="no change")
    axes.mark(ax, x=tip, text=f"{tip:.1f}")
    ax.set_xlabel(f"mean {data.name} after of those without a follow-up")
    ax.set_ylabel("mean change of all people")
    sentence = (
        f"All {n} people together would not have changed in {data.name} if the {lost} without a follow-up averaged "
        f"{tip:.1f} after, where those followed up averaged {moments.mean_post:.1f}; with nothing supposed of them the "
        f"mean change of all is anywhere from {bounds[0]:.1f} to {bounds[1]:.1f}."
    )
    return Answer(sentence, ax)


main = PointQuestion("u3", answer)

if __name__ == "__main__":
    main.run()
