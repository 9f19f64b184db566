"""Put the demo's real output, with its digest, where documents show it: `make readme`, after a change that it shows.

The pictures of README.md are drawn with it (`make_pictures`).
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

BLOCK = re.compile(r"<!-- demo -->\n```text\n(.*?)\n```\n<!-- /demo( [0-9a-f]{64})? -->", flags=re.DOTALL)


def first_screen(printed: str) -> str:
    """Return what stands before the study's title: the question, the answer and what to do next."""
    return printed.partition("\n\nThe study: ")[0]


def whole(printed: str) -> str:
    """Return all of it."""
    return printed


ROOT = Path(__file__).parents[1]
SHOWN: dict[Path, Callable[[str], str]] = {
    ROOT / "README.md": first_screen,
    ROOT / "docs" / "what_it_prints.md": whole,
}
"""The documents, and what each of them shows of the output."""


def digest(shown: str) -> str:
    """Return what tells one output from another, in 64 letters."""
    return hashlib.sha256(shown.encode()).hexdigest()


def demo(document: str) -> tuple[str, str]:
    """Return the output that a document shows, and the digest that stands below it."""
    shown, marked = BLOCK.findall(document)[0]
    return shown, marked.strip()


def with_demo(document: str, shown: str) -> str:
    """Return the text of a document with `shown` between its two marks."""
    block = f"<!-- demo -->\n```text\n{shown}\n```\n<!-- /demo {digest(shown)} -->"
    return BLOCK.sub(lambda _: block, document)


def write(printed: str) -> None:
    """Write every document anew."""
    for path, part in SHOWN.items():
        path.write_text(with_demo(path.read_text(encoding="utf-8"), part(printed)), encoding="utf-8")


if __name__ == "__main__":
    from docs import make_pictures
    from iom_causal.evaluation import evaluate

    paper = evaluate("sleath-brown-2017")
    write(paper.summary())
    make_pictures.draw(paper)
