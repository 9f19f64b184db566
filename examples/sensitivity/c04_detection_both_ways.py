# %% [markdown]
"""# c04, detection both ways: how far the chance of a record would have to move for nothing to remain

Run it with ``python examples/sensitivity/c04_detection_both_ways.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Move the chance that the same conduct is recorded, under every set of evidence."""
    data = study.data("count", "amount")
    ledgers = study.ledgers(data, iom.Detection())
    found = tips(study, ledgers, data, "detection.ratio")
    sentence = (
        f"For nothing to remain of the change in {data.name}, the chance that the same conduct is recorded would have "
        f"to be, after over before, {by_set(found)}; reluctance to act "
        "makes it less than 1 and close watching more, and the counts tell neither."
    )
    ax = curves(ledgers, data, "detection.ratio", (0.5, 1.5), across="chance of a record, after / before")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c04", answer)

if __name__ == "__main__":
    main.run()
