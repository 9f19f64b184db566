# %% [markdown]
"""# From a spreadsheet to the page: what is guessed, what only you know, and the answer

The workbook here is invented, and nothing was done to the people in it. Run it with
``python examples/evaluator/from_a_spreadsheet.py``; with a spreadsheet of your own after it, it shows what is
understood of that and what is asked. On the command line: ``iom-causal init study --from people.xlsx``, an editor, and
``iom-causal evaluate study/study.toml``.
"""

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import iom_causal as iom
from iom_causal.cli.examples import typed
from iom_causal.protocol.draft.start import start

YOURS = typed(None)
folder = tempfile.TemporaryDirectory()
place = Path(folder.name)

# %% [markdown]
"""## The file: one row a person, as many forces have it"""

# %%
rng = np.random.default_rng(5)
rate = rng.gamma(1.2, 2.0, 4000)
before, after = rng.poisson(rate), rng.poisson(rate)
picked = np.flatnonzero(before >= 4)[:160]
people = pd.DataFrame(
    {
        "Ref no": [f"A{k:04d}" for k in range(picked.size)],
        "Sex": rng.choice(["F", "M"], picked.size, p=[0.15, 0.85]),
        "Arrests 12m before": before[picked],
        "Arrests 12m after": after[picked],
    }
)
people.to_excel(place / "people.xlsx", index=False)

# %% [markdown]
"""## A draft of the study file

It says what was understood. What was guessed is marked, and what cannot be told is asked; nothing is evaluated while a
question stands.
"""

# %%
drafted = start(place / "study", source=Path(YOURS or place / "people.xlsx"))
print("\n".join(drafted.understood))
print("guessed:", ", ".join(drafted.guessed) or "nothing")
for question in drafted.questions:
    print(f"asked: {question.key}: {question.ask}")
if YOURS:
    folder.cleanup()
    print(f"To go on with your own file: iom-causal init study --from {YOURS}")
    sys.exit()

# %% [markdown]
"""## The lines that an analyst changes

Two decide most, and both are written before anybody looks at the outcomes: how people were picked, and the smallest
change that matters. Then the guesses are confirmed.
"""

# %%
RULE = 'variable = "arrests", windows = ["before"], rule = "at_least", threshold = 4, timing = "at_boundary"'
lines = drafted.file.read_text(encoding="utf-8").splitlines()
for k, line in enumerate(lines):
    if line.startswith("selection ="):
        lines[k] = f"selection = {{ {RULE} }}"
    elif line.startswith("# smallest_effect ="):
        lines[k] = "smallest_effect = 0.1"
    elif line.startswith("guessed ="):
        lines[k] = "guessed = []"
drafted.file.write_text("\n".join(lines) + "\n", encoding="utf-8")

# %% [markdown]
"""## The answer

``quick`` draws less often, for a first look; leave it out for figures to be used.
"""

# %%
evaluation = iom.evaluate(drafted.file, quick=True, out=place / "report")
first = evaluation.page.first
print(first.question, first.verdict, sep="\n")
for head, sentence in first.sentences:
    print(f"\n{head}. {sentence}")

# %% [markdown]
"""## What was written

The page is ``report.html``. Counts of people in it are rounded, and nothing is given about fewer than ten.
"""

# %%
print(*sorted(file.name for file in (place / "report").iterdir()), sep="\n")

# %%
folder.cleanup()
print(f"Nothing was done to these people, and of the fall seen the page says: {first.verdict}")
