"""Record of a folder of results: what it holds, and what is needed to make the same files again."""

from iom_causal.analysis.subject import Subject
from iom_causal.base import output
from iom_causal.published.study import PublishedStudy

MAKERS = ("iom-causal", "numpy", "scipy", "numba", "pandas", "matplotlib", "jinja2", "python-docx", "lxml", "openpyxl")
READERS = ("duckdb", "pyreadstat")


def manifest(subject: Subject, seed: int, *, quick: bool = False) -> dict[str, object]:
    """Return what is needed to make the same files again."""
    readers = READERS if subject.published is None else ()
    return {**subject.record(), "seed": seed, "quick": quick, "versions": output.versions(*MAKERS, *readers)}


def work(command: str, study: Subject | PublishedStudy) -> str:
    """Return what a folder of results holds, in words."""
    return f"{command} of {study.citation}"
