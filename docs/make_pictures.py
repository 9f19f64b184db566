"""Draw the pictures that README.md shows from real output: `make readme`.

Each keeps what it shows beside its pixels, so that a test can tell whether that is still so. The first screen is drawn
by a chromium of this machine.
"""

import json
import shutil
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import iom_causal as iom
from docs.make_readme import first_screen
from iom_causal import simulate as sim

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from iom_causal.estimators.compare import Comparison

FOLDER = Path(__file__).with_name("_static")
SHOWS = "Description"
"""The name in a PNG under which it says what it shows."""
COLOURS = 64
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, HEIGHT = 1100, 1300
"""Of the browser's window, in pixels; the picture ends above the rule below the first screen."""
ACCOUNTS = ("picked-on-rate-2012", "picked-on-test-2012", "england-wales-2012", "wide-pool-2012")
SIMS = 200


def photograph(evaluation: iom.Evaluation) -> Image.Image:
    """Return the first screen of a report as a browser draws it."""
    chromium = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if chromium is None:
        raise SystemExit("A browser draws the first screen: install chromium, and type the same again.")
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "report.html"), Path(folder, "shot.png")
        page.write_bytes(bytes(evaluation.files()["report.html"], "utf-8"))
        settings = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--window-size={WIDTH},{HEIGHT}",
        ]
        subprocess.run([chromium, *settings, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)  # noqa: S603
        drawn = _opened(shot.read_bytes())
    pixels = np.asarray(drawn)[:, 100:-100].astype(int).sum(axis=2)
    ruled = (pixels == pixels[:, :1]).all(axis=1) & (pixels[:, 0] < pixels[0, 0])
    return drawn.crop((0, 0, WIDTH, int(np.argmax(ruled)) - 20))


def what_remains() -> "Comparison":
    """Return the paper's change in arrests, and what remains of it under accounts of how people were picked."""
    table = iom.load_published("sleath-brown-2017")["arrests"]
    remainders = {
        f"what remains if {iom.load_evidence(name).title.lower()}": iom.Ledger.from_evidence(name)(table, rng=1)
        for name in ACCOUNTS
    }
    return iom.compare({"the change itself": iom.RateRatio()(table)} | remainders)


def two_designs() -> iom.Diagnosis:
    """Return what README.md diagnoses."""
    careers = iom.load_scenario("comparison-cohort").careers
    alone = iom.Design(careers, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    below = iom.Design(careers, sim.att_ratio, sim.NextBelow(), iom.DiffInDiff())
    return iom.diagnose({"before and after": alone, "people just below": below}, sims=SIMS, seed=1)


def seen_of_comparison(shown: "Comparison") -> list[float]:
    """Return the figures that its picture shows."""
    return _figures(shown.tidy()[["estimate", "set_low", "set_high", "conf_low", "conf_high"]].to_numpy(dtype=float))


def seen_of_diagnosis(shown: iom.Diagnosis) -> list[float]:
    """Return the figures that its picture shows."""
    return _figures(shown.table("distance", "coverage", "power").select_dtypes("number").to_numpy(dtype=float))


def _figures(held: np.ndarray) -> list[float]:
    return [round(float(x), 3) for x in held[np.isfinite(held)]]


def _drawn(figure: "Figure") -> Image.Image:
    held = BytesIO()
    figure.savefig(held, format="png", dpi=130, bbox_inches="tight")
    return _opened(held.getvalue())


def _opened(drawn: bytes) -> Image.Image:
    return Image.open(BytesIO(drawn)).convert("RGB")


def save(name: str, picture: Image.Image, shows: str) -> None:
    """Write a picture in few colours, with what it shows."""
    said = PngInfo()
    said.add_text(SHOWS, shows)
    picture.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True, pnginfo=said)


def shown_by(name: str) -> str:
    """Return what a stored picture says that it shows."""
    with Image.open(FOLDER / f"{name}.png") as picture:
        return str(picture.info[SHOWS])


def draw(evaluation: iom.Evaluation) -> None:
    """Draw all of them."""
    save("first_screen", photograph(evaluation), first_screen(evaluation.summary()))
    remains, found = what_remains(), two_designs()
    save("what_remains", _drawn(remains.plot().figure), json.dumps(seen_of_comparison(remains)))
    save("two_designs", _drawn(found.plot_panels().figure), json.dumps(seen_of_diagnosis(found)))
