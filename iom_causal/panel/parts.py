"""Operations on a `Panel`: validation, subsets, collapsed windows, moments, tables and its figure."""

import itertools
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.errors import InputError
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.student_t import t_isf
from iom_causal.panel import columns as col
from iom_causal.panel.fields import PanelFields
from iom_causal.windows import YEAR, Window, check_windows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NEVER = -1
"""The value under the mask of `Panel.start` for people who were never managed."""

_ARRAYS = ("outcome", "exposure", "weight", "index_date", "start", "age", "ids", "selected")


def freeze_arrays(panel: PanelFields) -> None:
    """Make every array of a panel read-only, copying it."""
    for name in _ARRAYS:
        value = getattr(panel, name)
        if isinstance(value, np.ma.MaskedArray):
            object.__setattr__(panel, name, _frozen_masked(value))
        elif isinstance(value, np.ndarray):
            object.__setattr__(panel, name, _frozen(value))
    object.__setattr__(panel, "covariates", FrozenMap({k: _frozen(v) for k, v in panel.covariates.items()}))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    out = array.copy()
    out.setflags(write=False)
    return out


def _frozen_masked(array: "np.ma.MaskedArray[Any, Any]") -> "np.ma.MaskedArray[Any, Any]":
    mask = np.ma.getmaskarray(array).copy()
    data = np.where(mask, False if array.dtype.kind == "b" else NEVER, array.data)
    out = np.ma.MaskedArray(data, mask=mask, hard_mask=True)
    out.data.setflags(write=False)
    mask.setflags(write=False)
    return out


def check_panel(p: PanelFields) -> None:
    """Refuse a panel whose parts do not fit together."""
    if p.outcome.ndim not in (2, 3) or p.outcome.shape[-1] != len(p.windows):
        raise InputError(
            "IOM-E037",
            f"{p.name}: expected people by {len(p.windows)} windows, with at most one axis of replicates, "
            f"got shape {p.outcome.shape}",
        )
    if p.n == 0:
        raise InputError("IOM-E061", f"{p.name}: there are no people")
    check_windows(p.windows)
    if len({w.post for w in p.windows}) < 2:
        raise InputError("IOM-E047", "windows: expected at least one before and one after the index date")
    people = (p.n,) if p.replicates is None else (p.replicates, p.n)
    named = {"age": p.age, "weight": p.weight, **p.covariates}
    for name, value in named.items():
        if value is not None and value.shape not in ((p.n,), people):
            raise InputError("IOM-E037", f"{name}: expected shape {people}, got {value.shape}")
    for name, value in (("ids", p.ids), ("start", p.start), ("selected", p.selected)):
        if value is not None and value.shape != (p.n,):
            raise InputError("IOM-E037", f"{name}: expected shape ({p.n},), got {value.shape}")
    if p.age is not None:
        object.__setattr__(p, "notes", tuple(dict.fromkeys(p.notes + col.check_age(p.age))))
    _check_start(p)
    _check_selected(p)
    _check_weight(p)
    _check_exposure(p)


def _check_start(p: PanelFields) -> None:
    if p.start is None:
        return
    first, last = p.start.compressed(), len(p.windows) - 1
    if not np.isin(first, np.arange(last + 1)).all():
        raise InputError(
            "IOM-E047",
            f"start: expected each person's first managed window, from 0 to {last}, masked for never managed",
        )


def _check_selected(p: PanelFields) -> None:
    if p.selected is None:
        return
    if not isinstance(p.selected, np.ma.MaskedArray) or p.selected.dtype != np.bool_:
        raise InputError("IOM-E036", "selected: expected a masked array of booleans, masked where it is not known")


def _check_weight(p: PanelFields) -> None:
    if p.weight is None:
        return
    weight = p.weight.astype(np.float64)
    if not np.isfinite(weight).all() or (weight < 0).any() or (weight.sum(-1) == 0).any():
        raise InputError("IOM-E076", "weight: expected finite numbers from 0, not all of them 0")


