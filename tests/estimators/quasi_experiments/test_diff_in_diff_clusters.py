"""DiffInDiff with clusters and other people after: least squares, brute force, published data, and its coverage."""

import itertools
import math
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import DiffInDiff
from iom_causal.panel import Panel
from iom_causal.roles import batch
from tests.oracles.cluster_robust import cluster_robust, satterthwaite_df

EXACT = 1e-9
FLAKE = 1e-4
DATA = Path(__file__).parents[4] / "shared" / "data"
SIZES = (8, 15, 30, 12, 40, 20)
FORCE = np.repeat(np.arange(6), SIZES)
WHOLE = np.isin(FORCE, (0, 2, 5))
WITHIN = np.arange(FORCE.size) % 2 == 0


def start_of(managed):
    return np.ma.MaskedArray(np.ones(managed.size, dtype=int), mask=~managed)


def forces(managed=WHOLE, seed=1, replicates=None, spread=0.15, programme=0.75, **settings):
    """Return people of six forces, each with a change of its own of mean one besides the trend and the programme."""
    rng = np.random.default_rng(seed)
    shape = (1 if replicates is None else replicates, FORCE.size)
    rate = rng.gamma(1.5, 4.0, shape)
    own = rng.gamma(1 / spread**2, spread**2, (shape[0], 6))[:, FORCE]
    after = rate * rng.gamma(5.0, 0.2, shape) * own * 0.9 * np.where(managed, programme, 1.0)
    pairs = np.stack([rng.poisson(rate), rng.poisson(after)], axis=-1)
    names = np.array([f"force {k}" for k in FORCE])
    return Panel.from_arrays(
        pairs if replicates else pairs[0],
        name="arrests",
        start=start_of(managed),
        covariates={"force": names},
        **settings,
    )


def one_variance(change, managed):
    """Return changes with one variance in both groups, where the degrees of freedom are Bell and McCaffrey's."""
    groups = [change[who] for who in (managed, ~managed)]
    left = np.empty(change.size)
    for who, group in zip((managed, ~managed), groups, strict=True):
        left[who] = (group - group.mean()) / group.std(ddof=1)
    return left


@pytest.mark.parametrize("managed", [WHOLE, WITHIN], ids=["whole", "within"])
@pytest.mark.parametrize("kind", ["cr2", "cr3", "jackknife"])
def test_the_difference_is_least_squares_clustered_by_force(managed, kind):
    panel = forces(managed)
    change = (panel.after - panel.before).astype(float)
    x = np.column_stack([np.ones(change.size), managed])
    theirs = cluster_robust(x, change, FORCE, kind="CR3" if kind == "cr3" else "CR2")
    e = DiffInDiff(contrast="difference", se=kind, cluster="force")(panel)
    assert e.estimate == pytest.approx(theirs.coefficients[1], rel=EXACT)
    assert e.std_error == pytest.approx(math.sqrt(theirs.covariance[1, 1]), rel=EXACT)
    equal = replace(panel, outcome=np.stack([np.zeros(change.size), one_variance(change, managed)], -1), kind="score")
    df = satterthwaite_df(x, [0, 1], FORCE, kind="CR3" if kind == "cr3" else "CR2")
    assert DiffInDiff(contrast="difference", se=kind, cluster="force")(equal).df == pytest.approx(df, rel=EXACT)
    assert "clusters (force) are independent of one another" in e.assumptions


@pytest.mark.parametrize("managed", [WHOLE, WITHIN], ids=["whole", "within"])
def test_the_log_ratio_leaves_out_each_force_in_turn(managed):
    panel = forces(managed)
    e = DiffInDiff(cluster="force")(panel)

    def log_ratios(keep):
        sums = [panel.outcome[keep & who].sum(0) for who in (managed, ~managed)]
        return [math.log(after / before) if before else 0.0 for before, after in sums]

    whole, variance = log_ratios(np.ones(FORCE.size, bool)), 0.0
    for force in range(6):
        left = log_ratios(force != FORCE)
        shares = [(who & (force == FORCE)).sum() / who.sum() for who in (managed, ~managed)]
        parts = [math.sqrt(1 - h) * (a - b) for h, a, b in zip(shares, whole, left, strict=True)]
        variance += (parts[0] - parts[1]) ** 2
    assert math.log(e.estimate) == pytest.approx(whole[0] - whole[1], rel=EXACT)
    assert e.std_error == pytest.approx(math.sqrt(variance), rel=EXACT)


