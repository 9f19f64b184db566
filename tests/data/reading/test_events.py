"""People beside a log of events and spells in custody: from files, through `init`, to counts and days at liberty."""

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from iom_causal import simulate as sim
from iom_causal.analysis import people
from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Effort, Results
from iom_causal.analysis.study_people import read_people
from iom_causal.cli import main
from iom_causal.confounds import Breach, Custody
from iom_causal.data.events.flow import Flow, Step
from iom_causal.data.extract_parts import ExtractWindow
from iom_causal.data.files import readers
from iom_causal.data.reading.panels import Extracted, read_extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import InputError, SpecError
from iom_causal.protocol.digest import protocol_digest
from iom_causal.protocol.study import load_study
from iom_causal.report.sections import people as people_section
from tests.data.alike import alike, drafted

LAUNCH = dt.date(2019, 1, 1)
N = 24
"""People; each odd one has an arrest before, all but the first four one after."""


def day(offset: int) -> str:
    return (LAUNCH + dt.timedelta(days=offset)).isoformat()


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def listed() -> list[dict[str, object]]:
    return [{"urn": f"P{k:03}", "joined": day(0), "sex": "FM"[k % 2]} for k in range(N)]


def logged() -> list[dict[str, object]]:
    """Return a log with a record in two rows, an event of a stranger, and a recall."""
    before = [{"urn": f"P{k:03}", "arrested": day(-40 - k), "reason": "theft"} for k in range(1, N, 2)]
    after = [{"urn": f"P{k:03}", "arrested": day(30 + k), "reason": "theft"} for k in range(4, N)]
    more = [
        {"urn": "P004", "arrested": day(36), "reason": "theft"},
        {"urn": "X999", "arrested": day(40), "reason": "theft"},
        {"urn": "P010", "arrested": day(50), "reason": "recall"},
    ]
    rows = [row | {"custody record": f"C{k}"} for k, row in enumerate([*before, *after, *more])]
    rows[-3]["custody record"] = rows[len(before)]["custody record"]
    return rows


def held() -> list[dict[str, object]]:
    """Return spells: two that overlap, ten days in all, and one that runs on."""
    return [
        {"urn": "P005", "received": day(100), "released": day(106)},
        {"urn": "P005", "received": day(104), "released": day(110)},
        {"urn": "P006", "received": day(300), "released": ""},
    ]


def files(folder: Path) -> tuple[Path, Path, Path]:
    return (
        write(folder / "people.csv", listed()),
        write(folder / "arrests.csv", logged()),
        write(folder / "spells.csv", held()),
    )


def begun(tmp_path: Path) -> Path:
    people_file, log, spells = files(tmp_path)
    return drafted(tmp_path / "study", source=log, people=people_file, custody=spells).file


def read(study: Path) -> Extracted:
    loaded = load_study(study)
    return read_extract(loaded.extract, study.parent)


