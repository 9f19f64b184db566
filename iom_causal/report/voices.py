"""Voices: what a page says of a published table in one wording, and of people in another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from iom_causal.analysis.results import Refusal
from iom_causal.analysis.subject import Subject, Voice
from iom_causal.base import wording
from iom_causal.report import ledger_phrases, phrases, sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one voice.

    Parameters
    ----------
    changes : str
        The caption of the estimates.
    names_basis : bool
        Whether each estimate says from what it is.
    open_to_reader : str
        How it stands with what would tell which rule was used.
    per_window : bool
        Whether the observed ratio per window is named beside that per day.
    linear_limits : str
        The limits of the linear form.
    no_curve : mapping of str to str
        Why an outcome of another kind has no curve of regression to the mean, by kind; empty where that is no question.
    no_regression : callable
        Says of a refusal why a count has none.
    worlds_of_counts : bool
        Whether it is said that the null calibration is for counts alone.
    ledger_lines : mapping of str to str
        The captions of a ledger by kind of outcome.
    lists_sets : bool
        Whether the first page lists what remains under every set, and the whole only where it differs.
    box_in_short : bool
        Whether the short report leaves out of its section on the ledger what the first page holds already.
    asks_for_sets : bool
        Whether it is said that there are too few sets of evidence.
    asks_for_rule : bool
        Whether it is said that the selection rule is not stated.
    nothing : str
        What stands under an empty heading.
    title, lead, implementation, not_anyone : callable
        Of the subject: its title, the sentences on how its figures are given, what is known of how the programme was
        done, and of whom nothing is said.
    """

    changes: str
    names_basis: bool
    open_to_reader: str
    per_window: bool
    linear_limits: str
    no_regression: Callable[[Refusal], str]
    worlds_of_counts: bool
    ledger_lines: Mapping[str, str]
    lists_sets: bool
    box_in_short: bool
    asks_for_sets: bool
    asks_for_rule: bool
    nothing: str
    title: Callable[[Subject], str]
    lead: Callable[[Subject], tuple[str, ...]]
    implementation: Callable[[Subject], str]
    not_anyone: Callable[[Subject], str]
    no_curve: Mapping[str, str] = field(default_factory=dict)


def called(subject: Subject) -> str:
    """Return what a study calls its people, in quotation marks where this page would not."""
    return wording.quote(subject.called) if wording.violations(subject.called) else subject.called


def _own_title(subject: Subject) -> str:
    return subject.title


def _quoted_title(subject: Subject) -> str:
    return wording.quote(subject.title)


def _lead_of_print(subject: Subject) -> tuple[str, ...]:
    return () if subject.invented else (wording.AS_PUBLISHED,)


def _lead_of_people(subject: Subject) -> tuple[str, ...]:
    rules, share = subject.release.rules, subject.smallest_effect
    return (
        *((phrases.INVENTED,) if subject.invented else ()),
        *(() if rules is None else (rules.note(),)),
        phrases.NO_SMALLEST if share is None else sentences.smallest_stated(share),
    )


def _unknown_to_print(subject: Subject) -> str:
    unknown = subject.limitation("c09")
    return f"{unknown.text} ({unknown.id})" if unknown else ""


def _as_described(subject: Subject) -> str:
    said = phrases.IN_ITS_WORDS.format(wording.quote(subject.programme)).rstrip(".")
    return said if subject.programme else ""


def _no_people_seen(_subject: Subject) -> str:
    return phrases.NOT_ANYONE


def _few_withheld(subject: Subject) -> str:
    return phrases.NOT_ANY_PERSON if subject.release.guarded else phrases.NOT_FOR_RELEASE


VOICES: Mapping[Voice, Words] = {
    "print": Words(
        changes=phrases.CHANGES_PRINTED,
        names_basis=True,
        open_to_reader="is not printed",
        per_window=True,
        linear_limits=phrases.LINEAR_LIMITS,
        no_curve=dict.fromkeys(("score", "amount"), phrases.SCORE_REGRESSION) | {"binary": phrases.SHARE_REGRESSION},
        no_regression=sentences.no_linear_form,
        worlds_of_counts=True,
        ledger_lines=ledger_phrases.LINES,
        lists_sets=True,
        box_in_short=True,
        asks_for_sets=False,
        asks_for_rule=False,
        nothing=phrases.NOT_PRINTED,
        title=_own_title,
        lead=_lead_of_print,
        implementation=_unknown_to_print,
        not_anyone=_no_people_seen,
    ),
    "people": Words(
        changes=phrases.CHANGES,
        names_basis=False,
        open_to_reader="no figure shows",
        per_window=False,
        linear_limits=phrases.LINEAR_LIMITS_OF_PEOPLE,
        no_regression=sentences.not_computed,
        worlds_of_counts=False,
        ledger_lines=ledger_phrases.LINES_OF_PEOPLE,
        lists_sets=False,
        box_in_short=False,
        asks_for_sets=True,
        asks_for_rule=True,
        nothing=phrases.NOT_GIVEN,
        title=_quoted_title,
        lead=_lead_of_people,
        implementation=_as_described,
        not_anyone=_few_withheld,
    ),
}  # fmt: skip


def words(subject: Subject) -> Words:
    """Return the words in which a subject is spoken of."""
    return VOICES[subject.voice]


def windows_of(subject: Subject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of the windows before and of those after, where people are at hand."""
    panels = () if subject.cohort is None else tuple(subject.cohort.panels.values())
    windows = panels[0].windows if panels else ()
    before, after = (tuple(w.label for w in windows if w.post == side) for side in (False, True))
    return before, after


def several_before(subject: Subject) -> bool:
    """Whether windows before are put together."""
    return len(windows_of(subject)[0]) > 1
