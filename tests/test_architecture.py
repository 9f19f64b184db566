"""The house: one list of rooms, imports that point one way outside and inside a room, no circles, a light root."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iom_causal"
HOUSE = PACKAGE.parent / "docs" / "house.md"

# From the ground up: a room uses what stands before it. docs/house.md says what each of them holds.
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
    "confounds",
    "sensitivity",
    "null",
    "simulate",
    "ledger",
    "bayes",
    "designs",
    "protocol",
    "analysis",
    "report",
    "evaluation",
    "cli",
)
STRANGERS = {"estimators", "confounds", "sensitivity", "null", "simulate"}

# The same inside a room: its folders, and "*" for its own files. Folders in one set do not know one another.
INNER = {
    "numerics": (
        "*",
        "kernels",
        {
            "inference",
            "mixed",
            "printed",
            "selection",
            "pairs",
            "careers",
            "adjustment",
            "comparison",
            "posterior",
            "events",
            "sensitivity",
        },
    ),
    "data": ({"files", "release"}, "*", {"events", "guesses"}, "reading"),
    "published": ("reading", "*", {"audit", "rebuild"}),
    "estimators": ("shared", {"quasi_experiments"}, "*"),
    "bayes": ("shared", {"checks"}, "*"),
    "confounds": ("*", "regression"),
    "simulate": ("*", {"calibration", "extract"}),
    "designs": ("*", "library"),
    "protocol": ("*", "draft"),
    "analysis": ("*", {"published", "rehearsal", "sensitivity"}),
    "report": ("render", "*", "sections", "sources"),
    "cli": ("*", "commands"),
}

MOST_AT_THE_ROOT = 29
MOST_IN_A_FOLDER = 27

HEAVY = ("pymc", "arviz", "statsmodels", "linearmodels", "matplotlib", "pandas", "scipy.stats", "numba")
LIGHT = ("numpy", "scipy")


def _name(path: Path) -> str:
    """The module of a file, without the package's name; the root is ''."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def _room(name: str) -> str:
    return name.split(".", 1)[0]


MODULES = {_name(p): p for p in sorted(PACKAGE.rglob("*.py"))}
FILES = [p for name, p in MODULES.items() if name]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path) -> frozenset[str]:
    """The modules of the package that a file imports, inside functions and for types alone included."""
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            named = [f"{node.module}.{a.name}" for a in node.names]
            found |= {n if n.removeprefix("iom_causal.") in MODULES else str(node.module) for n in named}
        elif isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
    assert "iom_causal" not in found, f"{path.name} imports the package root"
    return frozenset(n.removeprefix("iom_causal.") for n in found if n.startswith("iom_causal.")) - {_name(path)}


