# %% [markdown]
"""# c03, records and conduct: what people did, by the chance that the same conduct is recorded

Run it with ``python examples/sensitivity/c03_records_and_conduct.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.analysis.sensitivity.moved_settings import NOTHING_ELSE
from iom_causal.beliefs import Range
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import curves

SUPPOSED = Range(0.8, 1.25)
"""The chance of a record, after over before: a fifth lower, or as much higher."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Divide the recorded ratio by the change in the chance of a record, with nothing else allowed for."""
    data = study.data("count", "amount")
    recorded, _ = study.ends(iom.Ledger(), data)
    low, high = study.ends(iom.Ledger([iom.Detection(ratio=SUPPOSED)]), data)
    print(f"  recorded {data.name}: {recorded:.2f} of what they were")
    print(f"  conduct, if the chance of a record is {SUPPOSED.low} to {SUPPOSED.high} of it: {low:.2f} to {high:.2f}")
    sentence = (
        f"Recorded {data.name} are {recorded:.2f} of what they were, and so is what people did only if the chance of a "
        f"record stayed the same: if that is {SUPPOSED.low} to {SUPPOSED.high} of what it was, conduct is {low:.2f} to "
        f"{high:.2f} of what it was, and if it is {recorded:.2f}, conduct did not change at all."
    )
    moved = {NOTHING_ELSE: iom.Ledger([iom.Detection()])}
    ax = curves(moved, data, "detection.ratio", (0.4, 1.6), across="chance of a record, after / before")
    ax.set_ylabel("what people did, after / before")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c03", answer)

if __name__ == "__main__":
    main.run()
