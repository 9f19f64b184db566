"""Heuristic classification of columns that tell who was managed, and from when, by their names and cells."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import toml_value
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.kinds import EVENTS, has
from iom_causal.data.guesses.names import held, tokens, varies
from iom_causal.data.guesses.questions import Question
from iom_causal.data.guesses.starts import GROUPS, NONE, TREATED, Start, has_days, start_in

YES, NO = {"1", "yes", "y", "true", "case"}, {"0", "no", "n", "false"}
MARKS = {*YES, "x", "tick", "ticked", "\u2713", "\u2714"}
"""What stands in a cell for yes, where the others are empty."""
OTHERS = {"comparison", "control", "controls", "waiting", "waitlist", "unmanaged", "untreated", "matched"}
OTHERS |= {
    "neighbour",
    "neighbours",
    "neighbouring",
    "neighbor",
    "comparisons",
    "comparator",
    "comparators",
    "unselected",
    "nonmanaged",
    "usual",
    "tau",
    "bau",
}
"""Words for people who were not managed, in a name or a cell."""
ADOPTED = {"our", "ours", "adopted", "selected", "enrolled", "accepted", "participant", "participants", "participating"}
"""Words for people who were managed, in a cell beside one that denies it."""
NOT = {"not", "non", "never", "no", "none"}
NEITHER = {"de", "ex", "former", "formerly", "refused", "declined", "left", "exited", "removed"}
"""Words for people of whom it cannot be said that they were managed, nor that they were not."""
NO_GROUPS = {"age", "ethnic", "ethnicity", "sex", "gender"}
"""Words for groups of another kind, such as age groups."""
PROGRAMMES = {
    *ADOPTED,
    "ppo",
    "programme",
    "program",
    "pilot",
    "waitlist",
    "waiting",
    "supervised",
    "tagged",
    "nominal",
}
PROGRAMMES |= {"nominal", "statutory", "matched", "project"}
"""Words of a programme, or of being in one, in a name or a cell: whether they say who was managed is asked."""
PLAIN = {"on", "in", "is", "was", "he", "she", "they", "this", "the", "a", "of", "status", "flag", "person", "people"}
PLAIN |= {"offender", "client", "member", "programme", "project", "yn", "y", "n"}
"""Words beside those for groups that make a yes or a no no other answer."""
FEW_GROUPS, MOST_GROUPS, LEAST_EACH = 6, 50, 5
"""Values of a column up to which it may tell groups, and of more than a few how many people have each."""

STANDS = 'what stands in {} for people who were managed? Write it, such as managed = ["yes"]'
WHICH = f"{STANDS}; if nothing there does, delete this line and the one above"
OF_THREE = (
    f"{WHICH}. All others are compared with them; to leave out who is neither, write a line filters = "
    '[{{ column = {}, drop = ["what stands there"] }}]'
)
IF_EMPTY = (
    "{} empty in {}. Write managed = [] if such people were not managed; if it is not known, write managed = {} and, "
    "to leave them out, a line filters = [{{ column = {}, keep = {} }}]"
)
NO_DAY = (
    "{} in {}. Write managed = [] if these people were not managed; if everybody in the file was, delete this line and "
    "the one above"
)
ONE_OF = (
    "which column tells who was managed: {}? Write it, such as group = {}; if none does, delete this line and the one "
    "below"
)


class WhoWasManaged(NamedTuple):
    """Columns that tell who was managed, each empty where nothing looks like it.

    Attributes
    ----------
    group : str
        The column of treatment status.
    managed : tuple of str
        Its values for managed people; none where neither name nor cells say which these are.
    start : str
        The column of first managed windows, or of days of entry.
    entry : str
        The column of each person's own index date.
    places : bool
        Whether the file tells the windows of the starts: it names them, or they are calendar months.
    others : bool
        Whether some people in the file seem not to have been managed.
    table : str
        The sheet of people who were not managed.
    first : str
        The day or window of the first start.
    never : tuple of str
        What stands in the column of starts for people who were never managed, where the cell is not empty.
    questions : tuple of Question
        What is open about them.
    """

    group: str = ""
    managed: tuple[str, ...] = ()
    start: str = ""
    entry: str = ""
    places: bool = False
    others: bool = False
    table: str = ""
    first: str = ""
    never: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


NOBODY_TOLD = WhoWasManaged()


SHEETS = (
    "the sheets {} have the same columns. If managed people stand in all of them, write sheets = {} in place of this "
    "line; if in one alone, write sheet = {}, say. If one of them holds people who were not managed, write its name at "
    "others (below)"
)


def in_sheets(who: WhoWasManaged, taken: str, alike: Sequence[str]) -> WhoWasManaged:
    """Return who was managed where other sheets have the same columns, and none of these tells it.

    A sheet whose name says so is of people who were not managed; where names do not say, which is which is asked.

    Examples
    --------
    >>> in_sheets(NOBODY_TOLD, "IOM", ["Comparison"]).table
    'Comparison'
    >>> in_sheets(NOBODY_TOLD, "North", ["South"]).questions[0].key
    'sheet'
    """
    if who.group or who.start or not alike:
        return who
    others = [name for name in alike if of_others(name)]
    if len(others) == 1:
        who = who._replace(table=others[0], others=True)
    managed = [name for name in (taken, *alike) if name not in others]
    if len(managed) == 1 and len(others) == 1:
        return who
    names = listed([toml_value(name) for name in (taken, *alike)])
    ask = SHEETS.format(names, toml_value(managed), toml_value(taken))
    return who._replace(questions=(*who.questions, Question("sheet", ask)))


def of_others(name: str) -> bool:
    """Whether the name of a sheet is that of people who were not managed."""
    return _says(name) is False


def of_managed(name: str) -> bool:
    """Whether the name of a sheet is that of people who were managed."""
    return _says(name) is True


class _Group(NamedTuple):
    """Column that may tell managed people from others.

    Attributes
    ----------
    name : str
        The column.
    managed : tuple of str
        Its values for managed people, as far as they say so.
    kinds : int
        How many values it has.
    empty : int
        Of how many people nothing stands there, where that may be what says that they were not managed.
    sure : bool
        Whether name and cells leave no doubt.
    """

    name: str
    managed: tuple[str, ...]
    kinds: int
    empty: int = 0
    sure: bool = False

    @property
    def question(self) -> Question:
        """What is asked about its values."""
        name, managed = toml_value(self.name), toml_value(list(self.managed))
        if self.empty:
            cells = counted(self.empty, "[cell is|cells are]")
            return Question("managed", IF_EMPTY.format(cells, name, managed, name, managed))
        return Question("managed", OF_THREE.format(name, name) if self.kinds > 2 else WHICH.format(name))


def who_was_managed(
    sheet: Sheet, guess: Mapping[str, Any], person: str, taken: Iterable[str], form: str
) -> WhoWasManaged:
    """Classify the columns that are not taken.

    Parameters
    ----------
    sheet : Sheet
        The table.
    guess : mapping
        Its layout, and the windows and months that were guessed.
    person : str
        The column of ids where people have several rows each, else empty.
    taken : iterable of str
        Columns with a use of their own.
    form : str
        The form of dates.
    """
    left = [name for name in sheet.columns if name not in set(taken)]
    moving = [name for name in left if person and varies(sheet, person, name)]
    left = [name for name in left if name not in moving]
    status = _status(sheet, [group for n in left if (group := _group(sheet, n)) is not None])
    starts = (found for n in left if n != status.group and (found := start_in(sheet, n, guess, form)).column)
    start = next(starts, NONE)
    if not status.group and not start.column:
        status = _status(sheet, [_perhaps(sheet, n) for n in left if _of_a_programme(sheet, n)])
    if start.places and status.group and not (status.managed and _same(sheet, status, start)):
        start = NONE  # a day stands there for people who were not managed too, such as that of a referral
    if start.places:
        return WhoWasManaged(
            start=start.column, places=True, others=bool(start.absent), first=start.first, never=start.never
        )
    changing = next((n for n in moving if by_window(sheet, n)), "")
    if status.group or not start.column:
        status = status._replace(start=start.column or changing, others=bool(status.group or changing))
        return status._replace(entry=_entry(start, guess))
    return _by_days(start, guess)


def _entry(start: Start, guess: Mapping[str, Any]) -> str:
    """Return the column of days of entry where everybody has one, and windows are counted from it."""
    return start.column if start.own and start.days and not start.absent and not _dated(guess) else ""


def _dated(guess: Mapping[str, Any]) -> bool:
    return "grid" in guess and all(w.start is not None for w in guess["grid"].windows)


def _by_days(start: Start, guess: Mapping[str, Any]) -> WhoWasManaged:
    """Return what days of entry tell: windows to place them in, everybody's own index date, or who was managed."""
    dated = _dated(guess)
    found = WhoWasManaged(start=start.column, others=bool(start.absent), first=start.first, never=start.never)
    if dated or not start.absent:
        return found._replace(entry=_entry(start, guess))
    ask = Question(
        "managed", NO_DAY.format(counted(start.absent, "[person has|people have] no day"), toml_value(start.column))
    )
    return found._replace(group=start.column, questions=(ask,))


