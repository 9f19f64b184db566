"""Random extracts with the faults that logs have."""

import datetime as dt

DAY = dt.timedelta(days=1)
REASONS = ("offence", "recall", "breach of bail", None)


def extract(rng):
    """People, events and spells as tuples, with their windows and rules."""
    n = int(rng.integers(2, 12))
    launch, personal = dt.date(2019, 2, 28), bool(rng.integers(2))
    grids = (
        [(-365, 0), (0, 365)],
        [(-400, -200), (-200, -10), (0, 120)],
        [(30 * k, 30 * k + 30) for k in range(-6, 6)],
        [(-90, -30), (10, 200)],
    )
    windows = grids[rng.integers(len(grids))]

    def day(around=450):
        return launch + int(rng.integers(-around, around)) * DAY

    def record():
        """None, a word for none, a record of somebody or one that others may share."""
        kind = rng.random()
        return None if kind < 0.5 else "N/K" if kind < 0.55 else f"CR{rng.integers(6 if kind < 0.7 else 60)}"

    ids = [f"{k:03d}" for k in rng.permutation(n)]
    people = [(who, day(200) if personal else launch, day(600) if rng.random() < 0.3 else None) for who in ids]
    strangers = [*ids, "900", None]
    events = [
        (
            strangers[rng.integers(len(strangers))],
            None if rng.random() < 0.05 else day(),
            record(),
            REASONS[rng.integers(len(REASONS))],
        )
        for _ in range(int(rng.integers(1, 120)))
    ]
    events += [(who, index, None, "offence") for who, index, _ in people if rng.random() < 0.5]
    events += [events[rng.integers(len(events))] for _ in range(3)]
    spells = []
    for _ in range(int(rng.integers(0, 25))):
        start = None if rng.random() < 0.03 else day()
        end = None if rng.random() < 0.1 or start is None else start + int(rng.integers(0, 90)) * DAY
        spells.append((strangers[rng.integers(len(strangers))], start, end))
        if start is not None and rng.random() < 0.2:  # the first day inside is that of an arrest
            events.append((spells[-1][0], start, None, "offence"))
    if rng.random() < 0.2:
        spells.append((ids[0], launch - 1000 * DAY, launch + 1000 * DAY))
    spells.append((ids[-1], launch - 20 * DAY, launch))
    events.append((ids[-1], launch - 25 * DAY, None, "offence"))
    extracted = launch + int(rng.integers(windows[-1][1], windows[-1][1] + 100)) * DAY if rng.random() < 0.5 else None
    return people, events, spells, windows, extracted, personal