def test_init_links_a_log_and_spells_to_people_and_nothing_is_left_to_edit(tmp_path):
    people_file, log, spells = files(tmp_path)
    command = ["init", str(tmp_path / "s"), "--from", str(log), "--people", str(people_file), "--custody", str(spells)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert not re.search(r"P0\d\d|C\d|2019", done.output)
    extract = load_study(alike(tmp_path / "s" / "study.toml")).extract
    events, custody = extract.events, extract.custody
    assert (events.id, events.date, events.record) == ("urn", "arrested", "custody record")
    assert (custody.start, custody.end) == ("received", "released")
    assert extract.index_date == LAUNCH
    assert [o.name for o in extract.outcomes] == ["arrests", "arrests not by supervision"]
    assert extract.outcomes[1].only[0].drop == ("recall",)


def test_a_log_and_a_list_of_people_given_the_wrong_way_round_are_exchanged(tmp_path):
    people_file, log, spells = files(tmp_path)
    right = drafted(tmp_path / "right", source=log, people=people_file, custody=spells)
    swapped = drafted(tmp_path / "swapped", source=people_file, people=log, custody=spells)
    assert swapped.file.read_text(encoding="utf-8") == right.file.read_text(encoding="utf-8")


def test_counts_and_days_at_liberty_are_those_of_the_files(tmp_path):
    made = read(begun(tmp_path))
    arrests = made.cohort["arrests"]
    assert arrests.outcome.sum(axis=0).tolist() == [12, 21]
    assert made.cohort["arrests not by supervision"].outcome.sum(axis=0).tolist() == [12, 20]
    days = np.full((N, 2), 365.0)
    days[5, 1] -= 10
    days[6, 1] -= 65
    assert arrests.exposure.tolist() == days.tolist()
    assert {note[:8] for note in made.notes} >= {"IOM-W140", "IOM-W142"}


def test_from_the_day_on_which_the_data_were_taken_nobody_with_an_own_index_date_is_at_risk(tmp_path):
    study = begun(tmp_path)
    own = [row | {"joined": day(5 * k)} for k, row in enumerate(listed())]
    write(tmp_path / "people.csv", own)
    extract = load_study(study).extract
    years = (
        ExtractWindow(label="before", start=-365, end=0),
        ExtractWindow(label="after", start=0, end=365, post=True),
    )
    extract = replace(extract, index_date=None, entry="joined", windows=years, custody=None)
    made = read_extract(replace(extract, extracted=LAUNCH + dt.timedelta(days=400)), study.parent)
    arrests = made.cohort["arrests"]
    assert arrests.exposure[:, 1].tolist() == [min(365, 400 - 5 * k) for k in range(N)]
    assert made.flows["arrests"].number("people", "with data that end before the last window does") == N - 8


def test_the_flow_counts_every_row_once(tmp_path):
    flow = read(begun(tmp_path)).flows["arrests"]
    events = [step for step in flow.steps if step.table == "events"]
    whole = sum(step.number for step in events if step.role == "all")
    assert whole == len(logged()) == sum(step.number for step in events if step.role in {"excluded", "used"})
    assert flow.number("events", "of nobody on the list") == 1


def test_rows_that_a_reading_leaves_out_of_the_log_and_the_spells_stand_in_their_flow(tmp_path):
    study = begun(tmp_path)
    for name, more in (("arrests.csv", ",,,\nTotal,,,39\n"), ("spells.csv", ",,\n,,\n")):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(more)
    extract = load_study(study).extract
    drops = replace(extract, events=replace(extract.events, drop_rows=("totals",)))
    flow = read_extract(drops, study.parent).flows["arrests"]
    assert flow.number("events", "empty rows") == flow.number("events", "rows of sums") == 1
    assert flow.number("events", "rows in the log") == len(logged()) + 2
    assert flow.number("custody", "empty rows") == 2


@pytest.mark.parametrize(("in_custody", "counted"), [("exclude", 20), ("keep", 21)])
def test_an_event_inside_counts_where_the_study_says_so(in_custody, counted, tmp_path):
    study = begun(tmp_path)
    with (tmp_path / "spells.csv").open("a", encoding="utf-8") as file:
        file.write(f"P004,{day(30)},{day(40)}\nP007,{day(37)},{day(40)}\n")
    extract = load_study(study).extract
    stated = replace(extract, events=replace(extract.events, in_custody=in_custody))
    made = read_extract(stated, study.parent).cohort["arrests"]
    assert made.outcome.sum(axis=0).tolist() == [12, counted]


def test_init_reads_each_file_once(tmp_path, monkeypatch):
    seen = []
    opened = readers.read_delimited
    formats = tuple(
        replace(known, read=lambda path, *rest: seen.append(path.name) or opened(path, *rest))
        if known.read is opened
        else known
        for known in readers.FORMATS
    )
    monkeypatch.setattr(readers, "FORMATS", formats)
    begun(tmp_path)
    assert sorted(seen) == ["arrests.csv", "people.csv", "spells.csv"]


def test_nobody_is_at_risk_and_no_event_counts_from_the_day_until_which_a_person_is_followed(tmp_path):
    rows = [row | {"died": day(60) if k == 20 else ""} for k, row in enumerate(listed())]
    log = [*logged(), {"urn": "P020", "arrested": day(61), "reason": "theft", "custody record": "C900"}]
    study = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", log), people=write(tmp_path / "people.csv", rows)
    ).file
    extract = load_study(study).extract
    assert extract.until == "died"
    panel = read(study).cohort["arrests"]
    assert panel.exposure[20].tolist() == [365.0, 60.0]
    assert panel.outcome[20].tolist() == [0, 1]


