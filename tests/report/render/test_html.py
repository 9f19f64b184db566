"""One script is admitted to a page, by its hash, and only where there is a ledger to move."""

import base64
import hashlib
from dataclasses import replace
from importlib.resources import files

import html5lib
import pytest

from iom_causal.report.render import html, text
from iom_causal.report.render.live import Knob, LiveLedger, LiveSet
from iom_causal.report.render.page import Page, Section

PLAIN = {"default-src": ["'none'"], "img-src": ["data:"], "style-src": ["'unsafe-inline'"]}

MAKES_ELEMENTS = ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval", "Function(")
REACHES_OUT = ("fetch", "XMLHttp", "import", "WebSocket", "sendBeacon", "http:", "https:", "Storage", "cookie")
ENDS_A_SCRIPT = ("</", "<!--")
PAYLOADS = ('"><b onclick=x>', "</div><script>y</script>", "a\x1bb\u202ec", "{{7*7}}", "a\\u001bb")


def page(*, moved, text="x"):
    knob = Knob(text, -0.2, -0.1, 0.0, text)
    live = LiveLedger(
        scale="ratio",
        decimals=2,
        sets=(LiveSet(title=text, about=text, observed=knob, lines=(knob,)),),
        words={"a": text},
    )
    section = Section(title=text, live=live if moved else None)
    return Page(
        title=text, subtitle=text, synthetic=False, lead=(), can_say=(), cannot_say=(), sections=(section, section)
    )


def parsed(source):
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    (policy,) = (m.get("content") for m in tree.iter("meta") if m.get("http-equiv") == "Content-Security-Policy")
    directives = {name: sources for name, *sources in (part.split() for part in policy.split(";"))}
    return tree, directives


def test_the_policy_admits_the_one_script_and_nothing_else():
    tree, directives = parsed(html.render(page(moved=True)))
    (script,) = tree.iter("script")
    assert not script.attrib
    digest = base64.b64encode(hashlib.sha256(script.text.encode("utf-8")).digest()).decode("ascii")
    assert directives == PLAIN | {"script-src": [f"'sha256-{digest}'"]}
    assert script.text == (files("iom_causal.report.render") / "ledger.js").read_text(encoding="utf-8")


def test_a_page_without_a_subtitle_has_no_empty_line_in_its_place():
    plain = replace(page(moved=False), title="The study", subtitle="", lead=("First.",))
    tree, _ = parsed(html.render(plain))
    assert [p for p in tree.iter("p") if p.get("class") == "subtitle"] == []
    assert text.render(plain).splitlines()[:3] == ["The study", "", "First."]
    tree, _ = parsed(html.render(page(moved=False)))
    assert [p.text for p in tree.iter("p") if p.get("class") == "subtitle"] == ["x"]
    assert text.render(replace(plain, subtitle="What came")).splitlines()[:3] == ["The study", "What came", ""]


def test_a_page_without_a_ledger_has_no_script_and_admits_none():
    tree, directives = parsed(html.render(page(moved=False)))
    assert not list(tree.iter("script"))
    assert directives == PLAIN


def test_the_script_is_short_and_reaches_for_nothing():
    script = (files("iom_causal.report.render") / "ledger.js").read_text(encoding="utf-8")
    assert len(script.splitlines()) < 300
    for word in (
        "innerHTML",
        "eval",
        "fetch",
        "XMLHttp",
        "import",
        "document.write",
        "insertAdjacent",
        "</",
        "http:",
        "<!--",
    ):
        assert word not in script.replace('"http://www.w3.org/2000/svg"', ""), word


@pytest.mark.parametrize(
    "payload", ['"><b onclick=x>', "</div><script>y</script>", "a\x1bb\u202ec", "{{7*7}}", "a\\u001bb"]
)
def test_what_lies_in_a_ledger_is_one_attribute(payload):
    tree, _ = parsed(html.render(page(moved=True, text=payload)))
    boxes = [e for e in tree.iter("div") if e.get("class") == "live"]
    assert len(boxes) == 2
    assert all(set(box.attrib) == {"class", "data-ledger", "hidden"} for box in boxes)
    assert len(list(tree.iter("script"))) == 1
    assert not list(tree.iter("b"))
