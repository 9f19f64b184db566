# %% [markdown]
"""# u4, breach and recall: what remains once events that supervision itself creates are taken out

Run it with ``python examples/sensitivity/u4_breach_and_recall.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves, if_set, remainder_words

SHARE = 0.1
"""Of the events after, a tenth that exists only because people were supervised."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Take a share out of the events after, under every set of evidence."""
    data = study.data("count", "amount")
    none, tenth = (study.ledgers(data, iom.Breach(after=share)) for share in (0.0, SHARE))
    said = {
        name: f"{remainder_words(study, tenth[name], data)} in place of {remainder_words(study, none[name], data)}"
        for name in none
    }
    for name, text in said.items():
        print(f"  {if_set(name)}: {text}")
    sentence = (
        f"If a tenth of the {data.name} after exist only because people were supervised, there remains of the others "
        f"{by_set(said)}: such events hide part of a fall and make none, and a flag on the record would show them."
    )
    ax = curves(none, data, "breach.after", (0.0, 0.6), across="share of events after that supervision itself created")
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("u4", answer)

if __name__ == "__main__":
    main.run()