def test_people_named_as_clusters_are_people():
    panel = forces(seed=5)
    own = replace(panel, covariates={"person": np.arange(panel.n)})
    for contrast, se in itertools.product(("ratio", "difference"), ("jackknife", "cr2", "cr3")):
        one, other = (DiffInDiff(contrast=contrast, se=se, cluster=c)(p) for c, p in (("", panel), ("person", own)))
        for name in ("estimate", "std_error", "df", "conf_low", "conf_high"):
            assert getattr(other, name) == pytest.approx(getattr(one, name), rel=EXACT), name


def test_the_wild_bootstrap_at_another_level_is_estimated_anew():
    wild = DiffInDiff(se="wild", cluster="force")
    with pytest.raises(DegenerateDataError, match=r"IOM-E065.*only that at level 0\.95 is kept.*anew with level=0\.9"):
        wild(forces()).confidence_interval(0.9)
    assert replace(wild, level=0.9)(forces()).conf_low > wild(forces()).conf_low


def test_the_wild_bootstrap_has_the_estimate_and_a_p_value_of_its_patterns():
    panel = forces(seed=2)
    for contrast in ("ratio", "difference"):
        e, t = (DiffInDiff(contrast=contrast, se=se, cluster="force")(panel) for se in ("wild", "jackknife"))
        assert (e.estimate, e.std_error) == (t.estimate, t.std_error)
        assert e.conf_low < e.estimate < e.conf_high
        assert (32 * e.p_value) % 1 == 0  # every pattern of six signs, up to their common sign
        assert "all 32 patterns" in e.note
    with pytest.raises(SpecError, match="cluster="):
        DiffInDiff(se="wild")


@pytest.mark.parametrize("contrast", ["ratio", "difference"])
@pytest.mark.parametrize("se", ["jackknife", "cr3", "wild"])
@pytest.mark.parametrize("own_days", [False, True])
def test_replicates_of_clusters_are_as_one_by_one(contrast, se, own_days):
    panel = forces(replicates=3)
    weight = np.random.default_rng(3).integers(0, 3, (3, panel.n))
    days = np.random.default_rng(4).integers(200, 400, (3, panel.n, 2)).astype(float) if own_days else None
    outcome = panel.outcome.astype(float)
    outcome[np.random.default_rng(5).random(outcome.shape) < 0.05] = np.nan
    many = Panel.from_arrays(
        outcome, start=panel.start, weight=weight, exposure=days, covariates=panel.covariates, missing="keep"
    )
    for people in ("paired", "all"):
        spec = DiffInDiff(contrast=contrast, se=se, cluster="force", people=people)
        found = batch(spec, many, rng=1)
        for k in range(3):
            one = spec(many.replicate(k), rng=1)
            there = np.repeat(np.arange(panel.n), weight[k])
            written_out = Panel.from_arrays(
                outcome[k, there],
                start=panel.start[there],
                exposure=None if days is None else days[k, there],
                covariates={"force": panel.covariates["force"][there]},
                missing="keep",
            )
            alone = spec(written_out, rng=1)
            for name in ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value"):
                assert getattr(found, name)[k] == pytest.approx(getattr(one, name), rel=EXACT), name
                assert getattr(alone, name) == pytest.approx(getattr(one, name), rel=1e-7), name