@pytest.mark.parametrize(("moved", "told"), [(8, []), (10, [12, 10]), (0, [12])])
def test_reasons_of_few_who_left_are_not_told_by_those_of_many(tmp_path, moved, told):
    why = ["died"] * 12 + ["moved"] * moved + [""] * (N - 12 - moved)
    rows = [row | {"left": day(60) if w else "", "left reason": w} for row, w in zip(listed(), why, strict=True)]
    study = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", logged()), people=write(tmp_path / "people.csv", rows)
    ).file
    flow = read(study).flows["arrests"]
    assert [step.number for step in flow.steps if ": " in step.what] == told


def test_a_second_id_of_a_person_counts_for_the_first(tmp_path):
    rows = [row | {"second urn": "Q1" if k == 0 else ""} for k, row in enumerate(listed())]
    log = [*logged(), {"urn": "Q1", "arrested": day(5), "reason": "theft", "custody record": "C901"}]
    study = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", log), people=write(tmp_path / "people.csv", rows)
    ).file
    assert load_study(study).extract.other_ids == ("second urn",)
    assert read(study).cohort["arrests"].outcome[0].tolist() == [0, 1]


def test_custody_under_a_second_id_counts_for_the_first(tmp_path):
    rows = [row | {"second urn": "Q1" if k == 0 else ""} for k, row in enumerate(listed())]
    spells = [{"urn": who, "received": day(10), "released": day(40)} for who in ("Q1", "P003")]
    study = drafted(
        tmp_path / "s",
        source=write(tmp_path / "log.csv", logged()),
        people=write(tmp_path / "people.csv", rows),
        custody=write(tmp_path / "spells.csv", spells),
    ).file
    assert load_study(study).extract.other_ids == ("second urn",)
    exposure = read(study).cohort["arrests"].exposure
    assert [exposure[k].tolist() for k in (0, 1, 3)] == [[365.0, 335.0], [365.0, 365.0], [365.0, 335.0]]


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M", "%d-%b-%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y, %I:%M %p"])
def test_events_have_times_of_day_in_whatever_form(tmp_path, form):
    def timed(text):
        return dt.datetime.fromisoformat(f"{text} 23:50").strftime(form)

    log = [row | {"arrested": timed(row["arrested"])} for row in logged()]
    study = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", log), people=write(tmp_path / "people.csv", listed())
    ).file
    assert read(study).cohort["arrests"].outcome.sum(axis=0).tolist() == [12, 21]


def test_months_before_and_after_the_introduction_are_windows_of_a_log_too(tmp_path):
    study = begun(tmp_path)
    months = "\nmonths = { first = 2018-01-01, after = 2019-01-01, last = 2019-12-31 }\n"
    text = study.read_text(encoding="utf-8").replace('"windows", ', "")
    study.write_text(re.sub(r"\nwindows = \[\n.*?\n\]\n", months, text, flags=re.DOTALL), encoding="utf-8")
    panel = read(study).cohort["arrests"]
    assert panel.outcome.shape == (N, 24)
    assert (panel.outcome[:, :12].sum(), panel.outcome[:, 12:].sum()) == (12, 21)
    assert panel.exposure[5, 12 + 3] == 30 - 10  # two spells of ten days in April


def test_a_log_alone_is_recognised_and_its_list_of_people_asked_for(tmp_path):
    done = drafted(tmp_path / "s", source=write(tmp_path / "arrests.csv", logged()))
    assert done.to_edit[0] == "file"
    assert any("--people" in step for step in done.steps)
    assert not any("count the events first" in step for step in done.steps)
    with pytest.raises(SpecError, match=r"IOM-E096.*file.*people without any event are not in"):
        load_study(done.file)


def test_two_days_of_an_event_are_asked_about(tmp_path):
    log = [row | {"charged": row["arrested"]} for row in logged()]
    done = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", log), people=write(tmp_path / "people.csv", listed())
    )
    with pytest.raises(SpecError, match=r"events\.date \(.*date = \"arrested\" or date = \"charged\""):
        load_study(done.file)


