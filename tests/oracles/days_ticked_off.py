"""Events, people and spells in custody, ticked off day by day in plain Python: no code in common with the engine."""

import datetime as dt
from collections import Counter

NONE = (None, "N/K")
DAY, FAR = dt.timedelta(days=1), dt.date(2200, 1, 1)


def counts(people, events, spells, *, windows, extracted=None, index_event="keep", in_custody="exclude", only=None):
    """Return counts and days at liberty by person and window, and a counter of why events are excluded.

    People are (id, index date, until or None), events (id, day, record or None, reason), spells (id, start, end or
    None), and windows (start, end) in days from the index date. The counter holds under "inside" the events counted on
    a day inside a spell other than that of reception.
    """
    position = {who: k for k, (who, _, _) in enumerate(people)}
    last = [min(until or FAR, extracted or FAR) for _, _, until in people]
    inside = days_inside(people, spells, windows, position)
    days = [[[index + d * DAY for d in range(*w)] for w in windows] for _, index, _ in people]
    free = [
        [sum(day < last[k] and day not in inside[k] and day != out_of_it for day in window) for window in days[k]]
        for k, (_, index, _) in enumerate(people)
        for out_of_it in (index if index_event == "exclude" else None,)
    ]
    out, why = [[0] * len(windows) for _ in people], Counter()
    rows = [e for e in events if only is None or e[3] in only]
    stands = first_of_record(rows, position)
    for at, (who, day, record, _) in enumerate(rows):
        reason = no_person(who, day, position) or (
            "further rows of a custody record that is counted once" if record not in NONE and stands[at] != at else ""
        )
        if not reason:
            k = position[who]
            reason = too_late(day, last[k], extracted) or off_the_grid((day - people[k][1]).days, windows)
        if not reason and index_event == "exclude" and day == people[k][1]:
            reason = "on the person's index date"
        if not reason:
            (t,) = [t for t, window in enumerate(days[k]) if day in window]
            held = any(own == who and start and start < day < (end or FAR) for own, start, end in spells)
            if held and in_custody == "exclude":
                reason = "on a day in custody, after that of reception"
        if not reason:
            reason = "" if free[k][t] or not held else "in a window that the person spent in custody throughout"
        if reason:
            why[reason] += 1
        else:
            out[k][t] += 1
            why["inside"] += held
    free = [[max(d, min(y, 1)) for d, y in zip(*row, strict=True)] for row in zip(free, out, strict=True)]
    return out, free, why


def days_inside(people, spells, windows, position):
    """Return the set of days that each person is in custody, to the end of the last window."""
    inside = [set() for _ in people]
    for who, start, end in spells:
        if who in position and start is not None:
            k = position[who]
            stop = min(end or FAR, people[k][1] + windows[-1][1] * DAY)
            inside[k] |= {start + d * DAY for d in range((stop - start).days)}
    return inside


def first_of_record(rows, position):
    """Return the row that stands for the record of each row: the first one on its first day.

    Of a record of several people, or of more than 92 days, one row stands for each day.
    """
    known = [
        (at, *row[:3])
        for at, row in enumerate(rows)
        if row[0] in position and row[1] is not None and row[2] not in NONE
    ]
    stands = {}
    for at, who, day, record in known:
        same = [row for row in known if row[3] == record]
        own = [row for row in same if row[1] == who]
        days = [row[2] for row in own]
        if len({row[1] for row in same}) > 1 or max(days) - min(days) > 92 * DAY:
            own = [row for row in own if row[2] == day]
        stands[at] = min(own, key=lambda row: (row[2], row[0]))[0]
    return stands


def no_person(who, day, position):
    if not who:
        return "without an id"
    if who not in position:
        return "of nobody on the list"
    return "" if day is not None else "without a date"


def too_late(day, last, extracted):
    if day < last:
        return ""
    if extracted is not None and day >= extracted:
        return "on or after the day on which the data were taken"
    return "from the day on which the person was no longer followed"


def off_the_grid(offset, windows):
    if offset < windows[0][0]:
        return "before the first window"
    if offset >= windows[-1][1]:
        return "after the last window"
    return "" if any(start <= offset < end for start, end in windows) else "between the windows"
