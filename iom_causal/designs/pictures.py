"""Pictures of a diagnosis: forest of designs, panels of measures by answer, curves of a measure over a setting."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.setting_paths import get_path, replace_path
from iom_causal.base.specs import check_choice, got
from iom_causal.designs.answers import DiagnosedAnswer, does_nothing, in_common, names
from iom_causal.designs.design import Design
from iom_causal.designs.diagnosands import DIAGNOSANDS
from iom_causal.designs.figures import Figure
from iom_causal.errors import SpecError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

MIDDLE = 0.95
"""Share of the estimates that a forest's bar holds."""
PANELS = ("distance", "coverage", "power")
"""The measures of the panels: against what people want to know."""
DOT_AND_RING = ("against what people want to know", "against what the method itself aims at")


def forest(answers: Sequence[DiagnosedAnswer], ax: "Axes | None" = None) -> "Axes":
    """Draw the mean estimate of each answer with the middle 95% of its estimates, and the true value.

    Answers on the scale of the first one are drawn. A ratio's mean is that of its logs; of an answer that is a set,
    the bar is from its mean lower to its mean upper end.
    """
    from iom_causal.base import axes_of_rows  # noqa: PLC0415 matplotlib is slow to load

    called = names(answers)
    chosen = _of_one_scale(_some(answers))
    rows = [forest_row(a) | {"label": called[a]} for a in chosen]
    ax = axes_of_rows.forest(rows, ax)
    ax.set_xlabel(chosen[0].kind.scale)
    _name_the_forest(ax, sets=any(row["set_low"] is not None for row in rows))
    return ax


def forest_row(answer: DiagnosedAnswer) -> dict[str, Any]:
    """Return what a forest draws of an answer, on the scale that people read."""
    sample, figures = answer.sample, answer.figures
    used = sample.answered
    low, high = (sample.set_low, sample.set_high) if sample.sets else (sample.estimate, sample.estimate)
    shown = {
        "estimate": figures["mean_estimate"].value,
        "conf_low": _quantile(low[used], (1 - MIDDLE) / 2),
        "conf_high": _quantile(high[used], (1 + MIDDLE) / 2),
        "set_low": _mean(low[used]) if sample.sets else None,
        "set_high": _mean(high[used]) if sample.sets else None,
        "truth": figures["mean_truth"].value,
    }
    back = {k: None if v is None else math.exp(v) if answer.ratio else v for k, v in shown.items()}
    return back | {"scale": answer.kind.scale}


def panels(answers: Sequence[DiagnosedAnswer]) -> "Axes":
    """Draw distance to the estimand, coverage and power of each answer side by side, with their simulation error.

    Answers on the scale of the first one are drawn. A ring beside a dot is the bias against what the method itself
    aims at, where that is another thing. Thin lines stand at no distance and at the level of the intervals; where the
    programme does nothing in every answer's worlds, power is how often a change is reported all the same, and its line
    stands at alpha.
    """
    from iom_causal.base import axes_of_rows  # noqa: PLC0415 matplotlib is slow to load

    called = names(answers)
    answers = _of_one_scale(_some(answers))
    headed = {name: _headed(name, answers) for name in PANELS}
    shown = {headed[name]: [_pair(a.figures[name]) for a in answers] for name in PANELS}
    own = [_pair(a.figures["bias"]) if a.score.read_as else (None, None) for a in answers]
    levels = {a.sample.level for a in answers}
    nothing = all(does_nothing(a) for a in answers)
    lines = {
        headed["distance"]: 0.0,
        headed["coverage"]: levels.pop() if len(levels) == 1 else None,
        headed["power"]: answers[0].sample.alpha if nothing else None,
    }
    shares = [headed[name] for name in PANELS if DIAGNOSANDS[name].share]
    labels = [called[a] for a in answers]
    return axes_of_rows.panels(
        labels, shown, lines=lines, shares=shares, hollow={headed["distance"]: own}, named=DOT_AND_RING
    )


