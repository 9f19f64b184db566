# %% [markdown]
"""# u3, people without a follow-up: what can be said of all people, by what is supposed of those without one

Run it with ``python examples/sensitivity/u3_people_without_follow_up.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes, axes_of_lines, axes_of_rows
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.moments import Moments
from iom_causal.report.asked_study import AskedStudy, Data, does_not_arise

SUPPOSED = {
    "nothing supposed of them": "",
    "their mean no lower than the others’": "no_lower",
    "their mean no higher than the others’": "no_higher",
}


# %%
def lost(data: Data) -> int:
    """Return how many people have no figure after."""
    return (data.n_input or data.n) - data.n if isinstance(data, Moments) else data.managed.n - data.managed.n_complete


def with_gaps(study: AskedStudy) -> Data:
    """Return the first outcome of which some people have no figure after."""
    for kind in ("score", "count", "amount"):
        if any(outcome.kind == kind for outcome in study.subject.outcomes) and lost(data := study.data(kind)):
            return data
    raise does_not_arise("Everybody has a figure in both windows.")


def of_people(study: AskedStudy, panel: iom.Panel) -> PointAnswer:
    """Find where the change of all would be none; bounds rest on two people's figures, the least and the greatest."""
    moments = panel.managed.moments()
    everybody, without = study.people(panel.managed.n), study.people(lost(panel))
    others = study.mean(moments.mean_post, moments.n, moments.furthest[1])
    none = study.mean(iom.Attrition().tipping_mean(panel), lost(panel), max(moments.furthest))
    print(f"  the {without} without a follow-up would have to average {none:g}; the others averaged {others:g}")
    supposed = np.linspace(min(none, others), max(none, others), 2)
    share = without / everybody
    ax = axes_of_lines.curve(supposed, share * (supposed - none))
    axes.mark(ax, y=0.0, text="no change")
    axes.mark(ax, x=others, text="as the others")
    ax.set_xlabel(f"mean {panel.name} after of the people without a follow-up")
    ax.set_ylabel(f"mean change of all{', points' if panel.kind == 'score' else ''}")
    sentence = (
        f"All {everybody} people together would not have changed in {panel.name} if the {without} without a follow-up "
        f"averaged {none:g} after, where the others averaged {others:g}; what they averaged is not in the data."
    )
    return PointAnswer(sentence, ax)


def answer(study: AskedStudy) -> PointAnswer:
    """Bound the change of all people by the least and the greatest figure seen, and find where it would be none."""
    data = with_gaps(study)
    if isinstance(data, iom.Panel) and study.subject.release.guarded:
        return of_people(study, data)
    if isinstance(data, Moments):
        if data.range_pre is None or data.range_post is None:
            raise does_not_arise(f"The least and the greatest {data.name} are not printed, and bounds rest on them.")
        ends, others = (*data.range_pre, *data.range_post), data.mean_post
    else:
        ends, others = data.managed.outcome, data.managed.moments().mean_post
    support = float(np.nanmin(ends)), float(np.nanmax(ends))
    bounds = {
        name: iom.manski_bounds(data, support=support, scale="difference", suppose=suppose)
        for name, suppose in SUPPOSED.items()
    }
    for name, found in bounds.items():
        print(f"  {name}: mean change of all from {found.set_low:.1f} to {found.set_high:.1f}")
    ax = axes_of_rows.intervals(list(bounds), [(found.set_low, found.set_high) for found in bounds.values()])
    axes.mark(ax, x=0.0, text="no change")
    ax.set_xlabel(f"mean change in {data.name} of all people{', points' if data.kind == 'score' else ''}")
    widest = next(iter(bounds.values()))
    sentence = (
        f"All {widest.n} people together would not have changed in {data.name} if the {widest.n_missing} without a "
        f"follow-up averaged {iom.Attrition().tipping_mean(data):.1f} after, where the others averaged "
        f"{others:.1f}; with nothing supposed of them the mean change of all is anywhere from "
        f"{widest.set_low:.1f} to {widest.set_high:.1f}."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("u3", answer)

if __name__ == "__main__":
    main.run()
