# %% [markdown]
"""# c02, no comparison group: which designs with something to compare the data carry, and what the others lack

Run it with ``python examples/sensitivity/c02_no_comparison_group.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
from collections import Counter

from iom_causal.base import axes_of_rows
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.sections.comparison import carried, why_none


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Ask every quasi-experiment what it needs, whether the data have it, and whether what it gives may be offered."""
    designs = study.designs("count", "amount", "score")
    options = designs.options.options
    for option in options:
        lacks = [r.needs for r in option.lacking if r.necessary]
        unlike = designs.why_not(option.design) is not None
        held = f"the data hold what it needs{', and it is not offered' if unlike else ''}"
        print(f"  {option.name}: {f'lacks {lacks[0]}' if lacks else held}")
    missing = Counter(r.needs for option in options for r in option.lacking if r.necessary).most_common(1)
    sentence = f"{carried(designs)[:-1]}; no allowance made from the managed people takes their place."
    if not designs.carried:
        sentence = (
            f"For {designs.outcome}, none of {len(options)} designs that compare with something has all that it needs "
            f"in these data: most lack {missing[0][0]}, and one group before and after is level 2 of 5 on the Maryland "
            "scale; no allowance made from the managed people takes their place."
        )
    sentence = " ".join(filter(None, [sentence, why_none(designs)]))
    names, needs = [], []
    for option in options:
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
