"""Findings of an audit: one row a check, with verdict, figures, and what would reconcile them."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, overload

from iom_causal.base.formats import counted, listed
from iom_causal.base.result import Result
from iom_causal.errors import InputError, echo

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Verdict = Literal["consistent", "inconsistent", "uninformative"]
Status = Literal["supported", "not supported", "not checkable"]

VERDICTS: tuple[Verdict, ...] = ("consistent", "inconsistent", "uninformative")
RESTATED = "one matter, told in several places"
"""The check of what a work says of one matter in several places: statements are compared, and nothing is computed."""
CLAIM_VERDICTS: dict[Status, Verdict] = {
    "supported": "consistent",
    "not supported": "inconsistent",
    "not checkable": "uninformative",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Result of one check on one reported figure.

    Parameters
    ----------
    id : str
        Check and subject, unique within an audit.
    check, subject : str
        Which check, on what.
    verdict : {"consistent", "inconsistent", "uninformative"}
        Whether report and recomputation agree, or that the check has no power.
    claimed, computed : str
        What is reported, and what the other reported figures give.
    sentence : str
        The finding in words.
    why : str
        For ``uninformative``: why the check has no power here.
    reconcile : str
        For ``inconsistent``: what would make the figures agree.
    reconcilable : bool
        For ``inconsistent``: whether another reading of the same figures would, and no figure need be another.
    neighbour : str
        What fairness asks to be said beside it.
    source_version : str
        Which text was read.
    claim : {"supported", "not supported", "not checkable"} or None
        For a sentence of the authors: its status.

    Raises
    ------
    InputError
        IOM-E101 if `inconsistent` lacks `reconcile`, or `uninformative` lacks `why`.
    """

    id: str
    check: str
    subject: str
    verdict: Verdict
    claimed: str
    computed: str
    sentence: str
    why: str = ""
    reconcile: str = ""
    neighbour: str = ""
    source_version: str = ""
    claim: Status | None = None
    reconcilable: bool = False

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise InputError("IOM-E101", f"expected a verdict among {', '.join(VERDICTS)}, got {echo(self.verdict)}")
        if self.verdict == "inconsistent" and not self.reconcile:
            raise InputError("IOM-E101", f"{self.id}: inconsistent needs what would reconcile it, got nothing")
        if self.verdict == "uninformative" and not self.why:
            raise InputError("IOM-E101", f"{self.id}: uninformative needs why the check has no power, got nothing")

    @property
    def text(self) -> str:
        """The finding with its reason, what would reconcile it, and its fair neighbour."""
        return " ".join(part for part in (self.sentence, self.why, self.reconcile, self.neighbour) if part)


