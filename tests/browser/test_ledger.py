"""The ledger that a reader moves: numbers equal Python's, the address holds what is set, and no mouse is needed."""

import math
import random

import pytest

from tests.browser.ledgers import STEPS, expected_at, ledgers

pytestmark = pytest.mark.browser

SET = """([place, chosen, positions]) => {
  const box = document.querySelectorAll(".live")[place];
  const choice = box.querySelector("select");
  choice.value = chosen;
  choice.dispatchEvent(new Event("change"));
  positions.forEach((position, k) => {
    const input = box.querySelector(`#knob-${place}-${k}`);
    if (!input) return;
    input.value = position;
    input.dispatchEvent(new Event("input"));
  });
  const { observed, expected, remainder, tip, tipLine } = box.dataset;
  return { observed, expected, remainder, tip, tipLine, said: box.querySelector(".said").textContent };
}"""
BOX = ".live >> nth={}"


def states(number, seed=18):
    """Yield ledgers, sets and positions at random."""
    chance = random.Random(seed)  # noqa: S311 no secret
    for _ in range(number):
        place, found = chance.choice(list(enumerate(ledgers().values())))
        chosen, under = chance.choice(list(enumerate(found.under)))
        lines = len(expected_lines(under)) + 1
        yield place, chosen, [chance.randint(-STEPS, STEPS) for _ in range(lines)], under


def expected_lines(under):
    return [c.line for c in under.evidence.confounds]


def test_fifty_settings_at_random_leave_what_python_leaves(visit, report):
    seen = visit(report)
    for place, chosen, positions, under in states(50):
        told = seen.page.evaluate(SET, [place, chosen, positions])
        observed, expected, remainder, moved = expected_at(under, positions)
        assert float(told["observed"]) == pytest.approx(observed, abs=1e-6)
        assert float(told["expected"]) == pytest.approx(expected, abs=1e-6)
        assert float(told["remainder"]) == pytest.approx(remainder, abs=1e-6)
        alone = moved[expected_lines(under).index(told["tipLine"])]
        assert float(told["tip"]) == pytest.approx(alone + remainder, abs=1e-6)
        printed = f"a ratio of {math.exp(remainder):.2f} remains" if under.result.scale == "ratio" else " points"
        assert printed in told["said"]
    assert seen.quiet(report)


def test_a_slider_moves_the_waterfall_and_reset_brings_it_back(visit, report):
    page = visit(report).page
    box = page.locator(BOX.format(0))
    drawing, said = "e => e.querySelector('svg').innerHTML", box.locator(".said")
    start, words = box.evaluate(drawing), said.text_content()
    box.locator("input").first.fill("50")
    moved = box.evaluate(drawing)
    assert moved != start
    assert said.text_content() != words
    box.locator("button").click()
    assert box.evaluate(drawing) == start
    assert said.text_content() == words


def test_every_bar_ends_where_the_next_begins(visit, report):
    page = visit(report).page
    page.evaluate(SET, [0, 0, [0, 20, -30, 40]])
    bars = page.locator(BOX.format(0)).evaluate(
        "e => [...e.querySelectorAll('rect')].map(r => [Number(r.getAttribute('x')), Number(r.getAttribute('width'))])"
    )
    ends = [(x, x + width) for x, width in bars]
    before, *steps, expected, remainder, after = ends
    right = before[1]
    for step in steps:
        assert step[1] == pytest.approx(right, abs=1.0)  # a line that takes nothing is drawn a point wide
        right = step[0]
    assert expected[1] == pytest.approx(right, abs=1.0)
    assert remainder == pytest.approx((after[1], expected[1]), abs=1.0)


def test_the_address_holds_what_is_set_and_a_reload_restores_it(visit, report):
    seen = visit(report)
    page = seen.page
    told = page.evaluate(SET, [1, 2, [7, -20, 13]])
    other = page.evaluate(SET, [0, 1, [0, 11, -4, 50]])
    address = page.url
    assert "#ledger=" in address
    page.reload()
    boxes = page.locator(".live")
    assert boxes.nth(1).get_attribute("data-remainder") == told["remainder"]
    assert boxes.nth(0).get_attribute("data-remainder") == other["remainder"]
    assert boxes.nth(1).locator("select").input_value() == "2"
    again = visit(report, fragment=address.partition("#")[1] + address.partition("#")[2]).page
    assert again.locator(BOX.format(1)).get_attribute("data-remainder") == told["remainder"]
    for place in (0, 1):
        boxes.nth(place).locator("button").click()
    page.evaluate(SET, [0, 0, [0, 0, 0, 0]])
    page.evaluate(SET, [1, 0, [0, 0, 0, 0]])
    assert page.url.endswith("#")
    assert seen.quiet(report)


@pytest.mark.parametrize(
    "fragment", ["#ledger=9.9.9", "#ledger=0.99.0.999.-999", "#ledger=0.1.<b>", "#ledger=", "#ledger=0.0.1e9.x", "#can"]
)
def test_an_address_that_says_something_else_is_no_harm(visit, report, fragment):
    seen = visit(report, fragment=fragment)
    for box in seen.page.locator(".live").all():
        remainder = box.get_attribute("data-remainder")
        assert math.isfinite(float(remainder))
        box.locator("input").evaluate_all("e => e.forEach(i => i.dispatchEvent(new Event('input')))")
        assert box.get_attribute("data-remainder") == remainder  # what is set is what the sliders show
    assert seen.quiet(report)


def test_everything_is_done_by_keyboard_alone(visit, report):
    page = visit(report).page
    active = "document.activeElement.tagName + (document.activeElement.getAttribute('type') ?? '')"
    inside = "document.activeElement.closest('.live') === document.querySelector('.live')"
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(inside):
            reached.append(page.evaluate(active))
            if reached[-1] == "SELECT":
                page.keyboard.press("ArrowDown")
            elif reached[-1] == "INPUTrange":
                page.keyboard.press("End")
            elif reached[-1] == "BUTTONbutton":
                break
    assert reached[0] == "SELECT"
    assert reached.count("INPUTrange") >= 2
    box = page.locator(BOX.format(0))
    assert box.locator("select").input_value() == "1"
    assert set(box.locator("input").evaluate_all("e => e.map(i => i.value)")) == {str(STEPS)}
    page.keyboard.press("Enter")
    assert set(box.locator("input").evaluate_all("e => e.map(i => i.value)")) == {"0"}


def test_a_slider_says_what_it_stands_at(visit, report):
    page = visit(report).page
    slider = page.locator(BOX.format(0)).locator("input").first
    label = page.locator(f"label[for={slider.get_attribute('id')}]").text_content()
    assert label in expected_lines(ledgers()["arrests"].under[0])
    assert slider.get_attribute("aria-valuetext").startswith("takes ")
    about = slider.get_attribute("aria-describedby")
    assert "right if" in page.locator(f"#{about}").text_content()
    assert page.locator(BOX.format(0)).locator("[aria-live=polite]").count() == 1
