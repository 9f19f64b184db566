"""Ask how often people picked like this would show such a fall if the programme did nothing.

Run it with ``python examples/would_this_fall_happen_anyway.py``; give the path of your own [published] TOML file as
its argument to ask the same of your own table.
"""

import sys

import iom_causal as iom


def main(study: str = "sleath-brown-2017") -> None:
    """Print the answer for one study: over the identified set, then with the selected share narrowed down."""
    paper = iom.load_published(study)
    calibration = iom.null_calibration(paper, rng=1)
    print("\n\n".join(calibration.sentences()), "\n")

    columns = [
        "rates",
        "pool_share",
        "pool_mean",
        "ratio",
        "picking_share",
        "chance",
        "chance_error",
        "chance_refitted",
    ]
    print(calibration.tidy()[columns].dropna().round(4).to_string(index=False), "\n")

    models = calibration.identified_set()
    middle = round(models[len(models) // 2].pool_share, 3)
    for belief in (middle, iom.Range(middle / 2, 2 * middle), iom.LogNormal(middle, 0.3)):
        narrowed = iom.null_calibration(paper, rng=1, pool_share=belief)
        low, high = narrowed.chance
        means = narrowed.mean_chance
        mean = "" if means is None else f", {means[0]:.3f} to {means[1]:.3f} on average"
        print(f"If the share that was picked is {belief}: {low:.3f} to {high:.3f}{mean}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
