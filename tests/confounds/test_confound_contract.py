"""Every confound against every clause of the contract."""

import datetime as dt
import pickle
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import numpy as np
import pytest

import iom_causal.confounds as room
from iom_causal import beliefs
from iom_causal.base.wording import violations
from iom_causal.beliefs import LogNormal, Normal, Range, Uniform
from iom_causal.beliefs import theta as th
from iom_causal.confounds import age_curves
from iom_causal.confounds.units import EVENTS, NOTHING, OWN, PROPORTION
from iom_causal.errors import InputError, IomCausalError, NotIdentifiedError, SpecError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Confound
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism

DAY = dt.date(2012, 5, 1)
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
ROUNDING = 1e-12  # sums in another order
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=1)
SCORED = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=120)

# Each with values of theta at which it does nothing.
CASES = [
    (room.Ageing(age_offset=Uniform(-1, 1), strength=0.8), {"strength": 0.0}),
    (room.Ageing(curve="scotland-2000", family="average", between=Normal(0, 1)), {"strength": 0.0}),
    (room.Ageing(curve=age_curves.Piecewise(((16.0, 40.0), (40.0, 20.0), (70.0, 2.0))), floor=17.0), {"strength": 0.0}),
    (room.Ageing(weighting="people"), {"strength": 0.0}),
    (room.Ageing(weighting="rate"), {"strength": 0.0}),
    (room.Attrition(delta=0.5, untracked=Uniform(0, 0.1), absent=0.1, absent_ratio=LogNormal(1, 0.2)), None),
    (room.Attrition(handling="unchanged"), None),
    (room.Attrition(handling="complete"), {"delta": 0.0}),
    (room.Breach(after=Uniform(0, 0.2), base_per_year=2.0), {"after": 0.0}),
    (room.Breach(after=0.1, unit="per_year"), {"after": 0.0}),
    (room.Custody(ratio=LogNormal(0.9, 0.1)), {"ratio": 1.0}),
    (room.Custody(custody_per_arrest=Uniform(0.1, 0.2), stay_years=0.3), {"custody_per_arrest": 0.0}),
    (room.Custody(target="total"), {}),
    (room.Desistance(at_risk=Uniform(0.5, 1)), {"hazard": 0.0}),
    (room.Detection(ratio=Range(0.7, 1.0), false_pre=0.1, false_post=0.1), {"ratio": 1.0}),
    (room.Engagement(share=0.5), {}),
    (room.FollowUp(ramp_years=0.5, half_life_years=LogNormal(1, 0.2)), {}),
    (room.History(ratio=LogNormal(0.85, 0.05), contamination=0.01), {"ratio": 1.0, "contamination": 0.0}),
    (room.History(series="arrests-england-wales", index_date=DAY, elasticity=Normal(1, 0.2)), {"elasticity": 0.0}),
    (room.PartExposure(after=0.6, before=Uniform(0, 0.2)), {}),
    (room.RegressionToMean(method="linear", comparable_mean=LogNormal(4.0, 0.2), selection=RULE), None),
    (room.RegressionToMean(method="robbins_zhang", selection=RULE), None),
    (room.Remission(per_month=Normal(1.5, 0.2)), {"per_month": 0.0}),
    (room.Remission(share=Range(0.2, 0.4), population_mean=LogNormal(150.0, 0.05)), {"share": 0.0}),
    (room.ScoreError(drift_per_year=Normal(-5, 1), reliability=0.8), {"drift_per_year": 0.0}),
    (room.ScoreRegression(sem=LogNormal(30.0, 0.1), bin_width=60.0, selection=SCORED), {"sem": 0.0}),
    (room.Season(amplitude=Normal(0, 0.03), index_date=DAY), {"amplitude": 0.0}),
    (room.Season(amplitude=0.03, shape="cosine", index_date=DAY), {"amplitude": 0.0}),
]
SPECS = [spec for spec, _ in CASES]
NAMES = vars(room) | vars(beliefs) | vars(age_curves) | {"datetime": dt, "Selection": Selection}