def _check_exposure(p: PanelFields) -> None:
    if p.exposure is None:
        return
    if p.exposure.shape not in ((len(p.windows),), p.outcome.shape[-2:], p.outcome.shape):
        raise InputError("IOM-E037", f"exposure: expected shape ({len(p.windows)},) or that of the outcome")
    if not np.isfinite(p.exposure).all() or (p.exposure < 0).any():
        raise InputError("IOM-E043", "exposure: expected finite days, 0 or more")
    if (p.exposure.reshape(-1, len(p.windows)).sum(0) == 0).any():
        raise InputError("IOM-E046", "exposure: in one window nobody was at risk for a single day")
    none = p.exposure == 0
    events = bool(none.any()) and p.kind in ("count", "amount")
    events_without_time = int((none & (np.nan_to_num(p.outcome) > 0)).sum()) if events else 0
    if events_without_time:
        raise InputError("IOM-E043", f"{p.name}: {events_without_time} windows hold events but no day at risk")
    for t, window in enumerate(p.windows):
        if window.days is not None and (p.exposure[..., t] > window.days).any():
            raise InputError("IOM-E043", f"exposure: longer than the {window.days} days of window {window.label!r}")


def of_days_at_risk(p: PanelFields) -> NDArray[Any]:
    """Return the outcome with NaN in windows before, or after, where a person was at risk for no day of that side.

    No event in no day is no observation: such people are missing as those are whose cells are empty. A person without
    a day in only some of the windows of a side stays, with what the others hold.
    """
    days = p.exposure
    if days is None or days.ndim == 1 or p.kind == "score" or (days > 0).all():
        return p.outcome
    after = np.where(p.group[:, None], p.treated, [w.post for w in p.windows])
    unobserved = np.zeros(days.shape, dtype=np.bool_)
    for side in (~after, after):
        unobserved |= side & ~((days > 0) & side).any(-1, keepdims=True)
    return np.where(unobserved, np.nan, p.outcome) if unobserved.any() else p.outcome


def check_common_start(p: PanelFields) -> None:
    """Refuse managed people who start at different windows."""
    if p.start is None:
        return
    first = next(i for i, w in enumerate(p.windows) if w.post)
    if (p.start.compressed() != first).any():
        raise InputError("IOM-E047", "managed people start at different windows, so before and after are not common")


def check_lengths(p: PanelFields) -> None:
    """Refuse sums over unlike numbers of windows of unknown length: nothing tells which of them is over more time."""
    after = sum(w.post for w in p.windows)
    before = len(p.windows) - after
    if p.kind == "score" or p.exposure is not None or before == after:
        return
    raise InputError(
        "IOM-E048",
        f"{p.name}: expected as many windows before as after where nothing says how long they are, got {before} and "
        f"{after}; give every window its dates (start and end), or the days at risk",
    )


def with_weights[P: PanelFields](p: P, weight: NDArray[np.float64]) -> P:
    """Replicate people by rows of weights, (R, n); no outcome is copied."""
    size = len(weight)
    personal = p.exposure is not None and p.exposure.ndim > 1
    values = {f.name: getattr(p, f.name) for f in fields(p)}
    shared = {
        "outcome": np.broadcast_to(p.outcome, (size, *p.outcome.shape)),
        "exposure": np.broadcast_to(p.exposure, (size, *p.exposure.shape))
        if personal and p.exposure is not None
        else p.exposure,
    }
    return type(p)._trusted(**values | shared | {"weight": weight})  # noqa: SLF001 the arrays were made here


def _in_weights_alone(p: PanelFields) -> bool:
    """Whether replicates differ in weights alone, as `with_weights` makes them."""
    blocks = [v for v in (p.outcome, p.exposure) if v is not None and v.ndim == 3]
    personal = [v for v in (p.age, *p.covariates.values()) if v is not None and v.ndim == 2]
    weighted = p.weight is not None and p.weight.ndim == 2
    return weighted and not personal and p.outcome.ndim == 3 and all(v.strides[0] == 0 for v in blocks)


