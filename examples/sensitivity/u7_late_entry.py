# %% [markdown]
"""# u7, late entry: what a remainder says of time under management if people entered part of the way

Run it with ``python examples/sensitivity/u7_late_entry.py``, and with the path of your own [published] or [study]
file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, drawn_sets, ends_words, if_set, unit_of

THREE_QUARTERS = 0.75
"""Of the window after, on average, that people were managed."""


# %%
def managed_alone(remains: float, share: float) -> float | None:
    """Return the ratio for time under management, or None where no ratio above 0 gives the remainder."""
    try:
        return float(iom.PartExposure(after=share).restate(remains, {"after": share, "before": 0.0}))
    except iom.errors.InputError:
        return None


def ratio_words(low: float | None, high: float | None) -> str:
    """Return a set of ratios in words, of which the lower end, or both, may be none above 0."""
    if high is None:
        return "no ratio above 0"
    return f"up to {high:.2f}" if low is None else ends_words(low, high)


def answer(study: AskedStudy) -> PointAnswer:
    """Restate the remainder of every set of evidence for the time under management."""
    data = study.data("count", "amount")
    shares = np.linspace(0.4, 1.0, 31).tolist()
    said, lines = {}, {}
    for name, ledger in study.ledgers(data).items():
        remains = study.ends(ledger, data)
        low, high = ([managed_alone(end, share) for share in (THREE_QUARTERS, *shares)] for end in remains)
        lines[name] = (shares, low[1:], high[1:])
        said[name] = f"{ratio_words(low[0], high[0])} in place of {ends_words(*remains)}"
        print(f"  {if_set(name)}: {said[name]}")
    ax = drawn_sets(lines, across="share of the time after that was managed", unit=unit_of(data.name))
    sentence = (
        f"If people were managed for three quarters of the window after, there remain of {data.name}, for that time "
        f"alone, {by_set(said)}: late entry brings a ratio nearer to 1, and dates of entry would show by how much."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("u7", answer)

if __name__ == "__main__":
    main.run()
