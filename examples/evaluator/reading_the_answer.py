# %% [markdown]
"""# Reading the answer: what each part of the first page says, and what it does not say

The study here is invented: forty mentored people of whom a table is printed. Run it with
``python examples/evaluator/reading_the_answer.py``, and with your own [study] or [published] file after it.
"""

# %%
import iom_causal as iom
from iom_causal.cli.examples import typed

evaluation = iom.evaluate(typed("template"), quick=True)
page = evaluation.page

# %% [markdown]
"""## The question and the verdict

A fall is no effect. The verdict says whether what was seen is more than what was to be expected anyway, and no more.
"""

# %%
print(page.first.question)
print(page.first.verdict)

# %% [markdown]
"""## Four paragraphs

- *What changed*: after over before, with an interval. It does not say what brought it about.
- *What was to be expected anyway*: what people picked like these would have shown with no programme, over several sets
  of assumptions. It does not say which of them is right.
- *What stays open*: whether what was seen lies outside that range. Inside it, this does not mean that nothing was done.
- *What could explain all of it*: how low the average of everybody would have to be. It does not say that it is so.
"""

# %%
for head, sentence in page.first.sentences:
    print(f"{head}. {sentence}\n")

# %% [markdown]
"""## What can be said, and what cannot

These sentences may be quoted as they stand: each holds its own conditions.
"""

# %%
print(*(f"+ {sentence}" for sentence in page.can_say), sep="\n")
print(*(f"- {sentence}" for sentence in page.cannot_say), sep="\n")

# %% [markdown]
"""## What to do next

What would tell most comes first. Some of it is one question to the force.
"""

# %%
print(*(f"- {step}" for step in page.first.then), sep="\n")

# %%
print(f"In one line: {page.first.question} {page.first.verdict}")
