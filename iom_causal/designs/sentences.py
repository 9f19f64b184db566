"""Words of a diagnosis: what each answer would report, how often its interval holds the truth, and which is nearest."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from iom_causal.base.formats import counted, fixed, listed, number, percent
from iom_causal.base.wording import quote
from iom_causal.designs.answers import DiagnosedAnswer, does_nothing, in_common, names
from iom_causal.designs.comparisons import useful
from iom_causal.designs.design import Design
from iom_causal.designs.diagnosands import DIAGNOSANDS, failures_by_code, fall_share
from iom_causal.designs.figures import Figure, paired_difference
from iom_causal.errors import CODES
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.two_windows import TwoWindowCounts

FALL = 0.2
"""The fall that sentences speak of, where nobody says which."""
OPEN = 2.0
"""Simulation errors within which a difference is left open."""
TARGETS: Mapping[str, str] = {
    "att_ratio": "the programme’s ratio",
    "att_ratio_free": "the programme’s ratio a day at liberty",
    "att_difference": "the programme’s difference a person",
    "att_score": "the programme’s difference in points",
    "ate_eligible": "the programme’s ratio among everybody eligible",
    "late_cutoff": "the programme’s ratio at the cut",
}
"""What is to be estimated, in words."""
SHOWN: Mapping[str, str] = {
    "unit": "unit",
    "mean_estimate": "mean estimate",
    "mean_truth": "truth",
    "rmse": "typical miss",
    "coverage": "interval holds truth",
    "power": "finds a change",
    "failures": "no answer",
}
"""The columns of a table for readers, with their heads: the unit of a row, and measures."""
UNITS: Mapping[str, str] = {"ratio": "factor", "difference": "events a person"}
"""Of a mean and of a typical miss, by scale; other scales are their own unit."""
HEADING = (
    "In brackets stands the simulation error: by how much a figure would move, typically, were as many other studies "
    "simulated."
)
WORLDS = "All of it is so in worlds of the kind that the design declares; it does not say which kind yours is."
SEEN, ROUNDING = 0.05, 1e-9
"""By how much an exaggeration must pass 1 to be spoken of, and misses must differ not to be called close; and what
floating point leaves of two equal misses."""
_BRACKET = "(simulation error "


def sentences(
    answers: Sequence[DiagnosedAnswer],
    designs: Mapping[str, Design],
    *,
    unanswered: Sequence[tuple[str, str, str, int]] = (),
    fall: float = FALL,
) -> tuple[str, ...]:
    """Return the words of a diagnosis: which answers are nearest and farthest, then one paragraph an answer.

    Parameters
    ----------
    answers : sequence of DiagnosedAnswer
        All of a diagnosis.
    designs : mapping of str to Design
        By label.
    unanswered : sequence of (design, data, estimator, code)
        Answers of which nothing can be said, each with the number of its most frequent error.
    fall : float
        The fall that is asked after, as a share: 0.2 is a fifth.
    """
    told = paragraphs(answers, designs, unanswered=unanswered, fall=fall)
    return (*rank_sentences(answers, designs), *told, WORLDS)


def paragraphs(
    answers: Sequence[DiagnosedAnswer],
    designs: Mapping[str, Design],
    *,
    unanswered: Sequence[tuple[str, str, str, int]] = (),
    fall: float = FALL,
) -> tuple[str, ...]:
    """Return one paragraph an answer, and one for each of which nothing can be said; settings as in `sentences`."""
    called = names(answers)
    told = [answer_paragraph(a, called[a], designs[a.design], fall=fall) for a in answers]
    silent = [
        f"{estimator} on {data} in “{design}” gives no answer in any simulated study, mostly for "
        f"“{_meaning(code)}”, so nothing else is said of it."
        for design, data, estimator, code in unanswered
    ]
    return (*told, *silent)


def answer_paragraph(answer: DiagnosedAnswer, name: str, design: Design, *, fall: float = FALL) -> str:
    """Return what is said of one answer, under its name: each part where there is something to say."""
    parts = (
        fall_sentence(answer, design, fall=fall),
        interval_sentence(answer),
        bias_sentence(answer),
        power_sentence(answer),
        sign_sentence(answer),
        refusal_sentence(answer),
        reading_sentence(answer),
    )
    first, *rest = " ".join(part for part in parts if part).split(_BRACKET, maxsplit=1)
    return f"{name}: {first}" + "".join(_BRACKET + part.replace(_BRACKET, "(") for part in rest)


def fall_sentence(answer: DiagnosedAnswer, design: Design, *, fall: float = FALL) -> str:
    """Say how often a study of this kind would report a fall of some size, of a programme that does what it does here.

    Nothing where the answer is not on the scale of ratios.
    """
    figure = fall_share(answer.sample, math.log1p(-fall)) if answer.ratio else None
    if figure is None or figure.value is None:
        return ""
    what = f"only falls of {percent(fall)} or more" if answer.sample.sets else f"a fall of {percent(fall)} or more"
    verb = "leave" if answer.sample.sets else "report"
    return (
        f"{_people(design.model)} it would {verb} {what} in {_studies(figure)} of {_programme(answer)}{_error(figure)}."
    )


def interval_sentence(answer: DiagnosedAnswer) -> str:
    """Say how often the interval holds what people want to know, and the set alone where the answer is one."""
    figure, level = answer.figures["coverage"], _interval_level(answer)
    if figure.value is None:
        return ""
    kind = f"sets with their {level} intervals" if answer.sample.sets else f"{level} intervals"
    said = f"Its {kind} hold {_target(answer)} in {_studies(figure)}{_error(figure)}"
    alone = answer.figures["set_coverage"]
    if answer.sample.sets and alone.value is not None:
        said += f", the sets alone in {_share(alone)}{_error(alone)}"
    return said + "."


def bias_sentence(answer: DiagnosedAnswer) -> str:
    """Say where the mean estimate lies, where the truth does, and whether simulation could tell them apart."""
    mean, truth, off = (answer.figures[name] for name in ("mean_estimate", "mean_truth", "distance"))
    if mean.value is None or truth.value is None or off.value is None:
        return ""
    shown, true = (_level(v, answer) for v in (mean.value, truth.value))
    where = f"{'In the one study' if off.n == 1 else 'On average'} it reports {shown} where {_target(answer)} is {true}"
    left = f"; {off.reason}" if off.reason and off.mcse is not None else ""
    if off.mcse is not None and abs(off.value) <= OPEN * off.mcse:
        return f"{where}: what bias is left, if any, so many studies do not tell{_size_error(off, answer)}{left}."
    side = "low" if off.value < 0 else "high"
    return f"{where}: too {side} by {_size(off.value, answer)}{_size_error(off, answer)}{left}."


def power_sentence(answer: DiagnosedAnswer) -> str:
    """Say how often a change is found; where the programme does nothing, how often one is reported all the same."""
    figure = answer.figures["power"]
    if figure.value is None:
        return ""
    by_p = not np.isnan(answer.sample.p_value[answer.sample.answered]).all()
    of_level = f"by its {_interval_level(answer)} interval"
    test = f"p < {number(answer.sample.alpha).lstrip('0')}" if by_p else of_level
    if does_nothing(answer):
        return f"It finds a change ({test}) in {_studies(figure)}, though the programme does nothing{_error(figure)}."
    return f"It finds a change ({test}) in {_studies(figure)}{_error(figure)}."


def sign_sentence(answer: DiagnosedAnswer) -> str:
    """Say how many changes found have the other sign, and how far they exaggerate; nothing where neither holds."""
    sign, size = answer.figures["type_s"], answer.figures["type_m"]
    parts = []
    if sign.value:
        parts.append(f"Of the changes found {_share(sign)} have the other sign than the programme’s{_error(sign)}.")
    if size.value is not None and size.mcse is not None and size.value - 1 > max(OPEN * size.mcse, SEEN):
        log = ", on the scale of logs" if answer.ratio else ""
        times = f"{fixed(size.value, 1)} times as large as the programme’s{log}"
        parts.append(f"A change found is on average {times} (simulation error {_at_least(size.mcse)}).")
    return " ".join(parts)


def refusal_sentence(answer: DiagnosedAnswer) -> str:
    """Say how often there is no answer, and why; nothing where there always is one."""
    sample, figure = answer.sample, answer.figures["failures"]
    if not figure.value:
        return ""
    why = [f"{count:,} for “{_meaning(code)}”" for code, count in failures_by_code(sample).items()]
    reasons = f"{listed(why)}{_error(figure)}"
    if figure.value == 1:
        every = "the one study" if figure.n == 1 else f"any of the {figure.n:,} studies"
        return f"It gives no answer in {every}: {reasons}."
    held = answer.figures["coverage_failures_miss"]
    ends = (
        ""
        if held.value is None
        else (
            f" Counted as intervals that hold nothing, these leave {_share(held)} of all studies with one that holds it"
            f"{_error(held)}."
        )
    )
    return f"It gives no answer in {_share(figure)} of studies: {reasons}.{ends}"


def reading_sentence(answer: DiagnosedAnswer) -> str:
    """Say what the answer is read as, where it states the change itself."""
    if not answer.score.read_as:
        return ""
    return f"It states the change itself, whatever brought it about, and is read here as {_target(answer)}."


def rank_sentences(answers: Sequence[DiagnosedAnswer], designs: Mapping[str, Design]) -> tuple[str, ...]:
    """Say which answers are nearest to what people want to know and which farthest, by their typical miss (RMSE).

    Answers are put side by side where they are about one estimand in worlds of one model, in the studies in which all
    of them have an answer: one that refuses the hard studies would look nearer than it is. A difference within twice
    its simulation error, which is that of pairs on the same worlds, is left open.
    """
    called = names(answers)
    groups = [group for group in _side_by_side(answers, designs) if len(group) > 1]
    found = []
    for group in groups:
        shared = in_common([a.design for a in group]) if len(groups) > 1 else ""
        lead = f"Where {shared}, " if "=" in shared else ""
        short = {a: _without(called[a], shared) if lead else called[a] for a in group}
        found.append(_ranked(group, short, lead))
    return tuple(found)


def _side_by_side(answers: Sequence[DiagnosedAnswer], designs: Mapping[str, Design]) -> list[list[DiagnosedAnswer]]:
    groups: list[list[DiagnosedAnswer]] = []
    for answer in answers:
        if answer.figures["rmse"].value is None:
            continue
        for group in groups:
            first = group[0]
            same_worlds = designs[first.design].model == designs[answer.design].model
            if same_worlds and (first.score.target, first.kind.scale) == (answer.score.target, answer.kind.scale):
                group.append(answer)
                break
        else:
            groups.append([answer])
    return groups


def _ranked(answers: Sequence[DiagnosedAnswer], called: Mapping[DiagnosedAnswer, str], lead: str) -> str:
    used = np.logical_and.reduce([useful(a.sample) for a in answers])
    shares = _refusing_more(answers)
    if not used.any():
        silent = listed([f"{quote(called[a])}{shares[a]}" for a in answers])
        start = f"{lead}no simulated study has an answer by each of {silent}, so they are not ranked"
        return f"{start[0].upper()}{start[1:]}."
    if used.sum() < used.size:
        all_of_them = f"{int(used.sum()):,} of {counted(used.size, '[study|studies]')}"
        kind = "a finite" if any(np.isinf(a.sample.estimate[a.sample.answered]).any() for a in answers) else "an"
        lead += f"in the {all_of_them} with {kind} answer by each of them, "
    group = [replace(a, sample=replace(a.sample, common=used)) for a in answers]
    said = {one: f"{quote(called[a])}{shares[a]}" for one, a in zip(group, answers, strict=True)}
    by_miss = sorted(group, key=_miss)
    near = [a for a in by_miss if _open(by_miss[0], a)]
    far = [a for a in by_miss if _open(by_miss[-1], a)]
    target = _target(group[0])

    def told(several: Sequence[DiagnosedAnswer]) -> str:
        return listed([f"{said[a]}, of which a typical study misses it by {_miss_text(a)}" for a in several])

    if len(near) == len(group) or set(near) & set(far):
        start = f"{lead}which is nearest to {target} this simulation leaves open"
        return f"{start[0].upper()}{start[1:]}: a typical study misses it by {_told_apart(by_miss, said)}."
    little = (
        f"; the misses of all differ by under {percent(SEEN)}"
        if _miss(by_miss[-1]) < (1 + SEEN) * _miss(by_miss[0])
        else ""
    )
    start = f"{lead}nearest to {target} {_is(near)} {told(near)}{_tied(near)}"
    return f"{start[0].upper()}{start[1:]}; farthest {_is(far)} {told(far)}{_tied(far)}{little}."


def _refusing_more(answers: Sequence[DiagnosedAnswer]) -> dict[DiagnosedAnswer, str]:
    """Return the words on studies without an answer, of those with more of them than the least, beyond simulation."""
    of = {a: a.figures["failures"] for a in answers}
    least = min(of.values(), key=lambda figure: figure.value or 0.0)
    found = {}
    for answer, figure in of.items():
        apart = paired_difference(figure, least)
        more = (apart.value or 0.0) > max(OPEN * (apart.mcse or 0.0), ROUNDING)
        found[answer] = f" (leaving out the {_share(figure)} of studies in which it gave no answer)" if more else ""
    return found


def _without(name: str, shared: str) -> str:
    """Return a name without what stands before all of them."""
    return name.replace(shared, "").strip(",: ") or name


def _told_apart(several: Sequence[DiagnosedAnswer], called: Mapping[DiagnosedAnswer, str]) -> str:
    return listed([f"{_miss_text(a)} with {called[a]}" for a in several])


def _tied(several: Sequence[Any]) -> str:
    return ", which this simulation does not tell apart" if len(several) > 1 else ""


def _is(several: Sequence[Any]) -> str:
    return "is" if len(several) == 1 else "are"


def _miss(answer: DiagnosedAnswer) -> float:
    return answer.figures["rmse"].value or 0.0


def _miss_text(answer: DiagnosedAnswer) -> str:
    """Return a typical miss with its simulation error: a factor, either way, of ratios."""
    error = answer.figures["rmse"].mcse
    shown = "" if error is None else f" (simulation error {_at_least(error * _slope(_miss(answer), answer), 2)})"
    return f"{'a factor of ' if answer.ratio else ''}{_level(_miss(answer), answer)}{shown}"


def _open(one: DiagnosedAnswer, other: DiagnosedAnswer) -> bool:
    """Whether simulation leaves open which of two misses is larger, or they are alike as they are shown."""
    if one is other or _level(_miss(one), one) == _level(_miss(other), other):
        return True
    apart = paired_difference(one.figures["rmse"], other.figures["rmse"])
    return apart.value is None or apart.mcse is None or abs(apart.value) <= max(OPEN * apart.mcse, ROUNDING)


def measure_text(answer: DiagnosedAnswer, measure: str) -> str:
    """Return a column of `SHOWN` for a table, on the scale that people read, its simulation error in brackets.

    A mean of ratios is back from its logs; their typical miss (RMSE) is a factor, either way.
    """
    if measure == "unit":
        return UNITS.get(answer.kind.scale, answer.kind.scale)
    figure = answer.figures[measure]
    if figure.value is None:
        return "-"
    if measure in {"mean_estimate", "mean_truth"}:
        mcse = figure.mcse or 0.0
        error = "" if mcse < ROUNDING else f" ({_at_least(mcse * _slope(figure.value, answer), 3)})"
        return _level(figure.value, answer) + error
    said = _share(figure) + _error(figure) if DIAGNOSANDS[measure].share else _miss_text(answer)
    return said.replace(_BRACKET, "(").replace(" points)", ")").removeprefix("a factor of ")


def _slope(value: float, answer: DiagnosedAnswer) -> float:
    return math.exp(value) if answer.ratio else 1.0


def _people(model: Any) -> str:
    """Return for whom a model is: how many people, and whether they were picked; of other models nothing is known."""
    if isinstance(model, TwoWindowCounts):
        picked = model.cut is not None
    elif isinstance(model, Careers):
        picked = model.enrolment.selection is not None
    else:
        return "In worlds of this model"
    return f"With {model.people:,} people{' and this way of picking them' if picked else ''}"


def _programme(answer: DiagnosedAnswer) -> str:
    """Return the programme of the simulated worlds, by what it does there."""
    truth = answer.figures["mean_truth"].value
    if does_nothing(answer):
        return "a programme that does nothing"
    if truth is None:
        return "the programme"
    return f"a programme whose ratio is {_level(truth, answer)}"


def _interval_level(answer: DiagnosedAnswer) -> str:
    return f"{number(100 * answer.sample.level)}%"


def _target(answer: DiagnosedAnswer) -> str:
    recorded = "" if answer.kind.outcome == "recorded" else " in offences"
    return TARGETS[answer.target] + recorded


def _level(value: float, answer: DiagnosedAnswer) -> str:
    return fixed(math.exp(value) if answer.ratio else value, 2)


def _size(value: float, answer: DiagnosedAnswer) -> str:
    """Return how far something is off: in percent of the truth for a ratio, else in the answer's own unit."""
    if not answer.ratio:
        return fixed(abs(value), 2)
    shown = 100 * abs(math.expm1(value))
    return f"{fixed(shown, 1 if shown < 10 else 0)}%"


