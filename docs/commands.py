"""Commands on pages: shown as they are typed in a terminal, and run in a cell that shows what they print alone."""

import re

CELL = re.compile(r"^```\{code-cell\} ipython3\n((?::[^\n]*\n)*)((?:![^\n]*\n)+)```$", flags=re.MULTILINE)
"""A cell that holds nothing but commands."""
TAGS = re.compile(r":tags: \[([^\]]*)\]")
ASIDE = re.compile(r" (?:\||\d?>) .*")
"""What keeps a page short, and nobody has to type."""
HIDDEN = "remove-input"


def typed(page: str) -> str:
    r"""Return the source of a page with every cell of commands as a block to type, and a cell that shows its output.

    Examples
    --------
    >>> print(typed("```{code-cell} ipython3\n!iom-causal --help | head\n```"))
    ```bash
    iom-causal --help
    ```
    <BLANKLINE>
    ```{code-cell} ipython3
    :tags: [remove-input]
    !iom-causal --help | head
    ```
    """
    return CELL.sub(_parted, page)


def _parted(cell: re.Match[str]) -> str:
    tags = [tag.strip() for found in TAGS.findall(cell[1]) for tag in found.split(",")]
    if HIDDEN in tags:
        return cell[0]
    lines = "".join(f"{ASIDE.sub('', line.removeprefix('!'))}\n" for line in cell[2].splitlines())
    run = f"```{{code-cell}} ipython3\n:tags: [{', '.join([HIDDEN, *tags])}]\n{cell[2]}```"
    return f"```bash\n{lines}```\n\n{run}"
