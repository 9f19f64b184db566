# %% [markdown]
"""# Moving a belief: what remains if recording changed, and how far it would have to change for nothing to remain

What remains rests on beliefs about what nobody measured. Here one is moved, the chance that the same conduct is
recorded. Run it with ``python examples/evaluator/moving_a_belief.py``, and with your own [study] or [published] file
after it. On the command line: ``iom-causal sensitivity --set detection.ratio=0.9``.
"""

# %%
# %matplotlib inline
import iom_causal as iom
from iom_causal.cli.examples import typed

STUDY = typed("sleath-brown-2017")
outcome = next((o.name for o in iom.read_subject(STUDY).outcomes if o.kind in ("count", "amount")), "")

# %% [markdown]
"""## With a belief of your own in the place of what is stated

A belief is named by its line and its setting. Say that after the start the same conduct was recorded 9 times where it
had been recorded 10 times. Without ``settings`` every set of evidence stands as it is.
"""

# %%
BELIEF = "detection.ratio"
moved = iom.study_sensitivity(STUDY, outcome=outcome, settings={BELIEF: 0.9})
print(moved.summary())

# %% [markdown]
"""## What remains, by set of evidence: 1 means that nothing does"""

# %%
table = moved.tidy()
remains = table[table["asked"] == "remainder"]
print(remains[["evidence", "set_low", "set_high", "conf_low", "conf_high"]].to_string(index=False))

# %% [markdown]
"""## Where nothing would remain"""

# %%
tips = table[(table["asked"] == "tipping") & (table["field"] == BELIEF)].dropna(subset=["value_low"])
print(tips[["evidence", "value_low", "value_high"]].to_string(index=False))

# %%
ends = sorted({f"{end:.2f}" for end in (tips["value_low"].min(), tips["value_high"].max())}) if len(tips) else ["never"]
print(
    f"For nothing to remain of the change in {outcome}, the same conduct would have to be recorded {' to '.join(ends)} "
    "times as often as before, by which set of evidence is right; how recording changed is a question to the force."
)
moved.plot().figure
