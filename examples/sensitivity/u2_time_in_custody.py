# %% [markdown]
"""# u2, time in custody: how much time at liberty people would have to lose for nothing to remain

Run it with ``python examples/sensitivity/u2_time_in_custody.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.base import axes_of_rows
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.inputs.weighting import own_days_differ
from iom_causal.report.asked_study import AskedStudy, Data
from iom_causal.report.by_set import by_set, curves


# %%
def with_days(study: AskedStudy, data: Data) -> PointAnswer:
    """Answer both questions where each person's days at liberty are known."""
    free, total = (study.ends(iom.Ledger([iom.Custody(target=target)]), data)[0] for target in ("free", "total"))
    print(f"  rate while at liberty: {free:.2f} of what it was; number in the whole time: {total:.2f}")
    rows = [
        {"label": label, "estimate": value, "scale": "ratio"}
        for label, value in (("at liberty", free), ("total", total))
    ]
    sentence = (
        f"While at liberty people had {free:.2f} of their {data.name} before, and {total:.2f} in the whole time; the "
        "two differ by what custody took out, and which is asked must be said first."
    )
    return PointAnswer(sentence, axes_of_rows.forest(rows))


def answer(study: AskedStudy) -> PointAnswer:
    """Move the time at liberty, under every set of evidence, or read it where it is known."""
    data = study.data("count", "amount")
    if own_days_differ(data):
        return with_days(study, data)
    ledgers = study.ledgers(data, iom.Custody(ratio=1.0))
    found = tips(study, ledgers, data, "custody.ratio")
    sentence = (
        f"For nothing to remain of the change in {data.name}, time at liberty would have to be, after over before, "
        f"{by_set(found)}; dates of custody would tell, and nothing else in the data does."
    )
    return PointAnswer(
        sentence, curves(ledgers, data, "custody.ratio", (0.5, 1.2), across="time at liberty, after / before")
    )


# %%
main = PointQuestion("u2", answer)

if __name__ == "__main__":
    main.run()
