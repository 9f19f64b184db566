"""Settings that change nothing: every setting of every bundled world moves it, is refused, or is known not to."""

import dataclasses
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.base.setting_paths import label
from iom_causal.base.specs import FrozenMap
from iom_causal.base.wording import violations
from iom_causal.designs.design import Design
from iom_causal.designs.diagnose import diagnose
from iom_causal.designs.library.worlds import comparison_world
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.protocol.scenario import bundled_scenarios

REPLICATES, PEOPLE = 4, 40
NO_PROGRAMME = "a programme that does nothing does it at any time"
OFF_THE_GRID = "no score comes near this end"
OF_A_LEDGER = "a ledger is told by it, and the world by a setting of its own"
UNMOVED = {
    "return_rate": "nothing drifts, so that there is nothing to forget",
    "programme.ramp_years": NO_PROGRAMME,
    "programme.half_life_years": NO_PROGRAMME,
    "programme.tags_end_years": NO_PROGRAMME,
    "programme.rebound": "there are no tags that end",
    "programme.women_ratio": "there are no women",
    "enrolment.at_liberty": "nobody is in custody",
    "enrolment.selection.softness": "the rule is not soft",
    "score.half_life_years": "events bring no points",
    "score.low": OFF_THE_GRID,
    "score.high": OFF_THE_GRID,
    "windows.1.post": "nobody enters in the window beside the index date",
    "confounds.ageing.age_offset": OF_A_LEDGER,
    "confounds.ageing.between": OF_A_LEDGER,
    "confounds.history.contamination": OF_A_LEDGER,
    "confounds.breach.base_per_year": OF_A_LEDGER,
    "confounds.attrition.absent_ratio": "nobody is absent",
    "confounds.attrition.delta": "there is no score, of which none is missing",
    **{f"confounds.engagement.{name}": OF_A_LEDGER for name in ("share", "engaged_ratio", "other_ratio")},
    **{f"confounds.score_regression.{name}": OF_A_LEDGER for name in ("edge_density", "late", "grid", "bin_width")},
    **{f"confounds.score_regression.selection.{name}": OF_A_LEDGER for name in ("threshold", "softness")},
    **{f"confounds.score_error.{name}": OF_A_LEDGER for name in ("events_change", "reliability")},
}
"""The settings that leave some bundled world as it is, and what that world lacks."""


def leaves(spec, before):
    """The dotted path and value of every setting that holds no other."""
    if dataclasses.is_dataclass(spec):
        inside = [(f.name, getattr(spec, f.name)) for f in dataclasses.fields(spec)]
    elif isinstance(spec, (tuple, FrozenMap)):
        inside = spec.items() if isinstance(spec, FrozenMap) else enumerate(spec)
    else:
        yield before, spec
        return
    for name, value in inside:
        yield from leaves(value, f"{before}.{name}")


def others(value):
    """Other values of a setting, of which each may be refused; none where it is no number."""
    if isinstance(value, bool):
        return [not value]
    if value is None:
        return [0.5, 5]
    if isinstance(value, int):
        return [value + 1, value - 1, value + 40]
    return [v for v in (value + 0.3, 0.7 * value, value + 30) if v != value] if isinstance(value, float) else []


def lived(value):
    """All that happens in worlds, as bytes; what is handed on of their settings left out."""
    if dataclasses.is_dataclass(value):
        handed_on = {"selection", "noise", "reads", "theta", "index_date", "windows", "name", "score_name"}
        return [lived(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in handed_on]
    if isinstance(value, dict):
        return {name: lived(item) for name, item in value.items()}
    return (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else repr(value)


WORLDS = {name: iom.load_scenario(name).careers for name in bundled_scenarios()}
WORLDS |= {"two forces": comparison_world(), "two windows": sim.TwoWindowCounts(rate=1.5, cut=4.0, ratio=0.8)}


@pytest.mark.parametrize("name", WORLDS)
def test_every_setting_of_a_world_moves_it_is_refused_or_is_known_not_to(name):
    model = WORLDS[name]
    pool = {"pool": 10 * PEOPLE} if getattr(model, "pool", None) else {}
    design = Design(replace(model, people=PEOPLE, **pool), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    now, silent = lived(design.model.batch(REPLICATES, rng=1)), set()
    for path, value in leaves(design.model, "model"):
        found = []
        for other in others(value):
            with suppress(IomCausalError):
                (varied,) = design.vary({path: [other]}).values()
                found.append(lived(varied.model.batch(REPLICATES, rng=1)) != now)
        if found and not any(found):
            silent.add(path.removeprefix("model."))
    lines = {f"confounds.{k}.": f"confounds.{label(line)}." for k, line in enumerate(getattr(model, "confounds", ()))}
    for place, line in lines.items():
        silent = {path.replace(place, line) for path in silent}
    assert silent <= UNMOVED.keys()


def test_a_diagnosis_names_the_settings_that_change_nothing_by_the_paths_that_lead_there():
    model = sim.Careers(people=20, rate=2.0)
    base = Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio(), cell=20)
    sizes = {"model.return_rate": [0.4, 0.9], "model.programme.ramp_years": [0.0, 1.0], "model.people": [20, 30]}
    found = diagnose(base.vary(sizes), sims=20, seed=1)
    assert [len(group) for group in found.alike] == [4, 4]
    assert all(len({label.rsplit("=", 1)[1] for label in group}) == 1 for group in found.alike)  # of one size
    said = found.alike_sentences
    assert all(
        text.endswith("study: model.programme.ramp_years and model.return_rate change nothing in them.")
        for text in said
    )
    assert said == found.sentences()[:2]
    assert not violations(" ".join(said))
    assert "change nothing in them" in " ".join(found.summary().split())  # of more answers than it speaks of, too


def test_designs_that_differ_in_one_setting_or_in_none_say_so():
    design = Design(sim.Careers(people=20, rate=2.0), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio(), cell=20)
    (varied,) = design.vary({"model.programme.rebound": [0.5]}).values()
    (one,) = diagnose({"plain": design, "rebounding": varied}, sims=20).alike_sentences
    assert one == (
        "“plain” and “rebounding” give the same figures in every simulated study: model.programme.rebound changes "
        "nothing in them."
    )
    assert diagnose({"a": design, "b": design}, sims=20).alike_sentences[0].endswith("study: they are one design.")
    (moved,) = design.vary({"model.programme.ratio": [0.5]}).values()
    assert diagnose({"plain": design, "halved": moved}, sims=20).alike == ()


def test_worlds_that_are_all_refused_are_not_called_the_same():
    nobody = iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=500)
    model = sim.Careers(people=2, pool=20, enrolment=sim.Enrolment(selection=nobody))
    design = Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio(), cell=2)
    found = diagnose(design.vary({"model.rate": [0.1, 0.2]}), sims=2)
    assert found.alike == ()


def test_a_setting_of_a_score_that_a_confound_states_is_refused_and_not_passed_over():
    model = WORLDS["score-error"]
    for name in ("per_event", "error_sd"):
        with pytest.raises(SpecError, match=f"IOM-E092: Score: expected {name} of 0 where a confound states it"):
            replace(model, people=2, score=replace(model.score, **{name: 5.0}))(1)


def test_a_world_has_a_window_on_both_sides_of_the_index_date():
    before = replace(WORLDS["history"].windows[1], post=False)
    with pytest.raises(SpecError, match="a window before the index date, and one after it"):
        sim.Careers(windows=(WORLDS["history"].windows[0], before))
