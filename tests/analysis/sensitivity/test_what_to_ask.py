"""What to ask for: values of statistics against simulated pools, widths against the null calibration, and the paper."""

from dataclasses import replace
from itertools import islice
from math import exp, inf, log

import numpy as np
import pytest
from scipy.special import ndtr

import iom_causal as iom
from iom_causal.analysis.sensitivity.requested_known import read
from iom_causal.analysis.sensitivity.requested_models import RECORDS, Line, models_of
from iom_causal.analysis.sensitivity.requested_result import Request
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS, drifted, noise_of
from iom_causal.analysis.sensitivity.what_to_ask import BACKGROUND, COURSE, LEAST, ranked, request_of, what_to_ask
from iom_causal.beliefs import Range
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.moments import Moments
from iom_causal.null.calibrate import identified_sets, null_calibration
from iom_causal.null.observed import observe
from iom_causal.numerics.sensitivity.expected_width import expected_width, widths_when_known
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.windows import Selection, Window

FIGURES = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66, "r": 0.5355}
STILL = {"background": Line(0.0, 0.0)}
"""Nothing else changes."""
POOL = 2_000_000
"""People of a simulated pool, of whom 4,000 or more are selected."""
SDS = 4.0
"""Standard errors that a simulated figure may be off."""
BENT = 0.01
"""What a straight line between neighbouring models misses of a log ratio."""
ROUNDING = 1e-9


def moments(**other):
    return Moments.from_summary(**(FIGURES | other))


def models(records=RECORDS, lines=STILL, of=None):
    tables = (observe(moments()),) if of is None else of
    return models_of(tables, lines, records=records, course=0.0, noise=noise_of(0.95), level=0.95)


@pytest.fixture(scope="module")
def paper():
    return what_to_ask(load_published("sleath-brown-2017"))


def test_of_the_paper_the_rule_and_the_mean_of_an_earlier_window_lead(paper):
    assert [a.statistic for a in paper.asked[:2]] == ["rule", "earlier_mean"]
    assert paper.outcome == "arrests"
    assert paper.n == 225


def test_what_is_printed_is_not_asked_for(paper):
    # t gives r; SDs are printed, and so is an age, but not that at entry.
    asked = {a.statistic for a in paper.asked}
    assert not asked & {"correlation", "sd_before", "sd_after"}
    assert "age_at_entry" in asked
    assert "age_at_entry" not in {
        a.statistic for a in what_to_ask(load_published("sleath-brown-2017")["arrests"]).asked
    }


def models_of_paper(paper):
    width = log(COURSE.high / COURSE.low)
    known = read(load_published("sleath-brown-2017"))
    return known, models_of(known.tables, paper.lines, records=RECORDS, course=width, noise=noise_of(0.95), level=0.95)


def test_each_place_is_of_the_one_that_narrows_most_alone_and_beside_those_above_on_average(paper):
    known, found = models_of_paper(paper)
    open_ones = [n for n, s in STATISTICS.items() if n not in known.statistics and s.line in {"", *paper.lines}]
    before: list[str] = []

    def left(name):
        return (found.expected((*before, name)) + found.expected((name,))) / 2

    for asked in paper.asked:
        others = [left(name) for name in open_ones if name not in before]
        assert left(asked.statistic) == pytest.approx(min(others), abs=ROUNDING)
        assert asked.together == pytest.approx(found.expected((*before, asked.statistic)), abs=ROUNDING)
        assert asked.expected_width == pytest.approx(found.expected((asked.statistic,)), abs=ROUNDING)
        before.append(asked.statistic)
    rest = [left(name) for name in open_ones if name not in before]
    assert min(rest) > (paper.asked[-1].together + paper.width_now) / 2 - LEAST * paper.width_now


def test_what_narrows_alone_is_asked_for_though_those_before_it_tell_the_same(paper):
    """A force may not hold the rule: what of the other figures would narrow the range then has a place."""
    known, found = models_of_paper(paper)
    now = found.expected(())
    alone = {name: now - found.expected((name,)) for name in set(STATISTICS) - known.statistics}
    assert {name for name, gain in alone.items() if gain >= 2 * LEAST * now} <= {a.statistic for a in paper.asked}
    narrow = what_to_ask(moments(mean_pre=12, sd_pre=7, mean_post=8, sd_post=7, r=0.6))
    (earlier,) = (a for a in narrow.asked if a.statistic == "earlier_mean")
    above = narrow.asked[narrow.asked.index(earlier) - 1]
    assert narrow.narrowed(earlier) > 0.2
    assert above.together - earlier.together < narrow.width_now * narrow.narrowed(earlier) / 2


