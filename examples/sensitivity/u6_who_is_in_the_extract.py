# %% [markdown]
"""# u6, who is in the extract: how people who are not in it would have to have changed for nothing to remain

Run it with ``python examples/sensitivity/u6_who_is_in_the_extract.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves

ABSENT = 0.1
"""Share of the events before that belongs to people who were picked and are not in the extract."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Add people with a tenth of the events before, and move how they changed, under every set of evidence."""
    data = study.data("count", "amount")
    ledgers = study.ledgers(data, iom.Attrition(handling="complete", absent=ABSENT))
    found = tips(study, ledgers, data, "attrition.absent_ratio", low=0.0, high=20.0)
    sentence = (
        f"If people with a tenth of the {data.name} before were picked and are not in the extract, nothing remains "
        f"where they stand, after over before, at {by_set(found)}; their share "
        "and their change are beliefs, and a count of who was removed would bound both."
    )
    ax = curves(ledgers, data, "attrition.absent_ratio", (0.0, 6.0), across="people not in the extract, after / before")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("u6", answer)

if __name__ == "__main__":
    main.run()
