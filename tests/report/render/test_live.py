"""What the script of a page reads of a ledger."""

import json

from iom_causal.report.render.live import Knob, LiveLedger, LiveSet


def ledger(text="ageing"):
    line = Knob(text, -0.25, -0.1, 0.0, "a condition")
    observed = Knob("observed change", -0.5, -0.5, -0.5)
    one = LiveSet(title="a set", about="what it stands for", observed=observed, lines=(line,))
    return LiveLedger(scale="ratio", decimals=2, sets=(one,), words={"takes": "takes {0}"})


def test_the_script_reads_every_value_to_its_last_digit():
    read = json.loads(ledger().json)
    assert read["sets"][0]["lines"] == [
        {"name": "ageing", "low": -0.25, "start": -0.1, "high": 0.0, "about": "a condition"}
    ]
    assert (read["scale"], read["decimals"], read["words"]) == ("ratio", 2, {"takes": "takes {0}"})


def test_every_text_that_the_script_shows_is_among_the_texts_of_the_page():
    def texts(value):
        if isinstance(value, dict):
            return {t for v in value.values() for t in texts(v)}
        if isinstance(value, list):
            return {t for v in value for t in texts(v)}
        return {value} if isinstance(value, str) else set()

    made = ledger()
    assert texts(json.loads(made.json)) - {"", made.scale} == set(made.texts())


def test_controls_do_not_come_back_as_escapes():
    assert json.loads(ledger("a\x1b[2Jb\u202ec").json)["sets"][0]["lines"][0]["name"] == "a [2Jbc"
