"""Precision and recall of the grammar of reported statistics, over ways of printing and what looks like them."""

import pytest

from iom_causal.published.reading.characters import plain
from iom_causal.published.reading.grammar import mentions


def t(value, df, p="", **more):
    return ("test", {"statistic": "t", "value": value, "df": df} | ({"p": p} if p else {}) | more)


def mean(value):
    return ("mean", {"value": value})


def sd(value):
    return ("sd", {"value": value})


def n(value, sign="n"):
    return ("n", {"sign": sign, "value": value})


SMALL = "p < .001"
HITS = {
    # t
    "t(224) = 11.64, p < .001": [t("11.64", "224", SMALL)],
    "t(224)=11.64, p<.001": [t("11.64", "224", SMALL)],
    "t (224) = 11.64; p < 0.001": [t("11.64", "224", "p < 0.001")],
    "t(224) = −2.31, p = .022": [t("-2.31", "224", "p = .022")],
    "t(224) = – 2.31, p = .022": [t("-2.31", "224", "p = .022")],
    "t(224)\u2009=\u200911.64,\u00a0p\u2009<\u2009.001": [t("11.64", "224", SMALL)],
    "*t*(224) = 11.64, *p* < .001": [t("11.64", "224", SMALL)],
    "$t(224) = 11.64$, $p < .001$": [t("11.64", "224", SMALL)],
    "_t_(224) = 11.64, _p_ < .001": [t("11.64", "224", SMALL)],
    "𝑡(224) = 11.64, 𝑝 < .001": [t("11.64", "224", SMALL)],
    "t[224] = 11.64, p < .001": [t("11.64", "224", SMALL)],
    "t(df = 224) = 11.64, p < .001": [t("11.64", "224", SMALL)],
    "t = 11.64, df = 224, p < .001": [t("11.64", "224", SMALL)],
    "t_224 = 11.64, p < .001": [t("11.64", "224", SMALL)],
    "(t = 11.64, p < .001)": [t("11.64", "", SMALL)],
    "t(187.4) = 2.20, p = .03": [t("2.20", "187.4", "p = .03")],
    "t(39) = 2.89 (p = .006)": [t("2.89", "39", "p = .006")],
    "t(39) = 1.02, ns": [t("1.02", "39", ns="ns")],
    "t(39) = 1.02, p = n.s.": [t("1.02", "39", ns="ns")],
    "t(39) = 1.02, p > .05": [t("1.02", "39", "p > .05")],
    "t(39) = 1.80, p = .04, one-tailed": [t("1.80", "39", "p = .04", tails="1")],
    "t(224) = 11.64***": [t("11.64", "224")],
    "t(1,538) = 11.64": [t("11.64", "1,538")],
    # F, chi squared, z, r
    "F(2, 28) = 2.20, p = .13": [("test", {"statistic": "F", "value": "2.20", "df": "2 28", "p": "p = .13"})],
    "F(2,28)=2.20": [("test", {"statistic": "F", "value": "2.20", "df": "2 28"})],
    "χ²(1, N = 225) = 4.20, p = .040": [
        ("test", {"statistic": "chi2", "value": "4.20", "df": "1", "n": "225", "p": "p = .040"})
    ],
    "χ2(3) = 7.81, p = .05": [("test", {"statistic": "chi2", "value": "7.81", "df": "3", "p": "p = .05"})],
    "X2 (1) = 4.2, p = .04": [("test", {"statistic": "chi2", "value": "4.2", "df": "1", "p": "p = .04"})],
    "χ2(1, 225) = 4.20": [("test", {"statistic": "chi2", "value": "4.20", "df": "1", "n": "225"})],
    "MD = 3.23": [("change", {"value": "3.23"})],
    "chi-square(2) = 6.1, p = .047": [("test", {"statistic": "chi2", "value": "6.1", "df": "2", "p": "p = .047"})],
    "$\\chi^2(1) = 4.20$": [("test", {"statistic": "chi2", "value": "4.20", "df": "1"})],
    "z = 2.20, p = .028": [("test", {"statistic": "z", "value": "2.20", "df": "", "p": "p = .028"})],
    "Z = −2.20, p = .028": [("test", {"statistic": "z", "value": "-2.20", "df": "", "p": "p = .028"})],
    "r(28) = .22, p = .24": [("test", {"statistic": "r", "value": ".22", "df": "28", "p": "p = .24"})],
    # effect sizes
    "t(39) = 2.89, p = .006, d = 0.46": [
        t("2.89", "39", "p = .006"),
        ("effect", {"symbol": "d", "value": "0.46"}),
    ],
    "Cohen's d = 0.46": [("effect", {"symbol": "d", "value": "0.46"})],
    "Cohen’s dz = 0.46 (small effect)": [("effect", {"symbol": "dz", "value": "0.46", "label": "small"})],
    "r = .38 (medium effect size)": [("effect", {"symbol": "r", "value": ".38", "label": "medium"})],
    "r² = .14": [("effect", {"symbol": "r_squared", "value": ".14"})],
    "ηp² = .21": [("effect", {"symbol": "eta_squared", "value": ".21"})],
    "partial η² = .21, a large effect": [("effect", {"symbol": "eta_squared", "value": ".21", "label": "large"})],
    "Hedges' g = 0.31": [("effect", {"symbol": "g", "value": "0.31"})],
    "d = 0.46, 95% CI [0.12, 0.80]": [
        ("effect", {"symbol": "d", "value": "0.46"}),
        ("interval", {"level": "95", "low": "0.12", "high": "0.80"}),
    ],
    # means, SDs, n
    "M = 6.84, SD = 4.75": [mean("6.84"), sd("4.75")],
    "(M=6.84, SD=4.75)": [mean("6.84"), sd("4.75")],
    "M = 6.84, S.D. = 4.75": [mean("6.84"), sd("4.75")],
    "a mean of 6.84 (SD 4.75)": [mean("6.84"), sd("4.75")],
    "mean = 6.84; standard deviation = 4.75": [mean("6.84"), sd("4.75")],
    "the mean was 6.84 with a standard deviation of 4.75": [mean("6.84"), sd("4.75")],
    "(n = 187, M = −0.42, SD = 1.10)": [n("187"), mean("-0.42"), sd("1.10")],
    "N = 1,539": [n("1,539", "N")],
    "M_age = 30.43, SD = 8.09": [("mean", {"age": "age", "value": "30.43"}), sd("8.09")],
    "mean age was 30.43 years (SD = 8.09)": [("mean", {"years": "age", "value": "30.43"}), sd("8.09")],
    "mean difference = 3.23, 95% CI [2.68, 3.78]": [
        ("change", {"value": "3.23"}),
        ("interval", {"level": "95", "low": "2.68", "high": "3.78"}),
    ],
    "Mdiff = 3.23": [("change", {"value": "3.23"})],
    "95% confidence interval: 2.68 to 3.78": [("interval", {"level": "95", "low": "2.68", "high": "3.78"})],
    "95% CI −0.12–0.80": [("interval", {"level": "95", "low": "-0.12", "high": "0.80"})],
    # ranges, percentages, people
    "ranged from 0 – 23": [("range", {"low": "0", "high": "23"})],
    "ranged from 13 to 60 years": [("range", {"low": "13", "high": "60"})],
    "range = 0–15": [("range", {"low": "0", "high": "15"})],
    "aged 18–40": [("range", {"low": "18", "high": "40"})],
    "85.3% were white": [("percent", {"value": "85.3"})],
    "9 per cent": [("percent", {"value": "9"})],
    "225 offenders": [("people", {"value": "225", "noun": "offenders"})],
    "1,539 young adult men": [("people", {"value": "1,539", "noun": "men"})],
    "13 of the 16 offenders": [("share", {"count": "13", "n": "16"})],
}
TRAPS = (
    "see Table 2 and Figure 3",
    "(Smith, 2010, p. 21)",
    "pp. 511-529",
    "Policing and Society 29:511-529",
    "between 2010 and 2012",
    "in May 2012",
    "Study 1 and Experiment 2a",
    "Section 3.2",
    "at 44(0)24 7688 8688",
    "WISC-R = 12",
    "the M25 and the M6",
    "SE = 0.31",
    "version 2.1 of R",
    "grant ES/J500 (2012)",
    "a p value below the level",
    "p. 21 = the last page",
    "equation (4)",
    "a 24-hour clock",
    "18 months later",
    "at time t (see the appendix)",
    "men aged 21 and over",
    "10 Downing Street",
    "type-D = 4",
    "t(2, 28) = 2.20",
    "footnote 4 of 12",
)


def found(text):
    return [(m.kind, dict(m.figures)) for m in mentions(plain(text)) if m.kind != "doi"]


@pytest.mark.parametrize("text", HITS)
def test_ways_of_printing(text):
    expected = HITS[text]
    assert found(text) == expected
    assert found(f"Arrests fell, {text}, as was thought") == expected


@pytest.mark.parametrize("text", TRAPS)
def test_what_only_looks_like_a_figure(text):
    assert found(text) == []


def test_a_doi_is_found_without_the_stop_behind_it():
    assert [dict(m.figures) for m in mentions("doi:10.1080/10439463.2017.1410148.")] == [
        {"value": "10.1080/10439463.2017.1410148"}
    ]


def test_every_figure_stands_where_it_says():
    text = plain(
        "Before (M = 6.84, SD = 4.75), after (M = 3.61), t(224) = 11.64, p < .001, r = .38 (medium effect size)."
    )
    assert all(text[m.start : m.end] == m.text for m in mentions(text))