def cohort(kind="count", n=40, missing=5):
    rng = np.random.default_rng(20120501)
    rate = rng.gamma(2.0, 3.0, n)
    pairs = np.stack([rng.poisson(rate) + 1, rng.poisson(0.6 * rate) + 1], axis=-1).astype(float)
    if kind == "score":
        pairs = 100 + 20 * pairs
    pairs[:missing, 1] = np.nan
    return Panel.from_arrays(
        pairs,
        kind=kind,
        name="arrests",
        windows=WINDOWS,
        missing="keep",
        exposure=[547, 549],
        age=rng.uniform(17, 60, n),
    )


def printed(kind="count"):
    return Moments.from_summary(
        n=187,
        n_input=225,
        mean_pre=6.6,
        mean_pre_input=6.84,
        sd_pre=4.75,
        mean_post=3.61,
        sd_post=3.66,
        r=0.536,
        age_mean=30.43,
        age_sd=8.09,
        age_range=(13, 60),
        name="arrests",
        kind=kind,
        windows=WINDOWS,
    )


def data(spec):
    if isinstance(spec, room.RegressionToMean):
        # The line is worked out from complete people, and in this form not from printed moments.
        people = cohort(missing=0)
        return [people, printed()] if spec.method == "linear" else [people]
    if isinstance(spec, room.ScoreRegression):
        return [cohort("score", missing=0)]
    kind = "score" if isinstance(spec, (room.ScoreError, room.Remission)) else "count"
    return [cohort(kind), printed(kind)]


def theta_of(spec):
    return {**th.corners(spec)[0], **th.central(spec)}


def weighted(panel, weight):
    weight = np.asarray(weight)
    block = np.broadcast_to(panel.outcome, (*weight.shape[:-1], *panel.outcome.shape))
    return replace(panel, outcome=block, weight=weight)


@pytest.fixture(params=SPECS, ids=repr)
def spec(request):
    return request.param


def test_every_confound_of_the_room_is_here():
    public = {name for name in room.__all__ if isinstance(getattr(room, name), type)}
    assert public == {type(s).__name__ for s in SPECS}
    assert sorted(c.__name__ for c in room.CONFOUNDS) == sorted(public)


def test_it_is_a_frozen_value(spec):
    assert is_dataclass(spec)
    assert isinstance(spec, Confound)
    assert hash(spec) == hash(replace(spec))
    with pytest.raises(FrozenInstanceError):
        setattr(spec, fields(spec)[0].name, 1)


def test_it_pickles(spec):
    assert pickle.loads(pickle.dumps(spec)) == spec  # noqa: S301 our own bytes


def test_its_repr_evaluates_back(spec):
    assert eval(repr(spec), NAMES) == spec  # noqa: S307 our own repr


def test_it_says_what_it_speaks_to_and_what_leaving_it_out_assumes(spec):
    assert spec.ids
    assert set(spec.ids) <= {f"c{k:02}" for k in range(1, 13)} | {f"u{k}" for k in range(1, 8)}
    assert spec.line
    assert spec.reference
    assert not violations(spec.assumption_left_out)
    for kind in ("count", "score"):
        found = spec.in_ledger(kind)
        assert {f.name for f in fields(spec)}.issuperset(found.tipped)
        assert not violations(found.to_state)
        assert not found.tried or abs(th.extent(type(spec)(), None, th.central(type(spec)()))[0]) < ROUNDING


def test_its_docstring_is_a_page(spec):
    text = type(spec).__doc__
    for heading in ("Parameters", "References", "Examples", "unidentified"):
        assert heading.lower() in text.lower()
    assert "assum" in text.lower() or "conditions" in text
    assert len(text.split()) > 150


def test_its_beliefs_are_all_in_theta(spec):
    assert set(theta_of(spec)) == set(th.belief_fields(spec))


