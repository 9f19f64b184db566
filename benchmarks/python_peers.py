"""Libraries that this package does not depend on, asked a line at a time by `peers.python`; it runs in their Python.

A request is a name, a file of columns, and what the name takes, with tabs between. Every fit but bambi's is done twice
the first time, so that what compiles has compiled; the answer has the CPU seconds of a fit and its figures.
"""

import sys
from functools import cache
from time import process_time
from typing import Any

import numpy as np


@cache
def _columns(file: str) -> dict[str, Any]:
    return dict(np.load(file))


@cache
def _frame(file: str) -> Any:
    import pandas as pd  # noqa: PLC0415 loaded when asked for

    return pd.DataFrame(_columns(file))


def feols(file: str, formula: str, cluster: str, prefix: str) -> list[float]:
    """Fit by pyfixest, and give the coefficients that begin with a prefix, in their order."""
    import pyfixest  # noqa: PLC0415 loaded when asked for

    return _picked(pyfixest.feols(formula, _frame(file), vcov={"CRV1": cluster}), prefix)


def fepois(file: str, formula: str, cluster: str, prefix: str) -> list[float]:
    """Do the same for counts."""
    import pyfixest  # noqa: PLC0415 loaded when asked for

    return _picked(pyfixest.fepois(formula, _frame(file), vcov={"CRV1": cluster}), prefix)


def _picked(fit: Any, prefix: str) -> list[float]:
    found = fit.coef()
    return [float(found[name]) for name in found.index if name.startswith(prefix)]


def ttest(file: str) -> list[float]:
    """Test pairs one data set at a time by pingouin; give the t of each."""
    import pingouin  # noqa: PLC0415 loaded when asked for

    data = _columns(file)
    return [
        float(pingouin.ttest(b, a, paired=True)["T"].iloc[0])
        for a, b in zip(data["before"], data["after"], strict=True)
    ]


def bambi(file: str, draws: str, tune: str) -> list[float]:
    """Sample a Poisson regression with a normal intercept a person, model and compilation included."""
    import bambi as bmb  # noqa: PLC0415 loaded when asked for

    model = bmb.Model("y ~ post + (1|person)", _frame(file), family="poisson")
    tree = model.fit(draws=int(draws), tune=int(tune), chains=2, cores=1, random_seed=1, progressbar=False)
    return [float(tree.posterior["post"].mean())]


def numpyro(file: str, draws: str, tune: str, *priors: str) -> list[float]:
    """Sample gamma frailties, integrated out, in all data sets (R, n, 2) at once; give the mean log ratio of each.

    The priors are mean and SD of the log mean before, of the log ratio, and the SD of the half-normal variance.
    """
    import jax  # noqa: PLC0415 loaded when asked for

    counts = _columns(file)["counts"]
    keys = jax.random.split(jax.random.key(1), len(counts))
    return [float(x) for x in _sampler(int(draws), int(tune), *map(float, priors))(keys, counts)]


@cache
def _sampler(draws: int, tune: int, *priors: float) -> Any:
    import jax  # noqa: PLC0415 loaded when asked for
    import numpyro  # noqa: PLC0415 loaded when asked for
    from jax import numpy as jnp  # noqa: PLC0415 loaded when asked for
    from jax.scipy.special import gammaln  # noqa: PLC0415 loaded when asked for
    from numpyro import distributions as dist  # noqa: PLC0415 loaded when asked for

    numpyro.enable_x64()

    def model(counts: Any) -> None:
        log_mean = numpyro.sample("log_mean", dist.Normal(*priors[:2]))
        log_ratio = numpyro.sample("log_ratio", dist.Normal(*priors[2:4]))
        shape = 1 / numpyro.sample("frailty_variance", dist.HalfNormal(priors[4]))
        total, mean = counts.sum(-1), jnp.exp(log_mean) * (1 + jnp.exp(log_ratio))
        rising = gammaln(shape + total) - gammaln(shape) - total * jnp.log(shape)
        mixed = rising - (shape + total) * jnp.log1p(mean / shape)
        numpyro.factor("counts", mixed.sum() + total.sum() * log_mean + counts[:, 1].sum() * log_ratio)

    def one(key: Any, counts: Any) -> Any:
        kernel = numpyro.infer.NUTS(model, target_accept_prob=0.9)
        chain = numpyro.infer.MCMC(kernel, num_warmup=tune, num_samples=draws, progress_bar=False)
        chain.run(key, counts)
        return chain.get_samples()["log_ratio"].mean()

    return jax.jit(jax.vmap(one))


ASKED = {f.__name__: f for f in (feols, fepois, ttest, bambi, numpyro)}


def main() -> None:
    """Answer a line at a time."""
    answers, sys.stdout = sys.stdout, sys.stderr
    warm = {"bambi"}
    for line in sys.stdin:
        name, *given = line.rstrip("\n").split("\t")
        try:
            if name not in warm:
                ASKED[name](*given)
                warm.add(name)
            start = process_time()
            figures = ASKED[name](*given)
            spent = process_time() - start
            print(spent, *figures, file=answers, flush=True)
        except ModuleNotFoundError as error:
            print(f"failed: not here: {error.name}", file=answers, flush=True)
        except Exception as error:  # noqa: BLE001 whatever a library raises is told, and the next request is read
            print(f"failed: with {type(error).__name__}", file=answers, flush=True)


if __name__ == "__main__":
    main()