def _size_error(figure: Figure, answer: DiagnosedAnswer) -> str:
    if figure.mcse is None or figure.value is None:
        return ""
    if answer.ratio:
        return f" (simulation error {_at_least(100 * math.exp(figure.value) * figure.mcse)} points)"
    return f" (simulation error {_at_least(figure.mcse, 2)})"


def _studies(figure: Figure) -> str:
    answered = "answered " if figure.n < figure.influence.size else ""
    if figure.n == 1:
        return f"{'the one' if figure.value else '0 of 1'} {answered}study"
    if figure.value in {0.0, 1.0}:
        return f"{'all' if figure.value else 'none of the'} {figure.n:,} {answered}studies"
    return f"{_share(figure)} of {f'the {figure.n:,} {answered}studies' if answered else 'studies'}"


def _share(figure: Figure) -> str:
    """Return a share as far as its simulation error lets it be read; never all, or none, where it is not."""
    value = figure.value or 0.0
    if value in {0.0, 1.0}:
        return percent(value)
    decimals = 0 if figure.mcse is None or figure.mcse >= 0.005 else 1
    shown, step = percent(value, decimals), 10.0**-decimals
    if value < 1 and shown.startswith("100"):
        return f"over {fixed(100 - step, decimals)}%"
    return f"under {fixed(step, decimals)}%" if value > 0 and float(shown[:-1]) == 0 else shown


def _error(figure: Figure) -> str:
    return "" if figure.mcse is None or figure.n == 1 else f" (simulation error {_at_least(100 * figure.mcse)} points)"


def _at_least(value: float, decimals: int = 1) -> str:
    """Return a simulation error, which is never shown as nothing."""
    least = 10.0**-decimals
    return f"under {fixed(least, decimals)}" if value < least / 2 else fixed(value, decimals)


def _meaning(code: int) -> str:
    key = f"IOM-E{code:03d}"
    return f"{CODES[key].rstrip('.')} ({key})"
