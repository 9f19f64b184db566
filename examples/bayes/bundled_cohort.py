"""Bayesian models on the bundled cohort: the ratio of arrests, the change in risk, and what the programme had of it.

The people are rebuilt from a published table: one of many sets of numbers that would print the same. Run it with
``python examples/bayes/bundled_cohort.py``, and with a folder as its argument to save the pictures and the draws there.
"""

import sys
from pathlib import Path

import iom_causal as iom
from iom_causal import bayes


def main(folder: str | None = None) -> None:
    """Print each posterior with its checks; save pictures where a folder is given."""
    paper = iom.load_published("sleath-brown-2017")
    cohort = iom.reconstruct(paper, rng=1)

    # Arrests: by what ratio did the rate change?
    arrests = bayes.PrePostCounts()(cohort["arrests"], rng=1)
    show("Arrests", arrests)

    # Risk: how far did the mean change among all 225, those without a later score included?
    risk = bayes.PrePostScores(span=(0, 1100))(cohort["risk"], rng=1)
    show("Risk", risk)

    # The check finds nobody as low as normal scores would be: were the lowest score before a cut, this is the change.
    # (What it marks then is that scores are rounded: the lowest is the cut itself.)
    lowest = float(cohort["risk"].before.min())
    show(f"Risk, entered at {lowest:.0f}", bayes.PrePostScores(span=(0, 1100), cut=lowest)(cohort["risk"], rng=1))

    # The programme: the ledger's lines are the priors of everything else; three priors of the programme side by side.
    programme = bayes.BiasModel.from_evidence("england-wales-2012")(paper["arrests"], rng=1)
    print("Arrests: the programme's ratio, if the beliefs about everything else are right")
    for name, found in programme.diagnostics["priors"].items():
        print(
            f"  {name} prior: 95% from {found['conf_low']:.2f} to {found['conf_high']:.2f}, "
            f"P(ratio < 1) {found['fall_low']:.2f} to {found['fall_high']:.2f}"
        )
    for line, share in programme.diagnostics["contraction"].items():
        print(f"  contraction of {line}: {share:.2f}")

    if folder is not None:
        save({"arrests": arrests, "risk": risk}, Path(folder))


def show(title: str, result: iom.Estimate) -> None:
    """Print a posterior, and what its checks mark."""
    print(f"{title}: {result.estimate:.3g} ({result.conf_low:.3g} to {result.conf_high:.3g}), {result.method}")
    for check in (bayes.checks.prior_predictive(result), bayes.checks.posterior_predictive(result)):
        print(f"  {check.method}: {'; '.join(check.notes) or 'nothing marked'}")
    print(f"  {'; '.join(bayes.checks.convergence(result).notes) or 'sampler: nothing marked'}\n")


def save(results: dict[str, iom.Estimate], folder: Path) -> None:
    """Save draws as netCDF, and what is predicted before and after the data as pictures."""
    import arviz as az  # noqa: PLC0415 slow to load, and only pictures need it

    for name, result in results.items():
        tree = result.native
        tree.to_netcdf(folder / f"{name}.nc")
        for group in ("prior_predictive", "posterior_predictive"):
            title = {"observed_dist": {}, "title": {"text": f"{name}, {group.replace('_', ' ')}"}}
            drawn = az.plot_ppc_dist(tree, group=group, kind="ecdf", backend="matplotlib", visuals=title)
            drawn.savefig(folder / f"{name}_{group}.png")
        bayes.checks.posterior_predictive(result).plot().figure.savefig(folder / f"{name}_statistics.png")
        bayes.checks.loo(result).plot().figure.savefig(folder / f"{name}_leave_one_out.png")
        print(bayes.checks.power_scaling(result).summary())
    print(f"pictures and draws: {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
