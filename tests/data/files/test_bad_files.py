"""Bad tables, one by one: each is refused with its code and without a cell in the message, or read as described.

The numbers are those of the corpus of bad inputs; the entries on event logs, models and checkpoints are not about
tables of people and have their tests elsewhere.
"""

import datetime as dt
import gzip
import io
import pickle
import unicodedata
import zipfile

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest

from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow, Filter
from iom_causal.data.extracts import Extract
from iom_causal.data.files.sheet import Limits
from iom_causal.data.reading.panels import read_extract
from iom_causal.errors import IomCausalError

HEAD = "urn,pre,post\n"
GOOD = HEAD + "".join(f"a{k},{k % 5},{k % 3}\n" for k in range(12))
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
MARK = "XQZ7"
"""A mark put where a cell might leak into a message."""


def arrests(*columns, kind="count", missing="refuse"):
    return (ExtractOutcome(name="arrests", kind=kind, columns=columns or ("pre", "post"), missing=missing),)


def extract(file="people.csv", **settings):
    alike = settings.get("windows", TWO) is TWO
    return Extract(
        **{"file": file, "id": "urn", "outcomes": arrests(), "windows": TWO, "equal_windows": alike, **settings}
    )


def read(folder, content, *, name="people.csv", limits=None, **settings):
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return read_extract(extract(name, **settings), folder, limits=limits)


def windows(*spans):
    labels = ("before", "after", "later")
    return tuple(
        ExtractWindow(label=label, start=start, end=end, post=k > 0)
        for k, (label, (start, end)) in enumerate(zip(labels, spans, strict=False))
    )


def dated(*cells):
    rows = "".join(f"a{k},1,1,{cell}\n" for k, cell in enumerate(cells))
    return "urn,pre,post,dob\n" + rows


def with_ages(*ages):
    return "urn,pre,post,age\n" + "".join(f"a{k},1,1,{age}\n" for k, age in enumerate(ages))


def cell(value, row="b1,{},1\n"):
    return GOOD + row.format(value)


def parquet(columns):
    out = io.BytesIO()
    pd.DataFrame(columns).to_parquet(out)
    return out.getvalue()


