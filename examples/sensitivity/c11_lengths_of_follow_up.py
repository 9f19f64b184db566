# %% [markdown]
"""# c11, lengths of follow-up: what the same remainder would be over 6, 12 and 18 months

Run it with ``python examples/sensitivity/c11_lengths_of_follow_up.py``, and with the path of your own [published] or
[study] file after it; ``--out FOLDER`` saves the figure there.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal.base import axes_of_lines
from iom_causal.cli.question import PointAnswer, PointQuestion
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.by_set import by_set, ends_words, if_set

COURSES = {
    "at once, and it stays": iom.FollowUp(),
    "builds up over a year": iom.FollowUp(ramp_years=1.0),
    "halves every half year": iom.FollowUp(half_life_years=0.5),
}
HORIZONS = (0.5, 1.0, 1.5)


# %%
def course_of(spec: iom.FollowUp) -> dict[str, float]:
    """Return the settings of a course as numbers."""
    fades = {} if spec.half_life_years is None else {"half_life_years": float(spec.half_life_years)}
    return {"ramp_years": float(spec.ramp_years), **fades}


def answer(study: AskedStudy) -> PointAnswer:
    """Say the remainder of every set of evidence again for other lengths, under three courses over time."""
    data = study.data("count", "amount")
    remain = {name: study.ends(ledger, data) for name, ledger in study.ledgers(data).items()}
    first = next(iter(remain))
    years = np.linspace(0.1, 2.0, 20).tolist()
    said, lines = {}, {}
    for name, ends in remain.items():
        over = [
            float(spec.restate(end, data, course_of(spec), horizons=HORIZONS[:1])[0.5])
            for spec in COURSES.values()
            for end in ends
        ]
        said[name] = f"{ends_words(*ends)} would be {ends_words(min(over), max(over))}"
        print(f"  {if_set(name)}: {said[name]} over the first six months")
    for course, spec in COURSES.items():
        low, high = (spec.restate(end, data, course_of(spec), horizons=years) for end in remain[first])
        lines[course] = ([12 * year for year in years], [*map(float, low.values())], [*map(float, high.values())])
    ax = axes_of_lines.set_lines(
        lines, across="months of follow-up", unit=f"remaining {data.name}, {if_set(first)}", level=1.0
    )
    sentence = (
        f"If what the programme does builds up or fades, a remainder of {data.name} of {by_set(said)} over the first "
        "six months, by the course supposed, so that studies of other lengths are not the same study."
    )
    return PointAnswer(sentence, ax)


# %%
main = PointQuestion("c11", answer)

if __name__ == "__main__":
    main.run()
