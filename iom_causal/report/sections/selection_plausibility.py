"""Whether people look picked on the count, on the rate or on a run-up."""

from collections.abc import Iterator, Mapping

from iom_causal.analysis import selection_plausibility
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.selection_plausibility import Plausibility
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, listed, number, percent
from iom_causal.base.wording import quote
from iom_causal.inputs.selected import LEAST_LASTING
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part
from iom_causal.sensitivity.selection_accounts import DRIFTING
from iom_causal.sensitivity.selection_result import Account, SelectionPlausibility

TITLE = "Picked on the count, on the rate, or on a run-up?"
VERDICTS: Mapping[str, str] = {
    "count": "This is as picking on the count makes it, and not as picking on the rate behind the count does.",
    "rate": "This is as picking on the rate behind the count makes it, and not as picking on the count does.",
    "open": "It does not tell picking on the count from picking on the rate behind it.",
    "run-up": (
        "That is {} below the least that any of these expects: their counts were rising before they were picked (a "
        "run-up). They may then come down by more than an allowance for picking on the count holds."
    ),
    "none": "None of these expects that; people may have been picked in several ways.",
}
"""What the windows that were not read speak for."""
FOUND: Mapping[str, str] = {
    "count": (
        "By their {0}, these people look picked on the count itself: part of a high count is chance, and comes down by "
        "itself."
    ),
    "rate": (
        "By their {0}, these people look picked on the rate behind the count, and not on the count: then no chance in "
        "a count comes back."
    ),
    "open": "The figures of {0} do not tell whether people were picked on the count or on the rate behind it.",
    "run-up": (
        "By their {0}, these people look picked while they were on a rise (a run-up): they may come down by more than "
        "this page allows for."
    ),
    "none": "By their {0}, these people do not look picked in any way that this page knows.",
    "not on count": "The figures of {0} do not show that people were picked on the count.",
}
"""What the page finds first, by what the figures speak for."""
IF_LASTING: Mapping[str, str] = {
    "count": "If each person’s rate were the same in all these windows, it would speak for the count.",
    "rate": "If each person’s rate were the same in all these windows, it would speak for the rate.",
}
"""The same where rates are known to last, by what they would speak for."""
NOBODY_ELSE = "The same figures of people who were not managed would tell how rates drift."
NOT_STATED: Mapping[str, str] = {
    "": "Which window people were picked on is not stated: it is taken to be the last one before.",
    "rate": (
        "People were picked on the rate behind the count, as the study states, which shows in every window: a rule on "
        "the count is taken to have read the last one before."
    ),
}
"""Which window is taken to have been read, by what the rule states."""
BASIS: Mapping[str, str] = {
    "own counts": "their own counts",
    "others": "people who were not managed",
    "earlier windows": "everybody’s earlier windows",
    "belief": f"taken: at least {percent(LEAST_LASTING)} of a rate is in the other windows too",
    "everybody": "everybody, managed or not",
    "change of others": "their own counts, and the change of people who were not managed",
    "change of everybody": "their own counts, and everybody’s change",
    "background": "their own counts",
}
"""From what an account is worked out."""
AT_CUT = "Everybody from some count on was managed and nobody below it was: they were picked on the count."
NOT_ON_COUNT = (
    "In what the rule read, managed people had {} {} more a person than the others, which chance alone brings about "
    "often enough ({}): nothing shows that they were picked on the count."
)
ON_COUNT_OR_RATE = (
    "In what the rule read, managed people had {} {} more a person than the others ({}). That comes of picking on the "
    "count and of picking on the rate behind it: only a window before that the rule did not read tells them apart."
)
CAPTION = (
    "What each way of being picked expects of {} a person, {}, in the windows that the rule did not read; observed: "
    "{}. Chance: how often chance alone takes the mean as far from what is expected, were people picked so; 1 within "
    "a range. Rates that drift: each person’s rate in one window differs from that in another."
)


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the windows that the rule did not read beside what each account makes of them."""
    views = (results.of(selection_plausibility.run) or Plausibility()).views
    if not views:
        return ()
    release = subject.release
    shown = Section(
        title=TITLE,
        name="picked-on",
        finding=" ".join(FOUND[_found(view)].format(view.outcome) for view in views),
        paragraphs=tuple(text for view in views for text in _said(view, release)),
        tables=tuple(_table(view, release) for view in views if view.accounts),
        figures=tuple(_figure(view, release) for view in views if view.accounts),
    )
    return (shown,)


def _said(view: SelectionPlausibility, release: Release) -> Iterator[str]:
    """Say what was observed, what it speaks for, and what the share managed shows."""
    if not view.stated:
        yield NOT_STATED[view.on]
    if view.accounts:
        read = [w for w, r in zip(view.windows, view.read, strict=True) if r]
        other = [w for w, r in zip(view.windows, view.read, strict=True) if not r]
        means = [fixed(m) for m, r in zip(view.mean, view.read, strict=True) if r]
        yield (
            f"In {_quoted(other)}, which the rule did not read, these people had {fixed(view.total)} {view.outcome} a "
            f"person, {_per(view)}; in {_quoted(read)}, which it read, {listed(means)}. {_verdict(view)}"
        )
    c = view.chosen
    if c is not None and c.at_cut:
        yield AT_CUT
    elif c is not None and c.p_value >= view.alpha:
        yield NOT_ON_COUNT.format(fixed(c.difference), view.outcome, release.p_text(c.p_value))
    elif c is not None and not view.accounts:
        yield ON_COUNT_OR_RATE.format(fixed(c.difference), view.outcome, release.p_text(c.p_value))


def _found(view: SelectionPlausibility) -> str:
    """Return what a view speaks for: a verdict, or what the share managed shows."""
    c = view.chosen
    if c is not None and c.at_cut:
        return "count"
    if view.accounts:
        return view.verdict
    return "not on count" if c is not None and c.p_value >= view.alpha else "open"


def _verdict(view: SelectionPlausibility) -> str:
    said = VERDICTS[view.verdict].format(percent(1 - (1.0 if view.run_up is None else view.run_up)))
    lasting = IF_LASTING.get(view.verdict_if_lasting, "") if view.verdict == "open" else ""
    wanted = NOBODY_ELSE if view.verdict == "open" and view.chosen is None else ""
    return " ".join(text for text in (said, lasting, wanted) if text)


def _quoted(labels: list[str]) -> str:
    return listed(quote(label) for label in labels)


def _per(view: SelectionPlausibility) -> str:
    return "per window" if view.length is None else f"per {view.length:,.0f} days"


def _table(view: SelectionPlausibility, release: Release) -> Table:
    rows = tuple((f"the {a.on}", _rates(a), _ends(a), release.p_text(a.p_value), BASIS[a.basis]) for a in view.accounts)
    caption = CAPTION.format(view.outcome, _per(view), fixed(view.total))
    return Table(caption, ("picked on", "rates", "expected", "chance", "worked out from"), rows)


def _rates(a: Account) -> str:
    return "drift" if a.rates == DRIFTING else "last"


def _ends(a: Account) -> str:
    low, high = number(a.total_low), number(a.total_high)
    return low if low == high else f"{low} to {high}"


def _figure(view: SelectionPlausibility, release: Release) -> Figure:
    each = "; ".join(f"picked on the {a.on}, rates that {_rates(a)}: {_ends(a)}" for a in view.accounts)
    return Figure(
        f"selection-{view.outcome}",
        f"Mean {view.outcome} of a managed person by window before, and beside it what each way of being picked "
        "expects.",
        f"Observed in the windows that the rule did not read: {fixed(view.total)}. Expected: {each}.",
        release.image(view.plot()),
    )


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the means and accounts as one table."""
    import pandas as pd  # noqa: PLC0415 slow to load

    views = (results.of(selection_plausibility.run) or Plausibility()).views
    if not views:
        return {}
    found = pd.concat([view.tidy() for view in views], ignore_index=True)
    return {"selection_plausibility.csv": subject.release.leaving(found, SelectionPlausibility)}


PART = Part(step=selection_plausibility.run, section=section, files=files, only="people")
