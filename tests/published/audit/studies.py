"""Published studies made for one check."""

from iom_causal.base.schema import build
from iom_causal.published.audit.audit import audit
from iom_causal.published.study import PublishedStudy


def study(outcomes=None, **parts):
    plain = {"name": "arrests", "kind": "count", "before": {"n": "28"}, "after": {"n": "28"}}
    table = {
        "title": "A study",
        "citation": "Nobody (2000)",
        "source_version": "journal version",
        "sample": {"n": "28"},
        "outcomes": [plain] if outcomes is None else outcomes,
    }
    return build(PublishedStudy, table | parts, "published")


def outcome(**parts):
    return {"name": "arrests", "kind": "count", "before": {"n": "28"}, "after": {"n": "28"}} | parts


def described(**block):
    return audit(study([outcome(before={"n": "28"} | block)]))


def paired(t="2.00", df="27", **parts):
    before, after = {"n": "28", "mean": "4.25", "sd": "2.10"}, {"n": "28", "mean": "3.14", "sd": "2.44"}
    test = {"statistic": "t", "value": t, "df": [df]} | parts.pop("test", {})
    top = {"contrast": parts.pop("contrast")} if "contrast" in parts else {}
    return audit(
        study([{"name": "arrests", "kind": "count", "before": before, "after": after, "test": test} | parts], **top)
    )
