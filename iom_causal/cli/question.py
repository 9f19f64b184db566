"""A point of the register as a small program: one question, asked of the paper or of a study of one's own.

Each file of examples/sensitivity is one. What is particular to its point stands there; what a study is asked, and how
what is found under every set of evidence is said and drawn, in `report.asked_study` and `report.by_set`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from iom_causal.analysis.subject import Subject
from iom_causal.base import axes
from iom_causal.base.output import answered, check_safe
from iom_causal.cli.examples import in_notebook
from iom_causal.cli.guard import guarded
from iom_causal.confounds.register import Point, point
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.evaluation import read_subject
from iom_causal.ledger import Ledger
from iom_causal.published import DEFAULT_STUDY
from iom_causal.report.asked_study import AskedStudy, Data, DoesNotAriseError
from iom_causal.report.by_set import if_set, tip_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOR_YOU = (
    "note: figures of people, as rounded as the page gives them; what may leave is what iom-causal evaluate writes"
)


class PointAnswer(NamedTuple):
    """What a study has to say to one point of the register: one sentence and one figure.

    Attributes
    ----------
    sentence : str
        The answer.
    figure : Axes or None
        Its picture; None where the point does not arise in the study.
    """

    sentence: str
    figure: "Axes | None" = None


def tips(
    study: AskedStudy,
    under: Mapping[str, Ledger],
    data: Data,
    path: str,
    *,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, str]:
    """Print at which value of one setting nothing remains under every ledger, and return it in words."""
    found = {name: study.tipping(ledger, data, path, low=low, high=high) for name, ledger in under.items()}
    for name, tip in found.items():
        print(f"  {if_set(name)}: {tip}")  # noqa: T201 an example prints
    return {name: tip_words(tip) for name, tip in found.items()}


@dataclass(frozen=True)
class PointQuestion:
    """One point of the register as a program: called from Python, or run as a script.

    Parameters
    ----------
    id : str
        Of the register.
    answer : callable
        ``(study: AskedStudy) -> PointAnswer``; it prints what leads to the answer.
    name : str
        Of the figure; by default that of the point's example.

    Examples
    --------
    >>> PointQuestion("u1", lambda study: PointAnswer(f"Nothing was asked of {study.subject.called}."))("template")
    Nothing was asked of mentored people.
    """

    id: str
    answer: Callable[[AskedStudy], PointAnswer]
    name: str = ""

    @property
    def point(self) -> Point:
        """What may be at work."""
        return point(self.id)

    def ask(self, study: str | Path = DEFAULT_STUDY) -> PointAnswer:
        """Ask a study, and return the answer.

        Parameters
        ----------
        study : str or path
            A bundled name, or the path of a [published] or [study] TOML file.
        """
        return self._answer(read_subject(study))

    def _answer(self, subject: Subject) -> PointAnswer:
        try:
            return self.answer(AskedStudy(subject))
        except DoesNotAriseError as why:
            return PointAnswer(f"{why} {self.point.sentence}")
        except (InputError, DegenerateDataError, NotIdentifiedError) as error:
            return PointAnswer(f"The data of this study do not answer this: {error.plain}. {self.point.sentence}")

    def __call__(self, study: str | Path = DEFAULT_STUDY, out: str | Path | None = None) -> None:
        """Ask a study, print the answer, and save its figure where a folder is given."""
        subject = read_subject(study)
        if subject.release.guarded:
            click.echo(FOR_YOU, err=True)
        sentence, figure = self._answer(subject)
        print(sentence)  # noqa: T201 an example prints
        if out is not None and figure is not None:
            self._save(figure, Path(out))

    def run(self) -> None:
        """Do the same with what was typed after the name of the script; in a notebook ask the paper, and show."""
        if in_notebook():
            self._show()
            return

        @click.command(help=f"{self.id}: {self.point.point}.", context_settings={"help_option_names": ["-h", "--help"]})
        @click.argument("study", default=DEFAULT_STUDY)
        @click.option("--out", type=click.Path(path_type=Path), help="Folder for the figure, a PNG.")
        @guarded
        def command(study: str, out: Path | None) -> None:
            self(study, out)

        command()

    def _show(self) -> None:
        from IPython.display import Image, display  # noqa: PLC0415 a notebook has it, and nothing else needs it

        sentence, figure = self.ask()
        print(sentence)  # noqa: T201 an example prints
        if figure is not None:
            display(Image(axes.to_png(figure)))

    def _save(self, figure: "Axes", out: Path) -> None:
        picture = axes.to_png(figure)
        file = out / f"{self.name or Path(self.point.example).stem}.png"
        with answered(out):
            check_safe(out)
            out.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture)
        print(f"Drawn in {file}")  # noqa: T201 an example prints