def test_days_of_entry_that_differ_are_asked_about_and_windows_run_from_each(tmp_path):
    rows = [row | {"joined": day(k)} for k, row in enumerate(listed())]
    done = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", logged()), people=write(tmp_path / "people.csv", rows)
    )
    assert "index_date" in done.to_edit
    text = done.file.read_text(encoding="utf-8")
    text = re.sub(r'index_date = "EDIT.*\n', "", text).replace("# entry = ", "entry = ")
    done.file.write_text(text, encoding="utf-8")
    panel = read(done.file).cohort["arrests"]
    assert panel.outcome.sum(axis=0).tolist() == [12, 21]
    late = replace(load_study(done.file).extract, windows=load_study(done.file).extract.windows[:1], months=None)
    assert late.entry == "joined"


def test_of_several_days_until_which_people_are_followed_the_earliest_holds_and_none_is_called_unread(tmp_path):
    rows = [
        row | {"died": day(60) if k in (20, 21) else "", "left area": day(40) if k in (20, 22) else ""}
        for k, row in enumerate(listed())
    ]
    made = drafted(
        tmp_path / "s", source=write(tmp_path / "log.csv", logged()), people=write(tmp_path / "people.csv", rows)
    )
    assert load_study(made.file).extract.until == ("died", "left area")
    assert not any("Not read" in step for step in made.steps)
    assert read(made.file).cohort["arrests"].exposure[19:23, 1].tolist() == [365.0, 40.0, 60.0, 40.0]


def test_ids_that_are_spelt_otherwise_in_the_log_are_counted_and_told(tmp_path):
    people_file, _, spells = files(tmp_path)
    other = [row | {"urn": row["urn"].lower() if k < 7 else row["urn"]} for k, row in enumerate(logged())]
    made = drafted(tmp_path / "s", source=write(tmp_path / "b.csv", other), people=people_file, custody=spells)
    study = made.file
    question = r"id = 'EDIT: 7 rows of events are of nobody on the list[^']*'"
    text, asked = re.subn(question, 'id = "urn"', study.read_text(encoding="utf-8"))
    assert asked == 1
    study.write_text(text, encoding="utf-8")
    (note,) = (n for n in read(study).notes if "IOM-W149" in n)
    assert "7 rows of events are of nobody on the list" in note
    assert not any(
        "IOM-W149" in n
        for n in read(drafted(tmp_path / "p", source=tmp_path / "arrests.csv", people=people_file).file).notes
    )


def test_a_spell_that_ends_before_it_starts_is_refused_with_its_row(tmp_path):
    study = begun(tmp_path)
    write(tmp_path / "spells.csv", [*held(), {"urn": "P007", "received": day(9), "released": day(8)}])
    with pytest.raises(InputError, match=r"IOM-E045.* 1 spell ends before it starts \(row 5\)"):
        read(study)


def test_rows_that_share_person_and_day_are_asked_about_where_nothing_numbers_arrests(tmp_path):
    log = [{"urn": row["urn"], "arrested": row["arrested"], "crime ref": f"K{k}"} for k, row in enumerate(logged())]
    people_file = write(tmp_path / "people.csv", listed())
    alone = drafted(tmp_path / "a", source=write(tmp_path / "a.csv", log), people=people_file)
    assert "events" not in alone.to_edit
    twice = [*log, *(row | {"crime ref": f"K9{k}"} for k, row in enumerate(log[:5]))]
    asked = drafted(tmp_path / "b", source=write(tmp_path / "b.csv", twice), people=people_file)
    text = asked.file.read_text(encoding="utf-8")
    assert asked.to_edit == ("events",)
    assert "10 rows share person and day" in text
    assert '"crime ref" may number offences' in text.replace('\\"', '"')


