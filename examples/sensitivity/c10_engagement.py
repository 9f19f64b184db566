# %% [markdown]
"""# c10, engagement: which share of people who choose to change would make the pooled change

Run it with ``python examples/sensitivity/c10_engagement.py``, and with the path of your own [published] or [study]
file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes, axes_of_lines
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy

BRISTOL = iom.Engagement()
"""The contrast printed for Bristol at six months: seriousness at 0.33 among some and at 1.158 among the others."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Read the pooled ratio as a mixture of two groups as unlike as those of Bristol."""
    data = study.data("count", "amount")
    pooled, _ = study.ends(iom.Ledger(), data)
    theta = {"engaged_ratio": BRISTOL.engaged_ratio, "other_ratio": BRISTOL.other_ratio}
    needed = BRISTOL.share_needed(pooled, theta)
    shares = np.linspace(0.0, 1.0, 41)
    ax = axes_of_lines.curve(shares, BRISTOL.pooled({**theta, "share": shares}))
    axes.mark(ax, y=pooled, text=f"observed {pooled:.2f}")
    if 0 <= needed <= 1:
        axes.mark(ax, x=needed, text=f"{needed:.0%}")
    ax.set_xlabel("share of the events before that belongs to people who engage")
    ax.set_ylabel("all together, after / before")
    print(f"  share of the events before that gives {pooled:.2f}: {needed:.2f}")
    told = f"{needed:.0%} of the events before would have to be theirs" if 0 <= needed <= 1 else "no share would do it"
    sentence = (
        f"If people who engage stood at {BRISTOL.engaged_ratio:.2f} of their {data.name} before and the others at "
        f"{BRISTOL.other_ratio:.2f}, as printed for Bristol, {told} for a pooled {pooled:.2f}; people who engage chose "
        "to, so that this contrast is one of people, and not of what engagement does."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c10", answer)

if __name__ == "__main__":
    main.run()
