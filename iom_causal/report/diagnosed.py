"""A diagnosis of designs as files: its words, its table and its pictures on a page, and every figure in a table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from iom_causal.base import axes, output
from iom_causal.base.formats import counted
from iom_causal.base.specs import digest
from iom_causal.base.wording import SIMULATED_STUDIES
from iom_causal.designs import pictures
from iom_causal.designs.answers import DiagnosedAnswer, names
from iom_causal.designs.description import described
from iom_causal.designs.diagnose import diagnose
from iom_causal.designs.diagnosis import Diagnosis
from iom_causal.designs.execution import processes, usable
from iom_causal.designs.sentences import HEADING, SHOWN, WORLDS, fall_sentence, measure_text, rank_sentences
from iom_causal.designs.store import holds_study
from iom_causal.errors import SpecError, echo
from iom_causal.protocol.design import DesignFile
from iom_causal.report.render import html
from iom_causal.report.render.page import Figure, Page, Section, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOT_SAID = (
    WORLDS,
    "What a programme does: every programme here is a setting of the simulation.",
    "What a study would meet that the model leaves out, such as records that are lost or people who move away.",
)
ON_SCALES = (
    "Means of ratios are those of their logs, taken back. A typical miss is the root of the mean squared miss; of "
    "ratios it is a factor, either way. diagnosis.csv has every measure, ratios on the scale of logs."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagnosed:
    """A diagnosis with the file that asked for it.

    Parameters
    ----------
    file : DesignFile
        What was asked for.
    diagnosis : Diagnosis
        What came of it.
    """

    file: DesignFile
    diagnosis: Diagnosis

    def summary(self) -> str:
        """Return the words for a terminal: the table, and what can be said of it."""
        return f"{self.file.title}\n\n{self.diagnosis.summary()}"

    @cached_property
    def page(self) -> Page:
        """The page as values."""
        found = self.diagnosis
        told = found.paragraphs()
        of_each = counted(found.sims, "[simulated study|simulated studies] of each")
        return Page(
            title=self.file.title,
            subtitle=f"{counted(len(found.designs), '[design|designs]')}, {of_each}, seed {found.seed}",
            synthetic=True,
            lead=(*([self.file.about] if self.file.about else []), SIMULATED_STUDIES, HEADING),
            can_say=self._headline(),
            cannot_say=NOT_SAID,
            sections=(
                Section(title="What each answer would report", points=told),
                Section(title="The figures", paragraphs=(ON_SCALES,), tables=(self._table(),)),
                Section(title="Pictures", figures=tuple(self._figures())),
            ),
        )

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name."""
        drawn = {f"figures/{figure.name}.{figure.form}": figure.image for figure in self.page.figures}
        table = output.csv_text(self.diagnosis.tidy())
        return {"diagnosis.html": html.render(self.page), "diagnosis.csv": table, **drawn}

    def write(self, out: Path) -> tuple[Path, ...]:
        """Write the files into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        manifest = {
            "designs": list(self.diagnosis.designs),
            "designs_digest": digest(described(self.diagnosis.designs)),
            "sims": self.diagnosis.sims,
            "seed": self.diagnosis.seed,
            "synthetic": True,
            "synthetic_note": SIMULATED_STUDIES,
            "versions": output.versions("iom-causal", "numpy", "scipy", "numba"),
        }
        return output.write(out, self.files(), manifest, work(self.file))

    def _headline(self) -> tuple[str, ...]:
        """Say which answers are nearest, or of a single one what it would report, and which say nothing."""
        found, designs = self.diagnosis, self.diagnosis.designs
        silent = (*found.paragraphs()[len(found.answers) :], *found.alike_sentences)
        if ranked := rank_sentences(found.answers, designs):
            return (*ranked, *silent)
        said = [text for a in found.answers if (text := fall_sentence(a, designs[a.design]))]
        none = ["No answer here is a ratio; the figures are below."] if found.answers and not said else []
        return (*said, *none, *silent)

    def _table(self) -> Table:
        called = names(self.diagnosis.answers)
        rows = [(called[a], *(measure_text(a, name) for name in SHOWN)) for a in self.diagnosis.answers]
        return Table("Each with its simulation error in brackets.", ("answer", *SHOWN.values()), tuple(rows))

    def _figures(self) -> Iterator[Figure]:
        """Draw the forest and the panels of each scale, and a curve over each setting of numbers that was varied."""
        found = self.diagnosis
        for scale in dict.fromkeys(a.kind.scale for a in found.answers):
            chosen = [a for a in found.answers if a.kind.scale == scale]
            yield _figure(f"forest-{scale}", FOREST.format(scale), pictures.forest(chosen), chosen)
            yield _figure(f"panels-{scale}", PANELS.format(chosen[0].scale), pictures.panels(chosen), chosen)
            for path in self.file.varied:
                if pictures.has_numbers(found.designs, path):
                    drawn = pictures.sizes(chosen, found.designs, path)
                    said = SIZES.format(path, chosen[0].scale)
                    yield _figure(f"over-{path.replace('.', '-')}-{scale}", said, drawn, chosen)


FOREST = "Estimates on the scale “{}”: their mean, the middle 95% of them, and the truth."
PANELS = (
    "How far the mean estimate is from the truth, on the scale “{}”, how often intervals hold it, and how often a "
    "change is found; bars are twice the simulation error either way. A ring is the bias against what the method "
    "itself aims at, where that is another thing."
)
SIZES = "The typical miss (RMSE) over {}, on the scale “{}”; the bands are twice the simulation error either way."


def _figure(name: str, caption: str, drawn: "Axes", shown: list[DiagnosedAnswer]) -> Figure:
    alt = f"{caption} {counted(len(shown), '[answer|answers]')}; the figures stand in the table."
    return Figure(name, caption, alt, axes.to_svg(drawn))


FEW = 100
"""Replicates up to which threads do, where nobody asks for processes: these take seconds to begin."""


def diagnosed(
    file: DesignFile,
    *,
    out: Path,
    store: Path,
    sims: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    resume: bool = False,
    tell: Callable[[int, int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> Diagnosed:
    """Diagnose the designs of a file, in a folder that keeps what is done, after looking whether it can be written.

    Parameters
    ----------
    file : DesignFile
        What is asked for.
    out, store : Path
        Where the results will lie, and where the replicates do.
    sims, seed : int, optional
        By default the file's own.
    workers : int, optional
        Threads, or processes where a part of a design has no kernel; by default one a processor, and threads for few
        replicates.
    resume : bool
        Whether the store may hold an earlier run.
    tell, note : callable, optional
        Get the progress, and notes for the user.

    Raises
    ------
    SpecError
        IOM-E090 for a folder that cannot be written; IOM-E130 for a study that has begun and is not to be resumed;
        what `diagnose` and its store refuse.
    """
    there, kept = out.absolute(), store.absolute()
    if there == kept or there in kept.parents or kept in there.parents:
        raise SpecError(
            "IOM-E090",
            f"{echo(out.name)} is replaced as a whole, and {echo(store.name)} keeps what was simulated: give each a "
            "folder of its own, neither inside the other",
        )
    output.check_target(out, work(file), note)
    if not resume and holds_study(store):
        raise SpecError(
            "IOM-E130",
            f"{echo(store.name)} holds simulated studies of an earlier run; add --resume to go on with them, give "
            "another --store, or take that folder away",
        )
    loops = any(design.cell == 1 for design in file.designs.values())
    sims, at_once = file.sims if sims is None else sims, workers or usable()
    found = diagnose(
        file.designs,
        sims=sims,
        seed=file.seed if seed is None else seed,
        workers=workers,
        executor=processes(at_once) if loops and at_once > 1 and (workers or sims > FEW) else None,
        store=store,
        resume=resume,
        tell=tell,
    )
    return Diagnosed(file=file, diagnosis=found)


def work(file: DesignFile) -> str:
    """Return what a folder of a diagnosis holds, in words."""
    return f"diagnose {file.title}"
