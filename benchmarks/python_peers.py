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


ASKED = {f.__name__: f for f in (feols, fepois, ttest, bambi)}


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
