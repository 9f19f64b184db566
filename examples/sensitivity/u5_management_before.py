# %% [markdown]
"""# u5, management before: what a remainder says if part of the time before was managed too

Run it with ``python examples/sensitivity/u5_management_before.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, drawn_sets, ends_words, if_set, unit_of

BEFORE = iom.PartExposure(before=0.25)
"""A quarter of the time before was managed, in a way that did the same."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Restate the remainder of every set of evidence for time that was managed against time that was not."""
    data = study.data("count", "amount")
    shares = np.linspace(0.0, 0.6, 31).tolist()
    said, lines = {}, {}
    for name, ledger in study.ledgers(data).items():
        remains = study.ends(ledger, data)
        low, high = (
            [float(BEFORE.restate(end, {"after": 1.0, "before": share})) for share in (0.25, *shares)]
            for end in remains
        )
        lines[name] = (shares, low[1:], high[1:])
        said[name] = f"{ends_words(*sorted((low[0], high[0])))} in place of {ends_words(*remains)}"
        print(f"  {if_set(name)}: {said[name]}")
    ax = drawn_sets(lines, across="share of the time before that was managed", unit=unit_of(data.name))
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
