"""Put the demo's real output, with its digest, into README.md: `make readme`, after a change that the demo shows."""

import hashlib
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"<!-- demo -->\n```text\n(.*?)\n```\n<!-- /demo( [0-9a-f]{64})? -->", flags=re.DOTALL)


def digest(shown: str) -> str:
    """Return what tells one output from another, in 64 letters."""
    return hashlib.sha256(shown.encode()).hexdigest()


def demo(readme: str) -> tuple[str, str]:
    """Return the output that a README shows, and the digest that stands below it."""
    shown, marked = BLOCK.findall(readme)[0]
    return shown, marked.strip()


def with_demo(readme: str, shown: str) -> str:
    """Return the text of the README with `shown` between its two marks."""
    block = f"<!-- demo -->\n```text\n{shown}\n```\n<!-- /demo {digest(shown)} -->"
    return BLOCK.sub(lambda _: block, readme)


if __name__ == "__main__":
    from iom_causal.evaluation import evaluate

    made = evaluate("sleath-brown-2017").summary()
    README.write_text(with_demo(README.read_text(encoding="utf-8"), made), encoding="utf-8")
