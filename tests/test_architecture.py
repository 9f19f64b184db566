"""The layers: imports point one way, make no circles, and the root loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iom_causal"

LAYERS = (
    "errors",
    "numerics",
    "streams",
    "beliefs",
    "base",
    "windows",
    "moments",
    "intervals",
    "estimate",
    "world",
    "panel",
    "cohort",
    "roles",
    "inputs",
    "data",
    "published",
    "estimators",
    "bayes",
    "confounds",
    "sensitivity",
    "null",
    "simulate",
    "ledger",
    "designs",
    "protocol",
    "analysis",
    "report",
    "evaluation",
    "cli",
)
STRANGERS = {"estimators", "confounds", "sensitivity", "bayes", "null", "simulate"}
HEAVY = ("pymc", "arviz", "statsmodels", "linearmodels", "matplotlib", "pandas", "scipy.stats", "numba")
LIGHT = ("numpy", "scipy")


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    """The rooms that a file imports, inside functions and for types alone included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names = [f"{node.module}.{a.name}" for a in node.names] if node.module == "iom_causal" else [node.module]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        else:
            continue
        for name in names:
            parts = (name or "").split(".")
            if parts[0] == "iom_causal":
                assert len(parts) > 1, f"{path.name} imports the package root"
                found.add(parts[1])
    return found


FILES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py" or p.parent != PACKAGE)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_towards_the_ground(path):
    room = _room(path)
    assert room in LAYERS, f"{room} has no place in the layers"
    for other in _imports(path) - {room}:
        assert LAYERS.index(other) < LAYERS.index(room), f"{path.name} imports {other}"
        assert not ({room, other} <= STRANGERS), f"{room} and {other} must not know one another"


def test_no_circles_of_files_those_for_types_alone_included():
    def module(path):
        return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")

    modules = {module(p): p for p in FILES}
    edges = {name: _module_imports(path, modules) for name, path in modules.items()}
    state = {}

    def visit(name, trail):
        assert state.get(name) != "open", f"circle: {' -> '.join([*trail, name])}"
        if state.get(name) == "done":
            return
        state[name] = "open"
        for other in edges[name]:
            visit(other, [*trail, name])
        state[name] = "done"

    for name in edges:
        visit(name, [])


def _module_imports(path, modules):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = {f"{node.module}.{a.name}" for a in node.names}
            found |= parts & modules.keys() or {node.module} & modules.keys()
    return found - {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")}


def test_importing_the_root_loads_nothing_heavy():
    code = f"import iom_causal as iom, sys; iom.errors.CODES; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_command_line_help_loads_nothing_heavy():
    code = (
        "import sys; from iom_causal.cli import main; "
        f"main(['--help'], standalone_mode=False); print([m for m in {HEAVY + LIGHT!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().endswith("[]")


def test_every_public_name_loads():
    code = "import iom_causal as iom\nfor name in iom.__all__: getattr(iom, name)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_errors_are_caught_by_their_name_at_the_root():
    code = """
import iom_causal as iom
try:
    iom.PairedT(level=2)
except iom.errors.IomCausalError as error:
    print(type(error) is iom.errors.SpecError, error.code)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["True", "IOM-E092"]


POSIX_ONLY = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "posix", "syslog"}
POSIX_NAMES = ("os.fork", "os.getuid", "os.geteuid", "os.chown", "os.uname", "signal.SIG", "signal.alarm")


def _modules(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_needs_a_posix_system(path):
    assert not set(_modules(path)) & POSIX_ONLY
    assert not [name for name in POSIX_NAMES if name in path.read_text(encoding="utf-8")]
