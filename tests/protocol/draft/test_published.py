"""The draft of a [published] file on the command line: written once, light to load, refused until it is filled in."""

import re
import subprocess
import sys

from click.testing import CliRunner

from iom_causal.cli import main
from tests.published.reading import papers


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def drafted(folder):
    (folder / "paper.txt").write_text(papers.APA, encoding="utf-8")
    return run("init", folder / "study", "--published", "--from", folder / "paper.txt")


def test_a_paper_becomes_a_file_that_names_its_text(tmp_path):
    done = drafted(tmp_path)
    assert done.exit_code == 0
    text = (tmp_path / "study" / "published.toml").read_text(encoding="utf-8")
    assert 'text = "../paper.txt"' in text
    assert "in the text, with their places; " in done.output
    assert "iom-causal audit" in done.output
    again = run("init", tmp_path / "study", "--published", "--from", tmp_path / "paper.txt")
    assert (again.exit_code, "IOM-E090" in again.stderr) == (2, True)


def test_until_it_is_filled_in_it_is_refused_by_the_names_of_its_keys(tmp_path):
    drafted(tmp_path)
    file = tmp_path / "study" / "published.toml"
    for command in (("evaluate", file, "--out", tmp_path / "out"), ("audit", file), ("reconstruct", file)):
        done = run(*command)
        assert done.exit_code == 2
        assert "fill in the lines that still say EDIT: title (the title of the work)" in done.stderr
    answers = {"title": "A study", "citation": "Nobody (2020)", "source_version": "report"}
    text = file.read_text(encoding="utf-8")
    for key, answer in answers.items():
        text = re.sub(rf'^{key} = "EDIT.*"$', f'{key} = "{answer}"', text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    done = run("audit", file)
    assert (done.exit_code, done.output.count("Nobody (2020)")) == (0, 1)
    assert "0 inconsistent" in done.output


def test_a_pdf_is_refused_in_words(tmp_path):
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    done = run("init", tmp_path / "study", "--published", "--from", tmp_path / "paper.pdf")
    assert done.exit_code == 2
    assert "is a PDF, which is not read; save it as text" in done.stderr
    assert not (tmp_path / "study").exists()


def test_reading_a_paper_loads_nothing_heavy(tmp_path):
    (tmp_path / "paper.txt").write_text(papers.APA, encoding="utf-8")
    code = (
        "import sys; from iom_causal.cli import main; "
        f"main(['init', {str(tmp_path / 's')!r}, '--published', '--from', {str(tmp_path / 'paper.txt')!r}], "
        "standalone_mode=False); print([m for m in ('scipy', 'pandas', 'numba', 'docx') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().endswith("[]")
