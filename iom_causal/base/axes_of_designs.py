"""Pictures of quasi-experiments: what each needs, paths with bands, series with a counterfactual, balance, weights."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from iom_causal.base.axes import BAND, INK, MUTED, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE = 30


def checklist(rows: Mapping[str, Sequence[tuple[str, bool, bool]]], ax: "Axes | None" = None) -> "Axes":
    """Draw a row a design and a column a requirement: filled where met, open where it is necessary and lacking.

    Parameters
    ----------
    rows : mapping of str to sequence of (str, bool, bool)
        Of each design, the first at the top: what is needed, whether it is there, and whether it is necessary.
    ax : Axes, optional
        Where to draw.
    """
    needs = list(dict.fromkeys(need for row in rows.values() for need, _, _ in row))
    ax = new_axes(width=4.5 + 0.75 * len(needs), height=2.6 + 0.35 * len(rows)) if ax is None else ax
    for y, row in enumerate(rows.values()):
        for need, met, necessary in row:
            filled = "full" if met else "none"
            ax.plot(
                needs.index(need),
                y,
                "o" if necessary else "D",
                ms=9,
                color=INK if necessary else MUTED,
                fillstyle=filled,
            )
    ax.set_yticks(range(len(rows)), [fill(name, _WIDE) for name in rows])
    ax.set_xticks(range(len(needs)), [fill(need, _WIDE) for need in needs], rotation=40, ha="right", fontsize=8)
    ax.set_xlim(-0.6, len(needs) - 0.4)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_title("filled: the data have it; diamond: advice only", fontsize=8, loc="left", color=MUTED)
    return ax


def covariate_balance(
    names: Sequence[str],
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    limit: float,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw standardised mean differences of covariates before and after matching (a love plot), first at the top.

    Parameters
    ----------
    names : sequence of str
        Of the covariates.
    before, after : sequence of float or None
        Standardised differences; one that is not defined has no mark.
    limit : float
        Within this distance of 0, a band, covariates are called balanced.
    """
    labels = [fill(name, _WIDE) for name in reversed(names)]
    ax = new_axes(height=1.6 + 0.36 * len(labels)) if ax is None else ax
    ax.axvspan(-limit, limit, color=BAND, lw=0, label=f"within {limit}")
    ax.axvline(0.0, color=MUTED, lw=1, ls=":")
    for y, (old, new) in enumerate(zip(reversed(before), reversed(after), strict=True)):
        if old is not None and new is not None:
            ax.plot([old, new], [y, y], color=MUTED, lw=1)
        for value, face, label in ((old, "white", "before matching"), (new, INK, "after matching")):
            if value is not None:
                ax.plot([value], [y], "o", color=INK, mfc=face, ms=6, label=label)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.set_xlabel("managed less comparison people, in SDs")
    named = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    ax.legend(
        named.values(), named.keys(), loc="upper center", bbox_to_anchor=(0.5, -0.3), ncols=3, frameon=False, fontsize=8
    )
    return ax
