# %% [markdown]
"""# u5, management before: what a remainder says if part of the time before was managed too

Run it with ``python examples/sensitivity/u5_management_before.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, if_set, unit_of

BEFORE = iom.PartExposure(before=0.25)
"""A quarter of the time before was managed, in a way that did the same."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Restate the remainder of every set of evidence for time that was managed against time that was not."""
    data = study.data("count", "amount")
    shares = np.linspace(0.0, 0.6, 31)
    said, lines = {}, {}
    for name, ledger in study.ledgers(data).items():
        remains = float(np.mean(study.ends(ledger, data)))
        against_none = [float(BEFORE.restate(remains, {"after": 1.0, "before": share})) for share in (*shares, 0.25)]
        lines[name] = [(x, y, 0.0) for x, y in zip(shares, against_none[:-1], strict=True)]
        said[name] = f"{against_none[-1]:.2f} in place of {remains:.2f}"
        print(f"  {if_set(name)}: {said[name]}")
    ax = axes.banded_lines(
        lines, across="share of the time before that was managed", unit=unit_of(data.name), level=1.0
    )
    sentence = (
        "The contrast is with what these people would otherwise have received: if a quarter of the time before was "
        f"managed in a way that did the same, there remain of {data.name}, against no management at all, "
        f"{by_set(said)}."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("u5", answer)

if __name__ == "__main__":
    main.run()
