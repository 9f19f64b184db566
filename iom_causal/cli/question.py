"""A point of the register as a small program: one question, asked of the paper or of a study of one's own.

Each file of examples/sensitivity is one. What is particular to its point stands there; what all of them do stands here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np

from iom_causal.analysis import ledgers
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, readable
from iom_causal.base import axes
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.output import answered, check_safe
from iom_causal.base.wording import quote
from iom_causal.cli.guard import guarded
from iom_causal.confounds.register import Point, point
from iom_causal.evaluation import read_subject
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.published import DEFAULT_STUDY
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.report.set_names import set_names
from iom_causal.sensitivity.sweep import Sweep, sweep
from iom_causal.sensitivity.tipping import Tipping, tipping

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTHING_ELSE = "nothing else is allowed for"
"""The name of the ledger of a study that no set of evidence fits."""
FOR_YOU = "note: figures of people as they are, for you alone; what may leave is what iom-causal evaluate writes"

type Data = Panel | Moments


class Answer(NamedTuple):
    """One sentence and one figure.

    Attributes
    ----------
    sentence : str
        The answer.
    figure : Axes or None
        Its picture; None where the point does not arise in the study.
    """

    sentence: str
    figure: "Axes | None" = None


class DoesNotAriseError(Exception):
    """A point that does not arise in a study; the text says why, as a sentence."""


def does_not_arise(why: str) -> DoesNotAriseError:
    """Return what ends an example whose point does not arise in a study.

    Parameters
    ----------
    why : str
        A sentence.
    """
    return DoesNotAriseError(why)


@dataclass(frozen=True)
class AskedStudy:
    """A study as the examples ask it: its outcomes by kind, and its ledgers by set of evidence.

    Parameters
    ----------
    subject : Subject
        A published table or people, as `read_subject` reads it.
    """

    subject: Subject

    def data(self, *kinds: str) -> Data:
        """Return what is known of the first outcome of one of these kinds.

        Raises
        ------
        DoesNotAriseError
            Where there is none that gives both windows.
        """
        for outcome in self.subject.outcomes:
            found = readable(self.subject, outcome.name) if outcome.kind in kinds else None
            if found is not None:
                return found
        raise does_not_arise(f"No outcome of this study is a {listed(kinds, 'or an')} before and after.")

    def panel(self, *kinds: str) -> Panel:
        """Return the same as people: of a published table, one of many cohorts that would print the same."""
        found = self.data(*kinds)
        if isinstance(found, Panel):
            return found
        if self.subject.published is None:
            raise TypeError("only a published table has moments without people")
        return reconstruct(self.subject.published, rng=1)[found.name]

    @cached_property
    def _under(self) -> Mapping[str, Mapping[str, Ledger]]:
        called = set_names(self.subject)
        found = ledgers.run(self.subject, Effort(quick=True, remainder=True))
        return {
            each.outcome: {called(u.evidence.name): Ledger(u.evidence.confounds) for u in each.under} for each in found
        }

    def ledgers(self, data: Data, *lines: Any) -> dict[str, Ledger]:
        """Return the ledger under every set of evidence, by its name in words, with these lines in place of its own."""
        under = self._under.get(data.name) or {NOTHING_ELSE: Ledger()}
        mine = {line.line for line in lines}
        return {
            name: replace(ledger, confounds=(*(c for c in ledger.confounds if c.line not in mine), *lines))
            for name, ledger in under.items()
        }


def tips(
    under: Mapping[str, Ledger], data: Data, path: str, *, low: float | None = None, high: float | None = None
) -> dict[str, str]:
    """Print at which value of one setting nothing remains under every ledger, and return it in words."""
    found = {name: tipping(ledger, data, path, low=low, high=high) for name, ledger in under.items()}
    for name, tip in found.items():
        print(f"  {if_set(name)}: {tip}")  # noqa: T201 an example prints
    return {name: tip_words(tip) for name, tip in found.items()}


def tip_words(tip: Tipping) -> str:
    """Return a tipping value or the ends of its set.

    Examples
    --------
    >>> tip_words(Tipping("detection.ratio", 0.5278, 1.0, (0.02, 50.0), 0.53))
    '0.528'
    >>> tip_words(Tipping("detection.ratio", None, 1.0, (0.02, 50.0), 0.53))
    'none from 0.02 to 50'
    """
    if tip.set_low is not None and tip.set_high is not None:
        return f"{number(tip.set_low, 3)} to {number(tip.set_high, 3)}"
    if tip.value is None:
        return f"none from {number(tip.searched[0], 3)} to {number(tip.searched[1], 3)}"
    return number(tip.value, 3)


def by_set(words: Mapping[str, str]) -> str:
    """Return what holds under every set of evidence as running text.

    Examples
    --------
    >>> by_set({"picked on their rate": "0.64", "picked on the count": "0.94"})
    '0.64 if “picked on their rate” and 0.94 if “picked on the count”'
    >>> by_set({NOTHING_ELSE: "0.53"})
    '0.53 if nothing else is allowed for'
    """
    return listed(f"{text} {if_set(name)}" for name, text in words.items())


def if_set(name: str) -> str:
    """Return the condition that a set of evidence is right, in words.

    Examples
    --------
    >>> if_set("picked on their rate"), if_set("if arrests are in the score")
    ('if “picked on their rate”', 'if “arrests are in the score”')
    """
    return f"if {name if name == NOTHING_ELSE else quote(name.removeprefix('if '))}"


def remainder_words(ledger: Ledger, data: Data) -> str:
    """Return the remainder of a ledger at central beliefs, or the ends of its set, on the scale of the outcome."""
    low, high = ends(ledger, data)
    decimals = 0 if data.kind == "score" else 2
    low_text, high_text = fixed(low, decimals), fixed(high, decimals)
    return low_text if low_text == high_text else f"{low_text} to {high_text}"


def ends(ledger: Ledger, data: Data) -> tuple[float, float]:
    """Return the least and the greatest remainder of a ledger at central beliefs, over its ranges and open prints."""
    found = [case.central(subject) for case, subject in ledger.cases(data)]
    back = float if data.kind == "score" else np.exp
    return float(back(min(found))), float(back(max(found)))


def curves(under: Mapping[str, Ledger], data: Data, path: str, span: tuple[float, float], *, across: str) -> "Axes":
    """Draw what remains against one setting, a line a set of evidence with a band where that leaves a set."""
    return drawn({name: sweep(ledger, data, path, span, interval=False) for name, ledger in under.items()}, across)


def drawn(along: Mapping[str, Sweep], across: str) -> "Axes":
    """Draw several sweeps of one setting: a line each through what remains, with a band where it is a set."""
    lines = {
        name: [
            (x, None, None) if low is None or high is None else (x, (low + high) / 2, (high - low) / 4)
            for x, low, high in zip(found.values, found.low, found.high, strict=True)
        ]
        for name, found in along.items()
    }
    first = next(iter(along.values()))
    return axes.banded_lines(lines, across=across, unit=unit_of(first.outcome, first.scale), level=first.nothing)


def unit_of(outcome: str, scale: str = "ratio") -> str:
    """Return the words at an axis of remainders."""
    return f"{outcome} that remain, {'after / before' if scale == 'ratio' else scale}"


@dataclass(frozen=True)
class PointQuestion:
    """One point of the register as a program: called from Python, or run as a script.

    Parameters
    ----------
    id : str
        Of the register.
    answer : callable
        ``(study: AskedStudy) -> Answer``; it prints what leads to the answer.

    Examples
    --------
    >>> PointQuestion("u1", lambda study: Answer(f"Nothing was asked of {study.subject.called}."))("template")
    Nothing was asked of mentored people.
    """

    id: str
    answer: Callable[[AskedStudy], Answer]

    @property
    def point(self) -> Point:
        """What may be at work."""
        return point(self.id)

    def ask(self, study: str | Path = DEFAULT_STUDY) -> Answer:
        """Ask a study, and return the answer.

        Parameters
        ----------
        study : str or path
            A bundled name, or the path of a [published] or [study] TOML file.
        """
        return self._answer(read_subject(study))

    def _answer(self, subject: Subject) -> Answer:
        try:
            return self.answer(AskedStudy(subject))
        except DoesNotAriseError as why:
            return Answer(f"{why} {self.point.sentence}")

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
        """Do the same with what was typed after the name of the script."""

        @click.command(help=f"{self.id}: {self.point.point}.", context_settings={"help_option_names": ["-h", "--help"]})
        @click.argument("study", default=DEFAULT_STUDY)
        @click.option("--out", type=click.Path(path_type=Path), help="Folder for the figure, a PNG.")
        @guarded
        def command(study: str, out: Path | None) -> None:
            self(study, out)

        command()

    def _save(self, figure: "Axes", out: Path) -> None:
        picture = axes.to_png(figure)
        file = out / f"{Path(self.point.example).stem}.png"
        with answered(out):
            check_safe(out)
            out.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture)
        print(f"Drawn in {file}")  # noqa: T201 an example prints
