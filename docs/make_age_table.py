"""Make the table of convictions by single year of age, and the table of curves fitted to it.

    python docs/make_age_table.py CONVICTIONS.csv.gz

The source is the Scottish Government's table of convictions by single year of age, sex, crime type and
year, published under the Open Government Licence v3.0, with the columns age, sex, crime_type, year,
convictions and rate_per_1000. The table keeps four eras (2011 is the mean of 2010 to 2012), men and
women, and two groups of crimes, ages 12 to 89, as yearly convictions per 1,000 people of that age.
"""

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

ERAS = {1990: (1990,), 2000: (2000,), 2011: (2010, 2011, 2012), 2018: (2018,)}
CRIMES = {"All crimes": "all", "Crimes of dishonesty": "dishonesty", "Shoplifting": "shoplifting"}
SEXES = {"Male": "male", "Female": "female"}
TABLES = Path(__file__).parents[1] / "iom_causal" / "confounds" / "tables"
SOURCE = (
    "# Convictions per 1,000 people in Scotland by single year of age. Contains information of the Scottish "
    "Government (Criminal Proceedings in Scotland), licensed under the Open Government Licence v3.0. "
    "Year 2011 is the mean of 2010 to 2012."
)


def rates(path: Path) -> dict[tuple[int, str, str, int], float]:
    """Return the mean rate of each era, sex, crime and age."""
    rate: dict[tuple[int, str, str, int], list[float]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["sex"] not in SEXES or row["crime_type"] not in CRIMES or not row["age"].isdigit():
                continue
            for era, years in ERAS.items():
                if int(row["year"]) in years:
                    key = (era, SEXES[row["sex"]], CRIMES[row["crime_type"]], int(row["age"]))
                    rate[key].append(float(row["rate_per_1000"]))
    return {key: fmean(values) for key, values in rate.items()}


def write(table: dict[tuple[int, str, str, int], float], path: Path) -> None:
    """Write one row an age, one column an era, sex and crime."""
    columns = sorted({key[:3] for key in table})
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(SOURCE + "\n")
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["age", *("-".join(map(str, c)) for c in columns)])
        for age in sorted({key[3] for key in table}):
            rows.writerow([age, *(f"{table[(*c, age)]:.4f}" for c in columns)])


def _gamma(x: Any, c: float, shape: float, scale: float) -> Any:
    return c * (x - 8) ** (shape - 1) * np.exp(-(x - 8) / scale)


def _lognormal(x: Any, c: float, mean: float, sd: float) -> Any:
    return c / x * np.exp(-((np.log(x) - mean) ** 2) / (2 * sd**2))


def _weibull(x: Any, c: float, shape: float, scale: float) -> Any:
    return c * ((x - 8) / scale) ** (shape - 1) * np.exp(-(((x - 8) / scale) ** shape))


def _log_quadratic(x: Any, c: float, slope: float, bend: float) -> Any:
    return c * np.exp(slope * (x - 30) + bend * (x - 30) ** 2)


FAMILIES = {
    "gamma": (_gamma, (0.015, 3.4, 6.0)),
    "lognormal": (_lognormal, (25.0, 3.3, 0.4)),
    "weibull": (_weibull, (2.2, 1.9, 20.0)),
    "log-quadratic": (_log_quadratic, (0.8, -0.04, -0.003)),
}


def fitted(ages: NDArray[np.float64], values: NDArray[np.float64], family: str) -> tuple[float, float, float, float]:
    """Return level, two parameters and the share of variance of a least-squares fit at ages 16 to 60."""
    curve, start = FAMILIES[family]
    keep = (ages > 16) & (ages < 61)
    x, y = ages[keep], values[keep]
    best, _ = curve_fit(curve, x, y, p0=(start[0] * values.max(), *start[1:]), maxfev=20_000)
    share = 1 - ((y - curve(x, *best)) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    return (*map(float, best), float(share))


def write_curves(table: dict[tuple[int, str, str, int], float], path: Path) -> None:
    """Write one row a curve and family."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(SOURCE + " Least squares at ages 16 to 60, at the middle of each year of age.\n")
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["curve", "family", "level", "first", "second", "r_squared"])
        for column in sorted({key[:3] for key in table}):
            ages = sorted(key[3] for key in table if key[:3] == column)
            values = np.array([table[(*column, age)] for age in ages])
            for family in FAMILIES:
                figures = fitted(np.array(ages) + 0.5, values, family)
                rows.writerow(["-".join(map(str, column)), family, *(f"{v:.6g}" for v in figures)])


if __name__ == "__main__":
    rate = rates(Path(sys.argv[1]))
    write(rate, TABLES / "scotland_convictions_by_age.csv")
    write_curves(rate, TABLES / "age_curve_parameters.csv")
