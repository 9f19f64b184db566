"""One example a point of the register, asked of the paper, of an invented print and of three studies of people."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from iom_causal.analysis.comparison import run
from iom_causal.analysis.steps import Effort
from iom_causal.base.setting_paths import replace_path
from iom_causal.base.wording import violations
from iom_causal.cli.question import FOR_YOU, PointQuestion
from iom_causal.confounds import Breach, Custody, Detection
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import SpecError
from iom_causal.evaluation import read_subject
from iom_causal.ledger import Ledger
from iom_causal.report.asked_study import AskedStudy, ends
from iom_causal.report.sections.comparison import why_none
from iom_causal.sensitivity.tipping import tipping

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples" / "sensitivity"

PLAIN = """[study]
title = "Ours"
invented = true
[study.extract]
file = "people.csv"
id = "urn"
windows = [ { label = "before", months = 12 }, { label = "after", months = 12, post = true } ]
outcomes = [ { name = "arrests", kind = "count", columns = ["before", "after"] } ]
"""
RICH = """[study]
title = "Ours, with more"
invented = true
selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 3, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
age = "age"
covariates = ["sex"]
index_date = 2012-05-01
windows = [
  { label = "before", start = 2011-05-01, end = 2012-05-01 },
  { label = "after", start = 2012-05-01, end = 2013-05-01, post = true },
]
outcomes = [
  { name = "arrests", kind = "count", columns = ["before", "after"] },
  { name = "risk", kind = "score", columns = ["risk before", "risk after"], missing = "keep" },
]
"""
SCORE = """[study]
title = "A score that rose"
invented = true
[study.extract]
file = "people.csv"
id = "urn"
windows = [ { label = "before", months = 12 }, { label = "after", months = 12, post = true } ]
outcomes = [ { name = "risk", kind = "score", columns = ["risk before", "risk after"], missing = "keep" } ]
"""
SPARSE = """[published]
title = "Means alone, and of the score one"
citation = "Nobody (2021)"
source_version = "typed by hand"
journal_compared = false
invented = true
index_date = 2016-04-01
comparison_group = false
windows = [
  { label = "before", start = 2015-04-01, end = 2016-04-01, post = false },
  { label = "after", start = 2016-04-01, end = 2017-04-01, post = true },
]
sample = { n = "80" }
outcomes = [
  { name = "offences", kind = "count", before = { n = "80", mean = "5.1" }, after = { n = "80", mean = "3.0" } },
  { name = "risk", kind = "score", before = { n = "80", sd = "60" }, after = { n = "70", mean = "240" } },
]
"""
STUDIES = {"plain": PLAIN, "rich": RICH, "score": SCORE, "sparse": SPARSE}


def people(n=90):
    """Return people picked at three arrests or more, with nothing done to them, and a score that some lack after."""
    rng = np.random.default_rng(3)
    rate = rng.gamma(1.2, 2.0, 40 * n)
    before, after = rng.poisson(rate), rng.poisson(rate)
    some = np.flatnonzero(before >= 3)[:n]
    score = rng.normal(300, 60, n).round()
    return pd.DataFrame(
        {
            "urn": [f"P{k}" for k in range(n)],
            "before": before[some],
            "after": after[some],
            "sex": rng.choice(["f", "m"], n, p=[0.3, 0.7]),
            "age": rng.integers(18, 50, n),
            "risk before": score,
            "risk after": np.where(rng.random(n) < 0.2, np.nan, (score + rng.normal(12, 40, n)).round()),
        }
    )


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies")
    people().to_csv(folder / "people.csv", index=False)
    for name, text in STUDIES.items():
        (folder / f"{name}.toml").write_text(text)
    own = {name: str(folder / f"{name}.toml") for name in STUDIES}
    return {"paper": "sleath-brown-2017", "print": str(template()), **own}


def template():
    return ROOT / "iom_causal" / "published" / "studies" / "template.toml"


def question(key):
    path = ROOT / REGISTER[key].example
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert isinstance(module.main, PointQuestion)
    assert module.main.id == key
    return module.main


def test_every_file_is_named_by_its_point_and_every_point_names_one():
    named = {p.example for p in REGISTER.values()}
    assert len(named) == len(REGISTER)
    assert all((ROOT / name).is_file() for name in named)
    assert {p.name.partition("_")[0] for p in FOLDER.glob("*.py")} == set(REGISTER)


@pytest.mark.parametrize("key", REGISTER)
@pytest.mark.parametrize("which", ["paper", "print", "plain", "rich", "score", "sparse"])
def test_it_ends_in_one_sentence_and_one_figure(key, which, studies, tmp_path, capsys):
    question(key)(studies[which], tmp_path / "figures")
    said = capsys.readouterr().out
    assert violations(said) == ()
    *_, last = [line for line in said.splitlines() if not line.startswith("Drawn")]
    assert last[0].isupper()
    assert last.endswith(".")
    drawn = list((tmp_path / "figures").glob("*.png"))
    assert [p.stem for p in drawn] == ([Path(REGISTER[key].example).stem] if drawn else [])
    assert bool(drawn) != (REGISTER[key].sentence in last)  # where it does not arise the register's sentence is said
    assert all(imread(picture)[..., :3].std() > 0.03 for picture in drawn)  # none is blank


def test_what_a_print_lacks_is_named(studies, capsys):
    lacking = {
        "c02": "offences, before: expected a mean and an SD",
        "c05": "age",
        "c07": "Of risk this study does not give",
    }
    for key, text in lacking.items():
        question(key)(studies["sparse"])
        assert text in capsys.readouterr().out


def test_what_they_say_of_the_paper_is_what_its_figures_give():
    ratio = 3.61 / 6.84 * 547 / 549  # windows of 547 and 549 days
    slope = 0.535886 * 3.66 / 4.75  # of arrests after on arrests before; r follows from t
    expected = {
        "c03": f"conduct is {ratio / 1.25:.2f} to {ratio / 0.8:.2f}",
        "c08": "up to 0.36 SD, and a true one of 0.51 SD",  # t* sqrt(1/189 + 1/36), and R's power.t2n.test
        "c09": f"anywhere from 0 to {ratio / 0.5:.2f}",
        "c10": f"{(1.158 - ratio) / (1.158 - 0.33):.0%} of the events before",
        "c12": f"6 of 10 stand for {6 / (6 + 5 * 4):.0%} to 60%",
        "u1": f"averaged {(3.61 - slope * 6.84) / (1 - slope):.2f} ",
        "u3": f"from {(187 * 238.61 + 38 * 20) / 225 - 328.89:.1f} to {(187 * 238.61 + 38 * 1100) / 225 - 328.89:.1f}",
    }
    said = {key: question(key).ask().sentence for key in expected}
    assert {key: text for key, text in expected.items() if text not in said[key]} == {}


def test_a_setting_at_its_tipping_value_leaves_nothing_under_every_set():
    study = AskedStudy(read_subject("sleath-brown-2017"))
    data = study.data("count")
    for line, path in (
        (Detection(), "detection.ratio"),
        (Breach(), "breach.before"),
        (Custody(ratio=1.0), "custody.ratio"),
    ):
        for ledger in study.ledgers(data, line).values():
            tip = tipping(ledger, data, path)
            if tip.set_low is not None:
                low, high = (ends(replace_path(ledger, path, end), data) for end in (tip.set_low, tip.set_high))
                assert min(abs(e - 1) for e in low) < 1e-8  # root finding, to 1e-12 of the setting
                assert min(abs(e - 1) for e in high) < 1e-8


def test_people_are_told_that_their_figures_are_for_them_alone(studies, capsys):
    question("c09")(studies["plain"])
    assert capsys.readouterr().err.strip() == FOR_YOU
    question("c09")(studies["print"])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("what", ["a file", "of others"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, what):
    out = tmp_path / "figures"
    if what == "a file":
        out.write_text("mine")
    else:
        (tmp_path / "real").mkdir()
        out.symlink_to(tmp_path / "real")
    with pytest.raises(SpecError, match="IOM-E090"):
        question("c09")("template", out)


def test_what_cannot_be_read_ends_in_one_message_and_status_two(tmp_path):
    (tmp_path / "open.toml").write_text(PLAIN.replace('"urn"', '"EDIT: which column"'))
    for name, code in (("nowhere.toml", "IOM-E096"), ("open.toml", "IOM-E096")):
        command = [sys.executable, ROOT / REGISTER["c09"].example, tmp_path / name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"iom-causal: {code}")


YEARS = [f"w{k}" for k in range(6)]
POOL = f"""[study]
title = "Everybody"
invented = true
selection = {{ variable = "arrests", windows = ["w4"], rule = "at_least", threshold = 3, timing = "at_boundary" }}
[study.extract]
file = "pool.csv"
id = "urn"
group = "managed"
windows = [ {", ".join(f'{{ label = "{w}", months = 12{", post = true" * (w == YEARS[-1])} }}' for w in YEARS)} ]
outcomes = [ {{ name = "arrests", kind = "count", columns = {str(YEARS).replace("'", '"')} }} ]
"""


@pytest.fixture
def pool(tmp_path):
    rng = np.random.default_rng(7)
    rates = rng.gamma(0.8, 1.2, 1500)
    counts = {year: rng.poisson(rates) for year in YEARS}
    managed = (counts["w4"] >= 3) & (rng.random(1500) < 0.6)
    pd.DataFrame({"urn": range(1500), "managed": 1 * managed, **counts}).to_csv(tmp_path / "pool.csv", index=False)
    (tmp_path / "pool.toml").write_text(POOL)
    return tmp_path / "pool.toml"


def test_people_left_out_by_the_rule_are_no_comparison_by_this_door_either(pool, capsys):
    sentence = question("c02").ask(pool).sentence
    lines = capsys.readouterr().out.splitlines()
    assert "of which none may be offered as showing the programme’s share" in sentence
    assert why_none(run(read_subject(pool), Effort(quick=True))[0]) in sentence
    assert "People who were not managed are no comparison for arrests" in sentence
    assert "  DiffInDiff(): the data hold what it needs, and it is not offered" in lines


@pytest.mark.parametrize(("key", "line"), [("c01", "history"), ("c06", "desistance")])
def test_a_set_that_holds_the_line_in_another_is_said_and_left_out(key, line, pool, capsys):
    question(key)(pool)
    said = capsys.readouterr().out
    assert f"if “as others, not managed, fared”: another line holds {line} already" in said
    assert said.splitlines()[-1].startswith("For nothing to remain")


def test_where_windows_are_of_unlike_length_what_is_said_to_be_left_is_per_day(pool):
    sentence = question("u1").ask(pool).sentence
    counts = pd.read_csv(pool.with_name("pool.csv")).query("managed == 1")[YEARS].sum()
    exact = 5 * counts["w5"] / counts[YEARS[:-1]].sum()
    given = float(re.search(r"at (\d\.\d+) of what they were", sentence)[1])
    assert given == pytest.approx(exact, abs=0.02)  # as coarse as one person moves it


def test_people_are_given_as_finely_as_the_page_gives_them_and_a_print_as_it_is(studies):
    own, paper = (AskedStudy(read_subject(studies[name])) for name in ("rich", "paper"))
    data, printed = own.data("count"), paper.data("count")
    (step, exact), recorded = (own.step(data), ends(Ledger(), data)), own.ends(Ledger(), data)
    assert step >= 0.01
    assert recorded[0] == pytest.approx(step * round(recorded[0] / step), abs=1e-12)
    assert recorded[0] != exact[0]
    assert recorded[0] == pytest.approx(exact[0], abs=step / 2)
    ledger = Ledger([Detection()])
    found, given = tipping(ledger, data, "detection.ratio"), own.tipping(ledger, data, "detection.ratio")
    assert given.value != found.value
    assert given.value == pytest.approx(found.value, rel=1.1 * step / exact[0])
    assert len(f"{given.value:.10g}") <= 4
    assert own.people(93) == 95
    assert paper.step(printed) == 0
    assert paper.ends(Ledger(), printed) == ends(Ledger(), printed)
    assert paper.people(93) == 93


def test_of_people_without_a_follow_up_no_least_or_greatest_figure_is_told(studies, capsys):
    question("u3")(studies["rich"])
    said = capsys.readouterr().out
    scores = people()[["risk before", "risk after"]].to_numpy()
    lost = int(np.isnan(scores).any(1).sum())
    assert "bounds" not in said
    assert f"the {5 * round(lost / 5)} without a follow-up" in said
    assert not {f"{np.nanmin(scores):.0f}", f"{np.nanmax(scores):.0f}"} & set(re.findall(r"\d+", said))


def test_nothing_is_said_of_a_few_people(tmp_path):
    few = people()
    few["sex"] = ["f"] * 4 + ["m"] * (len(few) - 4)
    few.loc[:3, "risk after"], few.loc[4:, "risk after"] = np.nan, few["risk before"] - 1
    few.to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "rich.toml").write_text(RICH)
    for key, why in (("c08", "A group by sex is so small"), ("u3", "Everybody has a figure")):  # four are set aside
        said, drawn = question(key).ask(tmp_path / "rich.toml")
        assert drawn is None
        assert said.startswith(why)


def placebo_dates():
    spec = importlib.util.spec_from_file_location("placebo", FOLDER / "u1_placebo_dates.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def test_earlier_dates_are_asked_of_a_study_and_shown_where_there_are_none(studies, pool, tmp_path, capsys):
    ask = placebo_dates()
    for which, shown in ((studies["paper"], True), (pool, True), (studies["rich"], False), (studies["score"], False)):
        ask(which, tmp_path / Path(which).stem)
        *_, last = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("Drawn")]
        assert violations(last) == ()
        assert last.endswith(".")
        assert [p.stem for p in (tmp_path / Path(which).stem).glob("*")] == (["u1_placebo_dates"] if shown else [])