@dataclass(frozen=True, slots=True)
class Findings(Result):
    """All findings of an audit, in the order of the checks.

    Parameters
    ----------
    rows : tuple of Finding
        The findings.
    title : str
        Of the work.
    version : str
        The line that says which text was read.

    Examples
    --------
    >>> from iom_causal.published.audit.audit import audit
    >>> from iom_causal.published.study import load_published
    >>> findings = audit(load_published("sleath-brown-2017"))
    >>> findings["effect-size-kind:arrests"].computed
    'r squared .377; r .614'
    >>> len(findings) == sum(len(findings.of(v)) for v in ("consistent", "inconsistent", "uninformative"))
    True
    """

    rows: tuple[Finding, ...]
    title: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        ids = [row.id for row in self.rows]
        if len(set(ids)) < len(ids):
            raise InputError("IOM-E101", "expected every finding once, got an id twice; name the subjects apart")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.rows)

    @overload
    def __getitem__(self, key: int | str) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, key: int | str | slice) -> Finding | tuple[Finding, ...]:
        if not isinstance(key, str):
            return self.rows[key]
        for row in self.rows:
            if row.id == key:
                return row
        raise InputError("IOM-E093", f"expected the id of a finding, got {echo(key)}; see .tidy()['id']")

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with a verdict, claims included."""
        return tuple(row for row in self.rows if row.verdict == verdict)

    @property
    def checks(self) -> tuple[Finding, ...]:
        """The findings that hold printed figures against one another."""
        return tuple(row for row in self.rows if row.claim is None and row.check != RESTATED)

    @property
    def restated(self) -> tuple[Finding, ...]:
        """The findings on what is told in several places."""
        return tuple(row for row in self.rows if row.check == RESTATED)

    @property
    def claims(self) -> tuple[Finding, ...]:
        """The findings on the authors' own sentences."""
        return tuple(row for row in self.rows if row.claim is not None)

    def tally(self) -> dict[Verdict, int]:
        """Return how many checks of figures have each verdict.

        Examples
        --------
        >>> from iom_causal.published.audit.audit import audit
        >>> from iom_causal.published.study import load_published
        >>> findings = audit(load_published("sleath-brown-2017"))
        >>> sum(findings.tally().values()) == len(findings) - len(findings.restated) - len(findings.claims)
        True
        """
        return {v: sum(row.verdict == v for row in self.checks) for v in VERDICTS}

    def composition(self) -> str:
        """Return of what kinds the findings are: figures, matters told in several places, and the authors' readings.

        Examples
        --------
        >>> Findings(()).composition()
        '0 checks of printed figures against one another'
        """
        kinds = [counted(len(self.checks), "[check|checks] of printed figures against one another")]
        kinds += [counted(len(self.restated), "[matter|matters] told in several places")] if self.restated else []
        kinds += [counted(len(self.claims), "[reading|readings] by the authors")] if self.claims else []
        return listed(kinds)

    def tidy(self) -> "pd.DataFrame":
        """Return one row a finding, the columns being the fields of `Finding` in order."""
        import pandas as pd  # noqa: PLC0415 - slow to import, and not needed to audit

        names = [f.name for f in fields(Finding)]
        return pd.DataFrame([[getattr(row, name) for name in names] for row in self.rows], columns=names)

    def summary(self) -> str:
        """Return the findings as text: what does not match first, then claims, the rest in reading order."""
        parts = [self.title, self.version, self._counts()]
        for heading, rows in self._sections():
            if rows:
                parts += ["", heading, *(f"  - [{_mark(row)}] {row.subject}: {row.text}" for row in rows)]
        return "\n".join(part for k, part in enumerate(parts) if part or k > 2)

    def _counts(self) -> str:
        tally = ", ".join(f"{many} {verdict}" for verdict, many in self.tally().items())
        return f"{self.composition()}. Of the checks: {tally}."

    def _sections(self) -> tuple[tuple[str, list[Finding]], ...]:
        checks = self.checks
        return (
            ("What does not match", [row for row in checks if row.verdict == "inconsistent"]),
            ("Figures that agree", [row for row in checks if row.verdict == "consistent"]),
            ("Where a check has no power", [row for row in checks if row.verdict == "uninformative"]),
            ("Told in several places", list(self.restated)),
            ("The authors’ readings of their figures", list(self.claims)),
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how many checks of figures have each verdict."""
        from iom_causal.base import axes_of_rows  # noqa: PLC0415 - matplotlib is slow to load

        tally = self.tally()
        ax = axes_of_rows.intervals(VERDICTS, [(0.0, float(tally[v])) for v in VERDICTS], ax)
        ax.set_xlabel("checks")
        return ax

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_cell(_mark(row))}</td><td>{_cell(row.subject)}</td><td>{_cell(row.claimed)}</td>"
            f"<td>{_cell(row.computed)}</td><td>{_cell(row.text)}</td></tr>"
            for row in self.rows
        )
        head = "".join(f"<th>{name}</th>" for name in ("verdict", "subject", "printed", "recomputed", "finding"))
        caption = _cell(f"{self.title} {self.version} {self._counts()}")
        return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _mark(row: Finding) -> str:
    return row.claim or row.verdict


def _cell(text: str) -> str:
    return html.escape(text)