@pytest.mark.parametrize(
    ("record", "times", "first"),
    [
        (2.0, 3, ["rule", "custody_days"]),
        (4.0, 3, ["rule", "custody_days"]),
        (inf, 3, ["rule", "earlier_mean"]),
        (1.0, 3, ["earlier_mean", "rule"]),
    ],
)
def test_the_order_under_other_weights_is_what_the_docstring_says(paper, record, times, first):
    known, found = models_of_paper(paper)
    heavier = found.statistics["rule"][:, 0] == 1 / record
    found = replace(found, weight=np.where(heavier, times, 1.0) * found.weight)
    assert [each.statistic for each in islice(ranked(found, known.statistics), len(first))] == first


def test_no_statistic_widens_whatever_is_known_beside_it():
    lines = {"background": Line(-0.1, 0.0), "time at liberty": Line(-0.1, 0.1), "people still there": Line(-0.05, 0.0)}
    lines["age"] = Line(-0.02, 0.02)
    found = models(lines=lines)
    today = found.widths(())
    assert np.ptp(today) == pytest.approx(0.0, abs=ROUNDING)
    for one in STATISTICS:
        alone = found.widths((one,))
        assert (alone <= today + ROUNDING).all()
        for other in set(STATISTICS) - {one}:
            # Where a line is told, places of it are the truth; a statistic narrows at each of them.
            both = found.widths((one, other))
            assert (both.max(-1) <= alone.max(-1) + ROUNDING).all()
            assert (both.mean(-1) <= alone.mean(-1) + ROUNDING).all()


def simulated(fit, rng):
    """Counts of a pool in the window before the one before, before and after, with gamma rates that drift, and a rule.

    The chain of Kibble's law is reversible, so that the earlier window is drawn from the one before as the later is.
    """
    shape, kept = fit.spread**-2, fit.correlation
    now = rng.gamma(shape, 1 / shape, POOL)

    def moved():
        jumps = rng.poisson(shape * kept * now / (1 - kept))
        return rng.gamma(shape + jumps, (1 - kept) / shape)

    earlier, after = moved(), moved()
    counts = [rng.poisson(fit.mean * rate) for rate in (earlier, now, fit.ratio * after)]
    picked = rng.random(POOL) < ndtr((counts[1] - fit.cut) / fit.softness)
    return *counts, picked


@pytest.fixture(scope="module")
def gamma_fits():
    kinds, _ = identified_sets(observe(moments()), rates=("gamma",))
    return {round(fit.ratio, 2): fit for fit in kinds[0].fits}


@pytest.mark.parametrize("ratio", [0.7, 0.9])
def test_statistics_take_the_values_that_simulated_pools_have(gamma_fits, ratio):
    found = models(records=(1.0,))
    where = [k for k, v in enumerate(found.value[:, 0]) if v == pytest.approx(log(ratio), abs=1e-6)]
    at = next(k for k in where if np.exp(found.statistics["pool_mean"][k, 0]) == pytest.approx(gamma_fits[ratio].mean))
    taken = {name: values[at, 0] for name, values in found.statistics.items()}
    earlier, before, after, picked = simulated(gamma_fits[ratio], np.random.default_rng(7))
    n, rest = picked.sum(), ~picked
    assert before[picked].mean() == pytest.approx(FIGURES["mean_pre"], abs=SDS * FIGURES["sd_pre"] / np.sqrt(n))
    observed = {
        "pool_mean": (log(before.mean()), before.std() / before.mean() / np.sqrt(POOL)),
        "pool_size": (log(picked.mean()), 1 / np.sqrt(n)),
        "earlier_mean": (log(earlier[picked].mean()), earlier[picked].std() / earlier[picked].mean() / np.sqrt(n)),
        # Without the programme and all else, the others' mean after is divided by the ratio of everybody's.
        "list_after": (
            log(after[rest].mean() / before[rest].mean() / ratio),
            np.sqrt(2) * before.std() / before.mean() / np.sqrt(POOL),
        ),
        "none_before": ((before[picked] == 0).mean(), 0.5 / np.sqrt(n)),
        "none_after": ((after[picked] == 0).mean(), 0.5 / np.sqrt(n)),
        "many_before": ((before[picked] >= 14).mean(), 0.5 / np.sqrt(n)),
        "many_after": ((after[picked] >= 8).mean(), 0.5 / np.sqrt(n)),
    }
    for name, (value, error) in observed.items():
        assert taken[name] == pytest.approx(value, abs=SDS * error), name