@pytest.mark.parametrize("named", ["", "Cohort"])
def test_a_workbook_of_three_sheets_is_read_by_what_each_holds_and_others_are_set_aside(named, tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    spare = {
        "README": [{"Extract for the evaluation": "Contact: the analyst"}],
        "Lookups": [{"code": "theft", "meaning": "Theft from a shop"}, {"code": "recall", "meaning": "Recalled"}],
    }
    for name, rows in (spare | {"Arrests": logged(), "Prison": held(), "Cohort": listed()}).items():
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append([cell or None for cell in row.values()])
    book.save(tmp_path / "force.xlsx")
    made = drafted(tmp_path / "s", source=tmp_path / "force.xlsx", sheet=named)
    study = made.file
    assert any(step.startswith("Sheets that are not read: README") for step in made.steps)
    extract = load_study(study).extract
    assert (extract.sheet, extract.events.sheet, extract.custody.sheet) == ("Cohort", "Arrests", "Prison")
    assert read(study).cohort["arrests"].outcome.sum(axis=0).tolist() == [12, 21]


def test_who_has_no_day_of_entry_was_not_managed_and_the_day_of_the_others_is_that_of_introduction(tmp_path):
    rows = [
        row | {"status": "IOM" if k < 12 else "comparison", "joined": day(0) if k < 12 else ""}
        for k, row in enumerate(listed())
    ]
    log = [{"custody ref" if name == "custody record" else name: v for name, v in row.items()} for row in logged()]
    done = drafted(tmp_path / "s", source=write(tmp_path / "log.csv", log), people=write(tmp_path / "people.csv", rows))
    extract = load_study(done.file).extract
    assert (extract.index_date, extract.group, extract.events.record) == (LAUNCH, "status", "custody ref")
    panel = read(done.file).cohort["arrests"]
    assert (panel.n, panel.managed.n) == (N, 12)
    assert panel.outcome.sum(axis=0).tolist() == [12, 21]


def test_whether_there_was_any_event_is_an_outcome_too(tmp_path):
    study = begun(tmp_path)
    text = study.read_text(encoding="utf-8").replace(
        'name = "arrests", kind = "count"', 'name = "any", kind = "binary"'
    )
    study.write_text(text, encoding="utf-8")
    panel = read(study).cohort["any"]
    assert panel.kind == "binary"
    assert panel.outcome.sum(axis=0).tolist() == [12, 20]


def test_custody_alone_takes_days_from_counts_that_are_columns(tmp_path):
    rows = [row | {"arrests before": k % 3, "arrests after": k % 2} for k, row in enumerate(listed())]
    done = drafted(
        tmp_path / "s",
        source=write(tmp_path / "people.csv", rows),
        custody=write(tmp_path / "spells.csv", held()),
    )
    panel = read(done.file).cohort["arrests"]
    assert panel.outcome.sum(axis=0).tolist() == [24, 12]
    assert panel.exposure[5].tolist() == [365.0, 355.0]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('kind = "count" }', 'kind = "score" }', "IOM-E092"),
        ('layout = "wide"', 'layout = "long"\nperiod = "sex"', "IOM-E0"),
        ("index_date = 2019-01-01", "", "IOM-E096"),
        ('until = "joined"', 'days_at_risk = ["a", "b"]', "IOM-E092"),
    ],
)
def test_what_a_log_cannot_be_linked_to_is_refused(tmp_path, old, new, code):
    study = begun(tmp_path)
    text = study.read_text(encoding="utf-8").replace('id = "urn"  ', 'until = "joined"\nid = "urn"  ', 1)
    assert old in text
    study.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises((SpecError, InputError), match=code):
        load_study(study)


def test_a_refusal_names_the_file_and_no_cell(tmp_path):
    study = begun(tmp_path)
    log = [row | {"arrested": "last Tuesday" if k == 3 else row["arrested"]} for k, row in enumerate(logged())]
    write(tmp_path / "arrests.csv", log)
    with pytest.raises(InputError, match=r"IOM-E050.*the log of events, 'arrests\.csv'.*\(row 5\)") as caught:
        read(study)
    assert "Tuesday" not in str(caught.value)


def test_ids_spelt_otherwise_in_the_log_are_refused(tmp_path):
    study = begun(tmp_path)
    write(tmp_path / "arrests.csv", [row | {"urn": str(row["urn"]).lower()} for row in logged()])
    with pytest.raises(InputError, match="IOM-E023"):
        read(study)


