"""Diagnosis of designs: every answer of each beside its estimand, with every performance measure and its error."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed, number
from iom_causal.base.result import Result, table
from iom_causal.base.specs import EMPTY, check_choice, got
from iom_causal.designs import pictures
from iom_causal.designs import sentences as words
from iom_causal.designs.alike import alike, alike_sentences
from iom_causal.designs.answers import DiagnosedAnswer, names
from iom_causal.designs.columns import Columns
from iom_causal.designs.comparisons import compared
from iom_causal.designs.design import Design
from iom_causal.designs.diagnosands import DIAGNOSANDS
from iom_causal.designs.figures import share_error
from iom_causal.designs.replicates import FIGURES, SEEN
from iom_causal.designs.samples import Sample, common_successes
from iom_causal.designs.scoring import AnswerKind, Score
from iom_causal.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

ALPHA = 0.05
COLUMNS = (
    *("design", "data", "estimator", "estimand", "scored_against", "target", "read_as", "scale"),
    *("measure", "value", "mcse", "n", "reason"),
)
"""The columns of `Diagnosis.tidy`."""
SHORT = ("mean_estimate", "mean_truth", "bias", "distance", "emp_se", "coverage", "power", "failures")
"""The measures of `Diagnosis.table`, where nobody says which."""
FEW, WIDTH = 6, 98
"""Answers that a summary speaks of one by one, and the width of its lines."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Diagnosis(Result):
    """Performance of designs over simulated replicates, each figure with its Monte Carlo error.

    Parameters
    ----------
    designs : mapping of str to Design
        What was diagnosed, by label.
    sims : int
        Replicates.
    seed : int
        Of all of them.
    columns : mapping of str to ndarray
        One row a replicate: truths, what was seen, answers; see `Replicates`.
    kinds : mapping
        What every answer estimates, by design and labels. An answer that refused every replicate has none, and is in
        `unanswered`.
    refusals : mapping
        What an answer said in the first replicate that it refused, by design and labels.
    alpha : float
        Below it a p-value counts as a rejection.
    common : bool
        Whether measures of successes are of the replicates in which no answer of the design failed.
    costs : mapping of str to float
        Seconds a replicate of each part, where they were measured: see `diagnose.costs`.

    Notes
    -----
    For ratios everything is on the scale of logs, so that a bias of -0.22 is a fall of 20% too many. ``bias`` is
    against what the method itself aims at, ``distance`` and ``coverage`` are against the estimand it is scored
    against; they differ for a descriptive change that is read as an ATT. Formulas and Monte Carlo errors: Morris,
    White & Crowther (2019), Statistics in Medicine 38, 2074-2102.

    Examples
    --------
    >>> import iom_causal as iom
    >>> sim = iom.simulate
    >>> model = sim.TwoWindowCounts(people=60, rate=1.5, cut=4.0, ratio=0.8)
    >>> design = iom.Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> found = iom.diagnose(design, sims=50, seed=1)
    >>> found.table("distance", "coverage")["estimator"].tolist()
    ['RateRatio']
    """

    designs: Mapping[str, Design]
    sims: int
    seed: int
    columns: Columns
    kinds: Mapping[str, Mapping[tuple[str, str], AnswerKind]]
    refusals: Mapping[str, Mapping[tuple[str, str], str]] = EMPTY
    alpha: float = ALPHA
    common: bool = False
    costs: Mapping[str, float] = EMPTY

    free_columns: ClassVar[tuple[str, ...]] = ("n",)

    @cached_property
    def answers(self) -> tuple[DiagnosedAnswer, ...]:
        """Every answer beside every estimand that it is scored against."""
        found: list[DiagnosedAnswer] = []
        for name, design in self.designs.items():
            scored = design.scored(self.kinds[name])
            pairs = [(key, score) for key, several in scored.items() for score in several]
            samples = {pair: self._sample(name, *pair) for pair in pairs}
            if self.common and len(samples) > 1:
                named = common_successes({str(k): s for k, s in enumerate(samples.values())})
                samples = dict(zip(samples, named.values(), strict=True))
            for key, score in pairs:
                target = design.estimands[score.target].estimand
                kind, sample = self.kinds[name][key], samples[key, score]
                found.append(DiagnosedAnswer(name, *key, kind, score, target, sample))
        return tuple(found)

    @property
    def unanswered(self) -> tuple[tuple[str, str, str], ...]:
        """The labels of answers that refused every replicate."""
        labels = ((name, key) for name, design in self.designs.items() for key in design.answers)
        return tuple((name, *key) for name, key in labels if key not in self.kinds[name])

    def answer(
        self, *, design: str = "", data: str = "", estimator: str = "", scored_against: str = ""
    ) -> DiagnosedAnswer:
        """Return the first answer with these labels, of which those that are left out may be any.

        Raises
        ------
        SpecError
            IOM-E093 for a label that there is not.
        """
        found = list(self.answers)
        for where, wanted in (("design", design), ("data", data), ("estimator", estimator)):
            if wanted:
                check_choice(wanted, dict.fromkeys(getattr(a, where) for a in found), where)
                found = [a for a in found if getattr(a, where) == wanted]
        if scored_against:
            check_choice(scored_against, dict.fromkeys(a.score.target for a in found), "scored_against")
            found = [a for a in found if a.score.target == scored_against]
        if not found:
            raise SpecError("IOM-E096", "diagnosis: expected at least one answer with a result, there is none")
        return found[0]

    def on_common_successes(self) -> "Diagnosis":
        """Return the same with measures of the replicates in which no answer of a design failed."""
        return replace(self, common=True)

    def tidy(self) -> "pd.DataFrame":
        """Return a table with one row for each answer, estimand and performance measure (`COLUMNS`).

        The reason of `failures` is what the answer said in the first replicate that it refused. An answer that refused
        every one has that row alone.
        """
        rows = [row for answer in self.answers for row in answer.rows()]
        for row in rows:
            said = self._said(row["design"], row["data"], row["estimator"])
            row["reason"] = said if row["measure"] == "failures" and said else row["reason"]
        return table([*rows, *(self._nothing(*labels) for labels in self.unanswered)], COLUMNS)

    def _nothing(self, design: str, data: str, estimator: str) -> dict[str, Any]:
        share = {"measure": "failures", "value": 1.0, "mcse": share_error(self.sims, self.sims), "n": self.sims}
        labels = {"design": design, "data": data, "estimator": estimator}
        said = {"reason": self._said(design, data, estimator)}
        return dict.fromkeys(COLUMNS[3:8], "") | labels | share | said

    def _said(self, design: str, data: str, estimator: str) -> str:
        """Return what an answer said in the first replicate that it refused; nothing where there is none."""
        return self.refusals[design].get((data, estimator), "") if design in self.refusals else ""

    def table(self, *measures: str) -> "pd.DataFrame":
        """Return a table with one row an answer and a column for each measure and its Monte Carlo error.

        Parameters
        ----------
        *measures : str
            Names of `DIAGNOSANDS`; by default `SHORT`.
        """
        for name in measures:
            check_choice(name, DIAGNOSANDS, "measure")
        chosen = measures or SHORT
        rows = []
        for answer in self.answers:
            row = dict(list(answer.rows()[0].items())[:8])
            for name in chosen:
                row |= {name: answer.figures[name].value, f"{name}_mcse": answer.figures[name].mcse}
            rows.append(row)
        return table(rows, (*COLUMNS[:8], *(c for name in chosen for c in (name, f"{name}_mcse"))))

    def differences(self, to: str, measure: str = "bias") -> "pd.DataFrame":
        """Return how one measure of every answer differs from that of the same answer in another design.

        Parameters
        ----------
        to : str
            The label of the design that the others are compared with.
        measure : str
            A name of `DIAGNOSANDS`.

        Returns
        -------
        DataFrame
            A row an answer and estimand, over the replicates in which both have a finite estimate or a set; the Monte
            Carlo error is that of pairs on common random numbers. Where a design has an answer that the other lacks,
            its own answers are compared with the first of the other.
        """
        check_choice(to, self.designs, "differences to")
        check_choice(measure, DIAGNOSANDS, "measure")
        base = [a for a in self.answers if a.design == to]
        rows = []
        for answer in self.answers:
            if answer.design == to or not base:
                continue
            same = [b for b in base if b.label == answer.label and b.score == answer.score]
            alike = [b for b in base if b.score.target == answer.score.target and b.ratio == answer.ratio]
            if not (other := next(iter(same or alike), None)):
                continue
            f = compared(measure, answer.sample, other.sample)
            rows.append(
                {
                    "design": answer.design,
                    "answer": answer.label,
                    "scored_against": answer.score.target,
                    "compared_with": f"{other.label} in {to}",
                    "measure": measure,
                    "difference": f.value,
                    "mcse": f.mcse,
                    "n": f.n,
                    "reason": f.reason,
                }
            )
        columns = (
            "design",
            "answer",
            "scored_against",
            "compared_with",
            "measure",
            "difference",
            "mcse",
            "n",
            "reason",
        )
        return table(rows, columns)

    @cached_property
    def alike(self) -> tuple[tuple[str, ...], ...]:
        """The designs, by label, that give the same figures in every replicate: what tells them apart changes nothing.

        So it is with a setting of what another setting leaves out, such as `force_sd` where there is one force.
        """
        return alike(self.designs, self.columns)

    @property
    def alike_sentences(self) -> tuple[str, ...]:
        """The words of `alike`, with the dotted paths of the settings that change nothing."""
        return alike_sentences(self.alike, self.designs)

    def sentences(self, *, fall: float = words.FALL) -> tuple[str, ...]:
        """Return the words of it: which answers are nearest to what people want to know, and a paragraph an answer.

        Differences within twice their simulation error are left open. Designs that simulate the same studies are named
        first.

        Parameters
        ----------
        fall : float
            The fall, as a share, of which it is said how often a study would report it.

        Raises
        ------
        SpecError
            IOM-E092 for a fall that is no share above 0 and below 1.
        """
        if not 0 < fall < 1:
            raise SpecError("IOM-E092", f"sentences fall: expected a share above 0 and below 1, got {got(fall)}")
        told = words.sentences(self.answers, self.designs, unanswered=self._refusing(), fall=fall)
        return (*self.alike_sentences, *told)

    def paragraphs(self, *, fall: float = words.FALL) -> tuple[str, ...]:
        """Return the part of `sentences` that has one paragraph an answer."""
        return words.paragraphs(self.answers, self.designs, unanswered=self._refusing(), fall=fall)

    def summary(self) -> str:
        """Return a table in text, simulation errors in brackets, and the words; of many answers, the ranking alone."""
        called = names(self.answers)
        cells = [("", *words.SHOWN.values())]
        cells += [(called[a], *(words.measure_text(a, name) for name in words.SHOWN)) for a in self.answers]
        widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        ranked = words.rank_sentences(self.answers, self.designs)
        told = self.sentences() if len(self.answers) <= FEW else (*self.alike_sentences, *ranked, words.WORLDS)
        head = f"{counted(self.sims, '[replicate|replicates]')}, seed {self.seed}"
        parts = listed(f"{part} {number(seconds, 2)}" for part, seconds in self.costs.items())
        told = (*told, f"Seconds a replicate: {parts}.") if parts else told
        return "\n".join([head, *lines, "", *(line for text in told for line in textwrap.wrap(text, WIDTH))])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw a forest of the designs: mean estimate, the middle 95% of estimates, and the truth.

        Answers on the scale of the first one are drawn.
        """
        return pictures.forest(self.answers, ax)

    def plot_panels(self) -> "Axes":
        """Draw distance to the estimand, coverage and power of every answer side by side, with simulation errors.

        Answers on the scale of the first one are drawn; a ring is the bias against what a method itself aims at.
        """
        return pictures.panels(self.answers)

    def plot_sizes(self, path: str, measure: str = "rmse", ax: "Axes | None" = None) -> "Axes":
        """Draw a measure against a setting that was varied, a line for each answer, with its simulation error.

        Parameters
        ----------
        path : str
            Dotted, as in `Design.vary`, such as ``"model.people"``.
        measure : str
            A name of `DIAGNOSANDS`.
        ax : Axes, optional
            Where to draw.

        Raises
        ------
        SpecError
            IOM-E093 for a path or a measure that there is not; IOM-E092 where the setting is no number.
        """
        return pictures.sizes(self.answers, self.designs, path, measure, ax)

    def __repr__(self) -> str:
        return (
            f"Diagnosis({', '.join(self.designs)}; {counted(len(self.answers), '[answer|answers]')}, "
            f"{counted(self.sims, '[replicate|replicates]')})"
        )

    def _refusing(self) -> list[tuple[str, str, str, int]]:
        """Return the answers of which nothing can be said, each with the number of its most frequent error."""
        codes = {key: self.columns[f"{key[0]}/answer/{key[1]}/{key[2]}/code"] for key in self.unanswered}
        return [(*key, int(np.bincount(code[code > 0]).argmax())) for key, code in codes.items() if (code > 0).any()]

    def _sample(self, name: str, key: tuple[str, str], score: Score) -> Sample:
        kind = self.kinds[name][key]
        log = _log if kind.scale == "ratio" else np.asarray
        at = f"{name}/answer/{key[0]}/{key[1]}/"
        got = {f: self.columns[at + f] for f in (*FIGURES, "code")}
        truth = log(self.columns[f"{name}/truth/{score.target}"])
        own = self._own(f"{name}/seen/{key[0]}/", kind) if score.read_as else truth
        return Sample.of(
            log(got["estimate"]),
            truth,
            own=own,
            own_pooled=bool(score.read_as),
            code=got["code"],
            alpha=self.alpha,
            level=kind.level,
            std_error=got["std_error"],
            p_value=got["p_value"],
            low=log(got["conf_low"]),
            high=log(got["conf_high"]),
            set_low=log(got["set_low"]),
            set_high=log(got["set_high"]),
        )

    def _own(self, at: str, kind: AnswerKind) -> Floats:
        """Return the change itself, pooled over all cohorts as they were seen, linearised in each of them."""
        before, after, *days = (self.columns[at + name] for name in SEEN)
        if kind.scale != "ratio":
            return np.asarray(after - before)
        there = np.isfinite(before) & np.isfinite(after)
        parts = [(after, 1), (before, -1)]
        parts += [(days[1], -1), (days[0], 1)] if all(np.isfinite(d[there]).all() for d in days) else []
        own = np.where(there, 0.0, np.nan)
        for column, sign in parts:
            mean = float(column[there].mean()) if there.any() else np.nan
            with np.errstate(divide="ignore", invalid="ignore"):
                own = own + sign * (np.log(mean) + column / mean - 1)
        return np.where(np.isfinite(own), own, np.nan)


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))