def _status(sheet: Sheet, found: Sequence[_Group]) -> WhoWasManaged:
    """Return the column of treatment status; several that tell different people apart are asked about."""
    sure = [each for each in found if each.sure]
    among = sure or list(found)
    if not among:
        return NOBODY_TOLD
    first, *rest = among
    alike = all((_treated(sheet, each) == _treated(sheet, first)).all() for each in rest)
    told = WhoWasManaged(group=first.name, managed=first.managed)
    if rest and not (sure and alike):
        names = " or ".join(toml_value(each.name) for each in among)
        same = sure and all(each.managed == first.managed for each in rest)
        below = () if same else (Question("managed", STANDS.format("that column")),)
        return told._replace(questions=(Question("group", ONE_OF.format(names, toml_value(first.name))), *below))
    return told if first.sure else told._replace(questions=(first.question,))


def _treated(sheet: Sheet, group: _Group) -> NDArray[np.bool_]:
    return np.array(
        [c is not None and _word(sheet, group.name, c) in group.managed for c in sheet[group.name].tolist()]
    )


def _group(sheet: Sheet, name: str) -> _Group | None:
    """Return a column that tells groups by its name, or by the words in its cells."""
    cells = held(sheet, name)
    most = FEW_GROUPS if sheet.rows < LEAST_EACH * len(cells) else MOST_GROUPS
    if NO_GROUPS & tokens(name) or not 0 < len(cells) <= most:
        return None
    if has_days(sheet, name):
        return None  # days are of a start or an exit
    words = [_word(sheet, name, cell) for cell in cells]
    return _marked(sheet, name, words[0]) if len(words) == 1 else _of_words(name, words)