def test_widths_are_those_of_the_null_calibration_with_the_same_statistic_known():
    found = models(records=(1.0,))
    for name, known in (("pool_mean", "pool_mean"), ("pool_size", "pool_share")):
        widths = found.widths((name,))[:, 0]
        for k in (4, 15, 30):
            middle, off = found.statistics[name][k].mean(), found.tolerance[name][k]
            ends = iom.Range(float(np.exp(middle - off)), float(np.exp(middle + off)))
            try:
                solved = null_calibration(moments(), rng=1, sims=100, ends=True, **{known: ends})
            except NotIdentifiedError:  # an end lies where no model of any kind is
                continue
            ratios = [m.ratio for m in solved.models]
            if len({m.rates for m in solved.models}) == 3:
                assert widths[k] == pytest.approx(log(max(ratios) / min(ratios)), abs=BENT)


def rates_keep(fit):
    """Correlation of a population's rates in two windows, from that of their logs where they are lognormal."""
    if fit.rates != "lognormal":
        return fit.correlation
    return (exp(fit.correlation * fit.spread**2) - 1) / (exp(fit.spread**2) - 1)


def left_by_rate(kinds, table):
    """Width of the log ratio where it is known that the rate was read, which lasts or moves."""
    after = [fit.mean + rates_keep(fit) * (table.mean_pre - fit.mean) for kind in kinds for fit in kind.fits]
    return log(table.mean_pre / min(after))


