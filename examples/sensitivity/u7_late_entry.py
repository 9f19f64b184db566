# %% [markdown]
"""# u7, late entry: what a remainder says of time under management if people entered part of the way

Run it with ``python examples/sensitivity/u7_late_entry.py``, and with the path of your own [published] or [study]
file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, if_set, unit_of

THREE_QUARTERS = 0.75
"""Of the window after, on average, that people were managed."""


# %%
def managed_alone(remains: float, share: float) -> float | None:
    """Return the ratio for time under management, or None where no ratio above 0 gives the remainder."""
    try:
        return float(iom.PartExposure(after=share).restate(remains, {"after": share, "before": 0.0}))
    except iom.errors.InputError:
        return None


def answer(study: AskedStudy) -> PointAnswer:
    """Restate the remainder of every set of evidence for the time under management."""
    data = study.data("count", "amount")
    shares = np.linspace(0.4, 1.0, 31)
    said, lines = {}, {}
    for name, ledger in study.ledgers(data).items():
        remains = float(np.mean(study.ends(ledger, data)))
        lines[name] = [(share, managed_alone(remains, share), 0.0) for share in shares]
        there = managed_alone(remains, THREE_QUARTERS)
        said[name] = f"{'no ratio above 0' if there is None else f'{there:.2f}'} in place of {remains:.2f}"
        print(f"  {if_set(name)}: {said[name]}")
    ax = axes.banded_lines(lines, across="share of the time after that was managed", unit=unit_of(data.name), level=1.0)
    sentence = (
        f"If people were managed for three quarters of the window after, there remain of {data.name}, for that time "
        f"alone, {by_set(said)}: late entry brings a ratio nearer to 1, and dates of entry would show by how much."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("u7", answer)

if __name__ == "__main__":
    main.run()