def _marked(sheet: Sheet, name: str, word: str) -> _Group | None:
    """Return a column in which some cells say yes and the others nothing."""
    empty = sum(cell is None for cell in sheet[name].tolist())
    yes = _bare(word) in MARKS or _says(word)
    if not empty or not (GROUPS & tokens(name) or (TREATED | OTHERS) & tokens(word)):
        return None
    if not yes or OTHERS & tokens(name):
        return _Group(name, (), 2)
    return _Group(name, (word,), 2, empty=empty)


def _of_words(name: str, words: Sequence[str]) -> _Group | None:
    """Return a column of several values: sure where each says which people these are, or one of two under its name."""
    bare = all(_bare(w) in YES | NO for w in words)
    turned = bare and bool(OTHERS & tokens(name))
    said = {w: s != turned for w in words if (s := _says(w)) is not None}
    yes, no = (tuple(w for w in words if said.get(w) is side) for side in (True, False))
    rest = tuple(w for w in words if w not in said)
    two = len(words) == 2
    named = bool(GROUPS & tokens(name))
    telling = any(_tells(w) for w in words) and len(yes) < len(words) > len(no)
    spoken = named or any((ADOPTED | OTHERS) & tokens(w) for w in said) or bool(ADOPTED & tokens(name))
    if not ((named and two) or telling or (yes and no and spoken and not bare)):
        return None  # a yes and a no say nothing of the programme under a name that does not
    if any(_bare(w).isdigit() for w in rest) and has(name.lower(), EVENTS):
        return None
    # Of a 1 beside a 2, neither name nor cell says which of them are managed.
    if any(_bare(w).isdigit() for w in rest):
        return _Group(name, (), len(words))
    if bare:
        return _Group(name, yes, 2, sure=tokens(name) <= GROUPS | PLAIN)
    managed = rest if two and not yes and len(rest) == 1 else yes
    one = two and len(managed) == 1 and any(map(_tells, words)) and (named or any(map(_denies, no)))
    plainly = one or bool(yes and no and not rest)
    return _Group(name, managed, len(words), sure=plainly and not any(NEITHER & tokens(w) for w in words))


