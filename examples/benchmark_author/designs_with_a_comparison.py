# %% [markdown]
"""# One simulated study for each kind of data that a force may have, with the truth beside each answer

Run it with ``python examples/benchmark_author/designs_with_a_comparison.py``. The people are simulated.
"""

# %%
# %matplotlib inline
import iom_causal as iom
from iom_causal.designs import library

# %% [markdown]
"""## Draw a study of each, and ask which designs its data carry"""

# %%
studies = {name: design.draw(seed=1) for name, design in library.designs_with_a_comparison().items()}
for name, study in studies.items():
    print(f"{name}:")
    for panel in study.panels.values():
        carried = sorted({type(design).__name__ for design in iom.designs_for(panel).carried})
        print(f"  such data carry {', '.join(carried) or 'none of the designs without settings'}")
    for line in study.summary().splitlines():
        print(f"  {line}")

# %%
print("One study tells little of a design: docs/designs_compared.md has many of each.")
first = next(iter(studies.values()))
first.plot().figure
