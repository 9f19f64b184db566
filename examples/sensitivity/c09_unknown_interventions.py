# %% [markdown]
"""# c09, interventions that nobody recorded: which mixtures of people with and without them would print the same total

Run it with ``python examples/sensitivity/c09_unknown_interventions.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes, axes_of_lines
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy

SHARES = (0.25, 0.5, 0.75)
"""Of the events before, that belong to people who received some intervention."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Solve the mixture of two ratios for the one, given the other and the share."""
    data = study.data("count", "amount")
    total, _ = study.ends(iom.Ledger(), data)
    received = np.linspace(0.0, 1.5 * total, 31)
    lines = {}
    for share in SHARES:
        rest = (total - share * received) / (1 - share)
        lines[f"{share:.0%} of the events before were of people who received it"] = [
            (x, y, 0.0) for x, y in zip(received, rest, strict=True) if y >= 0
        ]
        print(f"  share {share:.0%}: at no events after among those, the others stand at {total / (1 - share):.2f}")
    ax = axes_of_lines.banded_lines(
        lines, across="people who received it, after / before", unit="the others, after / before"
    )
    axes.mark(ax, y=total, text=f"all together: {total:.2f}")
    middle = SHARES[1]
    sentence = (
        f"The total of {total:.2f} in {data.name} is the same whether all people are alike or those with {middle:.0%} "
        f"of the events before stand anywhere from 0 to {total / middle:.2f} and the others from "
        f"{total / (1 - middle):.2f} down to 0, so that no figure here tells one intervention from another."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c09", answer)

if __name__ == "__main__":
    main.run()
