"""Specification curves of a study: what remains under every combination of choices, and which choice moves it most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from iom_causal.analysis.sensitivity.asked import untold
from iom_causal.analysis.sensitivity.curves import Curves
from iom_causal.analysis.subject import Subject
from iom_causal.base import axes, output
from iom_causal.base.result import Result
from iom_causal.report import sensitivity_phrases, sentences
from iom_causal.report.curve_sentences import NO_DRAWS, finding, ranked, said_of
from iom_causal.report.manifest import manifest, work
from iom_causal.sensitivity.specification_curve import SpecificationCurve

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyCurves(Result):
    """What remains of a study under every combination of choices, as it may be given.

    Parameters
    ----------
    subject : Subject
        What was asked.
    outcomes : tuple of str
        The outcomes that were asked for.
    found : Curves
        A curve an outcome, or why there is none.
    seed : int
        That of the study; nothing is drawn.
    """

    subject: Subject
    outcomes: tuple[str, ...]
    found: Curves
    seed: int

    people_columns: ClassVar[tuple[str, ...]] = SpecificationCurve.people_columns
    figure_columns: ClassVar[Mapping[str, str]] = SpecificationCurve.figure_columns

    def summary(self) -> str:
        """Return of each outcome the range of its answers, how many lie on each side, and its choices in order."""
        told = ["\n".join([finding(c), *said_of(c), *ranked(c)]) for c in self.found.curves]
        told += [sentences.not_computed(refusal) for refusal in self.found.refusals]
        reasons = ((name, untold(self.subject, name)) for name in self.outcomes)
        told += [
            sensitivity_phrases.NOT_MOVED.format(name, sensitivity_phrases.WHY_NOT_MOVED[why])
            for name, why in reasons
            if why
        ]
        return "\n\n".join([*told, NO_DRAWS])

    def tidy(self) -> "pd.DataFrame":
        """Return a row a combination; a choice that an outcome does not have is empty in its rows."""
        return self.subject.release.released(self.found.table(), SpecificationCurve)

    def choices(self) -> Iterator[dict[str, Any]]:
        """Yield the choices of each outcome in order: the part of the spread between their levels, and two of these.

        These are the level at which the answer is lowest on average, and the one at which it is highest.
        """
        for curve in self.found.curves:
            for choice in curve.ranked:
                (lowest, low), (highest, high) = curve.ends_of(choice)
                yield {
                    "outcome": curve.outcome,
                    "choice": choice,
                    "share": curve.effects[choice].share,
                    "lowest": lowest,
                    "lowest_mean": low,
                    "highest": highest,
                    "highest_mean": high,
                }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the curve of the first outcome."""
        return self.found.curves[0].plot(ax)

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name."""
        return {
            "specifications.csv": output.csv_text(self.tidy()),
            "specifications.txt": self.summary() + "\n",
            **{f"figures/specifications-{c.outcome}.png": axes.to_png(c.plot()) for c in self.found.curves},
        }

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the table, the text and the figures into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return output.write(
            Path(out), self.files(), manifest(self.subject, self.seed), work("sensitivity", self.subject)
        )

    def __repr__(self) -> str:
        return f"StudyCurves({self.subject.citation!r}, {', '.join(c.outcome for c in self.found.curves)})"
