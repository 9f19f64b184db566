"""Point u1 of the register, regression to the mean, by placebo dates: what the same rule met before the programme.

A force picks everybody with 4 arrests or more in a year. Nine years of everybody in its records are at hand, and the
programme starts with the ninth. At every earlier year's end the same rule is applied to the same people, when nobody
was managed; the falls that followed are what picking, ageing and stopping do by themselves. Two forces are invented:
the programme of one does nothing, that of the other takes away a third of the arrests. Before and after alone, both
look like a success.

Run it with ``python examples/sensitivity/u1_placebo_dates.py``; with a path, such as ``placebo.png``, it saves the
picture there.
"""

import sys

import numpy as np

import iom_causal as iom

YEARS, CUT = 9, 4


def force(ratio: float, seed: int = 2, n: int = 4000) -> iom.Panel:
    """Return everybody in the records of an invented force whose programme multiplies arrests by a ratio."""
    rng = np.random.default_rng(seed)
    going = rng.exponential(1 / 0.06, (n, 1)) > np.arange(YEARS)  # 6% a year stop for good
    counts = rng.poisson(rng.gamma(1.5, 0.9, (n, 1)) * going)
    managed = counts[:, -2] >= CUT
    counts[managed, -1] = rng.binomial(counts[managed, -1], ratio)
    windows = [
        iom.Window(f"{2012 + k}", 365 * (k - YEARS + 1), 365 * (k - YEARS + 2), post=k == YEARS - 1)
        for k in range(YEARS)
    ]
    return iom.Panel.from_arrays(
        counts,
        windows=windows,
        start=np.ma.MaskedArray(np.full(n, YEARS - 1), mask=~managed),
        selection=iom.Selection("arrests", (windows[-2].label,), "at_least", "at_boundary", threshold=CUT),
        name="arrests",
    )


def main(picture: str | None = None) -> None:
    """Print what earlier dates show of both forces, and draw the second one."""
    nothing, third = (iom.placebo_dates(force(ratio)) for ratio in (1.0, 2 / 3))
    columns = ["date", "role", "people", "ratio", "conf_low", "conf_high"]
    print(third.tidy()[columns].round(2).to_string(index=False), "\n")
    axes = third.plot()
    if picture is not None:
        axes.figure.savefig(picture)

    for name, found in (("A programme that does nothing", nothing), ("One that takes away a third", third)):
        print(f"{name}: arrests after were {found.real.ratio:.2f} of those before.")
        print(found.sentence, "\n")
    print(f"Points of the register that this speaks to: {', '.join(third.speaks_to)}.")
    print(f"Points on which it is silent: {', '.join(third.silent_on)}.")
    print(third.assurance)


if __name__ == "__main__":
    main(*sys.argv[1:2])
