"""What remains with a belief about the programme itself beside the beliefs of every set of evidence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.release import Release
from iom_causal.analysis.results import LedgerUnder, Refusal
from iom_causal.analysis.subject import Subject, readable
from iom_causal.base.decimals import DECIMALS
from iom_causal.base.formats import fixed, listed, percent
from iom_causal.base.wording import quote
from iom_causal.bayes.bias_model import FLAT, SCEPTICAL, STATED, BiasModel, of_everybody
from iom_causal.bayes.shared.bias_posterior import Component, UnderPrior, components, natural, prior_ends, under_priors
from iom_causal.beliefs.theta import distributed
from iom_causal.data.release.disclosure import nearest, outward, set_outward
from iom_causal.estimate import Estimate
from iom_causal.inputs.lines import OBSERVED, REMAINDER
from iom_causal.report import sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.set_names import set_names

type Called = Callable[[str], str]
"""The words for a set of evidence by its code name."""
type Found = Sequence[tuple[LedgerUnder, Estimate]]
"""The posterior under every set."""

LITTLE = 0.25
"""Share by which the variance of a belief may change for the data to say little of it: its spread by 13%."""
ENOUGH = 1000
"""Effective draws from which on changes of variances are shown: by fewer, chance alone changes them by 6% and more."""
BELIEFS: Mapping[str, str] = {SCEPTICAL: "doubtful", STATED: "open", FLAT: "none"}
"""The beliefs about the programme in the words of the page and of its table, by the names of the priors."""
TITLE = "{}: what remains with a belief about the programme"
FINDING = (
    "How probable it is that a fall remains turns on what is believed, of what was not measured and of the programme: "
    "{} over the beliefs on this page."
)
ABOUT = (
    "What was believed of the programme before any figure was seen counts too, and no data of one group tell what to "
    "believe. Three beliefs are shown: {}; {}; and none, which gives the interval above. Each line of the table is "
    "right if the allowances of its set are right and its belief is held; none of them is the answer."
)
STRENGTH: Mapping[str, str] = {
    "ratio": "{}, that the programme’s ratio lies between {} and {} with a probability of 95%",
    "points": "{}, that the programme’s points lie between {} and {} with a probability of 95%",
}
"""What a belief about the programme holds, by scale."""
UNIT = "Both are stated in standard deviations before, of {} points{}."
WITH_BOTH = " among those with both values"
LITTLE_SAID = (
    "These data say little about {}: what is believed after is close to what was believed before. That all lines "
    "add up to what was observed changes the variance of no such belief by more than {}, with the open belief."
)
MORE_SAID = (
    "That all lines add up to what was observed says something about {} under {}: with the open belief the variance of "
    "what is believed {} by {}."
)
CONTRADICTED = (
    "As said above, windows before speak against how these sets take people to have been picked: then none of these "
    "figures need hold, and nothing may remain, whatever is believed of the programme."
)
APART = "Under {} the belief “{}” and what remains hardly meet: no figure."
NO_FIGURE = "no figure"
REMAINING: Mapping[str, str] = {
    "ratio": (
        "What remains of {}, after over before, with three beliefs about the programme: the median with a 95% interval "
        "(of a set its ends, and the interval around it); how probable a ratio below 1 is, and one of 0.90 or less; "
        "and the bias beyond the allowances, after over before, at which a ratio below 1 is as likely as one above."
    ),
    "points": (
        "What remains of {} in points, with three beliefs about the programme: the median with a 95% interval (of a "
        "set its ends, and the interval around it); how probable points below 0 are, and a tenth of the mean before or "
        "more below; and the bias beyond the allowances, in points, at which below 0 is as likely as above."
    ),
}
"""What the table of posteriors shows, by scale."""
SHARES = (
    "Shares of the observed change in {}, with the open belief: the median with a 95% interval. Below 0% a line goes "
    "the other way; shares above 100% stand against such."
)


def section(each: OutcomeLedgers, subject: Subject, *, contradicted: bool = False) -> Section:
    """Show what remains of one outcome under every set with three beliefs about the programme, and every share.

    Contradicted are sets that windows before speak against.
    """
    found = tuple((u, u.posterior) for u in each.under if isinstance(u.posterior, Estimate))
    refused = tuple(sentences.not_computed(u.posterior) for u in each.under if isinstance(u.posterior, Refusal))
    title, name = TITLE.format(each.outcome.capitalize()), f"beliefs-{each.outcome}"
    if not found:
        return Section(title=title, name=name, finding=refused[0] if refused else NO_FIGURE, paragraphs=refused[1:])
    scale = found[0][1].scale
    called = set_names(subject)
    heads = ("line", *(called(u.evidence.name) for u, _ in found))
    return Section(
        title=title,
        name=name,
        finding=_finding(found, subject.release),
        paragraphs=(
            _about(found[0][1], subject),
            *((CONTRADICTED,) if contradicted else ()),
            *_learnt(found, called),
            *(text for u, e in found for text in _apart(u, e, called)),
            *refused,
        ),
        tables=(
            Table(
                REMAINING[scale].format(each.outcome),
                HEADS[scale],
                tuple(_rows(found, called, subject.release)),
                "bias.csv",
            ),
            Table(SHARES.format(each.outcome), heads, tuple(_shares(found, subject.release)), "bias.csv"),
        ),
    )


def _finding(found: Found, release: Release) -> str:
    """Say how probable it is that a fall remains, over sets and beliefs."""
    shown = [as_given(u.figures, e, release) for _, e in found for u in under_priors(e).values() if u.figures]
    low, high = (_chance(take(f[f"fall_{end}"] for f in shown)) for take, end in ((min, "low"), (max, "high")))
    return FINDING.format(_ends(low, high)) if shown else NO_FIGURE


def _about(e: Estimate, subject: Subject) -> str:
    model, scale = BiasModel(), e.scale
    sd = subject.release.mean(e.diagnostics["unit"], e.n_used, 0, e.diagnostics["unit"])
    held = []
    for name, prior in ((BELIEFS[SCEPTICAL], model.sceptical), (BELIEFS[STATED], model.programme)):
        ends = (float(natural(scale, end * float(sd.replace(",", "")))) for end in prior_ends(prior))
        held.append(STRENGTH[scale].format(name, *(fixed(end, DECIMALS[scale]) for end in ends)))
    said = ABOUT.format(*held)
    data = readable(subject, e.outcome)
    whom = "" if e.n_used == e.n_input or (data is not None and of_everybody(data)) else WITH_BOTH
    return said if scale == "ratio" else f"{said} {UNIT.format(sd, whom)}"


def _learnt(found: Found, called: Called) -> Iterator[str]:
    """Say of which beliefs the data say little, and how far the others moved; of sets with enough draws."""
    moved = {
        (confound.line, u.evidence.name): max((end[confound.line].contraction for end in components(e)), key=abs)
        for u, e in found
        if _enough(e)
        for confound in u.evidence.confounds
        if distributed(confound)
    }
    more = {where: by for where, by in moved.items() if abs(by) >= LITTLE}
    elsewhere = {line for line, _ in more}
    little = {where: by for where, by in moved.items() if where[0] not in elsewhere}
    if little:
        lines = list(dict.fromkeys(line for line, _ in little))
        most = percent(max(map(abs, little.values())))
        yield LITTLE_SAID.format(listed(lines), most)
    for (line, name), by in more.items():
        yield MORE_SAID.format(line, quote(called(name)), "falls" if by > 0 else "rises", percent(abs(by)))


def _enough(e: Estimate) -> bool:
    """Return whether draws are enough to tell how the variance of a belief changes."""
    open_belief = under_priors(e)[STATED]
    return not open_belief.degenerate and open_belief.effective >= ENOUGH


def _apart(under: LedgerUnder, e: Estimate, called: Called) -> Iterator[str]:
    for name, shown in under_priors(e).items():
        if shown.degenerate:
            yield APART.format(quote(called(under.evidence.name)), BELIEFS[name])


HEADS: Mapping[str, tuple[str, ...]] = {
    "ratio": ("set and belief", "ratio", "below 1", "0.90 or less", "bias needed"),
    "points": ("set and belief", "points", "below 0", "a tenth below", "bias needed"),
}
"""The heads of that table, by scale."""


def _rows(found: Found, called: Called, release: Release) -> Iterator[tuple[str, ...]]:
    for u, e in found:
        for name, shown in under_priors(e).items():
            yield (f"{called(u.evidence.name)}: {BELIEFS[name]}", *_cells(e, shown, release))


def _cells(e: Estimate, u: UnderPrior, release: Release) -> tuple[str, ...]:
    if not u.figures:
        return (NO_FIGURE,) * (len(HEADS[e.scale]) - 1)
    f = as_given(u.figures, e, release)
    middle, around, bias = (
        _ends(*(fixed(f[f"{name}_{end}"], DECIMALS[e.scale]) for end in ("low", "high")))
        for name in ("median", "conf", "bias")
    )
    chances = (_ends(*(_chance(f[f"{name}_{end}"]) for end in ("low", "high"))) for name in ("fall", "tenth"))
    return (f"{middle} ({around})", *chances, bias)


def as_given(figures: Mapping[str, float], e: Estimate, release: Release) -> dict[str, float]:
    """Return the figures of a posterior under one prior as they may be given."""
    if not release.guarded:
        return dict(figures)
    around = max(figures["median_low"] - figures["conf_low"], figures["conf_high"] - figures["median_high"])
    n, step = e.n_used or 0, release.step(figures["median_low"], e.scale, e.n_used or 0, around, e.outcome)
    values = _in_steps({key: figures[key] for key in VALUES}, step)
    for name in ("fall", "tenth"):
        ends = release.chances(figures[f"{name}_low"], figures[f"{name}_high"], e.scale, n, e.outcome)
        values |= zip((f"{name}_low", f"{name}_high"), ends, strict=True)
    return {**figures, **values}


def _in_steps(values: Mapping[str, float], step: float) -> dict[str, float]:
    """Return pairs of ends in steps, outward; where two are one value, as it is nearest."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(key.rpartition("_")[0] for key in values):
        low, high = (values[f"{name}_{end}"] for end in ("low", "high"))
        found |= zip((f"{name}_low", f"{name}_high"), set_outward(low, high, step), strict=True)
    return found