def claiming(rows):
    """A Parquet file whose footer claims another number of rows."""
    data = parquet({"urn": [f"a{k}" for k in range(9)], "pre": [1] * 9, "post": [1] * 9})
    length = int.from_bytes(data[-8:-4], "little")
    footer = data[-8 - length : -8]
    varint, value = bytearray(), 2 * rows
    while value > 127:
        varint.append(value % 128 | 128)
        value //= 128
    varint.append(value)
    footer = footer.replace(b"\x16\x12", b"\x16" + bytes(varint), 1)
    return data[: -8 - length] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def workbook(rows, **sheets):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in sheets:
        book.create_sheet(name)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_macros():
    out = io.BytesIO(workbook([["urn", "pre", "post"], ["a", 1, 1]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


def zip_bomb():
    out = io.BytesIO(workbook([["urn", "pre", "post"], ["a", 1, 1]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * 2**26)
    return out.getvalue()


def saved_npy():
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue()


SMALL = Limits(rows=10)
BIRTH = {"date_of_birth": "dob", "index_date": dt.date(2020, 1, 1)}
LONG = {"layout": "long", "period": "when", "outcomes": arrests("y")}
LONG_HEAD = "urn,when,y\n"

REFUSED = [
    ("1", "IOM-E001", "", {}),
    ("1 spaces", "IOM-E001", "\n\n", {}),
    ("2", "IOM-E002", HEAD, {}),
    ("4", "IOM-E003", GOOD.encode("utf-16"), {}),
    ("5", "IOM-E003", GOOD.encode() + b"O\x92Neil,1,1\n", {}),
    ("6", "IOM-E004", cell("1\0"), {}),
    ("8", "IOM-E005", GOOD + f"b1,1,1,{MARK}\n", {}),
    ("8 short", "IOM-E005", GOOD + f"{MARK},1\n", {}),
    ("9", "IOM-E006", GOOD + f'b1,"{MARK},1\nb2,1,1\n', {}),
    ("10", "IOM-E007", GOOD.replace(",", ";"), {}),
    ("10 commas", "IOM-E031", GOOD.replace(",", ";") + "b1;2,5;1\n", {"separator": ";"}),
    ("11", "IOM-E008", "urn,pre,pre\na,1,1\n", {}),
    ("12", "IOM-E009", GOOD.replace("post", "Post"), {}),
    ("13", "IOM-E009", GOOD.replace("post", "po\u200bst"), {}),
    ("13 NBSP", "IOM-E009", GOOD.replace("post", "\u00a0post\u00a0"), {"outcomes": arrests("pre", "p ost")}),
    ("14", "IOM-E010", cell(MARK * 250_000), {}),
    ("15", "IOM-E011", ",".join(f"c{k}" for k in range(5001)) + "\n", {}),
    ("16", "IOM-E012", gzip.compress(b"0" * 2**26), {"name": "people.csv.gz"}),
    ("16 workbook", "IOM-E012", zip_bomb(), {"name": "people.xlsx"}),
    ("17", "IOM-E012", claiming(10**12), {"name": "people.parquet"}),
    ("17 rows", "IOM-E012", GOOD, {"limits": SMALL}),
    ("18", "IOM-E013", parquet({"urn": ["a"], "pre": [[1]], "post": [1]}), {"name": "people.parquet"}),
    ("19", "IOM-E014", parquet({"urn": ["a"], "pre": [1], "post": [1]})[:-9], {"name": "people.parquet"}),
    ("19 gzip", "IOM-E014", gzip.compress(GOOD.encode())[:-9], {"name": "people.csv.gz"}),
    ("19 workbook", "IOM-E014", workbook([["urn"]])[:300], {"name": "people.xlsx"}),
    ("19 sav", "IOM-E014", b"$FL2" + b"\0" * 40, {"name": "people.sav"}),
    ("20", "IOM-E015", pickle.dumps({"urn": [MARK]}), {"name": "people.pkl"}),
    ("20 hidden", "IOM-E015", pickle.dumps({"urn": [MARK]}), {}),
    ("20 npy", "IOM-E015", saved_npy(), {"name": "people.npy"}),
    ("20 xlsm", "IOM-E015", with_macros(), {"name": "people.xlsm"}),
    ("20 macros", "IOM-E015", with_macros(), {"name": "people.xlsx"}),
    ("20 renamed", "IOM-E015", workbook([["urn"]]), {}),
    ("21", "IOM-E020", GOOD + "a1,1,1\n", {}),
    ("22", "IOM-E020", LONG_HEAD + "a,before,1\na,before,2\na,after,1\n", LONG),
    ("23", "IOM-E021", GOOD + ",1,1\n", {}),
    ("25", "IOM-E022", HEAD + "1.0,1,1\n1e5,2,2\n", {}),
    ("27", "IOM-E030", cell(-1), {}),
    ("28", "IOM-E031", cell(2.5), {}),
    ("30", "IOM-E032", cell(2**63), {}),
    ("31", "IOM-E033", cell("-inf"), {}),
    ("32", "IOM-E034", cell(""), {}),
    ("33", "IOM-E035", cell("NA") + "b2,N/K,1\n", {}),
    ("35", "IOM-E031", cell('"1,234"'), {}),
    ("35 all", "IOM-E031", HEAD + "".join(f'a{k},"1,00{k}",1\n' for k in range(9)), {}),
    ("36", "IOM-E031", cell("٣"), {}),
    ("41", "IOM-E043", "urn,pre,post,d1,d2\na,1,1,365,400\nb,1,1,365,365\n",
     {"days_at_risk": ("d1", "d2"), "windows": windows((-365, 0), (0, 365))}),
    ("45", "IOM-E046", "urn,pre,post,c1,c2\na,1,0,0,365\nb,1,0,0,365\n",
     {"custody_days": ("c1", "c2"), "windows": windows((-365, 0), (0, 365))}),
    ("44 custody", "IOM-E043", "urn,pre,post,c1,c2\na,1,0,0,366\n",
     {"custody_days": ("c1", "c2"), "windows": windows((-365, 0), (0, 365))}),
    ("47", "IOM-E050", dated("01/02/1990", "1990-02-13"), BIRTH),
    ("47 as stated", "IOM-E050", dated("01/02/1990", "1990-02-13"), {**BIRTH, "dates": "dd/mm/yyyy"}),
    ("48", "IOM-E051", dated("31/02/1990"), {**BIRTH, "dates": "dd/mm/yyyy"}),
    ("49", "IOM-E050", dated("33862"), BIRTH),
    ("50", "IOM-E052", dated("1990-01-01 10:00", "1990-01-01T10:00:00+01:00"), BIRTH),
    ("53", "IOM-E053", dated("0001-01-01", "9999-12-31"), BIRTH),
    ("53 2262", "IOM-E053", dated("2263-01-01"), BIRTH),
    ("54", "IOM-E054", with_ages(312, -4), {"age": "age"}),
    ("55", "IOM-E054", dated("2021-05-05"), BIRTH),
    ("58", "IOM-E061", GOOD, {"filters": (Filter(column="pre", low=99),)}),
    ("periods", "IOM-E047", LONG_HEAD + f"a,{MARK},1\na,after,1\n", LONG),
]  # fmt: skip


@pytest.mark.parametrize(("code", "content", "settings"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_bad_table_is_refused_with_its_code_and_without_a_cell(tmp_path, code, content, settings):
    with pytest.raises(IomCausalError) as caught:
        read(tmp_path, content, **settings)
    assert caught.value.code == code
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert MARK not in str(caught.value)


WINDOWS = [
    ("38", "IOM-E040", (ExtractWindow(label="after", post=True), ExtractWindow(label="before"))),
    ("39", "IOM-E041", windows((-365, 10), (0, 365))),
    ("40", "IOM-E042", windows((-365, -365), (0, 365))),
]


@pytest.mark.parametrize(("code", "spans"), [r[1:] for r in WINDOWS], ids=[r[0] for r in WINDOWS])
def test_windows_that_cannot_be_are_refused_before_the_file_is_read(code, spans):
    with pytest.raises(IomCausalError, match=code):
        extract(windows=spans)


def test_columns_in_another_order_than_their_windows_are_refused():
    for columns in (("Arrests after", "Arrests before"), ("after", "before")):
        with pytest.raises(IomCausalError, match=r"IOM-E092.*'before'"):
            extract(outcomes=arrests(*columns))
    assert extract(outcomes=arrests("before start", "after start")).outcomes  # as they should be
    assert extract(outcomes=arrests("aftercare", "b")).outcomes  # one name alone tells nothing


def test_42_nobody_has_data_of_the_future(tmp_path):
    ahead = dt.date.today().year + 2  # noqa: DTZ011 years are enough
    for end, fits in ((dt.date(ahead, 1, 1), False), (dt.date(2020, 1, 1), True)):
        spans = windows((dt.date(2018, 1, 1), dt.date(2019, 1, 1)), (dt.date(2019, 1, 1), end))
        assert extract(windows=spans).day_zero == dt.date(2019, 1, 1)  # a study may be planned
        if fits:
            assert read(tmp_path, "urn,pre,post\na,1,1\nb,2,1\n", windows=spans).cohort["arrests"].n == 2
            continue
        with pytest.raises(IomCausalError, match=r"IOM-E044.*future"):
            read(tmp_path, "urn,pre,post\na,1,1\nb,2,1\n", windows=spans)


def test_42_a_window_that_ends_after_the_data_were_taken():
    spans = windows((dt.date(2019, 1, 1), dt.date(2020, 1, 1)), (dt.date(2020, 1, 1), dt.date(2021, 1, 1)))
    with pytest.raises(IomCausalError, match="IOM-E044"):
        extract(windows=spans, extracted=dt.date(2020, 6, 1))


def test_42_where_everybody_has_an_own_date_of_entry_nobody_is_at_risk_from_that_day(tmp_path):
    content = "urn,pre,post,entry\na,1,1,2019-01-01\nb,1,1,2020-03-01\n"
    settings = {"entry": "entry", "windows": windows((-365, 0), (0, 365))}
    cut = read(tmp_path, content, extracted=dt.date(2020, 6, 1), **settings)
    assert cut.cohort["arrests"].exposure.tolist() == [[365, 365], [365, 92]]
    assert dict(cut.facts)["with a window that ends after the data were taken: at risk until that day"] == 1
    whole = read(tmp_path, content, extracted=dt.date(2021, 6, 1), **settings)
    assert whole.cohort["arrests"].exposure.tolist() == [365, 365]
    assert read(tmp_path, content, **settings).cohort["arrests"].index_date.tolist() == [
        dt.date(2019, 1, 1), dt.date(2020, 3, 1)
    ]  # fmt: skip


def counts(found):
    return found.cohort["arrests"].outcome.tolist()


PLAIN = [[k % 5, k % 3] for k in range(12)]
SAME = [
    ("3", GOOD.encode("utf-8-sig"), {}),
    ("4 stated", GOOD.encode("utf-16"), {"encoding": "utf-16"}),
    ("7 CR", GOOD.replace("\n", "\r"), {}),
    ("7 mixed", GOOD.replace("\n", "\r\n", 3), {}),
    ("10 stated", GOOD.replace(",", ";"), {"separator": ";", "decimal": ","}),
    ("tab", GOOD.replace(",", "\t"), {"name": "people.tsv"}),
    ("packed", gzip.compress(GOOD.encode()), {"name": "people.csv.gz"}),
    ("title above", "Extract of 1 May\n\n" + GOOD, {"skip_rows": 2}),
    ("empty rows", GOOD + ",,\n,,\n", {}),
    ("quoted", GOOD.replace("urn", '"urn"'), {}),
    ("workbook", workbook([["urn", "pre", "post"], *([f"a{k}", *row] for k, row in enumerate(PLAIN))]),
     {"name": "people.xlsx"}),
    ("parquet", parquet({"urn": [f"a{k}" for k in range(12)], "pre": [r[0] for r in PLAIN],
                         "post": np.array([r[1] for r in PLAIN], dtype=np.uint8)}), {"name": "people.parquet"}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "settings"), [r[1:] for r in SAME], ids=[r[0] for r in SAME])
def test_other_habits_give_the_same_people(tmp_path, content, settings):
    assert counts(read(tmp_path, content, **settings)) == PLAIN


def test_5_cp1252_is_read_when_it_is_stated(tmp_path):
    found = read(tmp_path, GOOD.encode() + b"O\x92Neil,1,1\n", encoding="cp1252")
    assert found.cohort["arrests"].ids[-1] == "O’Neil"


def test_24_ids_stay_text(tmp_path):
    found = read(tmp_path, HEAD + "001,1,1\n1,2,2\n01,3,3\n")
    assert found.cohort["arrests"].ids.tolist() == ["001", "1", "01"]


def test_26_ids_that_differ_in_how_accents_are_stored_are_noted(tmp_path):
    one = "Zoë"
    two = unicodedata.normalize("NFD", one)
    found = read(tmp_path, HEAD + f"{one},1,1\n{two},2,2\n")
    assert found.cohort.n == 2
    assert any("IOM-W120" in note and one not in note for note in found.notes)


def test_29_a_count_beyond_belief_is_kept_and_noted(tmp_path):
    found = read(tmp_path, cell(10**9))
    assert found.cohort["arrests"].outcome.max() == 10**9
    assert any("IOM-W130" in note for note in found.notes)


def test_32_a_missing_count_is_kept_when_it_is_asked_for(tmp_path):
    found = read(tmp_path, cell(""), outcomes=arrests(missing="keep"))
    assert found.cohort["arrests"].n_complete == 12
    assert ("arrests, before: no value", 1) in found.facts


@pytest.mark.parametrize("codes", [("NA", ".", -99, "N/K"), ("NA", ".", "-99", "N/K")])
def test_33_stated_codes_are_missing_and_counted(tmp_path, codes):
    content = GOOD + "b1,NA,1\nb2,.,1\nb3,-99,1\nb4,N/K,1\n"
    found = read(tmp_path, content, missing=codes, outcomes=arrests(missing="keep"))
    assert found.cohort["arrests"].n_complete == 12
    assert ("pre: a code for missing", 4) in found.facts


def test_34_true_and_false_are_1_and_0_and_noted(tmp_path):
    found = read(tmp_path, HEAD + "a,TRUE,false\nb,False,true\n")
    assert counts(found) == [[1, 0], [0, 1]]
    assert any("IOM-W131" in note for note in found.notes)


def test_37_small_unsigned_numbers_do_not_wrap(tmp_path):
    small = {"urn": ["a"], "pre": np.array([5], dtype=np.uint8), "post": np.array([3], dtype=np.uint8)}
    panel = read(tmp_path, parquet(small), name="people.parquet").cohort["arrests"]
    assert (panel.after - panel.before).tolist() == [-2]


def test_45_somebody_in_custody_throughout_has_no_days_and_is_counted(tmp_path):
    content = "urn,pre,post,c1,c2\na,1,0,0,365\nb,1,1,0,100\n"
    found = read(tmp_path, content, custody_days=("c1", "c2"), windows=windows((-365, 0), (0, 365)))
    assert found.cohort["arrests"].exposure.tolist() == [[365, 0], [365, 265]]
    assert ("after: not at risk for a single day", 1) in found.facts


def test_49_a_serial_number_is_a_date_when_that_is_stated(tmp_path):
    found = read(tmp_path, dated("32874"), **BIRTH, dates="excel")  # 1 January 1990
    assert found.cohort["arrests"].age[0] == pytest.approx((dt.date(2020, 1, 1) - dt.date(1990, 1, 1)).days / 365.25)


@pytest.mark.parametrize(
    ("text", "form"),
    [("1990-02-01", "yyyy-mm-dd"), ("01/02/1990", "dd/mm/yyyy"), ("1.2.1990", "dd/mm/yyyy"),
     ("02/01/1990", "mm/dd/yyyy"), ("01-Feb-1990", "dd-mon-yyyy"), ("32905", "excel")],
)  # fmt: skip
def test_one_day_in_every_form(tmp_path, text, form):
    found = read(tmp_path, dated(text), **BIRTH, dates=form)
    assert found.cohort["arrests"].age[0] == (dt.date(2020, 1, 1) - dt.date(1990, 2, 1)).days / 365.25


def test_52_a_birthday_on_29_february_is_a_day_like_others(tmp_path):
    found = read(tmp_path, dated("1992-02-29"), **BIRTH)
    assert found.cohort["arrests"].age[0] == pytest.approx(27.84, abs=0.005)


def test_54_an_age_above_100_is_noted(tmp_path):
    assert any("IOM-W154" in note for note in read(tmp_path, with_ages(105, 30), age="age").notes)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "@SUM", "<script>", "{{7*7}}", "Zoë\u202e", "🙂"])
def test_77_to_79_names_are_names(tmp_path, name):
    head = "urn," + '"' + name.replace('"', '""') + '",post\n'
    found = read(tmp_path, head + "a,1,1\nb,2,1\n", outcomes=arrests(name, "post"))
    assert counts(found) == [[1, 1], [2, 1]]


def test_a_workbook_with_several_sheets_names_them(tmp_path):
    content = workbook([["urn", "pre", "post"], ["a", 1, 1]], Notes=())
    with pytest.raises(IomCausalError, match=r"IOM-E096.*Sheet, Notes"):
        read(tmp_path, content, name="people.xlsx")
    assert counts(read(tmp_path, content, name="people.xlsx", sheet="Sheet")) == [[1, 1]]
    with pytest.raises(IomCausalError, match="did you mean 'Notes'"):
        read(tmp_path, content, name="people.xlsx", sheet="Note")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(IomCausalError, match=r"IOM-E096.*'people.csv'"):
        read_extract(extract(), tmp_path)


def test_parquet_is_read_without_any_other_reader(tmp_path):
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT 'a' AS urn, 2 AS pre, 1 AS post) TO '{(tmp_path / 'p.parquet').as_posix()}'")
    assert counts(read_extract(extract("p.parquet"), tmp_path)) == [[2, 1]]