def test_a_theta_without_one_of_them_is_refused_by_its_name(spec):
    for name in th.belief_fields(spec):
        lacking = {key: value for key, value in theta_of(spec).items() if key != name}
        for subject in data(spec):
            with pytest.raises(
                (SpecError, NotIdentifiedError), match=rf"IOM-E0(96|68): {type(spec).__name__}.* {name}"
            ):
                spec.shift(subject, lacking)


def test_for_a_score_it_acts_as_it_says(spec):
    assert spec.acts in (PROPORTION, EVENTS, OWN, NOTHING)
    people, print_ = cohort("score", missing=0), printed("score")
    for subject, mean in ((people, people.outcome[:, 0].mean()), (print_, print_.mean_pre_input)):
        if spec.acts == EVENTS:
            with pytest.raises(InputError, match=f"IOM-E066.*{type(spec).__name__}"):
                spec.shift(subject, theta_of(spec))
        elif spec.acts == PROPORTION:
            # The same numbers as amounts, for which the line is a log ratio; days, which only these have, play no part.
            theta = theta_of(spec) | ({"contamination": 0.0} if isinstance(spec, room.History) else {})
            log = spec.shift(replace(subject, kind="amount"), theta)
            assert float(spec.shift(subject, theta)) == pytest.approx(mean * (np.exp(log) - 1), rel=1e-9)
        elif spec.acts == NOTHING:
            assert float(spec.shift(subject, theta_of(spec))) == 0


def test_shift_is_pure_and_looks_at_nothing_but_its_arguments(spec):
    for subject in data(spec):
        first, second = (spec.shift(subject, theta_of(spec)) for _ in range(2))
        assert np.isfinite(first).all()
        assert np.shape(first) == ()
        assert float(first) == float(second)


def test_shift_over_draws_equals_one_at_a_time(spec):
    size = 7
    drawn = {**th.corners(spec)[0], **th.draw(spec, np.random.default_rng(3), size)}
    for subject in data(spec):
        together = np.broadcast_to(spec.shift(subject, drawn), size)
        alone = [
            float(spec.shift(subject, {k: v[i] if np.ndim(v) else v for k, v in drawn.items()})) for i in range(size)
        ]
        np.testing.assert_allclose(together, alone, rtol=0, atol=ROUNDING)


def test_weights_equal_repeated_rows(spec):
    panel = data(spec)[0]
    counts = np.random.default_rng(5).integers(0, 4, panel.n)
    counts[:10] = 1
    repeated = Panel.from_arrays(
        np.repeat(panel.outcome, counts, axis=0),
        kind=panel.kind,
        missing="keep",
        name="arrests",
        windows=WINDOWS,
        exposure=[547, 549],
        age=np.repeat(panel.age, counts),
    )
    by_weight = spec.shift(replace(panel, weight=counts), theta_of(spec))
    np.testing.assert_allclose(by_weight, spec.shift(repeated, theta_of(spec)), rtol=0, atol=ROUNDING)


def test_replicates_of_weights_equal_one_at_a_time(spec):
    panel = data(spec)[0]
    weight = np.random.default_rng(7).standard_exponential((6, panel.n))
    theta = {**th.corners(spec)[0], **th.draw(spec, np.random.default_rng(3), 6)}
    together = np.broadcast_to(spec.shift(weighted(panel, weight), theta), 6)
    alone = [
        float(spec.shift(replace(panel, weight=weight[i]), {k: v[i] if np.ndim(v) else v for k, v in theta.items()}))
        for i in range(6)
    ]
    np.testing.assert_allclose(together, alone, rtol=0, atol=ROUNDING)


def test_people_who_were_never_managed_play_no_part(spec):
    panel = data(spec)[0]
    two = np.concatenate([panel.outcome, 9 * np.ones((3, 2))])
    start = np.ma.MaskedArray(np.ones(panel.n + 3, dtype=int), mask=np.arange(panel.n + 3) >= panel.n)
    mixed = Panel.from_arrays(
        two,
        kind=panel.kind,
        missing="keep",
        name="arrests",
        windows=WINDOWS,
        exposure=[547, 549],
        age=np.append(panel.age, [50, 50, 50]),
        start=start,
    )
    assert float(spec.shift(mixed, theta_of(spec))) == pytest.approx(float(spec.shift(panel, theta_of(spec))))


