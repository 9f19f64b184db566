# %% [markdown]
"""# c12, volunteers for interviews: how common a view may be among all if people who hold it volunteer more

Run it with ``python examples/sensitivity/c12_volunteers_for_interviews.py``, and with the path of your own [published]
file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import iom_causal as iom
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy, does_not_arise

ODDS = (1.0, 5.0)
"""How many times higher the odds of volunteering may be with the view than without."""


# %%
def answer(study: AskedStudy) -> PointAnswer:
    """Bound the share among all by the odds of volunteering."""
    published = study.subject.published
    told = [] if published is None else [p for p in published.proportions if not p.source]
    if not told:
        raise does_not_arise("This study reports no share of people who were interviewed.")
    found = iom.volunteer_bounds(positive=told[0].count.count, n=told[0].n.count, odds=ODDS)
    print(f"  {found.positive} of {found.n}: {told[0].name}")
    sentence = (
        f"If the odds of volunteering were up to {ODDS[1]:g} times as high with the view as without, "
        f"{found.positive} of {found.n} stand for {found.set_low:.0%} to {found.set_high:.0%} of all, and with so few "
        f"people for {found.conf_low:.0%} to {found.conf_high:.0%}; interviews show which views exist, and bear on no "
        "figure here."
    )
    return PointAnswer(sentence, found.plot())


# %%
main = PointQuestion("c12", answer)

if __name__ == "__main__":
    main.run()
