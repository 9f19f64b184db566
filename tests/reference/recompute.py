"""Recompute the stored values of the classical groups with mpmath: ``python tests/reference/recompute.py``.

The values were first made with mpmath 1.4.1 at 50 digits; inputs are the exact doubles of the literals.
This script takes its own route to each and prints the largest relative difference of every group.
"""

import json
from pathlib import Path

import mpmath as mp

FILE = Path(__file__).parent / "numerical_reference.json"
DIGITS = 24
LARGE = 20_000  # larger inputs take mpmath minutes; they are left out here


def student_two_sided(t, nu):
    x = nu / (nu + t * t)
    return mp.betainc(nu / 2, mp.mpf(1) / 2, 0, x, regularized=True)


def noncentral_cdf(t, nu, delta):
    """Trapezoidal rule over log s of f(s) Phi(t s - delta), which converges geometrically."""

    def log_height(u):
        s = mp.exp(u)
        return nu * u - nu * s * s / 2 + mp.log(mp.ncdf(t * s - delta))

    peak = mp.mpf(0)
    step = 1 / mp.sqrt(nu)
    while step > mp.mpf(10) ** -6:
        best = max((peak - step, peak, peak + step), key=log_height)
        step = step if best != peak else step / 2
        peak = best
    top = log_height(peak)
    h = min(mp.mpf(1) / 40, 1 / (12 * mp.sqrt(nu)), 1 / (12 * (1 + abs(t))))
    total, depth = mp.mpf(1), DIGITS * mp.log(10)
    for sign in (1, -1):
        k = 1
        while True:
            height = log_height(peak + sign * k * h) - top
            if height < -depth:
                break
            total += mp.exp(height)
            k += 1
    return total * h * mp.exp(top) * 2 * (nu / 2) ** (nu / 2) / mp.gamma(nu / 2)


def student_upper(p, nu):
    start = mp.sqrt(nu * (mp.mpf(p) ** (-mp.mpf(2) / nu) - 1)) if nu < 5 else mp.sqrt(2) * mp.erfinv(1 - 2 * p)
    return mp.findroot(lambda t: mp.log(student_two_sided(t, nu)) - mp.log(2 * p), start)


def power(n, d, alpha):
    nu, delta = n - 1, d * mp.sqrt(n)
    cut = student_upper(alpha / 2, nu)
    return noncentral_cdf(-cut, nu, -delta) + noncentral_cdf(-cut, nu, delta)


def hedges(nu):
    return mp.gamma(nu / 2) / (mp.sqrt(nu / 2) * mp.gamma((nu - 1) / 2))


def limit(t, n, level):
    tail = (1 - level) / 2
    start = t + 2 * mp.sqrt(1 + t * t / (2 * (n - 1)))
    return mp.findroot(lambda x: noncentral_cdf(t, n - 1, x) - tail, (start, start + 0.1), solver="secant") / mp.sqrt(n)


def paired_t(differences):
    d = [mp.mpf(x) for x in differences]
    n, mean = len(d), sum(d) / len(d)
    return mean / mp.sqrt(sum((x - mean) ** 2 for x in d) / (n - 1) / n)


def sd(x):
    mean = sum(map(mp.mpf, x)) / len(x)
    return mp.sqrt(sum((mp.mpf(v) - mean) ** 2 for v in x) / (len(x) - 1))


def log_bayes_factor(t, n, scale):
    nu = n - 1

    def slice_of(u):
        g = mp.exp(u)
        spread = 1 + n * g * scale**2
        fit = (1 + t * t / (spread * nu)) ** (-(nu + 1) / 2) / mp.sqrt(spread)
        return fit * mp.exp(-1 / (2 * g) - u / 2) / mp.sqrt(2 * mp.pi)

    h = mp.mpf(1) / 16
    total = h * sum(slice_of(k * h) for k in range(-7 * 16, 110 * 16))
    return mp.log(total) - mp.log((1 + t * t / nu) ** (-(nu + 1) / 2))


def mcnemar(b, c):
    n, k = b + c, min(b, c)
    return min(mp.mpf(1), 2 * mp.betainc(n - k, k + 1, 0, mp.mpf(1) / 2, regularized=True))


def rate_ratio_upper(before, after, level):
    tail = (1 - mp.mpf(level)) / 2
    if after == 0:
        p = 1 - tail ** (mp.mpf(1) / before)
        return p / (1 - p)
    n, share = before + after, mp.mpf(after) / (before + after)
    start = share + 2 * mp.sqrt(share * (1 - share) / n)
    area = lambda p: mp.betainc(before, after + 1, 0, 1 - p, regularized=True) - tail  # noqa: E731 a formula
    p = mp.findroot(area, (start, start * 1.001), solver="secant")
    return p / (1 - p)


def signed_rank(n, w):
    ways = [1] + [0] * w
    for rank in range(1, n + 1):
        for total in range(w, rank - 1, -1):
            ways[total] += ways[total - rank]
    return min(mp.mpf(1), 2 * mp.mpf(sum(ways)) / mp.mpf(2) ** n)


def number(x):
    return mp.mpf(x) if isinstance(x, (int, float)) else x


ROUTES = {
    "nct_cdf": lambda i: noncentral_cdf(number(i["t"]), number(i["nu"]), number(i["delta"])),
    "paired_t_power": lambda i: power(number(i["n"]), number(i["d"]), number(i["alpha"])),
    "hedges_J": lambda i: hedges(number(i["nu"])),
    "dz_ci": lambda i: limit(number(i["t"]), number(i["n"]), mp.mpf(str(i["level"]))),
    "t_two_sided": lambda i: student_two_sided(number(i["t"]), number(i["nu"])),
    "t_isf": lambda i: student_upper(number(i["p"]), number(i["nu"])),
    "paired_t_": lambda i: paired_t(i["differences"]),
    "sd_": lambda i: sd(i["x"]),
    "jzs": lambda i: log_bayes_factor(number(i["t"]), number(i["n"]), mp.sqrt(mp.mpf(1) / 2)),
    "mcnemar": lambda i: mcnemar(i["b"], i["c"]),
    "rate_ratio": lambda i: rate_ratio_upper(i["before"], i["after"], str(i["level"])),
    "wilcoxon": lambda i: signed_rank(i["n"], i["W"]),
}


def _size(value):
    return abs(value) if isinstance(value, (int, float)) else 0


def main():
    """Print the largest relative difference from the stored values, route by route."""
    worst = {}
    with mp.workdps(DIGITS):
        for entry in json.loads(FILE.read_text(encoding="utf-8"))["entries"]:
            route = next((r for r in ROUTES if entry["id"].startswith(r)), None)
            if route is not None and max(map(_size, entry["inputs"].values())) < LARGE:
                stored = mp.mpf(entry["value"])
                gap = abs(ROUTES[route](entry["inputs"]) / stored - 1)
                worst[route] = max(worst.get(route, mp.mpf(0)), gap)
        for route, gap in worst.items():
            print(f"{route:16s} {mp.nstr(gap, 3)}")  # noqa: T201 a script


if __name__ == "__main__":
    main()
