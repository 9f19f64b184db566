"""One simulated study for each kind of data that a force may have, with the truth beside what each design makes of it.

Run it with ``python examples/designs_with_a_comparison.py``. The people are simulated.
"""

import iom_causal as iom
from iom_causal.designs import library


def main() -> None:
    """Print what the data of each study carry, and what its design answers."""
    for name, design in library.designs_with_a_comparison().items():
        study = design.draw(seed=1)
        print(f"{name}:")
        for panel in study.panels.values():
            carried = {type(d).__name__ for d in iom.designs_for(panel).carried}
            print(f"  such data carry {', '.join(sorted(carried)) or 'none of the designs without settings'}")
        for line in study.summary().splitlines():
            print(f"  {line}")
    print("\nOne study tells little of a design: docs/designs_compared.md has many of each.")


if __name__ == "__main__":
    main()
