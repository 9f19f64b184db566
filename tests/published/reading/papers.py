"""Invented papers of several habits of printing, as text, HTML and Word; none of them was ever written."""

from io import BytesIO

from docx import Document

APA = """A neighbourhood programme: a before and after study

Abstract

Contacts fell from M = 9.99 (SD = 9.99) before to M = 8.88 (SD = 8.88) after.

Method

Participants

The sample was 40 people (30 men and 10 women; Mage = 24.35, SD = 4.10, range 18-35).

Results

The number of contacts before the programme (M = 4.25, SD = 2.10) was higher than after it (M = 3.13, SD = 2.44),
t(39) = 2.89, p = .006, dz = 0.46 (small effect). Contacts differed by area, F(2, 37) = 2.20, p = .125.

Discussion

Smith (2010) found t(99) = 5.00, p < .001.

References

Smith, A. (2010). Another study. Journal, 12, 1-20. doi:10.1000/other
"""

# As a PDF is pasted: running heads, numbers of pages, a ligature, a word and a figure divided, minus signs, thin spaces
PASTED = """JOURNAL OF INVENTED STUDIES 3
METHOD
Forty-four of\ufb01cers were asked. The sample was of N = 120 pris-
oners.
JOURNAL OF INVENTED STUDIES 4
RESULTS
At base-
line the aggression scores had a mean of 21.50 (SD\u2009=\u20096.25, n = 120). At follow-
up the aggression scores had a mean of 19.25 (SD\u2009=\u20096.75, n = 120). A paired-samples
t test showed a difference, t(119) =
\u22123.41, p\u2009<\u2009.001.\u2074
4
JOURNAL OF INVENTED STUDIES 5
DISCUSSION
"""

COMMAS = """Results

N = 64 participants were followed. Before the programme the number of offences was M = 5,25 (SD = 2,40) and after
the programme it was M = 4,75 (SD = 2,35); t(63) = 2,12; p = ,038; F(2, 61) = 3,41; p = ,039 by area.
"""

MARKDOWN = """# A report

## Results

| Outcome | *n* | Before *M* (*SD*) | After *M* (*SD*) | *t*(df) | *p* |
|---|---|---|---|---|---|
| Number of arrests | 50 | 3.42 (1.21) | 2.96 (1.40) | 2.31 (49) | .025 |
| Well-being score | 50 | 41.20 (8.15) | 44.08 (7.92) | -2.80 (49) | .007 |
"""

COLUMNS = """Results

Table 2. Means before and after

Outcome            Pre M    Pre SD   Post M   Post SD    t        p
Offences           3.42     1.21     2.96     1.40       2.31*    .025
Police contacts    7.10     2.04     6.02     2.60       3.05**   <.001
"""

UNCLEAR = """Results

Before and after the programme the 30 participants had 4.25 and 3.13 contacts (M = 4.25, SD = 2.10; M = 3.13,
SD = 2.44), t(29) = 2.89, p = .007. In all N = 30 took part; in the second site N = 28 did.
"""

GROUPS = """Results

N = 80. Scores of men (M = 12.10, SD = 3.00) did not differ from those of women (M = 11.20, SD = 3.10) before the
programme, t(78) = 1.32, ns. An independent t test was used. 62.5% were in work.
"""

ARMS = """Results

N = 80. In the treatment group arrests fell from M = 6.1 (SD = 2.0) before to M = 4.2 (SD = 2.1) after, t(39) = 4.4,
p < .001. In the control group they fell from M = 6.0 (SD = 2.2) before to M = 5.5 (SD = 2.0) after, t(39) = 1.1.

Measure   Treatment pre M   Treatment post M   Control pre M   Control post M
Arrests   6.1               4.2                6.0             5.5
"""

BOTH_WAYS = """Results

Before the programme scores were M = 12.0 (SD = 3.0) and after it M = 10.0 (SD = 3.1), lower than before.
"""

FROM_TO = """Results

Comparing before and after, scores fell from M = 12.0 (SD = 3.0) before to M = 10.0 (SD = 3.1) after.
"""

WAVES = """Results

Measure   Pre M   Pre SD   Post M   Post SD   Post M   Post SD
Arrests   5.0     1.0      4.0      1.1       4.5      1.2
"""

HTML = """<!doctype html><html><head><title>Site</title><style>p { x: 1 }</style></head><body>
<h1>Mentoring and <em>contacts</em></h1>
<p>https://doi.org/10.1000/mentoring.1 Accepted version.</p>
<h2>Methods</h2>
<p>Participants were 40 people (<i>N</i> = 40).</p>
<h2>Results</h2>
<table><caption>Table 1. Means (SDs)</caption>
<tr><th rowspan="1"></th>
<th colspan="1">Baseline<sup>a</sup></th><th>Follow-up</th><th><i>t</i>(39)</th><th><i>p</i></th></tr>
<tr><td>Contacts</td><td>4.25 (2.10)</td><td>3.13 (2.44)</td><td>2.89<sup>1</sup></td><td>.006</td></tr>
</table>
<p>The change in satisfaction scores from before (<i>M</i> = 7.10, <i>SD</i> = 2.00) to after (<i>M</i> = 7.90,
<i>SD</i> = 1.80) was larger, <i>t</i><sub>39</sub> = &minus;2.50,
<i>p</i> = .017, <i>&eta;</i><sub>p</sub><sup>2</sup> = .14.</p>
</body></html>"""

HTML_TWO_HEADS = """<h2>Results</h2>
<table><tr><th></th><th colspan="2">Before</th><th colspan="2">After</th></tr>
<tr><th>Measure</th><th>M</th><th>SD</th><th>M</th><th>SD</th></tr>
<tr><td>Arrests</td><td>6.10</td><td>2.20</td><td>5.40</td><td>2.60</td></tr></table>
<p>For arrests a paired test gave t(59) = 2.20, p = .032 (N = 60).</p>"""


def word():
    document = Document()
    document.add_heading("Mentoring, again", 0)
    document.add_heading("Results", 1)
    paragraph = document.add_paragraph("The 40 participants were followed")
    paragraph.add_run("12").font.superscript = True
    paragraph.add_run(". Initial risk scores were higher (")
    paragraph.add_run("M").italic = True
    paragraph.add_run(" = 51.20, SD = 9.80) than scores at follow-up (M = 47.35, SD = 10.15), a paired ")
    paragraph.add_run("t").italic = True
    paragraph.add_run("(39) = 2.26, p = .029, d = 0.36.")
    document.add_paragraph("Table 1. M (SD) by window")
    table = document.add_table(rows=2, cols=3)
    for row, cells in zip(
        table.rows, (("", "Before", "After"), ("Offences", "3.10 (1.50)", "2.60 (1.70)")), strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()
