"""Write docs/examples/index.md from the examples; ``python -m docs.make_examples --time`` measures them first."""

import json
import resource
import subprocess
import sys
from pathlib import Path

from iom_causal.cli.examples import FOLDER, Example, examples

HERE = Path(__file__).parent / "examples"
PAGE, SECONDS = HERE / "index.md", HERE / "seconds.json"
AUDIENCES = {
    "evaluator": (
        "You evaluate a programme",
        "With files of people, or with a report and nothing else.",
    ),
    "sensitivity": (
        "You ask what could explain it",
        (
            "One question, one sentence and one figure for every point of the [register](../register.md). Each asks "
            "the paper, or the [study] or [published] file that is typed after it; `--out FOLDER` keeps the figure."
        ),
    ),
    "methodologist": (
        "You work on methods",
        "The literature is known; estimators, assumptions and published figures are what you came for.",
    ),
    "benchmark_author": (
        "You compare designs",
        "Worlds whose truth is known, many at a time, and records without a programme.",
    ),
}
HEAD = """# Examples by audience

Every example is a script and a notebook: cells begin with `# %%`, so that JupyterLab (with jupytext), VS Code, Spyder
and PyCharm show its cells, and `python examples/evaluator/your_own_people.py` runs it. Each ends in one sentence and,
where there is something to see, one figure. The pages below are those files as they ran when these pages were built.

`iom-causal examples` lists them and `iom-causal examples --copy DIR` gives copies to change. What takes a file of yours
takes it after its name; in a notebook, change the name in its first cell. Seconds are those of one processor, the
start of Python among them, as last measured on one machine; each takes less than 10.
"""


def page() -> str:
    """Return the page: a table an audience, and the pages below it."""
    seconds = json.loads(SECONDS.read_text(encoding="utf-8"))
    return HEAD + "".join(_section(name, seconds) for name in AUDIENCES)


def _section(audience: str, seconds: dict[str, float]) -> str:
    title, about = AUDIENCES[audience]
    mine = [e for e in examples() if e.file.startswith(f"{audience}/")]
    rows = "".join(f"| {_link(e)} | {_shows(e)} | {seconds[e.file]:.1f} |\n" for e in mine)
    below = "".join(f"{_called(e)} <{_place(e)}>\n" for e in mine)
    return (
        f"\n## {title}\n\n{about}\n\n| example | what it shows | seconds |\n| --- | --- | ---: |\n{rows}\n"
        f"```{{toctree}}\n:maxdepth: 1\n:hidden:\n:caption: {title}\n\n{below}```\n"
    )


def _place(example: Example) -> str:
    return example.file.removesuffix(".py")


def _called(example: Example) -> str:
    name = _place(example).rpartition("/")[2].replace("_", " ")
    return name[0].upper() + name[1:]


def _link(example: Example) -> str:
    return f"[{_called(example)}]({_place(example)})"


def _shows(example: Example) -> str:
    point = example.point
    return f"[{point}](#{point}){example.about.removeprefix(point)}" if point else example.about


def measured() -> dict[str, float]:
    """Return the seconds of a processor that each example takes as a script, in a folder of its own."""
    found = {}
    for example in examples():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        file = HERE.parents[1] / FOLDER / example.file
        subprocess.run([sys.executable, file], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 our own files
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found[example.file] = round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)
    return found


if __name__ == "__main__":
    if "--time" in sys.argv:
        SECONDS.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
