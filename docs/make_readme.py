"""Put the demo's real output into README.md: run it after a change that the demo shows."""

import re
from pathlib import Path

from iom_causal.evaluation import evaluate

README = Path(__file__).parents[1] / "README.md"


def with_demo(readme: str, shown: str) -> str:
    """Return the text of the README with `shown` between its two marks."""
    block = f"<!-- demo -->\n```text\n{shown}\n```\n<!-- /demo -->"
    return re.sub(r"<!-- demo -->.*<!-- /demo -->", lambda _: block, readme, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(
        with_demo(README.read_text(encoding="utf-8"), evaluate("sleath-brown-2017").summary()), encoding="utf-8"
    )
