"""The rules for events, people and spells, ticked off day by day in plain Python: no code in common with the engine."""

import datetime as dt

DAY = dt.timedelta(days=1)


def counts(people, events, spells, *, windows, extracted=None, index_event="keep", only=None):
    """Counts, days at liberty (None where nobody is ever without risk) and why events are excluded.

    people: (id, index date, until or None); events: (id, day, record or None, reason); spells: (id, start, end or None);
    windows: (start, end) in days from the index date.
    """
    n, far = len(people), dt.date(2200, 1, 1)
    position = {who: k for k, (who, _, _) in enumerate(people)}
    out, why = [[0] * len(windows) for _ in range(n)], {}

    def exclude(reason):
        why[reason] = why.get(reason, 0) + 1

    last = [min(until or far, extracted or far) for _, _, until in people]
    inside, received = [set() for _ in people], [set() for _ in people]
    for who, start, end in spells:
        if who not in position or start is None:
            continue
        k = position[who]
        stop = min(end or far, people[k][1] + windows[-1][1] * DAY)
        day = start
        while day < stop:
            inside[k].add(day)
            day += DAY
    for k in range(n):
        received[k] = {day for day in inside[k] if day - DAY not in inside[k]}
    free, followed = ([[0] * len(windows) for _ in range(n)] for _ in range(2))
    for k, (_, index, _) in enumerate(people):
        for t, (start, end) in enumerate(windows):
            for offset in range(start, end):
                day = index + offset * DAY
                followed[k][t] += day < last[k]
                free[k][t] += day < last[k] and day not in inside[k]

    seen = {}
    rows = [e for e in events if only is None or e[3] in only]
    for at, (who, day, record, _) in enumerate(rows):
        if who in position and day is not None and record:
            best = seen.setdefault((who, record), (day, at))
            seen[who, record] = min(best, (day, at))
    for at, (who, day, record, _) in enumerate(rows):
        if not who:
            exclude("without an id")
            continue
        if who not in position:
            exclude("of nobody on the list")
            continue
        if day is None:
            exclude("without a date")
            continue
        if record and seen[who, record] != (day, at):
            exclude("further rows of a custody record that is counted once")
            continue
        k = position[who]
        index = people[k][1]
        if day >= last[k]:
            early = extracted is not None and day >= extracted
            exclude(
                "on or after the day on which the data were taken"
                if early
                else "from the day on which the person was no longer followed"
            )
            continue
        offset = (day - index).days
        at_window = [t for t, (start, end) in enumerate(windows) if start <= offset < end]
        if not at_window:
            where = "before the first window" if offset < windows[0][0] else "after the last window"
            exclude(where if offset < windows[0][0] or offset >= windows[-1][1] else "between the windows")
            continue
        if index_event == "exclude" and day == index:
            exclude("on the person's index date")
            continue
        (t,) = at_window
        if free[k][t] == 0:
            exclude("in a window that the person spent in custody throughout")
            continue
        out[k][t] += 1
        if day in inside[k] and day not in received[k]:
            why["inside"] = why.get("inside", 0) + 1
    return out, free, why
