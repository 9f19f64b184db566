# %% [markdown]
"""# c01, other changes over the same period: what they alone would have had to make of the count for nothing to remain

Run it with ``python examples/sensitivity/c01_other_changes.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.confounds.history import series_names
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Put one ratio of everybody's counts, after over before, in the place of what each set of evidence has."""
    data = study.data("count", "amount", "score")
    for series in series_names():
        try:
            outside = np.exp(iom.Ledger([iom.History(series=series)]).central(data) - iom.Ledger().central(data))
        except iom.errors.InputError as without_dates:
            print(f"  {series}: {without_dates.plain}")
        else:
            print(f"  {series}: {1 / outside:.2f} of what it was, over these windows")
    ledgers = study.ledgers(data, iom.History(ratio=1.0))
    found = tips(study, ledgers, data, "history.ratio")
    sentence = (
        f"For nothing to remain of the change in {data.name}, other changes alone would have had to make of them, "
        f"after over before, {by_set(found)}; an outside series shows what everybody "
        "saw, and no figure shows what happened to these people alone."
    )
    return PointAnswer(
        sentence, curves(ledgers, data, "history.ratio", (0.4, 1.4), across="other changes, after / before")
    )


# %%
main = PointQuestion("c01", answer)

if __name__ == "__main__":
    main.run()
