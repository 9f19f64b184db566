"""Words and marks that stand for no value, and for no reference."""

DASHES = frozenset("-\u2013\u2014")
"""What stands alone in a cell where nothing is, and what a spreadsheet may show in place of 0."""
BLANKS = {"na", "n/a", "n/k", "nk", ".", "?", "null", "none", "missing", "unknown", "not known", "#n/a", "nan", *DASHES}
"""Words that stand for no value, in small letters."""
NO_REFERENCES = {
    *BLANKS,
    *("0", "0.0", "00", "000", "0000", "n.k.", "n.a.", "tbc", "tba", "pending", "blank", "no record", "x", "xx", "xxx"),
    *(
        "not recorded",
        "not available",
        "not applicable",
        "not stated",
        "unk",
        "unrecorded",
        "none recorded",
        "ukn",
        "--",
    ),
}
"""Words that stand where a record has no reference."""
ABSENT = {"n/a", "na", "n.a.", "none", "never", "nil", "null", "not applicable", "#n/a", "--", *DASHES}
"""Words that say in a column of days that there is no such day, in small letters; that it is not known is another."""