def test_a_study_with_files_beside_its_people_reads_back_as_itself(tmp_path):
    study = load_study(begun(tmp_path))
    again = tmp_path / "study" / "again.toml"
    again.write_text(study.to_toml(), encoding="utf-8")
    assert load_study(again) == study


def test_what_is_few_in_a_flow_cannot_be_solved_for():
    numbers = (("rows in the log", "all", 900), ("twice", "excluded", 3), ("early", "excluded", 97))
    steps = tuple(Step("events", what, role, n) for what, role, n in (*numbers, ("counted", "used", 800)))
    given = people.guarded(Flow(steps), Release(Disclosure()))
    withheld = [step.what for step in given.steps if step.number == 0]
    assert "twice" in withheld
    assert len(withheld) > 1
    assert people.guarded(Flow(steps), Release(Disclosure(research=True, reason="here"))) == Flow(steps)


def test_the_page_shows_the_flow_of_each_outcome(tmp_path):
    subject = read_people(begun(tmp_path))
    results = Results({people.run: people.run(subject, Effort())})
    section = people_section.section(subject, results)[1]
    assert [t.caption for t in section.tables][:3] == [
        "People (arrests).", "Events (arrests).", "Spells in custody (arrests)."
    ]  # fmt: skip
    assert ("rows in the log", "35") in section.tables[1].rows
    assert "flow.csv" in people_section.files(subject, results)
    assert "data_quality.csv" in people_section.files(subject, results)
    (figure,) = section.figures
    assert figure.form == "png"
    assert "left out: of nobody on the list: withheld" in figure.alt
    assert subject.per("arrests") == "day at risk"


def test_a_protocol_is_what_is_declared_and_not_where_it_lies(tmp_path):
    study = load_study(begun(tmp_path))
    same = replace(
        study,
        title="Other",
        extract=replace(study.extract, file="x.csv", events=replace(study.extract.events, file="y")),
    )
    assert protocol_digest(same) == protocol_digest(study)
    narrower = replace(study.extract, events=replace(study.extract.events, index_event="exclude"))
    assert protocol_digest(replace(study, extract=narrower)) != protocol_digest(study)
    assert protocol_digest(replace(study, protocol=protocol_digest(study))) == protocol_digest(study)
    with pytest.raises(SpecError, match=r"IOM-E092.*protocol"):
        replace(study, protocol="v2")


def test_the_synthetic_extract_comes_out_as_its_truth(tmp_path):
    careers = sim.Careers(
        people=80,
        rate=3.0,
        confounds=(Custody(custody_per_arrest=0.2, stay_years=0.3), Breach(after=0.4, unit="per_year")),
        programme=sim.Programme(ratio=0.8),
    )
    made = sim.ForceExtract(careers=careers)(1)
    made.write(tmp_path / "force")
    name = "force/SYNTHETIC_{}.csv".format
    study = drafted(
        tmp_path / "s",
        source=tmp_path / name("arrests"),
        people=tmp_path / name("people"),
        custody=tmp_path / name("custody"),
    ).file
    before, after = made.world.windows
    loaded = load_study(study)
    assert loaded.invented
    edges = zip(loaded.extract.windows, (before, after), strict=True)
    extract = replace(loaded.extract, windows=tuple(replace(w, start=of.start, end=of.end) for w, of in edges))
    read = read_extract(extract, tmp_path / "s")
    truth = made.truth[made.truth["in_extract"]]
    for w, label in enumerate(("before", "after")):
        lost, created = truth[f"{label}_recorded_too_late"], truth[f"{label}_supervision"]
        assert read.cohort["arrests"].outcome[:, w].tolist() == (truth[label] - lost).tolist()
        less = read.cohort["arrests not by supervision"].outcome[:, w]
        assert less.sum() == (truth[label] - lost - created).sum()
        spells = made.custody["urn"].value_counts().reindex(truth["urn"], fill_value=0).to_numpy()
        away = read.cohort["arrests"].exposure[:, w] - truth[f"{label}_days_free"].to_numpy()
        assert (np.abs(away) <= 1 + spells).all()  # a day of reception or removal is whole here, and in part there
