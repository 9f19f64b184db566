"""What a class says of itself beside its docstring, for its page of the reference: estimand, what must hold, source."""

import inspect
import pkgutil

from docs import make_reference
from iom_causal.base.result import Result
from iom_causal.confounds.register import REGISTER
from iom_causal.roles import Confound

CHANGE, RATIO, DIFFERENCE, SCORE = "descriptive_change", "att_ratio", "att_difference", "att_score"
COMPARED = (RATIO, DIFFERENCE, SCORE)
REMAINDER = (RATIO, "att_ratio_free", SCORE, CHANGE)
ESTIMANDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Ancova", "DiffInDiff", "EventStudy", "HonestTrends", "Matched"), COMPARED),
    **dict.fromkeys(("SteppedWedge", "SyntheticControl"), COMPARED),
    **dict.fromkeys(("Ledger", "BiasModel"), REMAINDER),
    **dict.fromkeys(("PoissonMixed", "PrePostCounts"), (CHANGE, "conditional_ratio")),
    "Discontinuity": ("late_cutoff",),
    "InterruptedTimeSeries": (RATIO, CHANGE),
    "LevelDifference": ("level_difference",),
    "PanelOLS": (CHANGE, DIFFERENCE, SCORE),
    "PrePostScores": (CHANGE, SCORE),
    "SelectionModel": (RATIO,),
    "Verdict": (RATIO, SCORE),
}
"""Of an estimator or a model the estimands that results may have, by settings and data; of all others the change."""


ANSWERED: tuple[tuple[type, frozenset[str]], ...] = (
    (Confound, frozenset({"shift"})),
    (Result, frozenset({"tidy", "summary", "plot"})),
)
"""What a class answers to the package, by its protocol, and what of that its users call too."""


def not_shown() -> dict[str, str]:
    """Return of each public class what its page leaves out: what ledgers, reports and release rules alone ask of it."""
    names = (name for group in make_reference.names().values() for name in group)
    classes = {f"iom_causal.{name}": pkgutil.resolve_name(f"iom_causal.{name}") for name in names}
    return {name: ", ".join(_answers(thing)) for name, thing in classes.items() if inspect.isclass(thing)}


def _answers(thing: type) -> list[str]:
    said = (vars(role).keys() | role.__annotations__.keys() for role, _ in ANSWERED if role in thing.__mro__[1:])
    called = {name for _, names in ANSWERED for name in names}
    return sorted(name for name in {name for each in said for name in each} - called if not name.startswith("_"))


def facts(thing: type) -> dict[str, str]:
    """Return them by name, in reStructuredText; none of a class that declares no source."""
    if not isinstance(getattr(thing, "reference", None), str):
        return {}
    said = {}
    if "__call__" in vars(thing):
        named = " or ".join(f"``{estimand}``" for estimand in ESTIMANDS.get(thing.__name__, (CHANGE,)))
        said["Estimand"] = f"{named}, which every result names (:doc:`/estimands`)"
    if hasattr(thing, "identification"):
        stated = thing if isinstance(thing.identification, str) else thing()
        said |= {"What must hold": stated.identification, "Maryland scale": f"level {stated.maryland} of 5"}
    points = [point for point in getattr(thing, "ids", ()) if point in REGISTER]
    if points:
        said["Points of the register"] = ", ".join(f":ref:`{point} <{point}>`" for point in points)
    if isinstance(left_out := getattr(thing, "assumption_left_out", None), str):
        said["A ledger without it assumes that"] = left_out
    return said | {"Source": thing.reference}


def add(app: object, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Put them below a class's docstring, as Sphinx asks when it has read one."""
    del app, name, options
    if what == "class" and inspect.isclass(thing) and (said := facts(thing)):
        lines += ["", ".. rubric:: In short", "", *(f"* *{key}:* {text}" for key, text in said.items()), ""]