def test_other_people_after_are_means_of_four_cells_and_the_same_people_are_pairs():
    rng = np.random.default_rng(7)
    y, managed, after = rng.poisson(4.0, 80) + 1.0, np.arange(80) < 35, rng.random(80) < 0.5
    outcome = np.full((80, 2), np.nan)
    outcome[np.arange(80), after.astype(int)] = y
    panel = Panel.from_arrays(outcome, start=start_of(managed), missing="keep")
    cells = [y[who & when] for who in (managed, ~managed) for when in (after, ~after)]
    e = DiffInDiff(contrast="difference", people="all")(panel)
    (a, b, c, d), variances = (cell.mean() for cell in cells), [cell.var(ddof=1) / cell.size for cell in cells]
    assert e.estimate == pytest.approx(a - b - c + d, rel=EXACT)
    assert e.std_error == pytest.approx(math.sqrt(sum(variances)), rel=EXACT)
    df = sum(variances) ** 2 / sum(v * v / (cell.size - 1) for v, cell in zip(variances, cells, strict=True))
    assert e.df == pytest.approx(df, rel=EXACT)  # Welch's, of four means
    assert DiffInDiff(people="all")(panel).estimate == pytest.approx(a / b / (c / d), rel=EXACT)
    with pytest.raises(NotIdentifiedError, match="both windows"):
        DiffInDiff()(panel)
    both = forces(seed=9)
    for contrast in ("ratio", "difference"):
        one, other = (DiffInDiff(contrast=contrast, people=who)(both) for who in ("paired", "all"))
        assert (other.estimate, other.std_error, other.df) == pytest.approx(
            (one.estimate, one.std_error, one.df), rel=EXACT
        )


@pytest.mark.parametrize(
    ("name", "outcome", "managed", "after", "estimate", "error", "decimals"),
    [
        ("kielmc", "rprice", "nearinc", "y81", -11_863.90, 7_456.65, 2),
        ("injury_kentucky", "ldurat", "highearn", "afchnge", 0.1906, 0.0685, 4),
    ],
)
def test_published_repeated_cross_sections(name, outcome, managed, after, estimate, error, decimals):
    """Kiel & McClain (1995) and Meyer, Viscusi & Durbin (1995) in Wooldridge's textbook, examples 13.3 and 13.4."""
    path = DATA / f"{name}.csv"
    if not path.exists():
        pytest.skip("the data of Wooldridge's textbook are not here")
    import pandas as pd

    rows = pd.read_csv(path)
    who, when = rows[managed].to_numpy() == 1, rows[after].to_numpy().astype(int)
    pairs = np.full((len(rows), 2), np.nan)
    pairs[np.arange(len(rows)), when] = rows[outcome]
    panel = Panel.from_arrays(pairs, kind="score", start=start_of(who), missing="keep")
    e = DiffInDiff(contrast="difference", people="all")(panel)
    assert round(e.estimate, decimals) == estimate
    # the textbook's error is that of one variance for all cells
    cells = [pairs[g, t] for g in (who, ~who) for t in (0, 1)]
    cells = [cell[~np.isnan(cell)] for cell in cells]
    pooled = sum(((c - c.mean()) ** 2).sum() for c in cells) / (len(rows) - 4)
    assert round(math.sqrt(pooled * sum(1 / c.size for c in cells)), decimals) == error
    assert e.std_error == pytest.approx(math.sqrt(sum(c.var(ddof=1) / c.size for c in cells)), rel=EXACT)


def test_a_group_of_one_cluster_is_refused_and_of_two_is_told():
    alone = forces(FORCE == 2)
    for se in ("jackknife", "wild"):
        with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*a group is of one force.*bootstrap of clusters fails"):
            DiffInDiff(se=se, cluster="force")(alone)
    assert batch(DiffInDiff(cluster="force"), replace(alone, outcome=alone.outcome[None])).code.tolist() == [68]
    two = DiffInDiff(cluster="force")(forces(np.isin(FORCE, (2, 4))))
    assert "a group has fewer than three of 'force'" in two.note
    assert "fewer than three" not in DiffInDiff(cluster="force")(forces()).note
    with pytest.raises(NotIdentifiedError, match="no covariate team"):
        DiffInDiff(cluster="team")(forces())
    gone = replace(forces(), covariates={"force": np.where(FORCE == 1, None, "a").astype(object)})
    with pytest.raises((InputError, NotIdentifiedError)):
        DiffInDiff(cluster="force")(gone)


def covered(found, truth):
    return int(((found.conf_low <= truth) & (truth <= found.conf_high)).sum())


def band(replicates, low, high):
    """Return the counts that a coverage between two values may give, but for one sample in ten thousand."""
    return stats.binom.ppf(FLAKE / 2, replicates, low), stats.binom.isf(FLAKE / 2, replicates, high)


PEOPLE_WORLDS = [(20, 20), (20, 200), (225, 225)]