def test_expected_widths_are_those_with_each_statistic_given_to_the_adjustment():
    """The adjustment is made anew: fits with the statistic given, over truths whose rule read the count or the rate."""
    three = {"rule", "pool_mean", "pool_size"}
    known = read(moments())._replace(records=(1.0, inf), statistics=frozenset(set(STATISTICS) - three))
    still = {name: iom.Range(1.0, 1.0) for name in ("background", "time at liberty", "people still there", "course")}
    expected = {a.statistic: a.expected_width for a in request_of(known, still).asked}
    kinds, _ = identified_sets(observe(moments()))
    observed = log(FIGURES["mean_post"] / FIGURES["mean_pre"])
    every, of_rate = [log(fit.ratio) for kind in kinds for fit in kind.fits], left_by_rate(kinds, moments())
    left: dict[str, list[float]] = {name: [] for name in sorted(three)}
    for kind in kinds:
        for fit in kind.fits[1:-1:3]:
            by_count = {}
            for name, given in (("pool_mean", "mean"), ("pool_size", "share")):
                solved = [k.fitting.known(getattr(fit, given), k.fits[len(k.fits) // 2], given) for k in kinds]
                by_count[name] = [log(s.ratio) for s in solved if s is not None]
            for rule_read_rate in (False, True):
                left["rule"].append(of_rate if rule_read_rate else max(every) - min(every))
                for name, ratios in by_count.items():
                    left[name].append(max(ratios) - observed)  # the rate itself stays possible whatever the pool is
    assert expected["rule"] == pytest.approx(np.mean(left["rule"]), abs=BENT)
    # Of so few people mean and share are known to 13%; made anew they are known exactly, at every third model.
    for name in ("pool_mean", "pool_size"):
        assert expected[name] == pytest.approx(np.mean(left[name]), abs=log(1 + 2 / np.sqrt(FIGURES["n"])))


@pytest.fixture(scope="module")
def cohorts(gamma_fits):
    """Tables of simulated people who were picked on their count, with the mean of their pool and the share picked."""
    made = []
    for ratio in (0.7, 0.9, 1.1):
        _, before, after, picked = simulated(gamma_fits[ratio], np.random.default_rng([11, int(100 * ratio)]))
        table = Panel.from_arrays(np.column_stack([before, after])[picked], name="arrests").moments()
        made.append((table, before.mean(), picked.mean()))
    return made


def refitted(table, mean, share):
    """Log ratios over every kind of rates, of models with the pool's own mean, or its share."""
    kinds, _ = identified_sets(observe(table))
    found = {}
    for name, given, value in (("pool_mean", "mean", mean), ("pool_size", "share", share)):
        starts = [min(k.fits, key=lambda f: abs(log(getattr(f, given) / value))) for k in kinds]
        fits = [k.fitting.known(value, start, given) for k, start in zip(kinds, starts, strict=True)]
        found[name] = [log(f.ratio) for f in fits if f is not None]
    return found


def test_in_simulated_cohorts_picked_on_the_count_what_is_ranked_first_narrows_most(cohorts):
    """The adjustment is made anew for each cohort's own table and pool."""
    two = {"pool_mean", "pool_size"}
    still = {name: iom.Range(1.0, 1.0) for name in ("background", "time at liberty", "people still there", "course")}
    left: dict[str, list[float]] = {name: [] for name in sorted(two)}
    for table, mean, share in cohorts:
        known = read(table)._replace(records=(1.0,), statistics=frozenset(set(STATISTICS) - two))
        assert request_of(known, still).asked[0].statistic == "pool_mean"
        ratios = refitted(table, mean, share)
        for name in two:
            left[name].append(np.ptp(ratios[name]))
    assert np.mean(left["pool_mean"]) < np.mean(left["pool_size"])


def test_a_longer_record_leaves_less_to_regress_and_a_rate_that_lasts_nothing():
    ends = {record: np.exp(models(records=(record,)).value) for record in RECORDS}
    highest = [ends[record].max() for record in RECORDS if record < inf]
    assert highest == sorted(highest, reverse=True)
    observed = FIGURES["mean_post"] / FIGURES["mean_pre"]
    assert ends[inf].min() == pytest.approx(observed)
    kinds, _ = identified_sets(observe(moments()))
    assert ends[inf].max() == pytest.approx(observed * exp(left_by_rate(kinds, moments())))


def test_people_picked_on_a_rate_that_moves_come_down_by_what_rates_keep(gamma_fits):
    """In a simulated pool whose people were picked on the rate of the window before."""
    fit, rng = gamma_fits[0.9], np.random.default_rng(5)
    shape, kept = fit.spread**-2, fit.correlation
    now = rng.gamma(shape, 1 / shape, POOL)
    after = rng.gamma(shape + rng.poisson(shape * kept * now / (1 - kept)), (1 - kept) / shape)
    chosen = now > 3
    before = fit.mean * now[chosen].mean()
    error = fit.mean * after[chosen].std() / np.sqrt(chosen.sum())
    assert drifted(fit, before) == pytest.approx(fit.mean * after[chosen].mean(), abs=SDS * error)


def test_lognormal_rates_keep_what_the_correlation_of_their_logs_makes_of_them():
    kinds, _ = identified_sets(observe(moments()), rates=("lognormal",))
    fit, rng = kinds[0].fits[0], np.random.default_rng(6)
    one, two = rng.normal(size=(2, POOL))
    logs = fit.spread * one, fit.spread * (fit.correlation * one + np.sqrt(1 - fit.correlation**2) * two)
    assert (drifted(fit, 10.0) - fit.mean) / (10.0 - fit.mean) == pytest.approx(rates_keep(fit))
    assert rates_keep(fit) == pytest.approx(np.corrcoef(*np.exp(logs))[0, 1], abs=BENT)


def test_the_width_today_is_that_of_the_models_and_of_every_line():
    found, line = models(lines={"background": Line(log(0.9), 0.0)}), log(1 / 0.9)
    low, high = found.ends
    assert high - low == pytest.approx(np.ptp(found.value) + line)
    assert found.expected(()) == pytest.approx(high - low)
    assert low == pytest.approx(log(FIGURES["mean_post"] / FIGURES["mean_pre"]))


def test_what_became_of_the_others_tells_the_background_up_to_what_their_own_regression_is():
    """Against pairs of a model and a background, tried one by one: left are those with the same figure."""
    low, high = log(0.9), 0.0
    found = models(records=(1.0,), lines={"background": Line(low, high)})
    at, background = np.linspace(0, 1, 41), np.linspace(low, high, 101)
    along = lambda ends: (ends[:, :1] + np.diff(ends) * at).ravel()  # noqa: E731 one line of arithmetic
    value, own = along(found.value), along(found.statistics["list_after"])
    widths = found.widths(("list_after",))
    for k in range(0, len(widths), 5):
        for place, truth in enumerate((low, (low + high) / 2, high)):
            off = found.tolerance["list_after"][k]
            told = truth + found.statistics["list_after"][k].mean()
            left = np.abs(background + own[:, None] - told) <= off
            brute = np.ptp((value[:, None] - background)[left])
            assert brute - ROUNDING <= widths[k, place] <= brute + 2 * off + 2 * BENT


def test_a_line_that_is_told_adds_nothing_any_more():
    lines = {"background": Line(0.0, 0.0), "time at liberty": Line(-0.1, 0.1)}
    found = models(lines=lines)
    assert found.expected(()) - found.expected(("custody_days",)) == pytest.approx(0.2)


def test_without_a_correlation_models_are_found_for_several_and_it_is_asked_for():
    request = what_to_ask(moments(r=None))
    assert "correlation" in {a.statistic for a in request.asked}
    assert request.sampling_width is None
    bare = what_to_ask(Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61))
    assert {"rule", "correlation"} <= {a.statistic for a in bare.asked}


def test_without_a_mean_or_with_a_score_it_is_refused():
    with pytest.raises(InputError, match="IOM-E067"):
        what_to_ask(Moments.from_summary(n=225, mean_pre=6.84))
    with pytest.raises(InputError, match="IOM-E066"):
        what_to_ask(moments(kind="score"))
    with pytest.raises(InputError, match="IOM-E035"):
        what_to_ask([[5, 2], [3, 1]])


@pytest.mark.parametrize("ratio", [0.9, iom.Range(0.0, 1.0)])
def test_what_else_changed_is_a_range_of_ratios(ratio):
    with pytest.raises(SpecError, match=r"IOM-E092: what_to_ask[:,] background(_ratio)?: expected a Range"):
        what_to_ask(moments(), background_ratio=ratio)


def counts_of_people():
    """Counts of 90 people with 6 or more before, out of a pool with gamma rates that last."""
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.gamma(1.2, 2.0, 2_000)[:, None], (2_000, 2))
    return counts[counts[:, 0] >= 6][:90]


COUNTS = counts_of_people()


def people(**settings):
    return Panel.from_arrays(COUNTS, name="arrests", **settings)


def test_of_people_it_asks_for_what_their_file_does_not_hold():
    asked = {a.statistic for a in what_to_ask(people()).asked}
    assert "rule" in asked
    assert asked & {"pool_mean", "pool_size"}
    assert not asked & {"none_before", "none_after", "correlation"}


def test_of_people_whose_rule_is_kept_only_models_that_read_the_count_are_left():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=6)
    stated, unknown = what_to_ask(people(selection=rule)), what_to_ask(people())
    assert "rule" not in {a.statistic for a in stated.asked}
    assert stated.set_low > unknown.set_low
    assert stated.sampling_width is None  # models are those that the figures do not reject: sampling is in the range


