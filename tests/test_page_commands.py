"""docs/commands.py: commands are shown as they are typed, and the output of a page is that of what is shown."""

from pathlib import Path

from docs.commands import CELL, typed

DOCS = Path(__file__).parents[1] / "docs"


def test_a_cell_of_commands_is_a_block_to_type_and_a_cell_without_its_lines():
    page = "Before.\n\n```{code-cell} ipython3\n:tags: [remove-stderr]\n!iom-causal init a > /dev/null\n!ls\n```\n"
    assert typed(page) == (
        "Before.\n\n```bash\niom-causal init a\nls\n```\n\n"
        "```{code-cell} ipython3\n:tags: [remove-input, remove-stderr]\n!iom-causal init a > /dev/null\n!ls\n```\n"
    )


def test_cells_of_python_and_hidden_ones_stay():
    for cell in (
        "```{code-cell} ipython3\nx = 1\n!ls\n```",
        "```{code-cell} ipython3\n:tags: [remove-input]\n!ls\n```",
    ):
        assert typed(cell) == cell


def test_no_page_mixes_commands_with_python_where_both_are_shown():
    for page in DOCS.rglob("*.md"):
        source = page.read_text(encoding="utf-8")
        shown = CELL.sub("", source)
        mixed = [line for line in shown.splitlines() if line.startswith("!")]
        assert not mixed, f"{page.name}: {mixed[0]} stands in a cell of Python"
