"""Values of keys of study files, as they are written there, for the page of keys: of those that no bundled file has."""

from collections.abc import Mapping

from iom_causal.confounds import (
    Breach,
    Custody,
    Engagement,
    FollowUp,
    History,
    RegressionToMean,
    Remission,
    ScoreError,
    ScoreRegression,
    Season,
)
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.event_files import CustodyFile, EventsFile
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow, Filter, Monthly
from iom_causal.data.extracts import Extract
from iom_causal.data.pool_file import PoolFile
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.data.severity import WeightsFile
from iom_causal.protocol.score_classes import ScoreClasses
from iom_causal.protocol.study import EstimatorLine, Study
from iom_causal.published.records import PrintedTest
from iom_causal.published.statements import Account, Claim, Count
from iom_causal.published.study import PublishedStudy
from iom_causal.windows import Selection

READ = {"sheet": '"People"', "separator": '";"', "missing": '[99, "n/k"]'}
"""Of every file that is read."""

SUCH_AS: Mapping[type, Mapping[str, str]] = {
    Study: {"evidence": '["picked-on-count", "people-not-managed"]', "protocol": '"0123456789abcdef0123456789abcdef"'},
    Extract: READ
    | {
        "file": '"people.xlsx"',
        "sheets": '["North", "East"]',
        "period": '"year"',
        "days_at_risk": '["days before", "days after"]',
        "custody_days": '["days inside before", "days inside after"]',
        "age": '"age"',
        "entry": '"adopted"',
        "group": '"status"',
        "start": '"adopted"',
        "others": '"Comparison"',
        "guessed": '["id", "windows"]',
    },
    ExtractOutcome: {"columns": '["arrests before", "arrests after"]'},
    Filter: {"drop": '["recall", "breach"]', "low": "18", "high": "65"},
    WeightsFile: READ | {"file": '"weights.csv"', "name": '"the national table"', "version": '"2024"'},
    ExtractWindow: {"period": '"2012/13"', "months": "12", "days": "548"},
    Monthly: {"first": "2010-11-01", "after": "2012-05-01", "last": "2013-10-31"},
    EventsFile: READ | {"file": '"arrests.csv"'},
    CustodyFile: READ | {"file": '"spells.csv"'},
    Selection: {"softness": "2"},
    PoolFile: READ
    | {
        "file": '"not-managed.csv"',
        "columns": '["before", "after"]',
        "people": '"how many"',
        "days_at_risk": '["days before", "days after"]',
        "selected": '"got in"',
    },
    Evidence: {
        "name": '"our-area"',
        "title": '"What is known of our area"',
        "about": '"Arrests fell everywhere, and people were picked by the stated rule."',
    },
    EvidenceLine: {
        "confound": '"History"',
        "settings": "{ ratio = { median = 0.9, sd = 0.05 } }",
        "source": '"force statistics"',
        "date": '"2024"',
        "reason": '"arrests fell everywhere in these years"',
    },
    EstimatorLine: {
        "estimator": '"DiffInDiff"',
        "settings": '{ contrast = "difference" }',
        "outcomes": '["arrests"]',
    },
    ScoreClasses: {
        "outcome": '"risk"',
        "reliability": "0.8",
        "standard_error": "4",
        "smallest_change": "10",
        "bands": "[50, 100]",
        "population_mean": "60",
        "population_sd": "20",
        "functional_mean": "30",
        "functional_sd": "10",
        "dysfunctional_mean": "90",
        "dysfunctional_sd": "20",
    },
    Disclosure: {"reason": '"secure setting, project 123"'},
    PublishedStudy: {
        "evidence": '["picked-on-count", "people-not-managed"]',
        "text": '"paper.txt"',
        "research": '["which mentors help whom"]',
    },
    PrintedTest: {"n": '"40"'},
    Count: {"reconcile": '"two of them left before the interviews"'},
    Account: {"reconcile": '"one of them counts referrals"', "why": '"who referred them is not said"'},
    Claim: {
        "says": '"that ageing would not do this alone"',
        "benchmark_source": '"convictions by age, over the same years"',
    },
    Breach: {"base_per_year": "2.5"},
    Custody: {"ratio": "0.95", "custody_per_arrest": "{ low = 0.1, high = 0.3 }", "stay_years": "0.3"},
    Engagement: {"share": "0.6"},
    FollowUp: {"half_life_years": "2"},
    History: {"ratio": "{ median = 0.9, sd = 0.05 }", "series": '"arrests-england-wales"', "index_date": "2012-05-01"},
    RegressionToMean: {
        "comparable_mean": "2.0",
        "slope": "{ low = 0.3, high = 0.6 }",
        "shape": "0.8",
        "persistence": "{ low = 0.5, high = 0.9 }",
        "desistance": "0.1",
        "events": "3",
        "late": "{ low = 0, high = 1 }",
        "drift": '"own"',
    },
    Remission: {"per_month": "0.5", "share": "0.2", "population_mean": "60"},
    ScoreError: {"reliability": "0.8"},
    ScoreRegression: {
        "sem": "{ low = 3, high = 6 }",
        "edge_density": "0.02",
        "reliability": "0.8",
        "late": "{ low = 0, high = 1 }",
        "bin_width": "5",
    },
    Season: {"index_date": "2012-05-01"},
}