def collapse[P: PanelFields](p: P, post: NDArray[np.bool_]) -> P:
    """Collapse the windows before to one, and those after."""
    if p.weight is not None and _in_weights_alone(p):
        return with_weights(collapse(one_replicate(p, 0), post), p.weight)
    sides = (~post, post)
    values = [p.outcome[..., side] for side in sides]
    if p.kind == "score":
        outcome = np.stack([v.mean(-1) for v in values], axis=-1)
    elif p.kind == "binary":
        outcome = np.stack([v.max(-1) for v in values], axis=-1)
    else:
        outcome = np.stack([v.sum(-1) for v in values], axis=-1)
    days = None if p.exposure is None else np.stack([p.exposure[..., side].sum(-1) for side in sides], axis=-1)
    windows = tuple(_span([w for w in p.windows if w.post == after]) for after in (False, True))
    start = None if p.start is None else np.ma.MaskedArray(np.ones(p.n, dtype=np.int64), mask=~p.group)
    return replace(p, outcome=outcome, exposure=days, windows=windows, start=start)


def _span(windows: list[Window]) -> Window:
    if len(windows) == 1:
        return windows[0]
    post = windows[0].post
    contiguous = all(a.end is not None and a.end == b.start for a, b in itertools.pairwise(windows))
    label = "after" if post else "before"
    return Window(label, windows[0].start, windows[-1].end, post=post) if contiguous else Window(label, post=post)


def take[P: PanelFields](p: P, people: Any, cells: Any, plain: Any) -> P:
    """Return some of the people."""
    if p.weight is not None and _in_weights_alone(p):
        return with_weights(take(one_replicate(p, 0), people, cells, plain), p.weight[people])
    personal = p.exposure is not None and p.exposure.ndim > 1
    each_date = isinstance(p.index_date, np.ndarray) and p.index_date.ndim > 0
    return replace(
        p,
        outcome=p.outcome[cells],
        exposure=p.exposure[cells] if personal and p.exposure is not None else p.exposure,
        weight=None if p.weight is None else p.weight[people],
        index_date=p.index_date[plain] if each_date else p.index_date,  # type: ignore[index]
        start=None if p.start is None else p.start[plain],
        age=None if p.age is None else p.age[people],
        covariates={name: value[people] for name, value in p.covariates.items()},
        ids=None if p.ids is None else p.ids[plain],
        selected=None if p.selected is None else p.selected[plain],
    )


def one_replicate[P: PanelFields](p: P, index: int) -> P:
    """Return one replicate without the replicate axis."""

    def pick(value: NDArray[Any] | None, dims: int) -> NDArray[Any] | None:
        return value if value is None or value.ndim < dims else value[index]

    return replace(
        p,
        outcome=p.outcome[index],
        exposure=pick(p.exposure, 3),
        weight=pick(p.weight, 2),
        age=pick(p.age, 2),
        covariates={name: value if value.ndim < 2 else value[index] for name, value in p.covariates.items()},
    )


def moments_of(p: PanelFields) -> Moments:
    """Return the moments of a two-window panel without replicates."""
    if p.replicates is not None:
        raise InputError("IOM-E047", "moments: this panel has replicates; take one with replicate(k)")
    from iom_causal.numerics.inference.paired_moments import paired_moments  # noqa: PLC0415 compiled code is slow to load

    keep = p.complete
    weight = np.ones(p.n) if p.weight is None else p.weight
    used, given = float(weight[keep].sum()), float(weight.sum())
    if used < 2:
        raise InputError("IOM-E060", f"{p.name}: expected at least 2 people with both windows, got {used:g}")
    pairs = p.outcome[keep]
    m = paired_moments(pairs, None if p.weight is None else p.weight[keep])
    ranges = [(float(v.min()), float(v.max())) for v in pairs.T]
    ages = None if p.age is None else p.age[keep]
    return Moments(
        n=round(used),
        mean_pre=float(m.mean_pre),
        sd_pre=float(m.sd_pre),
        mean_post=float(m.mean_post),
        sd_post=float(m.sd_post),
        r=None if np.isnan(m.r) else float(m.r),
        n_input=round(given),
        range_pre=ranges[0],
        range_post=ranges[1],
        age_mean=None if ages is None else float(np.nanmean(ages)),
        age_sd=None if ages is None else float(np.nanstd(ages, ddof=1)),
        name=p.name,
        kind=p.kind,
        windows=(p.windows[0], p.windows[1]),
        source="the people in the panel",
    )


