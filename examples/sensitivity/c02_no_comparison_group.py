# %% [markdown]
"""# c02, no comparison group: which designs with something to compare the data carry, and what the others lack

Run it with ``python examples/sensitivity/c02_no_comparison_group.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
from collections import Counter

import iom_causal as iom
from iom_causal.base import axes_of_rows
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Ask every quasi-experiment what it needs, and whether the data have it."""
    options = iom.designs_for(study.panel("count", "amount", "score"))
    for option in options.options:
        lacks = [r.needs for r in option.lacking if r.necessary]
        print(f"  {option.name}: {f'lacks {lacks[0]}' if lacks else 'the data carry it'}")
    missing = Counter(r.needs for option in options.options for r in option.lacking if r.necessary).most_common(1)
    told = f"the data carry {len(options.carried)} of {len(options.options)} designs with something to compare"
    if not options.carried:
        told = (
            f"the data carry none of {len(options.options)} designs with something to compare, most of which lack "
            f"{missing[0][0]}, and one group before and after is level 2 of 5 on the Maryland scale"
        )
    sentence = f"For {options.outcome} {told}; no allowance made from the managed people takes their place."
    names, needs = [], []
    for option in options.options:
        necessary = [r.met for r in option.requirements if r.necessary]
        names.append(option.name)
        needs.append((sum(necessary), len(necessary)))
    ax = axes_of_rows.intervals(names, [(0, all_) for _, all_ in needs], inner=[(0, met) for met, _ in needs])
    ax.set_xlabel("necessary for each design (pale), and there in the data (dark)")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c02", answer)

if __name__ == "__main__":
    main.run()
