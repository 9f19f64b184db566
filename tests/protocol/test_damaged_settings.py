"""Damaged settings files: whatever a file holds, the answer is a study or one typed refusal that echoes little."""

import copy
import datetime as dt
import json
import random
import tomllib
from importlib.resources import files

import pytest

from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import ECHOED, LONGEST, IomCausalError
from iom_causal.protocol.design import load_design
from iom_causal.protocol.scenario import load_scenario
from iom_causal.protocol.study import load_study
from iom_causal.published.audit.audit import audit
from iom_causal.published.study import load_published

LONG, SPACED = "q" * 100_000, "q " * 50_000
STRANGE = [
    *(
        LONG,
        SPACED,
        "",
        "\0",
        "x/../y",
        "1e-999999999",
        "9" * 5_000,
        -1,
        0,
        -0.5,
        10**18,
        1e308,
        float("inf"),
        float("nan"),
    ),
    *(True, dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.datetime(2020, 1, 1), dt.time(1)),  # noqa: DTZ001 as TOML has it
    *([], {}, [[[]]], {"a": {"b": 1}}, [1, "a"], ["a"], {"low": 1, "high": "x"}, {"mean": 0, "sd": -1}, {"rule": "x"}),
]
STUDY = """
[study]
title = "Ours"
selection = { variable = "arrests", windows = ["before"], rule = "at_least", timing = "at_boundary", threshold = 3 }
out = "report"
[study.extract]
file = "people.csv"
id = "urn"
missing = [-9, "NA"]
windows = [
  { label = "before", start = 2016-01-01, end = 2017-01-01 },
  { label = "after", start = 2017-01-01, end = 2018-01-01, post = true },
]
outcomes = [{ name = "arrests", kind = "count", columns = ["pre", "post"] }]
filters = [{ column = "status", drop = ["died"], reason = "not there" }]
[[study.confounds]]
confound = "History"
settings = { ratio = { median = 0.9, sd = 0.05 } }
source = "force statistics"
date = "2024"
reason = "arrests fell everywhere"
[[study.estimators]]
estimator = "PoissonMixed"
settings = { mixing = "gamma" }
outcomes = ["arrests"]
[[study.own_evidence]]
name = "chance"
title = "Part"
about = "People."
kind = "score"
lines = [{ confound = "ScoreRegression", settings = { sem = 30.0 }, source = "s", date = "d", reason = "r" }]
[[study.themes]]
group = "supervision"
name = "closer watching"
voiced_by = ["managers"]
bears_on = ["c04"]
[study.disclosure]
research = true
reason = "secure setting"
"""


def bundled(package, folder, name):
    return (files(package) / folder / f"{name}.toml").read_text(encoding="utf-8")


DESIGN = """
[design]
title = "Would this study tell what the programme does, or only that people who are picked come back to their mean?"
about = '''
People are picked for many arrests in the year before, and followed for a year. Nobody in these studies exists; every
figure is invented, and what is compared is what an evaluator would say of one group alone and of two side by side.
What people say of the programme is another matter, and is not looked at here; nor is what it costs, or whom it reaches.
'''
sims = 100
seed = 2
estimands = ["att_ratio", "att_difference"]
model = { scenario = "history", settings = { people = 30, "programme.ratio" = 0.9, rate = { median = 2.0, sd = 0.1 } } }
[[design.studies]]
name = "one group"
data = { known = { strategy = "BeforeAfter", settings = { custody_known = true } } }
estimators = ["RateRatio", { estimator = "Ledger", settings = { evidence = "england-wales-2012", draws = 300 } }]
[[design.studies]]
name = "others"
data = ["NextBelow"]
estimators = { both = "DiffInDiff" }
[design.vary]
"model.people" = [20, 40]
"""


KINDS = {
    "design": (DESIGN, load_design),
    "published": (bundled("iom_causal.published", "studies", "template"), lambda f: audit(load_published(f))),
    "scenario": (bundled("iom_causal.simulate", "scenarios", "all-together"), load_scenario),
    "evidence": (bundled("iom_causal.confounds", "evidence_sets", "england-wales-2012"), load_evidence),
    "study": (STUDY, load_study),
}
VALUES, BYTES = 150, 40


def written(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {written(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, (str, bool)) else repr(value)


def places(value, path=()):
    if len(path) > 1:
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def with_strange_values(text, draw):
    document = tomllib.loads(text)
    everywhere = list(places(document))
    for _ in range(VALUES):
        changed, path = copy.deepcopy(document), draw.choice(everywhere)
        inside = changed
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = draw.choice(STRANGE)
        (head, table), *_ = changed.items()
        yield "\n".join([f"[{head}]", *(f"{json.dumps(k)} = {written(v)}" for k, v in table.items())])


def with_other_characters(text, draw):
    for _ in range(BYTES):
        out = list(text)
        for _ in range(draw.choice([1, 3, 10])):
            at, how = draw.randrange(len(out)), draw.random()
            if how < 0.5:
                out[at] = chr(draw.randrange(32, 256))
            elif how < 0.75:
                del out[at : at + draw.choice([1, 5, 200])]
            else:
                out[at:at] = draw.choice(['"', "[", "{", "=", "\n", "9" * 20, ".."])
        yield "".join(out)


NESTED = [
    *("[" * 900, "x = " + "[" * 900 + "]" * 900, "[study]\nx = " + "[" * 400 + "]" * 400),
    *("[study]\n" + "a." * 300 + "b = 1", "[study]\nx = " + "9" * 5_000, "[study]\nx = 1e" + "9" * 400),
    *(f"[study]\n{LONG} = 1", f"[{LONG}]", "[study]\ntitle = " + "9" * 4_000),
]


def tried(file, text, load):
    """Return whether a text was read, after a look at what it was refused for."""
    file.write_text(text, encoding="utf-8")
    try:
        load(file)
    except IomCausalError as error:
        found = error
    else:
        return True
    told = str(found)
    assert len(told) < LONGEST + 20
    assert "q" * (ECHOED + 1) not in told
    assert "q " * (ECHOED // 2 + 1) not in told
    assert found.__suppress_context__ or found.__context__ is None
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_file_holds_is_read_or_refused_by_a_typed_error(tmp_path, kind):
    (text, load), file = KINDS[kind], tmp_path / "file.toml"
    assert tried(file, text, load)
    draw = random.Random(kind)  # noqa: S311 no secret
    damaged = [*with_strange_values(text, draw), *with_other_characters(text, draw)]
    read = sum(tried(file, changed, load) for changed in damaged)
    assert len(damaged) / 20 < read < len(damaged) / 2  # else they are all broken at once, or hardly changed
    for changed in NESTED:
        assert not tried(file, changed, load)


@pytest.mark.parametrize("path", ["a\0b.toml", "x" * 300 + ".toml", ".toml", "study.toml/x.toml"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_path_that_is_none_is_refused_by_a_typed_error(tmp_path, kind, path):
    (tmp_path / "study.toml").write_text("x")
    with pytest.raises(IomCausalError) as caught:
        KINDS[kind][1](f"{tmp_path}/{path}")
    assert len(str(caught.value)) < 300