@pytest.mark.parametrize(("spec", "neutral"), [c for c in CASES if c[1] is not None], ids=lambda v: repr(v)[:40])
def test_neutral_theta_gives_nothing(spec, neutral):
    for subject in data(spec):
        assert abs(float(spec.shift(subject, {**theta_of(spec), **neutral}))) < ROUNDING


def test_with_nobody_missing_attrition_alone_gives_nothing():
    panel = cohort(missing=0)
    for spec in (room.Attrition(), room.Attrition(handling="unchanged", delta=3.0)):
        assert float(spec.shift(panel, theta_of(spec))) == 0


def test_mechanism_merges(spec):
    made = spec.mechanism(WINDOWS, theta_of(spec))
    assert isinstance(made, Mechanism)
    for name in ("hazard", "observation", "supervision_events", "desistance", "programme"):
        value = getattr(made, name)
        assert value is None or value.shape == (36,)
    both = made.merge(Mechanism(observation=np.full(36, 0.5), hazard=np.full(36, 2.0)))
    assert both.observation is not None


def test_its_condition_reads_after_if_and_keeps_the_rules(spec):
    for subject in data(spec):
        text = spec.condition(subject, th.central(spec))
        assert text[-1].isalnum() or text[-1] in ")”"
        assert violations(f"The line is right if {text}.") == ()


def test_its_condition_gives_no_figure_of_the_people(spec):
    panel = data(spec)[0]
    fewer = panel.where(np.arange(panel.n) % 3 > 0)
    assert spec.condition(fewer, th.central(spec)) == spec.condition(panel, th.central(spec))


def test_it_refuses_data_as_a_setting(spec):
    name = fields(spec)[0].name
    with pytest.raises(SpecError) as caught:
        replace(spec, **{name: cohort()})
    assert caught.value.code == "IOM-E097"


def test_a_bad_belief_is_refused_by_name(spec):
    for name in th.belief_fields(spec):
        for bad in ("much", float("nan"), True):
            with pytest.raises(SpecError, match=f"{type(spec).__name__} {name}"):
                replace(spec, **{name: bad})


@pytest.mark.parametrize(
    "make",
    [
        lambda: room.Detection(ratio=-0.5),
        lambda: room.Detection(ratio=0.0),
        lambda: room.Detection(ratio=Normal(1, 0.1)),
        lambda: room.Detection(false_post=1.0),
        lambda: room.Detection(false_post=LogNormal(0.1, 0.1)),
        lambda: room.Detection(ratio=Range(0.0, 1.0)),
        lambda: room.Ageing(curve="scotland-1066"),
        lambda: room.Ageing(curve=3),
        lambda: room.Ageing(family="cubic"),
        lambda: room.Ageing(weighting="none"),
        lambda: room.Ageing(strength=-1.0),
        room.History,
        lambda: room.History(ratio=0.9, series="arrests-england-wales"),
        lambda: room.History(series="arrests-atlantis"),
        lambda: room.History(ratio=-0.1),
        lambda: room.Custody(ratio=0.9, custody_per_arrest=0.1, stay_years=1.0),
        lambda: room.Custody(custody_per_arrest=0.1),
        lambda: room.Custody(target="both"),
        lambda: room.Custody(ratio=0.0),
        lambda: room.PartExposure(after=0.0),
        lambda: room.PartExposure(after=1.2),
        lambda: room.Breach(after=1.0),
        lambda: room.Breach(unit="percent"),
        lambda: room.Breach(base_per_year=0.0),
        lambda: room.Attrition(handling="hot deck"),
        lambda: room.Attrition(untracked=-0.1),
        lambda: room.ScoreError(reliability=1.2),
        room.Remission,
        lambda: room.Remission(per_month=1.0, share=0.2, population_mean=200.0),
        lambda: room.Remission(share=0.2),
        lambda: room.Remission(per_month=1.0, population_mean=200.0),
        lambda: room.Remission(share=1.2, population_mean=200.0),
        lambda: room.FollowUp(half_life_years=0.0),
        lambda: room.Season(shape="triangle"),
        lambda: room.Desistance(hazard=-0.1),
        lambda: room.Engagement(share=2.0),
        lambda: age_curves.Piecewise(((20.0, 1.0), (19.0, 1.0))),
        lambda: age_curves.Piecewise(((20.0, 0.0), (30.0, 1.0))),
    ],
)
def test_bad_settings_are_refused(make):
    with pytest.raises(IomCausalError):
        make()