def of_people(managed, others, contrast, replicates):
    rng = np.random.default_rng(crc32(f"{managed}-{others}-{contrast}".encode()))
    n = managed + others
    who = np.arange(n) < managed
    level = np.where(who, 6.0, 4.0 if contrast == "ratio" else 6.0)
    rate = rng.gamma(1.5, level / 1.5, (replicates, n))
    after = rate * 0.9 * np.where(who, 0.75, 1.0) * rng.gamma(5.0, 0.2, rate.shape)
    pairs = np.stack([rng.poisson(rate), rng.poisson(after)], axis=-1)
    truth = 0.75 if contrast == "ratio" else 6.0 * 0.9 * -0.25
    return Panel.from_arrays(pairs, start=start_of(who)), truth


@pytest.mark.parametrize(
    "replicates", [pytest.param(1_000, id="some"), pytest.param(10_000, marks=pytest.mark.slow, id="many")]
)
@pytest.mark.parametrize(("managed", "others"), PEOPLE_WORLDS)
@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_intervals_cover_with_few_people(managed, others, contrast, replicates):
    panel, truth = of_people(managed, others, contrast, replicates)
    low, high = band(replicates, 0.94, 0.96)
    assert low <= covered(batch(DiffInDiff(contrast=contrast), panel), truth) <= high


@pytest.mark.parametrize(
    "replicates", [pytest.param(1_000, id="some"), pytest.param(10_000, marks=pytest.mark.slow, id="many")]
)
@pytest.mark.parametrize(("se", "low", "high"), [("jackknife", 0.94, 0.96), ("cr2", 0.94, 0.96), ("cr3", 0.97, 0.99)])
@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_intervals_cover_with_six_forces_three_of_them_managed(contrast, se, low, high, replicates):
    panel = forces(seed=crc32(f"{contrast}-{se}".encode()), replicates=replicates)
    truth = 0.75 if contrast == "ratio" else 6.0 * 0.9 * -0.25
    least, most = band(replicates, low, high)
    assert least <= covered(batch(DiffInDiff(contrast=contrast, se=se, cluster="force"), panel), truth) <= most


@pytest.mark.slow
@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_the_wild_bootstrap_covers_with_six_forces(contrast):
    panel = forces(seed=crc32(f"wild-{contrast}".encode()), replicates=2_000)
    truth = 0.75 if contrast == "ratio" else 6.0 * 0.9 * -0.25
    least, most = band(2_000, 0.93, 0.97)
    assert least <= covered(batch(DiffInDiff(contrast=contrast, se="wild", cluster="force"), panel), truth) <= most


def test_its_picture_has_both_groups_and_the_counterfactual():
    e = DiffInDiff()(forces())
    ax = e.plot()
    d = e.diagnostics
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    assert lines["managed people"] == pytest.approx(
        [d["rate_before_managed"], d["rate_before_managed"] * d["change_managed"]]
    )
    assert lines["expected without it"][1] == pytest.approx(d["rate_before_managed"] * d["change_comparison"])
    assert lines["managed people"][1] / lines["expected without it"][1] == pytest.approx(e.estimate)
    shift = DiffInDiff(contrast="difference")(forces())
    lines = {line.get_label(): line.get_ydata() for line in shift.plot().get_lines()}
    assert lines["managed people"][1] - lines["expected without it"][1] == pytest.approx(shift.estimate)
    many = batch(DiffInDiff(), replace(forces(), outcome=forces().outcome[None]))
    assert len(many[0].plot().get_lines()) > 0


def test_levels_that_differ_before_are_told():
    alike, unlike = forces(), forces()
    pairs = unlike.outcome.copy()
    pairs[WHOLE] *= 3
    unlike = replace(unlike, outcome=pairs)
    text = "not both the same ratio and the same amount of change can hold"
    assert text in DiffInDiff()(unlike).note
    assert 'contrast="ratio"' in DiffInDiff(contrast="difference")(unlike).note
    half = replace(alike, exposure=np.where(WHOLE[:, None], [600.0, 600.0], [200.0, 200.0]))
    assert text in DiffInDiff()(half).note
    level = alike.outcome[WHOLE, 0].mean() / alike.outcome[~WHOLE, 0].mean()
    assert f"is {level / 3:.2f} times" in DiffInDiff()(half).note