def _ends(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _chance(value: float) -> str:
    """Return a probability, never as certain."""
    shown = percent(value)
    return {"100%": "over 99%", "0%": "under 1%"}.get(shown, shown)


def _shares(found: Found, release: Release) -> Iterator[tuple[str, ...]]:
    """Yield the share of the change of each line under every set, over both ends where there are two."""
    ends = [tuple(_given_shares(end, e, release) for end in components(e)) for _, e in found]
    named = list(dict.fromkeys(name for both in ends for name in both[0]))
    for name in [*(n for n in named if n not in {OBSERVED, REMAINDER}), REMAINDER]:
        yield (name, *(_share([end[name] for end in both if name in end]) if both[0] else NO_FIGURE for both in ends))


def _given_shares(end: Mapping[str, Component], e: Estimate, release: Release) -> Mapping[str, Component]:
    """Return components with their shares of the change as they may be given."""
    if not release.guarded:
        return end

    def given(p: Component) -> Component:
        around = max(p.share - p.share_low, p.share_high - p.share)
        step = max(0.01, release.step(p.share, "points", e.n_used or 0, around, e.outcome))
        low, high = outward(p.share_low, p.share_high, step)
        return p._replace(share=nearest(p.share, step), share_low=low, share_high=high)

    return {name: given(p) for name, p in end.items()}


def _share(parts: Sequence[Component]) -> str:
    if not parts:
        return "not allowed for"
    middle = _ends(percent(min(p.share for p in parts)), percent(max(p.share for p in parts)))
    around = _ends(percent(min(p.share_low for p in parts)), percent(max(p.share_high for p in parts)))
    return middle if around == middle else f"{middle} ({around})"


def rows(found: Sequence[OutcomeLedgers], subject: Subject) -> list[dict[str, Any]]:
    """Return what remains under every set and belief, and every line under the open one, as rows of a table.

    Beliefs have the words of the page. What a degenerate prior gives, and a change of variance from few draws, are
    empty.
    """
    return [row for each in found for u in each.under for row in _rows_of(u, subject)]


def _rows_of(under: LedgerUnder, subject: Subject) -> Iterator[dict[str, Any]]:
    e = under.posterior
    if isinstance(e, Refusal):
        return
    release = subject.release

    def of_change(parts: Sequence[Component]) -> dict[str, float | None]:
        moved = max((p.contraction for p in parts), key=abs) if _enough(e) else None
        return {
            "share_low": min(p.share_low for p in parts),
            "share_high": max(p.share_high for p in parts),
            "contraction": moved if moved is None or not release.guarded else round(moved, 2),
        }

    start = {"evidence": under.evidence.name, "outcome": e.outcome, "scale": e.scale}
    ends = tuple(_given_shares(end, e, release) for end in components(e))
    for name, shown in under_priors(e).items():
        figures = as_given(shown.figures, e, release) if shown.figures else {}
        values = {key: figures.get(key) for key in (*VALUES, *CHANCES)}
        yield {**start, "line": REMAINDER, "prior": BELIEFS[name], "stated": shown.prior, **values} | (
            of_change([end[REMAINDER] for end in ends]) if name == STATED and not shown.degenerate else {}
        )
    for name in (name for name in ends[0] if name != REMAINDER):
        parts = [end[name] for end in ends]
        found = [[natural(e.scale, v) for v in (p.value, p.low, p.high)] for p in parts]
        value, low, high = zip(*found, strict=True)
        around = max(min(value) - min(low), max(high) - max(value))
        step = release.step(min(value), e.scale, e.n_used or 0, around, e.outcome)
        four = (min(value), max(value), min(low), max(high))
        line = dict(zip(VALUES, four, strict=False))
        line = _in_steps(line, step) if release.guarded else line
        yield {**start, "line": name, "prior": BELIEFS[STATED], **line, **of_change(parts)}


VALUES = ("median_low", "median_high", "conf_low", "conf_high", "bias_low", "bias_high")
"""Figures in the outcome's own scale."""
CHANCES = ("fall_low", "fall_high", "tenth_low", "tenth_high")
"""Probabilities."""
