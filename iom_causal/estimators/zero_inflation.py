"""Excess-zero diagnostics: people without events against count distributions, window by window."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError
from iom_causal.inputs.rows import Rows, person_rows, quiet_fit
from iom_causal.numerics.kernels.decimals import constant
from iom_causal.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

_NO_EXTRA = 1e-4  # of the negative binomial's alpha: below it the fit is Poisson's, but for rounding


class _ZeroFit(NamedTuple):
    name: str
    expected: float
    z: float | None
    log_likelihood: float
    terms: int


def zero_diagnostics(panel: Panel) -> "pd.DataFrame":
    """Excess-zero diagnostics: people without events in each window, against what count distributions expect.

    A diagnosis of a model, not a finding about people: differences between people make zeros too, so an excess over
    Poisson is no sign of people who never offend, and one over the negative binomial only a weak one.

    Parameters
    ----------
    panel : Panel
        Of counts, without replicates. Managed people; days at risk are honoured.

    Returns
    -------
    DataFrame
        A row a window and distribution (column `law`: ``poisson``, ``negative_binomial``, ``zero_inflated_poisson``,
        ``hurdle_poisson``) with people, observed and expected zeros, z and two-sided p of their difference, log
        likelihood and AIC. The last two fit the zeros, so they have no z: read their AIC. The hurdle is left out where
        people's days differ within a window.

    Raises
    ------
    InputError
        IOM-E066 for another kind than count; IOM-E060 with fewer than two people.
    DegenerateDataError
        IOM-E064 when a window has no events.

    Notes
    -----
    z allows for the fit of the parameters (Pierce 1982, Ann. Stat. 10, 475-478); under Poisson it is the root of van
    den Broek's (1995, Biometrics 51, 738-743) score test. Distributions are fitted by statsmodels.

    Examples
    --------
    >>> counts = np.random.default_rng(1).poisson([[4.0, 2.0]] * 80)
    >>> table = zero_diagnostics(Panel.from_arrays(counts, name="arrests"))
    >>> table.law.tolist()[:2], bool((table.p_value.dropna() > 0.01).all())
    (['poisson', 'negative_binomial'], True)
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    rows = person_rows(panel, zero_diagnostics, rates=True).at_risk()
    if rows.kind != "count":
        raise InputError("IOM-E066", f"{rows.sample.outcome}: zero_diagnostics needs counts, got a {rows.kind}")
    table = [
        line
        for t, window in enumerate(panel.windows)
        for line in _window(rows.restricted(rows.window == t), window.label)
    ]
    return pd.DataFrame(table)


def _window(rows: Rows, label: str) -> list[dict[str, Any]]:
    if not rows.y.any():
        raise DegenerateDataError(
            "IOM-E064", f"{rows.sample.outcome}: a window has no events, so every law fits its zeros"
        )
    zeros = int((rows.y == 0).sum())
    fits = [_poisson(rows, zeros), _negative_binomial(rows, zeros)]
    if zeros:
        fits.append(_two_part(rows, zeros, "zero_inflated_poisson"))
    if zeros and constant(rows.offset):
        fits.append(_two_part(rows, zeros, "hurdle_poisson"))
    return [
        {
            "window": label,
            "law": fit.name,
            "people": len(rows.y),
            "zeros": zeros,
            "expected_zeros": fit.expected,
            "z": fit.z,
            "p_value": None if fit.z is None else float(2 * special.ndtr(-abs(fit.z))),
            "log_likelihood": fit.log_likelihood,
            "aic": 2 * fit.terms - 2 * fit.log_likelihood,
        }
        for fit in fits
    ]


def _poisson(rows: Rows, zeros: int) -> _ZeroFit:
    days = np.exp(rows.offset)
    mean = days * rows.y.sum() / days.sum()
    chance = np.exp(-mean)
    slope = -(mean * chance).sum()
    z = _standardised(zeros, chance, slope**2 / mean.sum())
    return _ZeroFit("poisson", float(chance.sum()), z, _poisson_log_likelihood(rows.y, mean), 1)


def _negative_binomial(rows: Rows, zeros: int) -> _ZeroFit:
    import statsmodels.api as sm  # noqa: PLC0415 slow to load

    plain = _poisson(rows, zeros)._replace(name="negative_binomial", terms=2)
    mean = np.exp(rows.offset) * rows.y.sum() / np.exp(rows.offset).sum()
    if ((rows.y - mean) ** 2).sum() <= mean.sum():
        return plain
    try:
        with quiet_fit("zero_diagnostics"):
            model = sm.NegativeBinomial(rows.y, np.ones((len(rows.y), 1)), offset=rows.offset)
            fit = model.fit(disp=0, maxiter=500)
    except ConvergenceError:
        return plain
    alpha = float(fit.params[1])
    if alpha < _NO_EXTRA or fit.normalized_cov_params is None:
        return plain
    cov = np.asarray(fit.cov_params())
    mean = np.exp(rows.offset + float(fit.params[0]))
    chance = (1 + alpha * mean) ** (-1 / alpha)
    by_mean = -chance * mean / (1 + alpha * mean)
    by_alpha = chance * (np.log1p(alpha * mean) / alpha**2 - mean / (alpha * (1 + alpha * mean)))
    slope = np.array([by_mean.sum(), by_alpha.sum()])
    return _ZeroFit(
        "negative_binomial", float(chance.sum()), _standardised(zeros, chance, slope @ cov @ slope), float(fit.llf), 2
    )


def _two_part(rows: Rows, zeros: int, name: str) -> _ZeroFit:
    import statsmodels.api as sm  # noqa: PLC0415 slow to load
    from statsmodels.discrete.truncated_model import HurdleCountModel  # noqa: PLC0415 slow to load

    ones = np.ones((len(rows.y), 1))
    with quiet_fit("zero_diagnostics"):
        if name == "hurdle_poisson":
            fit = HurdleCountModel(rows.y, ones, dist="poisson").fit(disp=0)
        else:
            fit = sm.ZeroInflatedPoisson(rows.y, ones, offset=rows.offset).fit(disp=0, method="bfgs", maxiter=500)
    return _ZeroFit(name, float(zeros), None, float(fit.llf), 2)


def _standardised(zeros: int, chance: FloatArray, fitted: float) -> float | None:
    variance = float((chance * (1 - chance)).sum() - fitted)
    return float((zeros - chance.sum()) / np.sqrt(variance)) if variance > 0 else None


def _poisson_log_likelihood(y: FloatArray, mean: FloatArray) -> float:
    return float((special.xlogy(y, mean) - mean - special.gammaln(y + 1)).sum())
