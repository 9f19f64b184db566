# %% [markdown]
"""# c06, stopping anyway: how many people would have to stop for good without any programme for nothing to remain

Run it with ``python examples/sensitivity/c06_stopping_anyway.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.beliefs import ends as ends_of
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Move the rate at which people stop for good, under every set of evidence."""
    data = study.data("count", "amount")
    usual = iom.Desistance().hazard
    iom.Ledger([iom.Desistance()]).central(data)  # refuses data that say too little
    ledgers = study.ledgers(data, iom.Desistance(hazard=sum(ends_of(usual)) / 2))
    found = tips(study, ledgers, data, "desistance.hazard", low=0.0, high=3.0)
    sentence = (
        f"For nothing to remain of the change in {data.name}, people would have to stop for good, whoever manages "
        f"them, at a rate a year of {by_set(found)}; young adults followed "
        "without a programme stopped at about 0.06, with 0.03 to 0.12 around it."
    )
    ax = curves(ledgers, data, "desistance.hazard", (0.0, 1.5), across="rate a year at which people stop for good")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c06", answer)

if __name__ == "__main__":
    main.run()