def test_ranges_are_visited_and_never_averaged():
    spec = room.Detection(ratio=Range(0.7, 1.0), false_post=Range(0.0, 0.1))
    assert "ratio" not in th.central(spec)
    assert "ratio" not in th.draw(spec, np.random.default_rng(0), 3)
    assert len(th.corners(spec)) == 4
    assert th.corners(room.Detection()) == ({},)
    assert len(th.corners(room.Ageing(age_offset=Range(-1.5, 3)))) == 9


BEFORE_LONG = Window("before", -1500, -953)
LENGTHS = {1: Window("after", 726, 1274, post=True), 2: Window("after", 452, 1548, post=True)}  # about one middle


def runs_on(spec):
    """Whether a line runs on inside a window, so that it depends on how long it is: then only days at risk change."""
    kinds = (room.Ageing, room.Season, room.Desistance, room.FollowUp, room.ScoreError)
    return isinstance(spec, kinds) or any(getattr(spec, name, None) is not None for name in ("series", "stay_years"))


PICKED = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
LINES = [
    *(s for s in SPECS if not isinstance(s, (room.Remission, room.ScoreError, room.ScoreRegression))),
    *(
        room.RegressionToMean(method=method, selection=PICKED, **settings)
        for method, settings in (
            ("robbins_zhang", {}),
            ("robbins_zhang", {"persistence": 0.8, "comparable_mean": 3.0}),
            ("gamma_poisson", {"persistence": 0.8, "comparable_mean": 3.0, "shape": 1.0}),
        )
    ),
]


def people_of(spec, longer, own):
    panel = cohort(missing=0 if isinstance(spec, room.RegressionToMean) else 5)
    windows = WINDOWS if runs_on(spec) else (BEFORE_LONG, LENGTHS[longer])
    days = np.array([270.0, 270.0 * longer]) if runs_on(spec) else np.array([547.0, 548.0 * longer])
    outcome = (
        np.where(panel.outcome[:, :1] < 3, [3.0, 2.0], panel.outcome) if "threshold=3" in repr(spec) else panel.outcome
    )
    return Panel.from_arrays(
        outcome * [1, longer],
        name="arrests",
        windows=windows,
        exposure=np.linspace(0.5, 1.0, panel.n)[:, None] * days if own else days,
        age=panel.age,
        missing="keep",
    )


def printed_of(longer):
    m = printed()
    return replace(
        m,
        mean_post=longer * m.mean_post,
        sd_post=longer * m.sd_post,
        r=m.r,
        t=None,
        windows=(BEFORE_LONG, LENGTHS[longer]),
    )


def theta_over(spec, longer):
    """Beliefs about events of the window after are about so many more."""
    theta = theta_of(spec)
    return theta | {"delta": longer * theta["delta"]} if "delta" in theta else theta


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("spec", LINES, ids=repr)
def test_a_window_twice_as_long_with_twice_the_events_changes_no_line(spec, own):
    custody = isinstance(spec, room.Custody) and (spec.ratio is not None or spec.stay_years is not None)
    if custody and (own or runs_on(spec)):
        return  # refused: days that are known, of each or lost in common, are not stated as well
    once, twice = (float(spec.shift(people_of(spec, k, own), theta_over(spec, k))) for k in (1, 2))
    assert twice == pytest.approx(once, abs=ROUNDING)