def _entries(folder: Path) -> set[str]:
    """What stands in a folder of code: files by name with their ending, folders with a slash."""
    folders = {f"{p.name}/" for p in folder.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    return folders | {p.name for p in folder.glob("*.py") if p.name != "__init__.py"}


def test_the_house_is_written_down_as_it_stands():
    rows = re.findall(r"^\| `(\w+(?:/|\.py))` \| (.+) \|$", HOUSE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [entry.removesuffix("/").removesuffix(".py") for entry, _ in rows] == list(LAYERS)
    built = {entry: holds for entry, holds in rows if not holds.startswith("(to come)")}
    assert built.keys() == _entries(PACKAGE), "a room that is built or gone: mend its line in docs/house.md"
    for entry, holds in built.items():
        inside = {e for e in _entries(PACKAGE / entry) if e.endswith("/")} if entry.endswith("/") else set()
        assert set(re.findall(r"`(\w+/)`", holds)) == inside, f"{entry} and its line in docs/house.md"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_towards_the_ground(path):
    room = _room(_name(path))
    assert room in LAYERS, f"{room} has no place in the layers"
    for other in {_room(name) for name in _imports(path)} - {room}:
        assert LAYERS.index(other) < LAYERS.index(room), f"{path.name} imports {other}"
        assert not ({room, other} <= STRANGERS), f"{room} and {other} must not know one another"


def _place(name: str) -> str:
    """The folder of its room that a module lies in, or '*'."""
    inner = name.split(".")[1:2]
    return inner[0] if inner and (PACKAGE / _room(name) / inner[0]).is_dir() else "*"


def _inner_arrows() -> dict[tuple[str, str, str], tuple[str, str]]:
    """Room, place, place that it uses, with a pair of modules that shows it; the face of a room may use all of it."""
    return {
        (_room(name), _place(name), _place(other)): (name, other)
        for name, path in MODULES.items()
        if "." in name
        for other in _imports(path)
        if _room(other) == _room(name) and _place(other) != _place(name)
    }


def test_walls_inside_a_room():
    step = {
        (room, place): k
        for room, steps in INNER.items()
        for k, places in enumerate(steps)
        for place in ({places} if isinstance(places, str) else places)
    }
    folders = {(_room(name), _place(name)) for name in MODULES if _place(name) != "*"}
    assert folders == {at for at in step if at[1] != "*"}, "INNER lists other folders than there are"
    wrong = {
        (room, place, other): shown
        for (room, place, other), shown in _inner_arrows().items()
        if step[room, other] >= step[room, place]
    }
    assert not wrong


def test_no_circles_of_files_those_for_types_alone_included():
    edges = {name: _imports(path) for name, path in MODULES.items() if name}
    state = {}

    def visit(name, trail):
        assert state.get(name) != "open", f"circle: {' -> '.join([*trail[trail.index(name) :], name])}"
        if name in state:
            return
        state[name] = "open"
        for other in sorted(edges[name]):
            visit(other, [*trail, name])
        state[name] = "done"

    for name in edges:
        visit(name, [])


def test_no_folder_is_too_full_to_look_through():
    full = {p: len(_entries(p)) for p in {PACKAGE, *(path.parent for path in FILES)}}
    assert full.pop(PACKAGE) <= MOST_AT_THE_ROOT
    assert max(full.values()) <= MOST_IN_A_FOLDER, max(full, key=full.get)


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


TESTS_OF_THE_WHOLE = {"browser", "real", "reference"}


def test_tests_mirror_the_tree():
    folders = {p.parent.relative_to(PACKAGE.parent / "tests") for p in (PACKAGE.parent / "tests").rglob("test_*.py")}
    missing = {str(f) for f in folders if not (PACKAGE / f).is_dir() and f.parts[0] not in TESTS_OF_THE_WHOLE}
    assert not missing


POSIX_ONLY = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "posix", "syslog"}
POSIX_NAMES = ("os.fork", "os.getuid", "os.geteuid", "os.chown", "os.uname", "signal.SIG", "signal.alarm")


def _modules(path):
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_needs_a_posix_system(path):
    assert not set(_modules(path)) & POSIX_ONLY
    assert not [name for name in POSIX_NAMES if name in path.read_text(encoding="utf-8")]


DOORS = {
    "base/names.py": "the name of a function of the user's own",
    "base/specs.py": "types, and data of any library given where settings belong",
    "estimators/average_comparisons.py": "fits of other libraries",
    "panel/columns.py": "frames of any library",
}
"""Files in which anything may come in, so that they may ask by name whether a value has an attribute, and of what."""


def _asked_by_name(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
        if called in {"getattr", "hasattr"} and isinstance(node.args[1], ast.Constant):
            yield node.args[1].value


def test_protocols_are_declared_and_not_asked_for_by_name():
    asking = {path.relative_to(PACKAGE).as_posix(): sorted(set(_asked_by_name(path))) for path in FILES}
    undeclared = {path: names for path, names in asking.items() if names and path not in DOORS}
    assert all(asking[door] for door in DOORS), "a door that nobody uses is none"
    assert not undeclared, f"declare a protocol in place of getattr and hasattr: {undeclared}"
