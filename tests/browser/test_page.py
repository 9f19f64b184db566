"""The page as people open it: from disk, without a network or scripts, on paper, on a phone, by a screen reader."""

import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from iom_causal.report.render import html
from tests.browser.conftest import DESKTOP, PHONE
from tests.report.render.test_inert import PAYLOADS
from tests.report.render.test_inert import page as page_with

pytestmark = pytest.mark.browser

MOST_SHEETS = 12
PARTS = ("#question", ".first .verdict", ".first figure img", ".first .answers", ".first .then", ".first .level")
GRID = (10, 16)
COARSE = Path(__file__).with_name("first_screen.txt")


def test_it_opens_from_disk_and_asks_for_nothing(visit, report):
    seen = visit(report)
    assert seen.quiet(report)
    assert all(seen.page.locator("img").evaluate_all("e => e.map(i => i.complete && i.naturalWidth > 0)"))


def test_no_other_script_runs_on_it(visit, report, tmp_path):
    source = report.read_text(encoding="utf-8")
    other = tmp_path / "other.html"
    other.write_text(
        source.replace("</main>", "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'></main>"),
        encoding="utf-8",
    )
    page = visit(other).page
    assert page.evaluate("window.ran === undefined")
    changed = tmp_path / "changed.html"
    changed.write_text(source.replace("const STEPS = 50", "const STEPS = 51"), encoding="utf-8")
    assert visit(changed).page.locator(".live:visible").count() == 0


def test_with_scripts_blocked_everything_stands_there_but_the_sliders(visit, page, report):
    seen = visit(report, java_script_enabled=False)
    assert seen.page.locator(".live").count() == 3
    assert seen.page.locator(".live:visible").count() == 0
    assert seen.page.locator("img").count() == len(page.figures)
    shown = words(seen.page.locator("main").text_content())
    for text in (*page.can_say, *page.cannot_say, *(p for s in page.sections for p in s.paragraphs)):
        assert words(text) in shown


def words(text):
    """Return text without marks of sources, and with one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"\[\d+\]", "", text))


def test_it_prints_on_few_sheets_and_without_sliders(visit, report):
    page = visit(report).page
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert 1 < sheets <= MOST_SHEETS
    page.emulate_media(media="print")
    assert page.locator(".live:visible").count() == 0


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_reaches_beyond_the_side_of_a_narrow_screen(visit, report, width):
    page = visit(report, size=(width, 844)).page
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious(visit, report, scheme, size):
    package = pytest.importorskip("axe_playwright_python")
    page = visit(report, size=size, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate((files(package) / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html)]))")
    assert [v for v in found if v[0] in {"serious", "critical"}] == []


def test_sixty_payloads_at_every_sink_stay_text(visit, tmp_path):
    count = "[...document.querySelectorAll('*')].map(e => e.tagName).join()"
    file = tmp_path / "page.html"
    file.write_text(html.render(page_with("plain text")), encoding="utf-8")
    seen = visit(file)
    plain = seen.page.evaluate(count)
    assert len(PAYLOADS) >= 60
    for payload in PAYLOADS:
        file.write_text(html.render(page_with(payload)), encoding="utf-8")
        seen.page.goto(file.as_uri())
        seen.page.locator("input").evaluate_all("e => e.forEach(i => i.dispatchEvent(new Event('input')))")
        assert seen.page.evaluate(count) == plain, payload
        assert seen.quiet(file), (payload, seen.requests, seen.complaints)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_screen_holds_its_six_parts_and_nothing_stands_above_it(visit, report, size):
    page = visit(report, size=size).page
    boxes = [page.locator(part).first.bounding_box() for part in PARTS]
    assert all(box is not None and box["width"] > 0 and box["height"] > 0 for box in boxes)
    for part, box in zip(PARTS, boxes, strict=True):
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= size[0] + 1, part
        assert box["y"] + box["height"] <= size[1], part
    question, verdict, picture, answers, then, level = boxes
    assert question["y"] < 60
    assert question["y"] + question["height"] <= verdict["y"] + 1
    assert verdict["y"] + verdict["height"] <= picture["y"] + 1
    assert max(picture["y"] + picture["height"], answers["y"] + answers["height"]) <= then["y"] + 1
    assert then["y"] <= level["y"]
    if size == DESKTOP:
        assert picture["x"] + picture["width"] <= answers["x"]
    else:
        assert picture["y"] + picture["height"] <= answers["y"] + 1


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_screen_looks_as_it_did(visit, report, size, tmp_path):
    page = visit(report, size=size).page
    shown = coarse(page.screenshot(), tmp_path)
    kept = COARSE.read_text(encoding="utf-8").split("\n\n")[(DESKTOP, PHONE).index(size)].split()
    now = "\n".join("".join(map(str, row)) for row in shown)
    was = np.array([[int(cell) for cell in row] for row in kept])
    assert np.abs(shown - was).mean() <= 0.9, f"as it is now:\n{now}"


def coarse(png, folder):
    """Return how dark each field of a picture is, 0 white to 9."""
    from matplotlib.image import imread

    file = folder / "screen.png"
    file.write_bytes(png)
    grey = 1 - imread(file)[..., :3].mean(-1)
    rows, columns = (np.array_split(np.arange(n), k) for n, k in zip(grey.shape, GRID, strict=True))
    dark = np.array([[grey[np.ix_(r, c)].mean() for c in columns] for r in rows])
    return np.minimum(9, np.round(30 * dark)).astype(int)  # text is a tenth ink