@pytest.mark.parametrize("spec", LINES, ids=repr)
def test_print_of_a_window_twice_as_long_with_twice_the_events_changes_no_line(spec):
    if isinstance(spec, room.RegressionToMean) and spec.method != "linear":
        pytest.skip("not from printed moments")
    if runs_on(spec):
        pytest.skip("runs on inside the window")
    once, twice = (float(spec.shift(printed_of(k), theta_over(spec, k))) for k in (1, 2))
    assert twice == pytest.approx(once, abs=ROUNDING)


def test_windows_without_dates_are_as_long_as_people_were_at_risk():
    same = [
        Panel.from_arrays([[4, 2 * k], [2, 3 * k], [5, 1 * k]], name="arrests", exposure=[365, 365 * k]) for k in (1, 2)
    ]
    lost = [replace(p, outcome=np.where([[0, 0], [0, 0], [0, 1]], np.nan, p.outcome.astype(float))) for p in same]
    for spec, panels in (
        (room.Breach(after=0.3, unit="per_year"), same),
        (room.History(ratio=0.9, contamination=0.2), same),
        (room.Attrition(handling="unchanged"), [replace(p, outcome=np.vstack([p.outcome, p.outcome])) for p in lost]),
    ):
        once, twice = (float(spec.shift(p, theta_of(spec))) for p in panels)
        assert twice == pytest.approx(once, abs=ROUNDING)


def test_people_who_stayed_as_they_were_kept_their_rate():
    panel = Panel.from_arrays([[4, 6], [2, 8], [6, 4], [8, 0]], name="arrests", exposure=[365, 730])
    panel = replace(panel, outcome=np.where(panel.outcome == 0, np.nan, panel.outcome))
    spec = room.Attrition(handling="unchanged")
    # Complete pairs 12 to 18; with the fourth at 16 in twice the days 20 to 34.
    assert float(spec.shift(panel, theta_of(spec))) == pytest.approx(np.log(18 / 12) - np.log(34 / 20), abs=ROUNDING)


def test_all_that_followed_needs_the_lengths_of_the_windows():
    panel = Panel.from_arrays([[4, 6], [2, 8], [6, 4]], name="arrests", exposure=[[300, 500], [365, 730], [200, 100]])
    with pytest.raises(IomCausalError, match="IOM-E048"):
        room.Custody(target="total").shift(panel, {"free_at_start": 1.0})


PLACES = Selection("arrests", ("last",), "at_least", "at_boundary", threshold=4)
# Spells that are compared with others of their length are refused where one is longer.
FROM_HISTORY = [
    room.RegressionToMean(method=method, selection=PLACES) for method in ("own_history", "earlier_rule", "mirror")
]


@pytest.mark.parametrize("spec", FROM_HISTORY, ids=repr)
def test_a_window_twice_as_long_with_twice_the_events_changes_no_line_from_histories(spec):
    rng = np.random.default_rng(11)
    events = rng.poisson(rng.gamma(1.0, 3.0, 400)[:, None] * np.ones(4))
    start = np.ma.MaskedArray(np.full(400, 3), mask=events[:, 2] < 4)
    found = []
    for k in (1, 2):
        windows = (
            *(Window(label, -1095 + 365 * t, -730 + 365 * t) for t, label in enumerate(("first", "second", "last"))),
            Window("after", 730 - 180 * k, 730 + 180 * k, post=True),
        )
        panel = Panel.from_arrays(
            events * [1, 1, 1, k], name="arrests", windows=windows, exposure=[365, 365, 365, 360 * k], start=start
        )
        if spec.method == "own_history" or k == 1:
            found.append(float(spec.shift(panel, theta_of(spec))))
            continue
        with pytest.raises(IomCausalError, match="IOM-E047"):
            spec.shift(panel, theta_of(spec))
    assert found[1:] == pytest.approx(found[: len(found) - 1], abs=ROUNDING)
