# %% [markdown]
"""# c05, ageing: what growing older alone is worth between the two windows, by each curve of rates by age

Run it with ``python examples/sensitivity/c05_ageing.py``, and with the path of your own [published] or [study]
file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.base import axes, axes_of_rows
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.confounds.age_curves import FAMILIES, names
from iom_causal.report.asked_study import AskedStudy, ends


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Average every curve that ships over both windows, at the ages of these people."""
    data = study.data("count", "amount")
    (observed, _), (exact, _) = study.ends(iom.Ledger(), data), ends(iom.Ledger(), data)
    worth = {}
    for curve in (name for name in names() if name.count("-") == 1):  # of everybody convicted, one an era
        remains = [ends(iom.Ledger([iom.Ageing(curve=curve, family=family)]), data)[0] for family in FAMILIES]
        worth[curve] = (exact / max(remains), exact / min(remains))  # of their ages alone
        print(
            f"  {curve}: {worth[curve][0]:.2f} to {worth[curve][1]:.2f} of what it was, over {len(FAMILIES)} families"
        )
    low, high = min(low for low, _ in worth.values()), max(high for _, high in worth.values())
    called = [f"curve of {curve.replace('-', ' ').title()}" for curve in worth]
    ax = axes_of_rows.intervals(called, list(worth.values()))
    axes.mark(ax, x=observed, text="observed")
    axes.mark(ax, x=1.0, text="no ageing")
    ax.set_xlabel(f"{data.name} from ageing alone, after / before")
    sentence = (
        f"If these people followed the curve of all people convicted, ageing alone would leave {data.name} at "
        f"{low:.2f} to {high:.2f} of what they were, by era and family of the curve, where {observed:.2f} was observed."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c05", answer)

if __name__ == "__main__":
    main.run()