def test_days_in_custody_that_each_person_has_are_known():
    days = np.column_stack([np.full(90, 500.0), 450.0 + np.arange(90)])
    request = what_to_ask(people(exposure=days))
    assert "custody_days" not in {a.statistic for a in request.asked}
    assert "time at liberty" not in request.lines


def test_people_beside_others_are_not_asked_for_their_list():
    counts = np.concatenate([COUNTS, np.ones((40, 2), dtype=np.int64)])
    beside = Panel.from_arrays(
        counts, name="arrests", start=np.ma.MaskedArray(np.ones(130, dtype=np.int64), mask=np.arange(130) >= 90)
    )
    assert not {a.statistic for a in what_to_ask(beside).asked} & {"pool_mean", "pool_size", "list_after"}


def test_ages_that_are_not_printed_are_asked_for_where_the_windows_have_dates():
    windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    dated = moments(windows=windows)
    assert "age" in what_to_ask(dated).lines
    assert "age" not in what_to_ask(replace(dated, age_mean=30.0, age_sd=8.0)).lines


def test_the_points_of_the_register_are_spoken_to_or_not(paper):
    assert paper.speaks_to == ("c01", "c05", "u1", "u2", "u6")
    assert not set(paper.speaks_to) & set(paper.silent_on)
    assert {"c03", "c04", "u4"} <= set(paper.silent_on) <= set(REGISTER)


def test_the_same_request_twice_is_the_same(paper):
    again = what_to_ask(load_published("sleath-brown-2017"))
    assert again.tidy().equals(paper.tidy())
    assert again.summary() == paper.summary()


def test_the_summary_says_the_range_and_what_leads(paper):
    assert paper.summary().startswith(
        "arrests: what may be left is a ratio of 0.47 to 1.72 or more; how people were picked would narrow that range "
        "by 32% on average, 16% to 46% by what the answer is; the average of the same people in an earlier window by "
        "26%, 22% to 47% by what the answer is; both together by 40%"
    )