def sizes(
    answers: Sequence[DiagnosedAnswer],
    designs: Mapping[str, Design],
    path: str,
    measure: str = "rmse",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a measure against a setting that was varied, one line for each answer that is alike otherwise.

    Of a measure that is no share, answers on the scale of the first one are drawn.

    Raises
    ------
    SpecError
        IOM-E093 for a measure or a path that there is not; IOM-E092 where the path has no numbers, or only one.
    """
    from iom_causal.base import axes_of_lines  # noqa: PLC0415 matplotlib is slow to load

    check_choice(measure, DIAGNOSANDS, "measure")
    if not DIAGNOSANDS[measure].share:
        answers = _of_one_scale(answers)
    at = {label: _number(get_path(design, path), path) for label, design in designs.items()}
    if len(set(at.values())) == 1:
        raise SpecError(
            "IOM-E092",
            f"{path}: expected a setting with several values, to draw along; it is {next(iter(at.values())):g} in "
            f'every design, so diagnose design.vary({{"{path}": [...]}})',
        )
    lines = {
        name: sorted((at[a.design], *_pair(a.figures[measure])) for a in several)
        for name, several in _alike(_some(answers), designs, path).items()
    }
    levels = {a.sample.level for a in answers} if measure == "coverage" else set()
    return axes_of_lines.banded_lines(
        lines,
        across=path,
        unit=_headed(measure, answers),
        share=DIAGNOSANDS[measure].share,
        level=levels.pop() if len(levels) == 1 else None,
        ax=ax,
    )


def has_numbers(designs: Mapping[str, Design], path: str) -> bool:
    """Whether a setting is a number in every design, and takes more than one value."""
    values = [get_path(design, path) for design in designs.values()]
    numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return len(numbers) == len(values) and len(set(numbers)) > 1


def _some(answers: Sequence[DiagnosedAnswer]) -> Sequence[DiagnosedAnswer]:
    if not answers:
        raise SpecError("IOM-E092", "expected an answer to draw; every estimator refused every simulated study")
    return answers


def _of_one_scale(answers: Sequence[DiagnosedAnswer]) -> list[DiagnosedAnswer]:
    return [a for a in answers if a.kind.scale == answers[0].kind.scale]


def _alike(
    answers: Sequence[DiagnosedAnswer], designs: Mapping[str, Design], path: str
) -> dict[str, list[DiagnosedAnswer]]:
    """Group answers whose designs differ in nothing but the setting, under what their names have in common."""
    families: list[tuple[Design, list[str]]] = []
    for label, design in designs.items():
        for other, labels in families:
            if replace_path(design, path, get_path(other, path)) == other:
                labels.append(label)
                break
        else:
            families.append((design, [label]))
    groups: list[list[DiagnosedAnswer]] = []
    for _, labels in families:
        several = [a for a in answers if a.design in labels]
        groups += [
            [a for a in several if (a.label, a.score) == key]
            for key in dict.fromkeys((a.label, a.score) for a in several)
        ]
    return dict(zip(_line_names(groups, names(answers), path), groups, strict=True))


def _line_names(
    groups: Sequence[Sequence[DiagnosedAnswer]], called: Mapping[DiagnosedAnswer, str], path: str
) -> list[str]:
    """Return what the names of each line have in common, without the setting itself; else its answer's label."""
    of_setting = (f"{path}=", f"{path.rsplit('.', 1)[-1]}=")
    shared = [in_common([called[a] for a in group]) for group in groups]
    kept = [", ".join(part for part in text.split(", ") if not part.startswith(of_setting)) for text in shared]
    found = [text or group[0].label for text, group in zip(kept, groups, strict=True)]
    return [
        text if found.count(text) == 1 else f"{text} ({called[group[0]]} to {called[group[-1]]})"
        for text, group in zip(found, groups, strict=True)
    ]


def _headed(name: str, answers: Sequence[DiagnosedAnswer]) -> str:
    """Return the header of a measure, with the scale that its values are on."""
    unscaled = DIAGNOSANDS[name].share or name in {"se_error", "type_m"}
    return DIAGNOSANDS[name].header if unscaled else f"{DIAGNOSANDS[name].header}, {answers[0].scale}"


def _pair(figure: Figure) -> tuple[float | None, float | None]:
    return figure.value, figure.mcse


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SpecError("IOM-E092", f"{path}: expected a setting that is a number, to draw along; got {got(value)}")
    return float(value)


def _quantile(values: Floats, at: float) -> float | None:
    """Return a quantile that is one of the values, which may be infinite."""
    known = values[~np.isnan(values)]
    return float(np.quantile(known, at, method="inverted_cdf")) if known.size else None


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def _name_the_forest(ax: "Axes", *, sets: bool) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 slow to load

    from iom_causal.base import axes  # noqa: PLC0415 matplotlib is slow to load

    named = [
        Line2D([], [], color=axes.INK, marker="o", ls="", label="mean estimate"),
        *([Line2D([], [], color=axes.ACCENT, lw=6, label="mean set")] if sets else []),
        Line2D([], [], color=axes.MUTED, lw=2, label=f"middle {MIDDLE:.0%} of estimates"),
        Line2D([], [], color=axes.STEEL, lw=2, label="truth"),
    ]
    ax.legend(handles=named, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(named), frameon=False, fontsize=8)
