"""The section of the null calibration: how often such a fall comes with the programme switched off."""

from collections.abc import Callable, Sequence
from functools import partial

from iom_causal.analysis.release import PRINT, Source
from iom_causal.base.formats import fixed, percent
from iom_causal.null.result import NullCalibration
from iom_causal.null.sentences import (
    NOT_BY_THE_RULE,
    chance_text,
    either,
    first_page_cut_sentence,
    first_page_sentence,
    range_text,
    settled_sentence,
    share_text,
    short_chance,
)
from iom_causal.null.worlds import NullWorld, RateWorld
from iom_causal.report.render.page import Figure, Section, Table


def null_section(
    found: Sequence[NullCalibration], absent: Sequence[str], people: str, source: Source = PRINT
) -> Section:
    """Show the ridge of worlds that print the same, and how often counts fall as far in them.

    Parameters
    ----------
    found : sequence of NullCalibration
        One a count.
    absent : sequence of str
        Why there is none for the other outcomes.
    people : str
        What the study calls those it followed.
    source : Source
        Where the figures come from.
    """
    paragraphs = [text for c in found for text in (*c.sentences(), settled_sentence(c.outcome, people))]
    return Section(
        title=f"Would this {'fall' if found else 'change'} have come anyway? With the programme switched off",
        paragraphs=(*paragraphs, *absent),
        tables=tuple(_table(c) for c in found),
        figures=tuple(_figure(c, source) for c in found),
    )


def first_page(found: Sequence[NullCalibration]) -> tuple[str, ...]:
    """Return the sentence of each calibration for the first page."""
    said = []
    for c in found:
        if c.cut is not None:
            said.append(first_page_cut_sentence(c.outcome, c.cut, c.fall, c.ends, c.meanwhile))
            continue
        wide, narrow = c.pools
        shares = wide.pool_share, narrow.pool_share
        sentence = first_page_sentence(c.outcome, c.fall, (wide.chance, narrow.chance), shares, c.meanwhile)
        said.append(f"{sentence} {NOT_BY_THE_RULE}" if c.read_as else sentence)
    return tuple(said)


def _table(c: NullCalibration) -> Table:
    first, *others = (fixed(b, 2) for b in c.backgrounds)
    again = all(w.chance_refitted is not None for w in c.worlds)
    columns = (
        "share picked",
        "population mean",
        "ratio put in",
        "falls anyway",
        "picking alone",
        f"as far at {first}",
        *(f"at {b}" for b in others),
        *(["refitted"] if again else []),
    )
    known, fitted = (" were the share picked known", " with the share picked known") if c.cut is None else ("", "")
    interval = f", with its interval{known}" if again else ""
    refitted = (
        " Refitted: cohorts without the programme whose own figures, fitted in the same way"
        f"{fitted}, point to a ratio as low."
    )
    both = f" Two figures: the lowest and the highest over {either(c.rates)}." if c.rates[1:] else ""
    anyway = [percent(w.falls.mean) for w in c.on_rate[:1]]
    last = [""] if again else []
    on_rate = [("picked on the rate", "", "", fall, percent(0), *_far(c.on_rate), *last) for fall in anyway]
    return Table(
        f"{_worlds(c).format(c.outcome)} Ratio put in: after over before for everybody, programme and background "
        f"(ageing, trend) together{interval}. Falls anyway: the mean fall with the programme switched off and a "
        f"background of {first}; picking alone: its part of the observed fall. As far: cohorts of {c.n} that fall by "
        f"{percent(c.fall, 1)} or more, of {c.worlds[0].falls.sims:,} drawn, by background."
        f"{refitted if again else ''}{both}",
        columns,
        (*(_row(c, worlds) for worlds in c.by_ratio()), *on_rate),
    )


def _worlds(c: NullCalibration) -> str:
    if c.exact:
        return "Worlds in which picked people print the same five figures for {}."
    how, than = "softly" if c.cut is None else "by the cut", "from which these differ by no more than sampling"
    return f"Worlds in which people picked {how} have five figures for {{}} {than}."


def _row(c: NullCalibration, worlds: Sequence[NullWorld]) -> tuple[str, ...]:
    low = [w.ratio_low for w in worlds if w.ratio_low is not None]
    high = [w.ratio_high for w in worlds if w.ratio_high is not None]
    interval = f" ({fixed(min(low), 2)} to {fixed(max(high), 2)})" if low and high else ""
    again = [w.chance_refitted for w in worlds if w.chance_refitted is not None]
    return (
        _span(share_text, [w.pool_share for w in worlds]),
        _span(partial(fixed, decimals=2), [w.pool_mean for w in worlds]),
        f"{fixed(worlds[0].ratio, 2)}{interval}",
        _span(percent, [w.falls.mean for w in worlds]),
        _span(percent, [w.picking_share for w in worlds]),
        *(_span(short_chance, [w.chance for w in same]) for same in c.beside(worlds)),
        *([_span(short_chance, again)] if again else []),
    )


def _span(text: Callable[[float], str], values: Sequence[float]) -> str:
    return range_text(text(min(values)), text(max(values)))


def _far(worlds: Sequence[RateWorld]) -> tuple[str, ...]:
    return tuple(short_chance(w.falls.chance) for w in worlds)


def _figure(c: NullCalibration, source: Source) -> Figure:
    soft = c.cut is None
    points = "; ".join(
        f"{w.rates}, {f'{share_text(w.pool_share)} picked' if soft else f'ratio {fixed(w.ratio, 2)}'}: "
        f"{chance_text(w.chance)}, picking {percent(w.picking_share)}"
        for rates in c.rates
        for w in c.ridge(rates=rates)
    )
    along = "the share of the population that was picked" if soft else "the ratio that was put in"
    over = "; from the lowest to the highest over the kinds of rates" if c.rates[1:] else ""
    return Figure(
        f"null-{c.outcome}",
        f"With the programme switched off and a background of {fixed(c.backgrounds[0], 2)}: how many cohorts fall as "
        f"far in {c.outcome}, and the part of the fall that picking alone gives, by {along}, which is not known here"
        f"{over}.",
        f"Curves over {along}: {points}.",
        source.image(c.plot()),
    )
