"""A posterior for your own people: priors stated, looked at, fitted, checked, and kept.

The frame here is invented. Run it with ``python examples/bayes/your_own_frame.py``, and with a folder as its argument
to save the pictures and the draws there.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import iom_causal as iom
from iom_causal import bayes


def invented(n: int = 60, seed: int = 7) -> pd.DataFrame:
    """Return people whose rates differ, observed a year before and half a year after, and fall by a fifth."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 3.0, n)
    return pd.DataFrame({"id": range(n), "before": rng.poisson(rate), "after": rng.poisson(0.8 * rate / 2)})


def main(folder: str | None = None) -> None:
    """Print what is believed before and after, and what the checks say."""
    panel = iom.Panel.from_wide(
        invented(),
        unit="id",
        pre="before",
        post="after",
        kind="count",
        name="arrests",
        exposure_pre=365,
        exposure_post=183,
    )

    # 1. State priors before looking, by what one believes: here a ratio of 0.6 to 1.4.
    model = bayes.PrePostCounts(log_ratio=iom.Normal.between(np.log(0.6), np.log(1.4)))

    # 2. Which people do the priors predict? Nobody who would not be believed in.
    result = model(panel, rng=1)
    print(bayes.checks.prior_predictive(result).summary(), "\n")

    # 3. The posterior: its interval, how much the data took of each prior's variance, and P(ratio < 1).
    print(result.summary())
    contraction = {name: round(value, 2) for name, value in result.diagnostics["contraction"].items()}
    print("contraction:", contraction)
    print("P(ratio < 1):", round(result.diagnostics["probability_below"]["1.0"], 3), "\n")

    # 4. Does the fitted model predict such people, and is this posterior the right one here?
    print(bayes.checks.posterior_predictive(result).summary(), "\n")
    print(bayes.posterior_sbc(model, panel, rng=1).summary(), "\n")

    # 5. How much hangs on the prior? Another one beside it, never one alone.
    for name, width in (("sceptical", 0.15), ("wide", 0.7)):
        other = replace(model, log_ratio=iom.Normal(0.0, width))(panel, rng=1)
        print(f"{name} prior: {other.estimate:.2f} ({other.conf_low:.2f} to {other.conf_high:.2f})")

    if folder is not None:
        save(result, Path(folder))


def save(result: iom.Estimate, folder: Path) -> None:
    """Save the draws as netCDF and pictures of what was predicted before and after the data."""
    import arviz as az  # noqa: PLC0415 slow to load, and only pictures need it

    tree = result.native
    tree.to_netcdf(folder / "posterior.nc")
    for k, window in enumerate(("before", "after")):
        drawn = az.plot_ppc_rootogram(
            tree, coords={"window": k}, backend="matplotlib", visuals={"title": {"text": f"arrests {window}"}}
        )
        drawn.savefig(folder / f"posterior_predictive_{window}.png")
    seen = {"observed_dist": {}, "title": {"text": "arrests in a window, as the priors expect them"}}
    drawn = az.plot_ppc_dist(tree, group="prior_predictive", kind="ecdf", backend="matplotlib", visuals=seen)
    drawn.savefig(folder / "prior_predictive.png")
    az.plot_prior_posterior(tree, var_names="ratio", backend="matplotlib").savefig(folder / "prior_and_posterior.png")
    bayes.checks.posterior_predictive(result).plot().figure.savefig(folder / "statistics.png")
    print(f"pictures and draws: {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
