# %% [markdown]
"""# c07, a score that nobody validated: how far the score itself would have to drift for nothing to remain

Run it with ``python examples/sensitivity/c07_an_unvalidated_score.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves

FURTHEST = 365.0
"""Points a year up to which drift is searched: one a day."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Let the score of people whose conduct does not change drift, under every set of evidence."""
    data = study.data("score")
    iom.Ledger([iom.ScoreError(drift_per_year=1.0)]).central(data)  # refuses data that say too little
    ledgers = study.ledgers(data, iom.ScoreError())
    found = tips(study, ledgers, data, "score_error.drift_per_year", low=-FURTHEST, high=FURTHEST)
    sentence = (
        f"For nothing to remain of the change in {data.name}, the score of people whose conduct does not change "
        f"would have to drift, in points a year, by {by_set(found)}; the data "
        "hold neither that drift nor the reliability of the score, and scoring people who were never managed would."
    )
    ax = curves(ledgers, data, "score_error.drift_per_year", (-120.0, 40.0), across="drift of the score, points a year")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c07", answer)

if __name__ == "__main__":
    main.run()
