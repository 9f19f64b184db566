# %% [markdown]
"""# u1, regression to the mean: how low everybody's average would have to be for picking alone to make the change

Run it with ``python examples/sensitivity/u1_regression_to_the_mean.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion, tips
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, curves


# %%
def of_score(study: AskedStudy) -> PointAnswer:
    """Find the share of the way back to a source population half as high, or twice, at which nothing remains."""
    data = study.data("score")
    moments = data.managed.moments() if isinstance(data, iom.Panel) else data
    before = moments.mean_pre if moments.mean_pre_input is None else moments.mean_pre_input
    before = study.mean(before, moments.n, moments.furthest[0])
    away = 2 * before if iom.Ledger().central(data) > 0 else before / 2
    ledgers = study.ledgers(data, iom.Remission(share=0.5, population_mean=away))
    found = tips(study, ledgers, data, "remission.share", low=0.0, high=1.0)
    sentence = (
        f"People picked at an extreme come back by themselves: if everybody from whom they were picked averaged "
        f"{away:.0f} in {data.name}, nothing remains where {by_set(found)} of the way to it passes by itself."
    )
    return PointAnswer(
        sentence, curves(ledgers, data, "remission.share", (0.0, 1.0), across="share of the way that passes")
    )


def answer(study: AskedStudy) -> PointAnswer:
    """Find the mean of the source population at which nothing remains, if people were picked on their count."""
    if not any(outcome.kind == "count" for outcome in study.subject.outcomes):
        return of_score(study)
    data = study.data("count")
    found = study.regression(data)
    print(f"  {found.summary()}".replace("\n", "\n  "))
    picked, way = ("low", "rise") if found.observed > 1 else ("high", "fall")
    told = "no average of theirs makes it by the linear form, which holds of people picked on their count ledgers"
    if found.tipping_is_usable and not found.reversed:
        low, high = found.tipping.low, found.tipping.high
        around = "" if low is None or high is None else f" ({max(low, 0):.2f} to {high:.2f} by sampling)"
        told = (
            f"nothing of the change remains if everybody from whom they were picked averaged {found.tipping.mean:.2f}"
            f"{around}, and all of it if they averaged {found.moments.mean_pre:.2f}, as those picked did"
        )
    sentence = (
        f"People picked at a {picked} point {way} without any programme: where {data.name} stand at "
        f"{found.observed:.2f} of what they were, {told}; ask for the rule, and for that average."
    )
    return PointAnswer(sentence, found.plot())


# %%
main = PointQuestion("u1", answer)

if __name__ == "__main__":
    main.run()