@pytest.mark.parametrize("name", ["pool_mean", "pool_size"])
def test_a_figure_of_the_pool_rules_out_no_model_of_a_longer_record(paper, name):
    """They have the means alone, so that what their pool would be is not known; by hand, at points of each segment."""
    _, found = models_of_paper(paper)
    places = np.linspace(0.0, 1.0, 201)
    ratio, figure = (ends[:, :1] + np.diff(ends) * places for ends in (found.value, found.statistics[name]))
    longer = found.statistics["rule"][:, :1] < 1
    rest = sum(line.width for line in found.lines.values())
    widths = found.widths((name,))[:, 0]
    for k in range(0, len(widths), 7):
        truth, off = found.statistics[name][k].mean(), found.tolerance[name][k]
        left = (np.abs(figure - truth) <= off) | longer
        assert widths[k] == pytest.approx(np.ptp(ratio[left]) + rest, abs=BENT)
    assert found.expected((name,)) > models_alone(found, name)


def models_alone(found, name):
    """The expected width, had every model the pool that it is given."""
    given, off = found.statistics[name][None], found.tolerance[name][None]
    rest = sum(line.width for line in found.lines.values())
    return expected_width(widths_when_known(found.value, given, off, off) + rest, found.weight) + BENT


def test_how_little_and_how_much_the_rule_narrows_is_what_models_of_each_record_leave(paper):
    """Each answer leaves the models whose rule read that record; what else changed stays as wide."""
    _, found = models_of_paper(paper)
    rest = sum(line.width for line in paper.lines.values())
    rule = paper.asked[0]
    left = {record: np.ptp(found.value[found.statistics["rule"][:, 0] == 1 / record]) + rest for record in RECORDS}
    assert rule.most == pytest.approx(max(left.values()), abs=ROUNDING) == pytest.approx(left[1.0], abs=ROUNDING)
    assert rule.least == pytest.approx(min(left.values()), abs=ROUNDING)
    assert rule.expected_width == pytest.approx(np.mean(list(left.values())), abs=ROUNDING)


STATED = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=5)


def printed(**other):
    """The paper, as one that prints more or less than it does."""
    return replace(load_published("sleath-brown-2017"), **other)


def test_a_print_that_states_its_rule_is_not_asked_for_it():
    rule = replace(STATED, windows=("18 months before",))
    request = what_to_ask(printed(rule=rule))
    assert "rule" not in {a.statistic for a in request.asked}
    assert request.set_low > what_to_ask(printed()).set_low  # no model is left whose rule read the rate
    assert "rule" not in {a.statistic for a in what_to_ask(load_published("template")).asked}


def test_a_print_whose_rule_read_something_else_is_refused_as_people_are():
    with pytest.raises(InputError, match="IOM-E048: people were picked on 'risk', not on 'arrests'"):
        what_to_ask(printed(rule=replace(STATED, variable="risk", windows=("18 months before",))))
    with pytest.raises(InputError, match="IOM-E048"):
        what_to_ask(printed(rule=replace(STATED, rule="rate", windows=("18 months before",))))
    with pytest.raises(SpecError, match=r"published.rule: window before"):
        printed(rule=replace(STATED, windows=("18 months after",)))


def test_where_nothing_would_narrow_it_that_is_said():
    nothing = Request(
        outcome="arrests",
        n=9,
        asked=(),
        set_low=0.5,
        set_high=0.5,
        sampling_width=None,
        lines={},
        open_above=False,
        level=0.95,
    )
    assert nothing.summary().endswith("nothing that is not known here would narrow it.")
    assert nothing.tidy().empty
    assert BACKGROUND.high == 1.0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"still_there": Range(1.1, 1.2)}, "IOM-E092: what_to_ask, people still there: expected a share of at most 1"),
        ({"outcome": "x"}, "IOM-E093: .*'x'"),
        ({"level": "a"}, "IOM-E092: what_to_ask: level: expected a number, got str"),
    ],
)
def test_what_cannot_be_is_refused(settings, said):
    with pytest.raises(SpecError, match=said):
        what_to_ask(printed(), **settings)


def test_one_person_is_asked_nothing():
    alone = Moments.from_summary(n=1, mean_pre=6.0, sd_pre=4.0, mean_post=3.0, sd_post=3.0, r=0.4)
    with pytest.raises(InputError, match=r"IOM-E060: .* expected at least 2 people, got 1"):
        what_to_ask(alone)