def describe(p: PanelFields) -> "pd.DataFrame":
    """Return Table 1, a row a window."""
    import pandas as pd  # noqa: PLC0415 slow to load

    values = p.outcome.astype(np.float64)
    days = None if p.exposure is None else np.broadcast_to(p.exposure, p.outcome.shape)
    rows = [
        {
            "window": w.label,
            "people": int((~np.isnan(values[..., t])).sum()),
            "total": float(np.nansum(values[..., t])),
            "mean": float(np.nanmean(values[..., t])),
            "sd": float(np.nanstd(values[..., t], ddof=1)) if p.n > 1 else None,
            "low": float(np.nanmin(values[..., t])),
            "high": float(np.nanmax(values[..., t])),
            "days": None if days is None else float(days[..., t][~np.isnan(values[..., t])].sum()),
        }
        for t, w in enumerate(p.windows)
    ]
    return pd.DataFrame(rows)


def wide_frame(p: PanelFields, *, lengths: bool = False) -> "pd.DataFrame":
    """Return a frame with one row a person (and replicate) and a column a window, on request with its length."""
    import pandas as pd  # noqa: PLC0415 slow to load

    reps = p.replicates or 1
    flat = p.outcome.reshape(reps * p.n, -1)
    frame = _of_people(p) | {f"{p.name}_{_headed(w, lengths=lengths)}": flat[:, t] for t, w in enumerate(p.windows)}
    if p.exposure is not None and p.exposure.ndim > 1:
        days = np.broadcast_to(p.exposure, p.outcome.shape).reshape(reps * p.n, -1)
        frame |= {f"days_{w.label}": days[:, t] for t, w in enumerate(p.windows)}
    if p.start is not None:
        labels = np.array([None if k is None else p.windows[k].label for k in p.start.tolist()], dtype=object)
        frame |= {"start": np.tile(labels, reps), "managed": np.tile(p.group.astype(np.int64), reps)}
    return pd.DataFrame(frame | _told_of_people(p, frame))


def _headed(window: Window, *, lengths: bool) -> str:
    """Return the label of a window, that of one before or after with its length where that is wanted and known."""
    timed = lengths and window.days is not None and window.label in ("before", "after")
    return f"{window.days}_days_{window.label}" if timed else window.label


def long_frame(p: PanelFields) -> "pd.DataFrame":
    """Return a frame with one row a person (and replicate) and window, in order of the windows."""
    import pandas as pd  # noqa: PLC0415 slow to load

    reps, n_windows = p.replicates or 1, len(p.windows)
    rows = reps * p.n

    def by_window(values: NDArray[Any]) -> NDArray[Any]:  # (..., n, T) to the order of the rows
        return np.broadcast_to(values, p.outcome.shape).reshape(rows, n_windows).T.ravel()

    first = next(t for t, w in enumerate(p.windows) if w.post)
    start = np.full(p.n, float(first)) if p.start is None else np.ma.filled(p.start.astype(np.float64), np.nan)
    frame = {key: np.tile(value, n_windows) for key, value in _of_people(p).items()}
    frame |= {
        "window": np.repeat(np.array([w.label for w in p.windows], dtype=object), rows),
        "position": np.repeat(np.arange(n_windows), rows),
        "post": np.repeat(np.array([int(w.post) for w in p.windows]), rows),
        "treated": by_window(p.treated.astype(np.int64)),
        "start": np.tile(start, reps * n_windows),
        p.name: by_window(p.outcome),
    }
    if p.exposure is not None:
        frame["exposure"] = by_window(p.exposure)
    return pd.DataFrame(frame | {key: np.tile(value, n_windows) for key, value in _told_of_people(p, frame).items()})