def _of_a_programme(sheet: Sheet, name: str) -> bool:
    """Whether a column sets apart two kinds of people, some of each, by words that speak of a programme."""
    cells = [cell for cell in sheet[name].tolist() if cell is not None]
    kinds = held(sheet, name)
    if not 0 < len(kinds) <= 2:
        return False
    people = [*(sum(cell == kind for cell in cells) for kind in kinds), sheet.rows - len(cells)]
    words = tokens(name).union(*(tokens(_word(sheet, name, kind)) for kind in kinds))
    return min(people[:2]) >= LEAST_EACH and bool(PROGRAMMES & words) and not NEITHER & words


def _perhaps(sheet: Sheet, name: str) -> _Group:
    """Return a column of two kinds, or of a mark beside empty cells, of which nothing says who was managed."""
    word, *others = (_word(sheet, name, kind) for kind in held(sheet, name))
    marked = not others and _bare(word) in MARKS and not OTHERS & tokens(name)
    empty = sum(cell is None for cell in sheet[name].tolist()) if marked else 0
    return _Group(name, (word,) if marked else (), 2, empty=empty)


def by_window(sheet: Sheet, name: str) -> bool:
    """Whether a column of several rows a person may tell in which windows each was managed."""
    words = {_bare(_word(sheet, name, cell)) for cell in held(sheet, name)}
    return bool(TREATED & tokens(name)) and words <= YES | NO


def _word(sheet: Sheet, name: str, cell: Any) -> str:
    return str(sheet.labels.get(name, {}).get(cell, cell))


def _bare(word: str) -> str:
    return word.strip().lower().removesuffix(".0")


def _tells(word: str) -> bool:
    """Whether a cell says in words which people these are; a yes or a 1 says it only under a name that does."""
    return bool((TREATED | OTHERS) & tokens(word))


def _denies(word: str) -> bool:
    return bool(OTHERS & tokens(word))


def _says(word: str) -> bool | None:
    """Return whether a cell stands for managed people, or for others; None where it does not say."""
    parts, treated = tokens(word), TREATED | ADOPTED
    if parts & NEITHER:
        return None
    if _bare(word) in NO or parts & OTHERS or (parts & NOT and (parts & treated or len(parts) == 1)):
        return False
    return True if _bare(word) in YES or parts & treated else None


def _same(sheet: Sheet, status: WhoWasManaged, start: Start) -> bool:
    """Whether a start stands exactly where the column of treatment status says managed."""
    entered = np.array([c is not None and c not in start.never for c in sheet[start.column].tolist()])
    treated = _treated(sheet, _Group(status.group, status.managed, 2))
    return bool((entered == treated).all())