def _of_people(p: PanelFields) -> dict[str, NDArray[Any]]:
    """Return the columns that say whose row it is, (R n,) each."""
    reps = p.replicates or 1
    ids = np.arange(p.n) if p.ids is None else p.ids
    numbered = {} if p.replicates is None else {"replicate": np.repeat(np.arange(reps), p.n)}
    return numbered | {"unit": np.tile(ids, reps)}


def _told_of_people(p: PanelFields, taken: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return selection (1, 0, or NaN where not known), age and covariates, (R n,) each, beside the columns taken."""
    reps = p.replicates or 1
    known: dict[str, NDArray[Any]] = {}
    if p.selected is not None:
        marks = np.ma.filled(p.selected.astype(np.float64), np.nan)
        known["selected"] = marks if np.isnan(marks).any() else marks.astype(np.int64)
    known |= {} if p.age is None else {"age": p.age}
    for name, value in p.covariates.items():
        known[f"covariate_{name}" if name in {*taken, *known} else name] = value
    frame = {key: np.broadcast_to(value, (reps, p.n)).ravel() for key, value in known.items()}
    return frame | ({"_synthetic": np.ones(reps * p.n, dtype=np.bool_)} if p.synthetic else {})


def as_html(p: PanelFields) -> str:
    """Return the display of a notebook: means and SDs by window, and nobody's values, the extremes among them."""
    from html import escape  # noqa: PLC0415 only in notebooks

    head = f"<p>{escape(repr(p))}</p>"
    if p.replicates is not None:
        return head
    return head + describe(p)[["window", "people", "mean", "sd"]].to_html(index=False, float_format="{:.4g}".format)


def draw_windows(p: PanelFields, ax: "Axes | None") -> "Axes":
    """Draw the level of each window with its interval, for managed and for comparison people."""
    from iom_causal.base.axes_of_lines import window_levels  # noqa: PLC0415 matplotlib is slow to load

    if p.replicates is not None:
        raise InputError("IOM-E047", "plot: this panel has replicates; write panel.replicate(0).plot()")
    rates = p.kind in ("count", "amount") and p.exposure is not None
    what = "a year at risk" if rates else {"score": "mean", "binary": "share"}.get(p.kind, "mean of a person")
    members = {"managed people": p.group, "comparison people": ~p.group}
    lines = {name: _levels(p, who, rates=rates) for name, who in members.items() if who.any()}
    first = next(t for t, w in enumerate(p.windows) if w.post)
    return window_levels([w.label for w in p.windows], lines, first=first, unit=f"{p.name}, {what}", ax=ax)


def _levels(p: PanelFields, who: NDArray[np.bool_], *, rates: bool) -> NDArray[np.float64]:
    # (T, 3): the level of each window and its limits, which are NaN with fewer than two people or without spread.
    values = p.outcome.astype(np.float64)
    days = np.broadcast_to(p.exposure if rates and p.exposure is not None else np.array(YEAR), values.shape) / YEAR
    weight = np.ones(p.n) if p.weight is None else p.weight.astype(np.float64)
    weight = np.where(np.isnan(values), 0.0, (weight * who)[:, None])
    values = np.nan_to_num(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        people, at_risk = weight.sum(0), (weight * days).sum(0)
        level = (weight * values).sum(0) / at_risk
        influence = (weight * (values - level * days) ** 2).sum(0) / at_risk**2
        half = t_isf((1 - LEVEL) / 2, np.maximum(people - 1, 1)) * np.sqrt(influence * people / (people - 1))
    return np.column_stack([level, level - half, level + half])
